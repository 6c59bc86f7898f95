"""How many visitors one lab bears: python -m benchmarks.visitors --visitors 1 4 8 16.

For each number, a fresh server and as many browser contexts, which all open the
lab at once, then each ask for a run of their own (other timesteps, so that no
result is shared), then read another page. A table in Markdown on stdout, or
JSON with --json: seconds to the first picture and to the result (median and
slowest), resident memory of the server at the start, its peak and at the end,
failures (a page error, a traceback shown, or no result in time). One more
visitor comes before the clock starts, so that no time is that of starting
TensorFlow. It needs Chromium and the development tools.

With --light, a class that opens the lab on a small machine: one real browser and the others
replayed as WebSocket clients (`benchmarks.arriving`), 20 unless --visitors says otherwise, all
within --spread seconds: seconds to the first picture, and failures.
"""

import argparse
import asyncio
import json
import math
import os
import platform
import shutil
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from benchmarks import arriving
from tools import served
from tools.turning import turn_to_soon

PATIENCE = 600_000  # ms
PICTURES = ".viewer[data-ready=true]"
STATUS = ".st-key-status"


class Server(served.Server):
    """The lab in a process of its own, its memory watched."""

    def __init__(self, folder: Path):
        super().__init__(folder / "server.log")
        self._watched = psutil.Process(self.process.pid)
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def memory(self) -> int:
        """Resident bytes."""
        return self._watched.memory_info().rss

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            try:
                self.peak = max(self.peak, self.memory)
            except psutil.Error:
                return

    def stop(self) -> None:
        """End it."""
        self._stop.set()
        super().stop()


async def visit(browser, url: str, timesteps: int, ready: asyncio.Barrier) -> dict:
    """One visitor: opens the lab, asks for a run, looks at another page."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    await ready.wait()
    begun = time.perf_counter()
    try:
        await page.goto(url)
        await page.wait_for_selector(PICTURES)
        picture = time.perf_counter() - begun
        await ready.wait()
        begun = time.perf_counter()
        address = f"{url}/?steps={timesteps}&lo=900&hi=1000"
        await page.goto(address)
        await page.locator(STATUS).get_by_text(f"· {timesteps} timesteps ·").wait_for()
        result = time.perf_counter() - begun
        await turn_to_soon(page, "Rates")
        await page.get_by_text("All layers against their bounds").wait_for()
        if await page.get_by_text("Traceback").count():
            failures.append("a traceback is shown")
    except Exception as error:  # whatever a browser comes up with is a failure to count
        failures.append(f"{type(error).__name__}: {str(error).splitlines()[0]}")
        picture = result = float("nan")
        await ready.abort()
    await context.close()
    return {"picture": picture, "result": result, "failures": failures}


async def crowd(server: Server, count: int) -> list[dict]:
    """So many visitors at once."""
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(served.FLAGS)
        )
        await visit(browser, server.url, 9, asyncio.Barrier(1))  # reads machine code
        ready = asyncio.Barrier(count)
        asked = (visit(browser, server.url, 20 + index, ready) for index in range(count))
        found = await asyncio.gather(*asked)
        await browser.close()
    return found


def measure(count: int) -> dict:
    """A row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            start = server.memory
            found = asyncio.run(crowd(server, count))
            time.sleep(5)
            end = server.memory
            alive = server.process.poll() is None
        finally:
            server.stop()
    pictures, results = ([one[key] for one in found] for key in ("picture", "result"))
    failures = [text for one in found for text in one["failures"]]
    return {
        "visitors": count,
        "picture_s": statistics.median(pictures),
        "picture_slowest_s": max(pictures),
        "result_s": statistics.median(results),
        "result_slowest_s": max(results),
        "memory_start_mb": start / 1e6,
        "memory_peak_mb": server.peak / 1e6,
        "memory_end_mb": end / 1e6,
        "failures": failures + ([] if alive else ["the server died"]),
    }


def measure_light(count: int, spread: float) -> dict:
    """A row of the table of --light."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            found = asyncio.run(arriving.arrivals(server.url, count, spread))
            alive = server.process.poll() is None
        finally:
            server.stop()
    pictures = [found["browser"], *found["replayed"]]
    return {
        "visitors": count,
        "spread_s": spread,
        "browser_s": found["browser"],
        "picture_s": statistics.median(pictures),
        # NaN, if somebody saw none: of those max would tell by their order
        "picture_slowest_s": math.nan if any(map(math.isnan, pictures)) else max(pictures),
        "files": found["files"],
        "files_mb": found["megabytes"],
        "memory_peak_mb": server.peak / 1e6,
        "failures": found["failures"] + ([] if alive else ["the server died"]),
    }


HEAD = (
    "| visitors | first picture, s (slowest) | result, s (slowest) | MB start | peak | end |"
    " failures |\n|---:|---:|---:|---:|---:|---:|---:|"
)
HEAD_LIGHT = (
    "| visitors | within, s | first picture, s (slowest) | the browser's | files of each, MB |"
    " MB peak | failures |\n|---:|---:|---:|---:|---:|---:|---:|"
)


def line(row: dict) -> str:
    """A row of either table, in Markdown."""
    first = f"{row['picture_s']:.1f} ({row['picture_slowest_s']:.1f})"
    if "browser_s" in row:
        return (
            f"| {row['visitors']} | {row['spread_s']:g} | {first} | {row['browser_s']:.1f} |"
            f" {row['files_mb']:.1f} | {row['memory_peak_mb']:.0f} | {len(row['failures'])} |"
        )
    return (
        f"| {row['visitors']} | {first} |"
        f" {row['result_s']:.1f} ({row['result_slowest_s']:.1f}) |"
        f" {row['memory_start_mb']:.0f} | {row['memory_peak_mb']:.0f} |"
        f" {row['memory_end_mb']:.0f} | {len(row['failures'])} |"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--visitors", type=int, nargs="+", help="1 4 8 16; 20 with --light")
    parser.add_argument("--light", action="store_true", help="one browser, the others replayed")
    parser.add_argument("--spread", type=float, default=30.0, help="seconds, with --light")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rows = []
    for count in arguments.visitors or ([20] if arguments.light else [1, 4, 8, 16]):
        light = arguments.light
        rows.append(measure_light(count, arguments.spread) if light else measure(count))
        print(f"{count} visitors: done", file=sys.stderr)
    if arguments.json:
        machine = {"processors": os.cpu_count(), "system": platform.platform()}
        print(json.dumps({"machine": machine, "rows": rows}))
        return
    print(HEAD_LIGHT if arguments.light else HEAD)
    for row in rows:
        print(line(row))
        for text in row["failures"]:
            print(f"{row['visitors']}: {text}", file=sys.stderr)


if __name__ == "__main__":
    main()
