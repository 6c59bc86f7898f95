"""The real app on a free port, and a page of the system's Chromium that is watched."""

import base64
import os
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from tools.served import FLAGS, Server

PATIENCE = 240_000  # ms; a run on a machine that may be busy
# For half a second: the script is done, what it said is drawn, and nothing fades or moves.
QUIET = """call => {
    const app = document.querySelector("[data-testid=stApp]")
    const charts = [...document.querySelectorAll("[data-testid=stPlotlyChart]")]
    const quiet =
        app?.dataset.testScriptState === "notRunning" &&
        !document.querySelector("[data-stale=true], [data-testid=stSkeleton]") &&
        charts.every(chart => chart.querySelector(".main-svg")) &&
        document.getAnimations().every(one => one.playState !== "running")
    const now = performance.now()
    if (window.quietCall !== call || !quiet) [window.quietCall, window.quietSince] = [call, now]
    return now - window.quietSince > 500
}"""

# Pixels by which the page can be scrolled sideways: hidden parts must not widen it either.
SIDEWAYS = """() => {
    const main = document.querySelector("[data-testid=stMain]")
    return main ? main.scrollWidth - main.clientWidth : 0
}"""


def pytest_configure(config):
    """Name the marker, so that ``-m "not browser"`` is understood."""
    config.addinivalue_line("markers", "browser: drives the real app in Chromium")


def pytest_collection_modifyitems(items):
    """All tests of this folder carry the marker ``browser``."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def started(folder: Path, script: str = "serve.py") -> Server:
    """The app, with a home of its own."""
    environment = {k: v for k, v in os.environ.items() if k != "SNNLAB_DATA"}
    # compiled kernels may be shared: compiling them again takes a minute on a busy machine
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    environment |= {"HOME": str(folder), "XDG_CACHE_HOME": cache, "PYTHONUNBUFFERED": "1"}
    # but nothing else of what is kept: nobody's sweeps and trainings from before
    environment |= {"SNNLAB_CACHE": str(folder / "cache")}
    return Server(folder / "app.log", script, environment)


@pytest.fixture(scope="session")
def browser(chromium):
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        playwright.expect.set_options(timeout=PATIENCE)
        opened = driver.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture
def fresh_server(chromium, tmp_path):
    """A server that nobody has visited yet."""
    server = started(tmp_path)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def server(chromium, tmp_path_factory):
    """One server for all tests that do not mind earlier visitors."""
    shared = started(tmp_path_factory.mktemp("server"))
    yield shared
    shared.stop()
    # what a visitor does must not fill the terminal of whoever runs the lab
    lines = [line for line in shared.log.read_text().splitlines() if line.strip()]
    greeting = ("Uvicorn server started", "You can now view", "URL: ", "Stopping...")
    assert [line for line in lines if not any(part in line for part in greeting)] == []


class Visitor:
    """A browser context with one page; remembers what went wrong in it."""

    def __init__(self, browser, server, **context):
        self.server = server
        self.context = browser.new_context(
            **{"viewport": {"width": 1440, "height": 900}, "accept_downloads": True} | context
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.calls = count()
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.sideways: dict[str, int] = {}
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._request)

    def _console(self, message):
        # opened at a page's own address, Streamlit first asks whether it was installed below it
        lost = "/_stcore/" in message.location.get("url", "") and "404" in message.text
        if message.type == "error" and not lost:
            self.errors.append(message.text)

    def _request(self, request):
        if not request.url.startswith((self.server.url, "data:", "blob:")):
            self.foreign.append(request.url)

    def open(self, address: str = "/"):
        self.page.goto(self.server.url + address)
        return self

    def pictures(self):
        """Wait for the pictures and return the component's root."""
        self.page.wait_for_selector(".viewer[data-ready=true]")
        return self.page.locator(".viewer")

    def seen(self, pane: int) -> np.ndarray:
        """What a picture of the viewer shows, RGBA ``(height, width, 4)``."""
        width, height, values = self.page.locator(f'.image[data-pane="{pane}"]').evaluate(
            """canvas => {
                const { width, height } = canvas
                const seen = canvas.getContext("2d").getImageData(0, 0, width, height)
                let text = ""
                for (const value of seen.data) text += String.fromCharCode(value)
                return [width, height, btoa(text)]
            }"""
        )
        return np.frombuffer(base64.b64decode(values), np.uint8).reshape(height, width, 4)

    def quiet(self):
        """Wait until the app has drawn all of the page, and no work is under way.

        A page that can then be scrolled sideways is remembered.
        """
        self.page.wait_for_function(QUIET, arg=next(self.calls), polling=50)
        if beyond := self.page.evaluate(SIDEWAYS):
            self.sideways[f"{self.page.url} at {self.page.viewport_size}"] = beyond
        return self

    def up_to_date(self):
        """Wait until nothing is out of date."""
        self.page.get_by_text("Out of date").first.wait_for(state="detached")

    def give(self, key: str, file) -> None:
        """Put a file, or several, into the field of that name, once it is there."""
        self.page.locator(f'[class*="st-key-{key}"] input[type=file]').first.set_input_files(file)

    def slide(self, label: str, key: str, times: int = 1):
        """Move a slider of the sidebar by its keys."""
        thumb = self.page.get_by_role("slider", name=label).first
        for _ in range(times):
            before = thumb.get_attribute("aria-valuetext")
            thumb.focus()
            thumb.press(key)
            assert thumb.get_attribute("aria-valuetext") != before


@pytest.fixture
def first_visitor(browser, fresh_server):
    """The very first one of a server."""
    one = Visitor(browser, fresh_server)
    yield one
    one.context.close()
    assert one.errors == []


@pytest.fixture
def visitor(browser, server):
    """Make visitors; afterwards none may have seen an error, a third party or too wide a page."""
    made = []

    def make(**context) -> Visitor:
        made.append(Visitor(browser, server, **context))
        return made[-1]

    yield make
    for one in made:
        one.context.close()
    assert [error for one in made for error in one.errors] == []
    assert [url for one in made for url in one.foreign] == []
    assert [one.sideways for one in made if one.sideways] == []
