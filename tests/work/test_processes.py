"""Worker processes that share the cores, and that nobody else can talk to."""

import os
import signal
import ssl
import urllib.error
import urllib.request

import psutil
import pytest

from snnlab.errors import LabError
from snnlab.work import parallel, private, processes, scheduler


def who(progress, cancel):
    return os.getpid(), {name: os.environ.get(name) for name in processes.THREADS}


def listeners() -> set[tuple[str, int]]:
    """Where this process and its children listen."""
    here = psutil.Process()
    return {
        (one.laddr.ip, one.laddr.port)
        for process in (here, *here.children(recursive=True))
        for one in process.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN
    }


def test_they_are_other_processes_with_a_share_of_the_cores(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("TF_NUM_INTRAOP_THREADS", raising=False)
    monkeypatch.setattr(parallel, "threads_here", lambda: 6)
    found = {}
    with processes.workers(2) as address:
        parallel.run([parallel.Task(who, ()) for _ in range(2)], found.__setitem__, address)
    for pid, environment in found.values():
        assert pid != os.getpid()
        assert environment["OMP_NUM_THREADS"] == "7"
        assert environment["TF_NUM_INTRAOP_THREADS"] == "3"


def test_nobody_else_can_talk_to_them(monkeypatch):
    """Not in the clear, not with another certificate, and there are no pages."""
    from distributed import Client

    monkeypatch.setattr(scheduler, "SECONDS", 5.0)
    before = listeners()
    with processes.workers(1) as place:
        assert place.address.startswith("tls://127.0.0.1:")
        new = listeners() - before
        assert new and {host for host, _ in new} == {"127.0.0.1"}
        plain = place.address.replace("tls://", "tcp://")
        with pytest.raises(LabError, match="no Dask scheduler answers"):
            scheduler.check(plain)
        with pytest.raises(LabError, match="names no certificates"):
            scheduler.check(place.address)
        for security in (private.security(), None):
            with pytest.raises((OSError, TypeError, RuntimeError)):
                Client(place.address, security=security, timeout=3, set_as_default=False)
        for _, port in new:
            for page in ("", "info/main/workers.html", "json/counts.json", "metrics", "status"):
                with pytest.raises((urllib.error.URLError, OSError, ValueError)):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=3)
        found = {}
        parallel.run([parallel.Task(who, ())], found.__setitem__, place)  # as before
        assert found


def test_the_certificate_is_valid_for_a_clock_that_is_set_back():
    from cryptography import x509

    made = private.security()
    shown = x509.load_pem_x509_certificate(made.tls_ca_file.encode())
    length = shown.not_valid_after_utc - shown.not_valid_before_utc
    assert length == private.BEFORE + private.AFTER and private.BEFORE.days >= 1
    context = made.get_connection_args("scheduler")["ssl_context"]
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert made.tls_client_key != private.security().tls_client_key


def killed_once(folder, progress, cancel):
    """Is killed where it is done first."""
    mark = os.path.join(folder, "killed")
    if not os.path.exists(mark):
        with open(mark, "w"):
            pass
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def test_one_that_is_killed_is_started_anew_and_let_in(tmp_path):
    found = {}
    with processes.workers(1) as place:
        task = parallel.Task(killed_once, (str(tmp_path),))
        parallel.run([task], found.__setitem__, place)
    assert found[0] != os.getpid() and (tmp_path / "killed").exists()


def test_no_room_for_temporary_files_is_a_sentence(monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(processes.tempfile, "TemporaryDirectory", full)
    refused = pytest.raises(LabError, match=r"\(no space left on device\); make room")
    with refused, processes.workers(1):
        pass
