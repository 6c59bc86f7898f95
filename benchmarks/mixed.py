"""Runs of every kind, mixed: does any take far longer than others of its kind?

    .venv/bin/python -m benchmarks.mixed [--runs 200] [--where process browser]

``process``: the lab's front door in one process, each run another picture. ``browser``: one
visitor of one server, whose settings change from run to run as by the arrows of a browser;
the pictures are uploads. Kinds differ in model, method, size, timesteps and thresholds; pictures
have labels, some are specks or noise, and the order is drawn at random. A table in Markdown, times
in medians of their kind; those above twice the median are listed with what else was measured. The
first run with a model builds its net in TensorFlow, and is named as such.
Exit code 1 if any is above by the clock *and* the lab itself took the time: in processor time, or
by the clock less what its threads had to wait for a processor. It needs Linux, which counts that.
"""

import argparse
import io
import itertools
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from PIL import Image

SEED = 20261129
TWICE = 2.0


# ---- kinds ----------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """Runs that should take equally long.

    Attributes
    ----------
    name : str
    model : str
    pictures : callable
        Size in, grey values and labels out; a seed makes each another one.
    size : tuple of int
    settings : dict
        Beside those that suit the model.
    thresholds : tuple of float
    """

    name: str
    model: str
    pictures: Callable
    size: tuple[int, int] = (256, 256)
    settings: dict = field(default_factory=dict)
    thresholds: tuple[float, ...] = (0.3, 0.4, 0.5, 0.6, 0.7)


def tissue(size, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A synthetic section."""
    from snnlab.data.synthetic import synthetic

    made = synthetic(size, seed)
    return made.image, made.labels


def speckled(size, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The same with a third of the pixels, and of the labels, drawn at random."""
    image, labels = tissue(size, seed)
    random_ = np.random.default_rng(seed)
    lost = random_.random(image.shape) < 0.33
    return np.where(lost, random_.random(image.shape), image), labels ^ (
        random_.random(labels.shape) < 0.33
    )


def specks(size, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Dark, but for a few light dots: a mask of a few specks."""
    random_ = np.random.default_rng(seed)
    image = random_.normal(0.2, 0.02, size)
    labels = np.zeros(size, bool)
    for row, column in random_.integers(8, min(size) - 8, (6, 2)):
        labels[row - 3 : row + 3, column - 3 : column + 3] = True
    return np.where(labels, 0.9, image).clip(0, 1), labels


def unlabelled(size, seed: int) -> tuple[np.ndarray, None]:
    """A section without labels."""
    return tissue(size, seed)[0], None


KINDS = (
    Kind("regularised", "regularised", tissue),
    Kind("regularised, 75..150 Hz, 3 ms, 200 steps", "regularised", tissue,
         settings={"lower_hz": 75.0, "upper_hz": 150.0, "synapse_ms": 3.0, "timesteps": 200}),
    Kind("regularised, 8 steps", "regularised", tissue, settings={"timesteps": 8}),
    Kind("relu", "relu", tissue),
    Kind("loihi, its own 200 steps", "loihi", tissue),
    Kind("phantom", "phantom", tissue),
    Kind("surrogate", "surrogate", tissue),
    Kind("qcfs", "qcfs", tissue),
    Kind("pooled", "pooled", tissue),
    Kind("ecc", "relu", tissue, settings={"method": "ecc"}),
    Kind("bistable", "relu", tissue, settings={"method": "bistable"}),
    Kind("multi-threshold, 16 steps", "relu", tissue,
         settings={"method": "multi-threshold", "timesteps": 16}),
    Kind("data-normalisation", "relu", tissue, settings={"method": "data-normalisation"}),
    Kind("no labels, 300 x 413", "regularised", unlabelled, (300, 413)),
    Kind("512 x 512", "regularised", tissue, (512, 512)),
    Kind("512 x 512, speckled", "regularised", speckled, (512, 512)),
    Kind("512 x 512, a few specks", "relu", specks, (512, 512)),
    Kind("512 x 512, thresholds at the ends", "phantom", tissue, (512, 512),
         thresholds=(0.0, 0.01, 0.99, 1.0)),
    Kind("1024 x 1024 in tiles, 16 steps", "regularised", tissue, (1024, 1024),
         {"timesteps": 16}),
    Kind("1024 x 1024 in tiles, speckled, 16 steps", "regularised", speckled, (1024, 1024),
         {"timesteps": 16}),
)  # fmt: skip


def order(runs: int) -> list[tuple[Kind, int]]:
    """Kinds in random order, each as often as the others, and a number for each run."""
    plan = [(KINDS[index % len(KINDS)], index) for index in range(runs)]
    random.Random(SEED).shuffle(plan)
    return plan


def settings_of(kind: Kind, index: int):
    """What a run is asked for."""
    from snnlab.lab import segmenting as lab

    threshold = kind.thresholds[index // len(KINDS) % len(kind.thresholds)]
    return lab.defaults(kind.model).replace(threshold=threshold, **kind.settings)


# ---- what a run took ------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """Seconds of one run.

    Attributes
    ----------
    clock, processor : float
    waited : float
        That the lab's threads together could have gone on, and had no processor.
    """

    clock: float
    processor: float
    waited: float

    @property
    def own(self) -> float:
        """By the clock, as if the machine had been the lab's alone: what ran is not stretched."""
        return self.clock * self.processor / max(self.processor + self.waited, 1e-9)


class Meter:
    """Seconds of a process's work, and those that its threads waited for a processor."""

    def __init__(self, pid: int):
        self._tasks = Path(f"/proc/{pid}/task")

    def start(self) -> None:
        """Begin to count."""
        self._clock, self._before = time.perf_counter(), self._threads()

    def stop(self) -> Taken:
        """What it was since `start`."""
        clock, now = time.perf_counter() - self._clock, self._threads()
        ran, waited = (
            sum(seen[part] - self._before.get(task, (0, 0))[part] for task, seen in now.items())
            for part in (0, 1)
        )
        return Taken(clock, ran / 1e9, waited / 1e9)

    def _threads(self) -> dict[str, tuple[int, int]]:
        """Nanoseconds that each thread ran, and waited for a processor."""
        found = {}
        for task in self._tasks.glob("*/schedstat"):
            try:
                ran, waited, _ = map(int, task.read_text().split())
            except (OSError, ValueError):
                continue  # a thread that ended
            found[task.parent.name] = ran, waited
        return found


# ---- in one process -------------------------------------------------------------


def in_process(runs: int) -> list[tuple[Kind, Taken]]:
    """The lab's front door, run after run."""
    from snnlab.images.pictures import Picture
    from snnlab.lab import segmenting as lab

    def picture(kind: Kind, seed: int) -> Picture:
        image, labels = kind.pictures(kind.size, seed)
        return Picture(image.astype(np.float32), labels, kind.name, 0, 1, f"mixed {seed}")

    lab.segment(picture(KINDS[0], runs), settings_of(KINDS[0], 0))  # reads machine code
    meter, found = Meter(os.getpid()), []
    for kind, index in order(runs):
        shown, settings = picture(kind, index), settings_of(kind, index)
        meter.start()
        lab.segment(shown, settings)
        found.append((kind, meter.stop()))
        _progress(len(found), runs)
    return found


# ---- in one session of a browser ------------------------------------------------

GO = """address => {
    history.pushState({}, "", address)
    dispatchEvent(new PopStateEvent("popstate"))
}"""
STILL = """call => {  // for half a second: what was sent may have been answered only just now
    const app = document.querySelector("[data-testid=stApp]")
    const now = performance.now()
    if (window.stillCall !== call || app?.dataset.testScriptState !== "notRunning")
        [window.stillCall, window.stillSince] = [call, now]
    return now - window.stillSince > 500
}"""
SENT = "/_stcore/upload_file/"  # where files go
CALLS = itertools.count()
ASKED = ".st-key-behind"  # what says that the picture is not yet what was asked for


def in_browser(runs: int) -> list[tuple[Kind, Taken]]:
    """One visitor, whose address and files change; from the press of Run to the picture."""
    from playwright.sync_api import sync_playwright

    from tools.served import FLAGS, Server, chromium

    found = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder) / "log") as lab,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(300_000)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(lab.url)
        page.wait_for_selector(".viewer[data-ready=true]")
        page.get_by_text("Update as I move things").click()
        meter = Meter(lab.process.pid)
        _ask(page, KINDS[0], runs, None)  # reads machine code
        for kind, index in order(runs):
            taken = _ask(page, kind, index, meter)
            found.append((kind, taken))
            _progress(len(found), runs)
        browser.close()
        log = (Path(folder) / "log").read_text()
    if wrong or "Traceback" in log:
        raise SystemExit(f"faults: {wrong} {log[-3000:]}")
    return found


def _ask(page, kind: Kind, index: int, meter: Meter | None) -> Taken | None:
    """Give a picture and settings, then run."""
    from snnlab.lab import segmenting as lab

    asked = settings_of(kind, index).replace(source="upload")
    page.evaluate(GO, "/?" + urlencode(asked.to_query(lab.defaults(kind.model))))
    _still(page)
    for place, values in enumerate(kind.pictures(kind.size, index)):
        if values is None:
            continue  # labels of the picture before do not fit this one, and are left out
        name = f"{('image', 'labels')[place]}-{index}.png"
        # its name is on the page before the file is there: who presses Run meanwhile asks for
        # a picture without it, which nobody wants any more once it is there
        with page.expect_response(
            lambda answer: answer.request.method == "PUT" and SENT in answer.url
        ):
            page.locator("input[type=file]").nth(place).set_input_files(_png(name, values))
        page.get_by_text(name).first.wait_for()
        _still(page)
    page.locator(ASKED).wait_for()
    run = page.locator(".st-key-status").get_by_role("button", name=re.compile("^Run|Run$"))
    run.wait_for()
    _still(page)
    if meter:
        meter.start()
    run.click()
    page.locator(ASKED).wait_for(state="detached")
    return meter.stop() if meter else None


def _still(page) -> None:
    """Wait until the page is drawn, and stays as it is."""
    page.wait_for_function(STILL, arg=next(CALLS), polling=50)


def _png(name: str, values: np.ndarray) -> dict:
    file = io.BytesIO()
    Image.fromarray(np.rint(255 * values.astype(np.float32)).astype(np.uint8)).save(file, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": file.getvalue()}


# ---- the table ------------------------------------------------------------------


def _progress(done: int, runs: int) -> None:
    if done % 20 == 0:
        print(f"{done} of {runs}", file=sys.stderr, flush=True)


def told(found: list[tuple[Kind, Taken]]) -> tuple[str, list[str]]:
    """The table, and what was wrong."""
    lines = [
        "| kind | runs | median, s | slowest by the clock | without waiting for a processor |"
        " processor time |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    above, wrong, built, firsts = [], [], {KINDS[0].model}, set()
    for kind, taken in found:  # in the order in which they were made
        if kind.model not in built:
            built.add(kind.model)
            firsts.add(id(taken))
    for kind in KINDS:
        runs = [taken for one, taken in found if one is kind]
        if not runs:
            continue
        medians = {
            name: statistics.median(getattr(taken, name) for taken in runs)
            for name in ("clock", "own", "processor")
        }
        slowest = {
            name: max(getattr(taken, name) for taken in runs) / median
            for name, median in medians.items()
        }
        lines.append(
            f"| {kind.name} | {len(runs)} | {medians['clock']:.2f} |"
            + "".join(f" {slowest[name]:.2f} |" for name in ("clock", "own", "processor"))
        )
        for taken in runs:
            ratios = {name: getattr(taken, name) / medians[name] for name in medians}
            if ratios["clock"] <= TWICE:
                continue
            line = (
                f"{kind.name}: {ratios['clock']:.2f} by the clock, {ratios['own']:.2f} without"
                f" waiting for a processor, {ratios['processor']:.2f} in processor time"
            )
            if id(taken) in firsts:
                above.append(f"{line}; the first with this model, whose net it builds")
                continue
            above.append(line)
            if max(ratios["own"], ratios["processor"]) > TWICE:
                wrong.append(line)
    if above:
        lines += ["", "Above twice the median of their kind by the clock:", ""]
        lines += [f"- {line}" for line in above]
    return "\n".join(lines), wrong


def main() -> None:
    """Run, and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--where", nargs="+", choices=WHERE, default=tuple(WHERE))
    options = parser.parse_args()
    failed = False
    for where in options.where:
        found = WHERE[where](options.runs)
        table, wrong = told(found)
        load = os.getloadavg()[0]
        print(f"\n{where}: {len(found)} runs, load average {load:.1f}; slowest in medians\n")
        print(table, flush=True)
        failed = failed or bool(wrong)
    sys.exit(failed)


WHERE = {"process": in_process, "browser": in_browser}

if __name__ == "__main__":
    main()
