"""A class that opens the lab: one real browser, and the others replayed as WebSocket clients.

Twenty browsers on the machine that serves would measure themselves. So the others only do what
asks something of the server: each fetches the files that the browser fetched, six at a time and
without a cache, opens its session over a WebSocket, and stays. Its first picture is there when the
message that holds it has arrived; the browser's, when it is drawn.
"""

import asyncio
import random
import time
from concurrent.futures import ThreadPoolExecutor
from urllib import request

from benchmarks.replayed import Visitor
from tools import served

PATIENCE = 120.0  # seconds
AT_ONCE = 6  # connections that a browser opens to one server
PICTURES = ".viewer[data-ready=true]"
VIEWER, LEAST = "viewer", 10_000  # the component that holds the pictures, and bytes of any
SIZE = {"width": 1280, "height": 800}
# not files: what each visitor's own session is, and what follows once the page is there
SESSIONS = ("/_stcore/", "/_kept/")


async def arrivals(url: str, count: int, spread: float, seed: int = 0) -> dict:
    """So many visitors within a time.

    Parameters
    ----------
    url : str
        Of the lab.
    count : int
        Visitors, the browser among them.
    spread : float
        Seconds within which all come, each when it likes.
    seed : int
        Of when.

    Returns
    -------
    dict
        ``browser``, seconds to its first picture; ``replayed``, those of the others; ``files`` and
        ``megabytes`` that each fetched; ``failures``, a sentence each. NaN for who saw none.
    """
    from playwright.async_api import async_playwright

    chance, failures = random.Random(seed), []
    # somebody comes first and somebody last; the browser may be any of them
    when = [0.0, spread, *(chance.uniform(0, spread) for _ in range(count - 2))][:count]
    chance.shuffle(when)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=served.chromium(), args=list(served.FLAGS)
        )
        # one more before the clock starts, as in the other table; it says what there is to fetch
        files: list[str] = []
        await _seen(browser, url, 0.0, failures, files)
        others = [Visitor(url) for _ in range(count - 1)]
        begin = time.perf_counter()
        first, *replayed = await asyncio.gather(
            _seen(browser, url, begin + when[0], failures),
            *(
                _replayed(one, files, begin + at, failures)
                for one, at in zip(others, when[1:], strict=True)
            ),
        )
        for one in others:
            failures += one.exceptions
            await one.leave()
        await browser.close()
    return {
        "browser": first,
        "replayed": [seconds for seconds, _ in replayed],
        "files": len(files),
        "megabytes": max((size for _, size in replayed), default=0) / 1e6,
        "failures": failures,
    }


async def _until(moment: float) -> float:
    """Wait for a moment; give the one at which it goes on."""
    await asyncio.sleep(max(0.0, moment - time.perf_counter()))
    return time.perf_counter()


async def _seen(browser, url: str, moment: float, failures: list, files: list | None = None):
    """Seconds until the browser's first picture; it stays open with the others."""
    context = await browser.new_context(viewport=SIZE)
    page = await context.new_page()
    page.on("pageerror", lambda error: failures.append(f"browser: {error}"))
    if files is not None:
        page.on("request", lambda asked: files.append(asked.url) if _file(asked, url) else None)
    begun = await _until(moment)
    try:
        await page.goto(url)
        await page.wait_for_selector(PICTURES, timeout=1000 * PATIENCE)
        return time.perf_counter() - begun
    except Exception as error:  # whatever a browser comes up with is a failure to count
        failures.append(f"browser: {type(error).__name__}: {str(error).splitlines()[0]}")
        return float("nan")
    finally:
        if files is not None:
            await context.close()


def _file(asked, url: str) -> bool:
    own = asked.method == "GET" and asked.url.startswith(url)
    return own and not any(part in asked.url for part in SESSIONS)


async def _replayed(visitor: Visitor, files: list[str], moment: float, failures: list):
    """Seconds until the pictures of one without a browser, and bytes of files before."""
    begun, size = await _until(moment), 0
    try:
        size = await asyncio.to_thread(_fetched, files)
        opening = asyncio.create_task(visitor.open())
        while not _pictured(visitor):
            if opening.done():
                await opening  # says what went wrong
                raise RuntimeError("the page has no picture")
            if time.perf_counter() - begun > PATIENCE:
                opening.cancel()
                raise TimeoutError("no picture in time")
            await asyncio.sleep(0.01)
        seconds = time.perf_counter() - begun
        await opening
        return seconds, size
    except Exception as error:  # one who is refused or forgotten is a failure to count
        failures.append(f"replayed: {type(error).__name__}: {error}")
        return float("nan"), size


def _pictured(visitor: Visitor) -> bool:
    found = visitor.widget(VIEWER)
    return found is not None and len(found[1].bytes) >= LEAST


def _fetched(files: list[str]) -> int:
    """Bytes of all files, as they come over the network."""

    def fetch(place: str) -> int:
        asked = request.Request(place, headers={"Accept-Encoding": "gzip"})
        with request.urlopen(asked, timeout=PATIENCE) as answer:
            return len(answer.read())

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(fetch, files))
