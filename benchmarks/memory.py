"""What stays in memory of visitors who left: python -m benchmarks.memory [--trials reloads ...].

Each trial has a fresh server, one visitor to warm it up (TensorFlow, compiled kernels; a run and
a look at every page), then replayed visitors (`benchmarks.replayed`) who leave no matter to guess:

reloads   twice 20 reloads of one tab with a run each, and 150 idle seconds after each 20; then
          the tab is closed.
visits    100 visits, 4 at once: a run with other settings, then an upload, a look into the
          result, five pages or downloads, then gone; and 150 idle seconds with nobody there.
uploads   30 pictures of 2048 x 2048 in one session, each run.
images    60 pictures of 512 x 512 in one session, each run for 64 steps, with all spikes kept.
long      16 sessions that stay, each with a run of 512 x 512 for 500 steps; each looks at pages.

A table in Markdown on stdout: resident memory (MB), sessions and results that the server holds, and
what failed. Sessions and results are counted in the server by a look at all of Python's objects,
after a collection. Exit code 1 if something failed, or a reach was missed: after reloads and visits
memory within 200 MB of the start and no session but those that are open; under `LIMIT` in the
others.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil

from benchmarks import visits
from benchmarks.replayed import Visitor
from tools import served

ROOT = Path(__file__).resolve().parents[1]
IDLE = 150.0  # seconds: sessions without a connection are kept for 120, looked after every 5
NEAR = 200.0  # MB above the start
LIMIT = 6000.0  # MB that the lab may have at any time, whatever its visitors do
PATIENCE = 900.0  # seconds for a run
# Python looks for this on its path before anything else runs in the server
COUNTING = """
import gc, json, os, sys, threading, time

def look(place):
    asked, answer = place + ".ask", place + ".json"
    while True:
        time.sleep(0.2)
        if not os.path.exists(asked):
            continue
        os.remove(asked)
        gc.collect()
        # by the class itself: a look at a million objects is to take a moment
        named = {"AppSession": "streamlit.runtime.app_session",
                 "Segmentation": "snnlab.results.segmentation"}
        kinds = {
            getattr(sys.modules.get(module), name, None): name for name, module in named.items()
        }
        found = [one for one in gc.get_objects() if type(one) in kinds]
        count = dict.fromkeys(named, 0)
        for one in found:
            # the shell of one that is over, which Streamlit's loop holds until another comes
            over = getattr(getattr(one, "_state", None), "name", "") == "SHUTDOWN_REQUESTED"
            count[kinds[type(one)]] += not over
        # several may be of the same spikes
        spikes = {id(one.recording): one.nbytes for one in found if hasattr(one, "recording")}
        del found
        with open(answer + ".new", "w") as file:
            json.dump(count | {"bytes": sum(spikes.values())}, file)
        os.rename(answer + ".new", answer)

place = os.environ.pop("COUNT", None)  # the server's processes are not asked
if place:
    threading.Thread(target=look, args=(place,), daemon=True).start()
"""


class Server(served.Server):
    """The lab in a process of its own that says what it holds."""

    def __init__(self, folder: Path):
        (folder / "sitecustomize.py").write_text(COUNTING)
        self._count = folder / "count"
        own = {key: value for key, value in os.environ.items() if key != "SNNLAB_DATA"}
        own |= {
            "COUNT": str(self._count),
            "PYTHONPATH": str(folder),
            "SNNLAB_CACHE": str(folder / "cache"),
            "SNNLAB_MODELS": str(folder / "models"),
        }
        super().__init__(folder / "server.log", environment=own)
        self._watched, self.peak = psutil.Process(self.process.pid), 0.0

    @property
    def memory(self) -> float:
        """Resident, MB."""
        found = self._watched.memory_info().rss / 1e6
        self.peak = max(self.peak, found)
        return found

    async def watch(self) -> None:
        """Keep the peak, until cancelled."""
        while True:
            _ = self.memory
            await asyncio.sleep(0.2)

    async def held(self) -> dict[str, int]:
        """Sessions and results alive, and the bytes of the latter."""
        answer = self._count.with_suffix(".json")
        answer.unlink(missing_ok=True)
        self._count.with_suffix(".ask").touch()
        while not answer.exists():
            await asyncio.sleep(0.1)
        return json.loads(answer.read_text())


class Trial:
    """Rows of the table as they come."""

    def __init__(self, name: str, server: Server):
        self.name, self.server = name, server
        self.start = 0.0
        self.wrong: list[str] = []

    async def row(
        self, what: str, near: bool = False, sessions: int | None = None, busy: bool = False
    ) -> None:
        """Measure, and check what is to hold.

        Where the server is ``busy``, nothing is counted: a look at all objects catches tuples that
        are being made, and Python then fails to make them (`SystemError`).
        """
        memory, counted = self.server.memory, " | | "
        self.start = self.start or memory
        if not busy:
            held = await self.server.held()
            spikes = held["bytes"] / 1e6
            counted = f" {held['AppSession']} | {held['Segmentation']} | {spikes:.0f} "
        print(
            f"| {self.name} | {what} | {memory:.0f} | {memory - self.start:+.0f} |"
            f" {self.server.peak:.0f} |{counted}|",
            flush=True,
        )
        if near and memory > self.start + NEAR:
            self.wrong.append(f"{what}: {memory - self.start:.0f} MB above the start")
        if sessions is not None and not busy and held["AppSession"] > sessions:
            self.wrong.append(f"{what}: {held['AppSession']} sessions are held")
        if self.server.peak > LIMIT:
            self.wrong.append(f"{what}: {self.server.peak:.0f} MB at its peak")


async def shown(visitor: Visitor, steps: int, name: str = "") -> None:
    """Wait for a run of so many steps; of a picture of that name."""

    def there() -> bool:
        late = any(text.startswith("**Out of date") for text in visitor.alerts())
        text = visitor.text().replace("\\", "")
        return not late and f"· {steps} timesteps ·" in text and name in text

    await visitor.until(there, PATIENCE, f"a run of {steps} steps")


async def asked(visitor: Visitor) -> None:
    """Press Run, where a run is too long to start by itself."""
    for label in visitor.labels("button"):
        if label.startswith("Run"):
            await visitor.press(label)
            return


async def warm(url: str) -> None:
    """One visitor, who has looked at everything, and gone."""
    guest = visits.Guest(url, 0)
    await guest.visitor.open(query="steps=31")
    await shown(guest.visitor, 31)
    await visits.upload(guest)
    await visits.look(guest)
    for page in sorted(guest.visitor.pages):
        await guest.visitor.turn_to(page)
    await guest.visitor.leave()


async def reloads(trial: Trial, url: str, count: int) -> None:
    """One tab, reloaded again and again; a reload is a new session."""
    visitor = Visitor(url)
    for part in (0, 1):
        for index in range(count):
            steps = 20 + part * count + index
            await visitor.open(query=f"steps={steps}")
            await shown(visitor, steps)
        await trial.row(f"{(part + 1) * count} reloads")
        await asyncio.sleep(IDLE)
        await trial.row(f"{IDLE:.0f} s later", sessions=1)
    await visitor.leave()
    await asyncio.sleep(IDLE)
    await trial.row(f"{IDLE:.0f} s after it was closed", near=True, sessions=0)


async def visited(trial: Trial, url: str, count: int) -> None:
    """Visitors who come, work and go, a few at a time."""
    room, done = asyncio.Semaphore(4), 0

    async def visit(index: int) -> None:
        nonlocal done
        async with room:
            guest = visits.Guest(url, index)
            await guest.visitor.open()
            more = (visits.upload, visits.look, visits.tour, visits.take_away)
            for act in (visits.run, more[index % 4]):
                await act(guest)
                guest.check()
            await guest.visitor.leave()
            done += 1
            if done % 25 == 0:
                await trial.row(f"{done} visits", busy=True)

    await asyncio.gather(*(visit(index) for index in range(count)))
    await asyncio.sleep(IDLE)
    await trial.row(f"{IDLE:.0f} s later", near=True, sessions=0)


async def uploads(trial: Trial, url: str, count: int) -> None:
    """Large pictures, one after the other."""
    await _pictures(trial, url, count, 2048, 8)


async def images(trial: Trial, url: str, count: int) -> None:
    """Pictures whose runs are kept whole, one after the other."""
    await _pictures(trial, url, count, 512, 64)


async def _pictures(trial: Trial, url: str, count: int, side: int, steps: int) -> None:
    visitor, chance = Visitor(url), random.Random(0)
    await visitor.open(query=f"source=upload&steps={steps}")
    for index in range(count):
        name = f"picture-{index}.png"
        await visitor.upload("upload", name, visits.picture(chance, side)[0])
        await asked(visitor)
        await shown(visitor, steps, name)
        if index % 10 == 9:
            await trial.row(f"{index + 1} pictures")
    await visitor.leave()
    await asyncio.sleep(IDLE)
    await trial.row(f"{IDLE:.0f} s later", sessions=0)


async def long(trial: Trial, url: str, count: int) -> None:
    """Sessions that stay, each with gigabytes to look at."""
    chance, there = random.Random(0), []
    for index in range(count):
        visitor = Visitor(url)
        await visitor.open(query="source=upload&steps=500")
        name = f"{index}.png"
        await visitor.upload("upload", name, visits.picture(chance, 512)[0])
        await asked(visitor)
        await shown(visitor, 500, name)
        there.append(visitor)
        if index % 4 == 3:
            await trial.row(f"{index + 1} sessions")
    for visitor in there:  # and the first of them is served as the last is
        for page in ("rates", "spikes"):
            await visitor.turn_to(page)
            if visitor.exceptions or len(visitor.elements) < 20:
                trial.wrong.append(f"the page {page}: {visitor.exceptions or 'empty'}")
    await trial.row("each looked at pages")
    for visitor in there:
        await visitor.leave()
    await asyncio.sleep(IDLE)
    await trial.row(f"{IDLE:.0f} s later", sessions=0)


TRIALS: dict[str, tuple[Callable[[Trial, str, int], Awaitable[None]], int]] = {
    "reloads": (reloads, 20),
    "visits": (visited, 100),
    "uploads": (uploads, 30),
    "images": (images, 60),
    "long": (long, 16),
}


async def measure(name: str, count: int | None) -> list[str]:
    """One trial; what was wrong."""
    trial, usual = TRIALS[name]
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        made = Trial(name, server)
        watching = asyncio.create_task(server.watch())
        try:
            await warm(server.url)
            await made.row("start")
            await trial(made, server.url, count or usual)
        except Exception as error:  # whatever it is, it is a failure, and the rest is measured
            made.wrong.append(f"{type(error).__name__}: {error}")
        watching.cancel()
        if server.process.poll() is not None:
            made.wrong.append(f"the server died ({server.process.returncode})")
        log = server.log.read_text(errors="replace")
        if "Traceback" in log:
            made.wrong.append("a traceback in the log: " + log[log.index("Traceback") :][:3000])
    return [f"{name}: {text}" for text in made.wrong]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trials", nargs="+", choices=TRIALS, default=list(TRIALS))
    parser.add_argument("--count", type=int, help="visits, uploads or sessions, if not the usual")
    options = parser.parse_args()
    print("| trial | when | MB | since the start | peak | sessions | results | their MB |")
    print("|---|---|---:|---:|---:|---:|---:|---:|", flush=True)
    begun, wrong = time.monotonic(), []
    for name in options.trials:
        wrong += asyncio.run(measure(name, options.count))
    print(f"\n{(time.monotonic() - begun) / 60:.0f} minutes", file=sys.stderr)
    for text in wrong:
        print(f"- {text}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
