"""What is no Dask scheduler is refused within seconds: nobody, or somebody else."""

import contextlib
import socket
import threading
import time

import pytest

from snnlab.commands import cli
from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.studies.volume import running
from snnlab.work import scheduler
from tests.clusters import local_cluster

SAMPLE = "assets/samples/1-synthetic-256.png"
COMMANDS = {
    "sweep": ["sweep", "--percentiles", "99", "--upper", "300", "--timesteps", "4"],
    "volume": ["volume", SAMPLE, "out.ome.zarr"],
    "train": ["train", "--models", "relu,phantom", "--steps", "2"],
}


@contextlib.contextmanager
def listening(says: bytes = b"", holds: bool = True):
    """A server of another kind: what it says to whoever comes, and whether it hangs up then."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        kept = []

        def serve():
            with contextlib.suppress(OSError):
                while True:
                    one, _ = door.accept()
                    one.sendall(says)
                    if holds:
                        kept.append(one)
                    else:
                        one.close()

        threading.Thread(target=serve, daemon=True).start()
        yield f"tcp://127.0.0.1:{door.getsockname()[1]}"
        for one in kept:
            one.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(scheduler, "SECONDS", 1.0)
    monkeypatch.setattr(scheduler, "AGAIN", 0.3)


@pytest.mark.parametrize(
    "address",
    ["nonsense", "", "nonsense://x:1", "tcp://", "tcp://:", "tcp://localhost", "tcp://localhost:0",
     "tcp://localhost:99999", "tcp://localhost:port", "tcp://a:b:1", "://", "inproc://1/2",
     "tcp://[::1", "tcp://two words:1", "tcp://a:1/b", "tcp://a:1\n"],
)  # fmt: skip
def test_what_is_no_address(address):
    begun = time.monotonic()
    with pytest.raises(LabError, match="it is not an address"):
        scheduler.check(address)
    assert time.monotonic() - begun < 0.5


@pytest.mark.parametrize("address", ["tcp://no-such-host.invalid:8786", f"tcp://{'a' * 70}:1"])
def test_what_is_no_host(address, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(scheduler.socket, "getaddrinfo", unknown)
    with pytest.raises(LabError, match="there is no host"):
        scheduler.check(address)


def test_a_name_server_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(scheduler.socket, "getaddrinfo", lambda *_, **__: time.sleep(30))
    begun = time.monotonic()
    with pytest.raises(LabError, match="there is no host somewhere"):
        scheduler.check("tcp://somewhere:8786")
    assert time.monotonic() - begun < 10


def test_nobody_listens():
    with socket.socket() as bound:  # a port that is taken, and on which nobody listens
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(LabError, match="nothing listens there"):
            scheduler.check(f"tcp://127.0.0.1:{bound.getsockname()[1]}")


def test_one_that_starts_meanwhile_is_waited_for(monkeypatch):
    monkeypatch.setattr(scheduler, "AGAIN", 20)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        threading.Timer(0.3, bound.listen).start()
        with pytest.raises(LabError, match="does not answer"):  # that is, it was found
            scheduler.check(f"tcp://127.0.0.1:{bound.getsockname()[1]}")


@pytest.mark.parametrize(
    ("says", "holds", "said"),
    [
        (b"", True, "what is there does not answer"),
        (b"", False, "something else listens there"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", True, "something else listens there"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", False, "something else listens there"),
        (bytes(8), True, "something else listens there"),
        ((1 << 40).to_bytes(8, "little") + bytes(99), True, "something else listens there"),
        ((9).to_bytes(8, "little") + bytes(99), True, "something else listens there"),
    ],
)
def test_something_else_listens(says, holds, said):
    with listening(says, holds) as address, pytest.raises(LabError, match=said):
        scheduler.check(address)


def test_encrypted_without_certificates():
    with pytest.raises(LabError, match="names no certificates for TLS"):
        scheduler.check("tls://127.0.0.1:1")


def test_a_schedulers_other_ports(tmp_path, monkeypatch):
    monkeypatch.setattr(scheduler, "SECONDS", 30.0)
    with local_cluster(tmp_path, workers=1) as cluster:
        scheduler.check(cluster.scheduler_address)
        scheduler.check(cluster.scheduler_address.removeprefix("tcp://"))
        (nanny,) = cluster.workers.values()
        with pytest.raises(LabError, match="a Dask worker listens there"):
            scheduler.check(nanny.worker_address)
        with pytest.raises(LabError, match="a Dask nanny listens there"):
            scheduler.check(nanny.address)


@pytest.mark.parametrize("address", ["nonsense", "tcp://127.0.0.1:1"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_so_before_anything_else(
    capsys, tmp_path, monkeypatch, command, address
):
    def begun(*_, **__):
        raise AssertionError("something was read before")

    monkeypatch.setattr(lab, "model", begun)
    monkeypatch.setattr(running, "open_source", begun)
    words = [*COMMANDS[command], "--scheduler", address, "--quiet"]
    if command == "train":
        words += ["--out", str(tmp_path / "out")]
    assert cli.main(words) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(f"snnlab: error: no Dask scheduler answers at {address} (")
    assert err.count("\n") == 1 and not (tmp_path / "out").exists()
