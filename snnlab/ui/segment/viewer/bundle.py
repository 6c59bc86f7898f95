"""The viewer's JavaScript: plain ES modules, joined into the one text that Streamlit takes.

The modules stay readable and need no tools. They share one scope once joined,
so no two of them may use the same name at their top level; the tests see to it.
"""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
ENTRY = "viewer.js"
_IMPORT = re.compile(r'^import\s+(?:[^"\n]*\sfrom\s+)?"\./([\w-]+\.js)"\n', re.M)


@cache
def script(entry: str = ENTRY) -> str:
    """The modules that ``entry`` needs, each after those that it imports.

    Raises
    ------
    ValueError
        If modules import each other in a circle.
    """
    done: dict[str, str] = {}
    _join(entry, done, ())
    return "\n".join(done.values())


def _join(name: str, done: dict[str, str], above: tuple[str, ...]) -> None:
    if name in done:
        return
    if name in above:
        raise ValueError(f"{' -> '.join((*above, name))} is a circle")
    text = (FOLDER / "js" / name).read_text("utf-8")
    for needed in _IMPORT.findall(text):
        _join(needed, done, (*above, name))
    body = _IMPORT.sub("", text)
    if not above:
        done[name] = body  # its default export is the component
        return
    done[name] = re.sub(
        r"^export (?=(?:async )?(?:function|class|const|let)\b)", "", body, flags=re.M
    )


@cache
def style() -> str:
    """The style sheets, in one."""
    names = ("viewer.css", "panes.css", "inspector.css")
    return "\n".join((FOLDER / name).read_text("utf-8") for name in names)


@cache
def markup() -> str:
    """What the component starts from."""
    return (FOLDER / "viewer.html").read_text("utf-8")
