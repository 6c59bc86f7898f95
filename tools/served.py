"""The lab in a process of its own, for the pictures, the benchmarks and the browser tests."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# so that Chromium asks nobody but the lab
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 60  # seconds


class Server:
    """A Streamlit script on a free port; ready once it is made.

    Parameters
    ----------
    log : pathlib.Path
        File for what it prints.
    script : str
        The lab, if not given.
    environment : dict of str to str, optional
        This process's, if not given.

    Raises
    ------
    RuntimeError
        If it does not answer within a minute; with what it printed.
    """

    def __init__(self, log: Path, script: str = "serve.py", environment=None):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url, self.log = f"http://127.0.0.1:{self.port}", log
        command = [
            *(sys.executable, "-m", "streamlit", "run", script),
            *("--server.address", "127.0.0.1", "--server.port", str(self.port)),
            *("--server.headless", "true"),
        ]
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=file, stderr=subprocess.STDOUT
            )
        self._wait()

    def _wait(self) -> None:
        until = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.25)
        self.stop()
        raise RuntimeError(f"the app did not start: {self.log.read_text()}")

    def stop(self) -> None:
        """End it, by force if it does not obey."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.stop()


def chromium() -> str:
    """Path of the system's Chromium; ends the script where there is none."""
    return shutil.which("chromium") or sys.exit("no Chromium here: apt-get install chromium")
