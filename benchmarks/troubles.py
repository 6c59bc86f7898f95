"""What goes wrong around a lab that runs for hours, made to happen.

A network between visitors and server that can be cut (`Network`), a file system of its own that can
be filled (`Disk`), and worker processes that are killed in the middle of their work (`Workers`).
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
PIECE = 1 << 16  # bytes


class Network:
    """Passes bytes between visitors and the server, until it is cut.

    Parameters
    ----------
    port : int
        Of the server, on this computer.
    """

    def __init__(self, port: int):
        self._to, self._open = port, set()
        self._whole = asyncio.Event()
        self._whole.set()
        self.port = 0

    async def start(self) -> None:
        """Listen on a free port."""
        server = await asyncio.start_server(self._passed, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def cut(self, seconds: float) -> int:
        """Drop all connections, and let nobody in for a while; how many there were."""
        self._whole.clear()
        lost = list(self._open)
        for writer in lost:
            writer.transport.abort()
        await asyncio.sleep(seconds)
        self._whole.set()
        return len(lost) // 2

    async def _passed(self, reader, writer) -> None:
        if not self._whole.is_set():
            writer.transport.abort()
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, there[1]}
        self._open |= ends
        try:
            await asyncio.gather(self._pump(reader, there[1]), self._pump(there[0], writer))
        except asyncio.CancelledError:
            pass  # the soak is over
        finally:
            self._open -= ends

    @staticmethod
    async def _pump(reader, writer) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(PIECE):
                writer.write(data)
                await writer.drain()
        with contextlib.suppress(OSError, RuntimeError):
            writer.close()


class Disk:
    """A small file system for what the lab keeps; filled and freed.

    Where this user may mount one it is a tmpfs. Elsewhere it is a folder, and *full* means that the
    system lets the server write no byte to any file, which is harder on it.

    Parameters
    ----------
    folder : path
    megabytes : int
    """

    def __init__(self, folder: Path, megabytes: int):
        self.folder, self._server = folder, 0
        folder.mkdir(parents=True, exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(folder)]
        try:
            self._mounted = subprocess.run(mount, capture_output=True).returncode == 0
        except OSError:
            self._mounted = False
        self.kind = f"a tmpfs of {megabytes} MB" if self._mounted else "a limit on files' sizes"

    def serves(self, pid: int) -> None:
        """Which process writes there."""
        self._server = pid

    def fill(self) -> None:
        """Leave no byte."""
        if not self._mounted:
            resource.prlimit(self._server, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
            return
        with contextlib.suppress(OSError), (self.folder / "full").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(PIECE))

    def free(self) -> None:
        """Make room again."""
        if not self._mounted:
            unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(self._server, resource.RLIMIT_FSIZE, unlimited)
        (self.folder / "full").unlink(missing_ok=True)

    def used(self) -> float:
        """Megabytes in use."""
        found = 0
        for path in self.folder.rglob("*"):
            with contextlib.suppress(OSError):
                found += path.stat().st_size
        return found / 1e6

    def remove(self) -> None:
        """Unmount it."""
        if self._mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True)
            self._mounted = False


class Workers:
    """Sweeps on worker processes of this machine, one after the other, in a process of their own.

    Parameters
    ----------
    environment : dict of str to str
    log : path
        For what they print.
    """

    def __init__(self, environment: dict[str, str], log: Path):
        command = [sys.executable, "-m", "benchmarks.troubles"]
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=file, text=True
            )
        os.set_blocking(self._process.stdout.fileno(), False)

    def told(self) -> list[dict]:
        """What has become of sweeps since it was last asked."""
        found = []
        while line := self._process.stdout.readline():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return found

    def alive(self) -> bool:
        """Whether the process that gives work to the workers still runs."""
        return self._process.poll() is None

    def kill_one(self, chance: random.Random) -> bool:
        """Kill a worker without a word; False if there is none just now."""
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(self._process.pid).children(recursive=True)
            workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
            if workers:
                os.kill(chance.choice(workers).pid, signal.SIGKILL)
                return True
        return False

    def stop(self) -> None:
        """End them all."""
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(self._process.pid).children(recursive=True)
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(20)
            for child in children:
                with contextlib.suppress(psutil.Error):
                    child.kill()
        if self._process.poll() is None:
            self._process.kill()


def sweeps(pause: float) -> None:
    """Sweep over part after part of a sample, for ever; a line of JSON on each."""
    from dataclasses import replace

    from snnlab.errors import LabError
    from snnlab.lab import segmenting as lab
    from snnlab.lab import sweeping
    from snnlab.work import processes

    chance = random.Random(0)
    with processes.workers(2) as address:
        while True:
            whole, side = lab.sample(1), 128
            top, left = (chance.randrange(512 - side) for _ in range(2))
            part = slice(top, top + side), slice(left, left + side)
            picture = replace(
                whole, pixels=whole.pixels[part], labels=whole.labels[part],
                sha256=f"part {chance.random()}",
            )  # fmt: skip
            base = lab.defaults(chance.choice(("regularised", "relu")))
            grid = sweeping.Grid(base, (99.0, 99.9), (300.0, 900.0), (8, 32))
            begun, wrong, told = time.monotonic(), "", ""
            try:
                rows = sweeping.run(grid, (picture,), address).rows
                if len(rows) != 8:
                    wrong = f"{len(rows)} rows, not 8"
            except LabError as error:
                told = str(error)
            except Exception as error:  # whatever it is, it is counted
                wrong = f"{type(error).__name__}: {error}"
            about = {"seconds": time.monotonic() - begun, "wrong": wrong, "told": told}
            print(json.dumps(about), flush=True)
            time.sleep(pause)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=sweeps.__doc__)
    parser.add_argument("--pause", type=float, default=20.0)
    sweeps(parser.parse_args().pause)
