"""How soon the lab answers: a changed control on the screen, and a run that is cancelled.

    .venv/bin/python -m benchmarks.answers [--only screen pages cancel]

``screen``: in headless Chromium, on the image that the lab opens with, timesteps and rate bounds
are moved by keys; from the key to the new run's line, in seconds. The first has to load the
simulator and is given apart. ``pages``: each page is opened at its address by a browser that was
never here, which counts its requests and what they and the connection brought, as sent; then one
visitor turns from page to page, again and again, from the press of a page's name until all of that
page is drawn. ``cancel``: a run of 512 x 512 pixels is told to stop at moments drawn
at random; from then until the call returns, in milliseconds. A line of JSON each.
"""

import argparse
import contextlib
import json
import os
import random
import statistics
import tempfile
import threading
import time
from pathlib import Path

from tools.served import FLAGS, Server, chromium
from tools.turning import turn_to

KEYS = {
    "Timesteps": ("ArrowLeft",) * 3 + ("ArrowRight",) + ("ArrowLeft",) * 3,
    "Firing-rate bounds (Hz)": ("ArrowLeft",) * 3 + ("ArrowRight",) * 2,
}
LINE = ".st-key-status [data-testid=stCaptionContainer]"
STOPS = 20
PAGES = {
    "Segment": "", "Learn": "learn", "Cells": "cells", "Stack": "stack", "Compare": "compare",
    "Spikes": "spikes", "Rates": "rates", "Chips": "chips", "Energy": "energy",
    "Methods": "methods", "Sweep": "sweep", "Tune": "finetune", "Train": "train",
    "Networks": "networks",
}  # fmt: skip
TURNS = 4  # rounds through all pages; the first is not counted


# all of the page is drawn, as its title says, and nothing on it is old
DRAWN = """name => {
    const app = document.querySelector("[data-testid=stApp]")
    const title = document.querySelector(".st-key-title h1")?.innerText
    const charts = [...document.querySelectorAll("[data-testid=stPlotlyChart]")]
    return (name === null || title === name)
        && app?.dataset.testScriptState === "notRunning"
        && !document.querySelector("[data-stale=true], [data-testid=stSkeleton]")
        && charts.every(chart => chart.querySelector(".main-svg"))
        && !document.querySelector(".viewer:not([data-ready=true])")
}"""


@contextlib.contextmanager
def _served():
    """A lab of its own, and a browser."""
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder) / "log") as lab,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield lab, browser
        browser.close()


def screen() -> dict:
    """Seconds from a key to the new run on screen."""
    with _served() as (lab, browser):
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(lab.url)
        page.wait_for_selector(".viewer[data-ready=true]")
        page.wait_for_timeout(3000)
        taken = {label: [_key(page, label, key) for key in keys] for label, keys in KEYS.items()}
    first, *rest = [seconds for part in taken.values() for seconds in part]
    return {
        "first_s": round(first, 2),
        "median_s": round(statistics.median(rest), 2),
        "longest_s": round(max(rest), 2),
        "keys": len(rest),
    }


def pages() -> dict:
    """Of every page: requests, megabytes, and seconds until it is drawn."""
    with _served() as (lab, browser):
        opened = {}
        for name, path in PAGES.items():
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            opened[name] = _opened(page, f"{lab.url}/{path}")
            page.context.close()
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(lab.url)
        page.wait_for_function(DRAWN, arg=None)
        turned = {name: [] for name in PAGES}
        for _ in range(TURNS):
            for name in (*PAGES, "Segment"):
                turned[name].append(_turned(page, name))
    every = [seconds for one in turned.values() for seconds in one[1:]]
    return {
        "turned_median_s": round(statistics.median(every), 2),
        "turned_longest_s": round(max(every), 2),
        "turned": len(every),
        "pages": {
            name: one | {"turned_s": round(statistics.median(turned[name][1:]), 2)}
            for name, one in opened.items()
        },
    }


def _opened(page, address: str) -> dict:
    """Open a page with nothing kept, and count."""
    count = {"requests": 0, "bytes": 0, "pieces": 0}
    watched = page.context.new_cdp_session(page)

    def asked(event):
        count["requests"] += not event["request"]["url"].startswith(("data:", "blob:"))

    def came(event):
        count["bytes"] += max(0, event["encodedDataLength"])

    def told(event):
        text = event["response"]["payloadData"]  # in base64
        count["pieces"] += 3 * len(text) // 4

    watched.on("Network.requestWillBeSent", asked)
    watched.on("Network.loadingFinished", came)
    watched.on("Network.webSocketFrameReceived", told)
    watched.send("Network.enable")
    begun = time.perf_counter()
    page.goto(address)
    page.wait_for_function(DRAWN, arg=None, polling=20)
    drawn = time.perf_counter() - begun
    page.wait_for_timeout(2000)
    return {
        "opened_s": round(drawn, 2),
        "requests": count["requests"],
        "http_mb": round(count["bytes"] / 1e6, 2),
        "connection_mb": round(count["pieces"] / 1e6, 2),
    }


def _turned(page, name: str) -> float:
    """Seconds from the press of a page's name until that page is there."""
    page.wait_for_timeout(500)
    if page.evaluate("document.querySelector('.st-key-title h1').innerText") == name:
        turn_to(page, "Learn")
        page.wait_for_function(DRAWN, arg="Learn", polling=20)
        page.wait_for_timeout(500)
    # the menu of a group is opened first: what counts begins with the name itself
    page.evaluate(
        "addEventListener('click', () => { window.pressedAt = performance.now() },"
        " { capture: true })"
    )
    turn_to(page, name)
    page.wait_for_function(DRAWN, arg=name, polling=10)
    return page.evaluate("(performance.now() - window.pressedAt) / 1000")


def _key(page, label: str, key: str) -> float:
    line = page.locator(LINE).last
    before = line.inner_text()
    thumb = page.get_by_role("slider", name=label).first
    thumb.focus()
    begun = time.perf_counter()
    thumb.press(key)
    page.wait_for_function(
        "([place, before]) => [...document.querySelectorAll(place)].at(-1)?.innerText !== before"
        " && document.querySelectorAll(place).length === 1",
        arg=[LINE, before],
        polling=10,
    )
    taken = time.perf_counter() - begun
    page.wait_for_timeout(1500)
    return taken


def cancel(threads: int = 2) -> dict:
    """Milliseconds from being told to stop until the run is over."""
    from snnlab import conversion
    from snnlab.data import synthetic as datasets
    from snnlab.errors import Cancelled
    from snnlab.images.contrast import normalise
    from snnlab.lab import segmenting as lab
    from snnlab.simulation import event

    settings = lab.defaults("regularised").replace(timesteps=200)
    image = normalise(datasets.synthetic(512, 0).image)
    network = conversion.method(settings.method).convert(lab.model(settings.model), image, settings)
    event.run(network, 1, threads=threads)
    begun = time.perf_counter()
    event.run(network, settings.timesteps, threads=threads)
    whole, taken = time.perf_counter() - begun, []
    draw = random.Random(0)
    for _ in range(STOPS):
        told, stop = [], threading.Event()

        def tell(told=told, stop=stop):
            told.append(time.perf_counter())
            stop.set()

        timer = threading.Timer(0.8 * whole * draw.random(), tell)
        timer.start()
        try:
            event.run(network, settings.timesteps, cancel=stop.is_set, threads=threads)
        except Cancelled:
            taken.append(1000 * (time.perf_counter() - told[0]))
        timer.join()
    return {
        "median_ms": round(statistics.median(taken), 1),
        "longest_ms": round(max(taken), 1),
        "cancelled": len(taken),
        "whole_run_s": round(whole, 2),
    }


def main() -> None:
    trials = {"screen": screen, "pages": pages, "cancel": cancel}
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", nargs="+", choices=trials, default=list(trials))
    for name in parser.parse_args().only:
        load = round(os.getloadavg()[0], 1)
        print(json.dumps({"trial": name} | trials[name]() | {"load": load}), flush=True)


if __name__ == "__main__":
    main()
