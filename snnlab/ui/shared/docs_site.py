"""The documentation as a site, under ``/docs``, where ``make docs`` has built it.

Its pages carry the same headers as the lab's own: all that they show and run, the search too,
comes from this server.
"""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

SITE = Path(__file__).parents[3] / "site"  # tools/docs_site.py builds it
PATH = "docs"
UNBUILT = (
    "The documentation has not been built here: run `make docs` in the lab's folder,"
    " then reload this page."
)
# a site that was built again is to be seen at the next visit
_HEADERS = {"cache-control": "no-cache"}


def built() -> bool:
    """Whether there is a site."""
    return (SITE / "index.html").is_file()


def link() -> str:
    """Markdown that leads to the site; nothing where there is none."""
    return f" [Documentation]({PATH}/)" if built() else ""


def to(page: str, words: str) -> str:
    """Markdown of words that lead to a page of the site; the words alone where there is none.

    Parameters
    ----------
    page : str
        A document's name without its ending, such as ``methods``, and perhaps a ``#heading``.
    words : str
        Said by the lab itself: they are not escaped.
    """
    name, mark, heading = page.partition("#")
    return f"[{words}]({PATH}/{name}.html{mark}{heading})" if built() else words


class _Files(StaticFiles):
    """The site's files; one sentence where it was not built."""

    async def __call__(self, scope, receive, send) -> None:
        unbuilt = PlainTextResponse(UNBUILT, 404, headers=_HEADERS)
        await (super().__call__ if built() else unbuilt)(scope, receive, send)

    async def get_response(self, path: str, scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers.update(_HEADERS)
        return answer


async def _led(request: Request) -> Response:
    """To the site's own folder; relative, which holds behind a proxy's prefix too."""
    return RedirectResponse(f"{PATH}/")


def routes() -> list:
    """For the server: ``/docs`` and all below."""
    files = _Files(directory=SITE, html=True, check_dir=False)
    return [Route(f"/{PATH}", _led), Mount(f"/{PATH}", files)]
