"""How soon the lab answers: a changed control on the screen, and a run that is cancelled.

    .venv/bin/python -m benchmarks.answers [--only screen cancel]

``screen``: in headless Chromium, on the image that the lab opens with, timesteps and rate bounds
are moved by keys; from the key to the new run's line, in seconds. The first has to load the
simulator and is given apart. ``cancel``: a run of 512 x 512 pixels is told to stop at moments drawn
at random; from then until the call returns, in milliseconds. A line of JSON each.
"""

import argparse
import json
import os
import random
import statistics
import tempfile
import threading
import time
from pathlib import Path

from tools.served import FLAGS, Server, chromium

KEYS = {
    "Timesteps": ("ArrowLeft",) * 3 + ("ArrowRight",) + ("ArrowLeft",) * 3,
    "Firing-rate bounds (Hz)": ("ArrowLeft",) * 3 + ("ArrowRight",) * 2,
}
LINE = ".st-key-status [data-testid=stCaptionContainer]"
STOPS = 20


def screen() -> dict:
    """Seconds from a key to the new run on screen."""
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder) / "log") as lab,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(lab.url)
        page.wait_for_selector(".viewer[data-ready=true]")
        page.wait_for_timeout(3000)
        taken = {label: [_key(page, label, key) for key in keys] for label, keys in KEYS.items()}
        browser.close()
    first, *rest = [seconds for part in taken.values() for seconds in part]
    return {
        "first_s": round(first, 2),
        "median_s": round(statistics.median(rest), 2),
        "longest_s": round(max(rest), 2),
        "keys": len(rest),
    }


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
    trials = {"screen": screen, "cancel": cancel}
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", nargs="+", choices=trials, default=list(trials))
    for name in parser.parse_args().only:
        load = round(os.getloadavg()[0], 1)
        print(json.dumps({"trial": name} | trials[name]() | {"load": load}), flush=True)


if __name__ == "__main__":
    main()
