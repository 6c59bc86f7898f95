"""Hours of a lab in which much goes wrong: python -m benchmarks.soak [--minutes 120].

Eight visitors do what people do, on all pages (`benchmarks.visits`): one in a real browser, the
others as what its script would say (`benchmarks.replayed`). Meanwhile connections are cut, worker
processes are killed, and the small file system that the lab keeps things on is filled and freed
(`benchmarks.troubles`). The server is one of its own, on a free port, with caches, models and a
home of its own; nothing else on the machine is touched.

All that happens is written to a log as it happens, a line of JSON each; the same command with the
same ``--log`` goes on where it stopped, and ``--report`` prints the tables of any log: acts (how
often, refused in a sentence, cut off by a lost connection, failed; median and slowest), failures,
tracebacks in the server's log, memory over time. What visitors compute at the moment moves memory
by a gigabyte, so all of them go home after ten minutes, in the middle and at the end, and memory is
compared where nobody is there. Exit code 1 if anything failed, was lost or left a traceback, or if
then more than 100 MB are held than after the first ten minutes. It needs Chromium and the
development tools.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import random
import re
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib import request
from urllib.error import HTTPError

import psutil

from benchmarks.browsing import browse
from benchmarks.replayed import Late, Lost
from benchmarks.troubles import Disk, Network, Workers
from benchmarks.visits import ACTS, Guest, Wrong
from tools import served

ROOT = Path(__file__).resolve().parents[1]
LOOK = 10.0  # seconds between looks at memory
SETTLED = 600.0  # seconds after which memory should not grow any more
GROWTH = 100.0  # MB that it may
TRACEBACK = "Traceback (most recent call last)"
COLOURS = re.compile(r"\x1b\[[0-9;]*m")  # in the server's log, in the middle of it too
LEFT = 180.0  # seconds after the last visitor is gone until memory is looked at again
OWN_MODELS = 3  # in the folder of models, so that the lists hold more than what is shipped


class Log:
    """What happened, on disk at once; what a file already holds is gone on with."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        before = read(path) if path.exists() else []
        self._spent = max((line["at"] for line in before), default=0.0)
        self._begun = time.monotonic()
        self._file = path.open("a", encoding="utf-8")

    @property
    def now(self) -> float:
        """Seconds of the soak so far, interruptions apart."""
        return self._spent + time.monotonic() - self._begun

    def put(self, what: str, **more) -> None:
        """Note something."""
        self._file.write(json.dumps({"at": round(self.now, 2), "what": what} | more) + "\n")
        self._file.flush()


def read(path: Path) -> list[dict]:
    """Lines of a log; one that was cut short is left out."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


# ---- visitors -----------------------------------------------------------------------


async def live(name: str, url: str, seed: int, log: Log) -> None:
    """One visitor, until cancelled."""
    guest = Guest(url, seed)
    acts, weights = list(ACTS), list(ACTS.values())
    await asyncio.sleep(guest.chance.uniform(0, 20))
    while True:
        act = guest.chance.choices(acts, weights)[0]
        begun, outcome, said = time.monotonic(), "done", ""
        try:
            if not guest.visitor.session:
                await guest.visitor.open()
            told = await act(guest)
            guest.check()
            if told:
                outcome, said = "told", told
        except HTTPError as error:
            outcome, said = "failed", f"{error} at {error.url}"
        except (Lost, ConnectionError, OSError, TimeoutError) as error:
            outcome, said = "cut", f"{type(error).__name__}: {error}"
        except (Wrong, Late) as error:
            outcome, said = "failed", f"{type(error).__name__}: {error}"
        except asyncio.CancelledError:
            await guest.visitor.leave()
            raise
        except Exception as error:  # a fault of the visitor's own is one to be seen, too
            outcome, said = "failed", f"{type(error).__name__}: {error}"
        seconds = time.monotonic() - begun
        log.put(
            "act", who=name, act=act.__name__, seconds=seconds, outcome=outcome, said=said[:300]
        )
        if outcome != "done":
            await back(guest, outcome)
        await asyncio.sleep(guest.chance.expovariate(1 / 4))


async def back(guest: Guest, outcome: str) -> None:
    """Come back after what went wrong: as the same visitor, or else as a new one."""
    for wait in (0.5, 2, 5, 15):
        try:
            if outcome == "failed":
                guest.own.clear()
                await guest.visitor.open()
            else:
                await guest.visitor.lose(wait)
            return
        except (Lost, Late, OSError, TimeoutError):
            await asyncio.sleep(wait)
        except Exception:  # the handshake was cut short
            await asyncio.sleep(wait)
    guest.visitor.session = ""


# ---- what goes wrong ------------------------------------------------------------------


async def cut(network: Network, chance: random.Random, log: Log) -> None:
    """The network fails for a moment, for all."""
    while True:
        await asyncio.sleep(chance.uniform(120, 300))
        seconds = chance.choice((0.3, 1, 3))
        log.put("trouble", name="network cut", seconds=seconds, lost=await network.cut(seconds))


async def fill(disk: Disk, chance: random.Random, log: Log) -> None:
    """The disk is full for a while."""
    while True:
        await asyncio.sleep(chance.uniform(150, 400))
        used = disk.used()
        await asyncio.to_thread(disk.fill)
        log.put("trouble", name="disk full", used_mb=used)
        await asyncio.sleep(chance.uniform(20, 60))
        await asyncio.to_thread(disk.free)


async def kill(workers: Workers, chance: random.Random, log: Log) -> None:
    """Workers die; sweeps on them come to their end nevertheless."""
    due = log.now + chance.uniform(45, 90)
    while True:
        await asyncio.sleep(2)
        for told in workers.told():
            outcome = "failed" if told["wrong"] else "told" if told["told"] else "done"
            log.put("act", who="workers", act="sweep on workers", seconds=told["seconds"],
                    outcome=outcome, said=(told["wrong"] or told["told"])[:300])  # fmt: skip
        if log.now >= due and workers.kill_one(chance):
            log.put("trouble", name="worker killed")
            due = log.now + chance.uniform(60, 180)
        if not workers.alive():
            log.put("failure", said="the process that gives work to the workers died")
            return


async def watch(server: served.Server, log: Log) -> None:
    """Memory of the server, and whether it is there."""
    process, errors = psutil.Process(server.process.pid), 0

    def asked() -> float:
        begun = time.monotonic()
        with contextlib.suppress(OSError):
            request.urlopen(f"{server.url}/_stcore/health", timeout=120).read()
        return time.monotonic() - begun

    while True:
        if server.process.poll() is not None:
            log.put("failure", said=f"the server died ({server.process.returncode})")
            return
        memory, threads = process.memory_info().rss / 1e6, process.num_threads()
        text = COLOURS.sub("", server.log.read_text(errors="replace"))
        if (now := text.count(TRACEBACK)) > errors:
            at = text.rindex(TRACEBACK)
            log.put("traceback", count=now - errors, said=text[at : at + 4000])
            errors = now
        answer = await asyncio.to_thread(asked)
        log.put("memory", mb=round(memory, 1), threads=threads, load=os.getloadavg()[0],
                answer=round(answer, 3))  # fmt: skip
        await asyncio.sleep(LOOK)


# ---- all of it ---------------------------------------------------------------------------


def environment(folder: Path, disk: Disk) -> dict[str, str]:
    """A lab's own caches, models and home; compiled kernels may be shared."""
    found = {key: value for key, value in os.environ.items() if key != "SNNLAB_DATA"}
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    models = folder / "models"
    models.mkdir(exist_ok=True)
    for index in range(OWN_MODELS):
        for ending in (".npz", ".json"):
            source = ROOT / "assets" / "models" / f"phantom{ending}"
            shutil.copy(source, models / f"own-{index}{ending}")
    spooled = disk.folder / "tmp"
    spooled.mkdir(exist_ok=True)
    return found | {
        "HOME": str(folder),
        "XDG_CACHE_HOME": cache,
        "SNNLAB_CACHE": str(disk.folder / "cache"),
        "SNNLAB_MODELS": str(models),
        "TMPDIR": str(spooled),
        "PYTHONUNBUFFERED": "1",
    }


def shifts(now: float, end: float) -> list[float]:
    """When all visitors go home: after the first ten minutes, in the middle and at the end.

    Parameters
    ----------
    now, end : float
        Seconds of the soak.
    """
    return [at for at in (SETTLED, (SETTLED + end) / 2) if now < at < end] + [end]


async def settled(pid: int) -> tuple[float, float]:
    """What a server holds once nobody looks at it: when it has stayed so for a minute.

    On a busy machine work that was begun for those who are gone may go on for minutes.

    Returns
    -------
    float, float
        MB, and the seconds that it took, at most `LEFT` and ten minutes.
    """
    process, seen = psutil.Process(pid), []
    begun = time.monotonic()
    await asyncio.sleep(LEFT)
    while True:
        seen = [*seen, process.memory_info().rss / 1e6][-7:]
        waited = time.monotonic() - begun
        if (len(seen) == 7 and max(seen) - min(seen) < 20) or waited > LEFT + 600:
            return seen[-1], round(waited)
        await asyncio.sleep(10)


async def soak(options, folder: Path, log: Log, disk: Disk) -> None:
    """Serve visitors until the time is up."""
    own = environment(folder, disk)
    server_log = options.log.with_suffix(f".server-{int(log.now)}.txt")
    chance = random.Random(options.seed + int(log.now))
    workers = None
    with served.Server(server_log, environment=own) as server:
        disk.serves(server.process.pid)
        network = Network(server.port)
        await network.start()
        url = f"http://127.0.0.1:{network.port}"
        log.put("begin", disk=disk.kind, visitors=options.visitors, seed=options.seed,
                machine=f"{os.cpu_count()} processors, {platform.platform()}")  # fmt: skip
        print(f"{url}, server's log in {server_log}", file=sys.stderr, flush=True)
        tasks = [
            asyncio.create_task(cut(network, chance, log)),
            asyncio.create_task(fill(disk, chance, log)),
            asyncio.create_task(watch(server, log)),
        ]
        try:
            workers = Workers(
                own | {"TMPDIR": str(folder)}, options.log.with_suffix(".workers.txt")
            )
            tasks.append(asyncio.create_task(kill(workers, chance, log)))
            for end in shifts(log.now, 60 * options.minutes):
                visitors = [
                    asyncio.create_task(live(f"visitor {index}", url, chance.randrange(2**32), log))
                    for index in range(1, options.visitors)
                ]
                visitors.append(
                    asyncio.create_task(browse("browser", url, chance.randrange(2**32), log.put))
                )
                tasks += visitors
                while log.now < end and server.process.poll() is None:
                    await asyncio.sleep(1)
                    for task in [task for task in tasks if task.done() and not task.cancelled()]:
                        tasks.remove(task)
                        if error := task.exception():
                            log.put("failure", said=f"{type(error).__name__}: {error}")
                for task in visitors:
                    task.cancel()
                await asyncio.gather(*visitors, return_exceptions=True)
                tasks = [task for task in tasks if task not in visitors]
                if server.process.poll() is None:
                    # what is held now is held by nobody who looks at it
                    held, seconds = await settled(server.process.pid)
                    log.put("left", mb=round(held, 1), seconds=seconds, server=server.process.pid)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            disk.free()
            if workers:
                workers.stop()
    log.put("end")


# ---- the tables ----------------------------------------------------------------------------


def report(lines: list[dict]) -> tuple[str, bool]:
    """What a log tells, in Markdown, and whether all was well."""
    acts = [line for line in lines if line["what"] == "act"]
    table = [
        "| what | times | told in a sentence | cut off | failed | median, s | slowest, s |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for name in sorted({line["act"] for line in acts}):
        of = [line for line in acts if line["act"] == name]
        count = Counter(line["outcome"] for line in of)
        seconds = [line["seconds"] for line in of if line["outcome"] in ("done", "told")] or [0.0]
        table.append(
            f"| {name.replace('_', ' ')} | {len(of)} | {count['told']} | {count['cut']} |"
            f" {count['failed']} | {statistics.median(seconds):.1f} | {max(seconds):.1f} |"
        )
    total = Counter(line["outcome"] for line in acts)
    failed = [line for line in acts if line["outcome"] == "failed"]
    failures = [line for line in lines if line["what"] == "failure"]
    tracebacks = sum(line["count"] for line in lines if line["what"] == "traceback")
    lost = sum("lost:" in line["said"] for line in failed)
    troubles = Counter(line["name"] for line in lines if line["what"] == "trouble")
    memory, well = _memory(lines)
    minutes = max((line["at"] for line in lines), default=0) / 60
    begin = next((line for line in lines if line["what"] == "begin"), {})
    said = [
        f"{minutes:.0f} minutes, {begin.get('visitors', 0)} visitors; {begin.get('disk', '')};"
        f" {', '.join(f'{name} {count} times' for name, count in sorted(troubles.items()))}.",
        f"{len(acts)} acts: {total['done']} done, {total['told']} refused in a sentence,"
        f" {total['cut']} cut off by the network, {total['failed']} failed; {lost} lost;"
        f" {tracebacks} tracebacks in the server's log; {len(failures)} other failures.",
        "",
        *table,
        "",
        *memory,
    ]
    for line in (*failed, *failures):
        said.append(f"- at {line['at'] / 60:.1f} min, {line.get('act', '')}: {line['said']}")
    sentences = Counter(line["said"][:110] for line in acts if line["outcome"] == "told")
    if sentences:
        said += ["", "Sentences:", ""]
        said += [f"- {count} x {text}" for text, count in sentences.most_common(15)]
    return "\n".join(said), well and not (failed or failures or tracebacks)


def _memory(lines: list[dict]) -> tuple[list[str], bool]:
    """Memory over time: a line a tenth of the time; whether it stayed where it was."""
    seen = [(line["at"], line["mb"]) for line in lines if line["what"] == "memory"]
    if not seen:
        return ["No memory was measured."], False
    end, table = seen[-1][0], ["| minutes | memory, MB (median) | largest |", "|---|---:|---:|"]
    step = max(end / 12, 60.0)
    for index in range(int(end // step) + 1):
        part = [mb for at, mb in seen if index * step <= at < (index + 1) * step]
        if part:
            span = f"{index * step / 60:.0f} to {min((index + 1) * step, end) / 60:.0f}"
            table.append(f"| {span} | {statistics.median(part):.0f} | {max(part):.0f} |")
    left = [line for line in lines if line["what"] == "left"]
    for line in left:
        said = f"{line['seconds']:.0f} s after all visitors had gone, at {line['at'] / 60:.0f} min"
        table += ["", f"{said}: {line['mb']:.0f} MB."]
    of_one = [line["mb"] for line in left if line["server"] == left[-1]["server"]]
    if len(of_one) < 2:
        return [*table, "", "Too short to say whether memory grows."], True
    grown = of_one[-1] - of_one[0]
    table += ["", f"From the first time that all had gone to the last: {grown:+.0f} MB."]
    return table, grown <= GROWTH


def main() -> None:
    """Soak, and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--visitors", type=int, default=8, help="the one in the browser included")
    parser.add_argument("--disk", type=int, default=64, metavar="MB", help="of the file system")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, default=Path("runs/soak.jsonl"))
    parser.add_argument("--report", action="store_true", help="only print what the log tells")
    options = parser.parse_args()
    if not options.report:
        served.chromium()
        folder = Path(tempfile.mkdtemp(prefix="snnlab-soak-"))
        disk = Disk(folder / "disk", options.disk)
        # a soak in the background is told to end as one in a terminal is, and leaves nothing behind
        for told in (signal.SIGINT, signal.SIGTERM):
            signal.signal(told, signal.default_int_handler)
        try:
            asyncio.run(soak(options, folder, Log(options.log), disk))
        except KeyboardInterrupt:
            print("stopped; the same command goes on", file=sys.stderr)
        finally:
            disk.remove()
            shutil.rmtree(folder, ignore_errors=True)
    text, well = report(read(options.log))
    print(text)
    sys.exit(not well)


if __name__ == "__main__":
    main()
