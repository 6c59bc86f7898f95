"""A question of a page that was left meanwhile is nothing to report on the terminal.

The pictures ask the server on their own account (what a moment scores, say). Where the visitor
turns to another page or lesson in between, Streamlit finds nobody to answer, and says so, in one
of two places: each time, on the terminal of whoever runs the lab. It has no setting for it.
"""

import logging

from streamlit.runtime import app_session
from streamlit.runtime.scriptrunner import script_runner

# where Streamlit says it, and how that begins
SAID = {
    script_runner.__name__: "Couldn't find fragment",
    app_session.__name__: "The fragment with id %s does not exist anymore",
}


def _worth_saying(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(tuple(SAID.values()))


def quiet() -> None:
    """Leave those lines out, from now on; to be called as often as one likes."""
    for name in SAID:
        logger = logging.getLogger(name)
        if _worth_saying not in logger.filters:
            logger.addFilter(_worth_saying)
