"""A question of a page that was left meanwhile is nothing to report on the terminal.

The pictures ask the server on their own account (what a moment scores, say). Where the visitor
turns to another page or lesson in between, Streamlit finds nobody to answer, and warns: each
time, on the terminal of whoever runs the lab. It has no setting for it.
"""

import logging

from streamlit.runtime.scriptrunner import script_runner

SAID = "Couldn't find fragment"


def _worth_saying(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(SAID)


def quiet() -> None:
    """Leave that warning out, from now on; to be called as often as one likes."""
    logger = logging.getLogger(script_runner.__name__)
    if _worth_saying not in logger.filters:
        logger.addFilter(_worth_saying)
