"""The lab answers only to its own names, whoever asks and by whatever way."""

import asyncio
import http.client
import logging
import os
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from snnlab.ui.shared import classroom, hosts
from tools.served import Server

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "streamlit",
}
EVIL = "evil.example"
LAB = "lab.example.org"  # named by whoever started the server
OURS = ("localhost", "localhost:8501", "LOCALHOST.:80", "127.0.0.1:1", "[::1]", "[0:0::1]:8501")
OTHERS = (
    EVIL,
    f"{EVIL}:8501",
    "localhost.evil.example",
    "notlocalhost",
    "127.0.0.1.evil.example",
    "127.0.0.2",
    "0.0.0.0",
    "localhost@evil.example",
    "evil.example#localhost",
    "localhost:99999",
    "localhost:x",
    "::1",
    "",
)


@pytest.mark.parametrize("host", OURS)
def test_this_computer_is_known_at_any_port(host):
    assert hosts.answers(hosts.of_host(host), hosts.allowed(""))
    assert hosts.answers(hosts.of_origin(f"http://{host}"), hosts.allowed(""))


@pytest.mark.parametrize("host", OTHERS)
def test_anybody_else_is_not(host):
    assert not hosts.answers(hosts.of_host(host), hosts.allowed(""))
    assert not hosts.answers(hosts.of_origin(f"https://{host}"), hosts.allowed(""))


@pytest.mark.parametrize("origin", ["null", "file://", "localhost", "about:blank", ""])
def test_an_origin_that_names_no_host_is_nobody(origin):
    assert not hosts.answers(hosts.of_origin(origin), hosts.allowed(""))


def test_more_are_named_as_people_write_them(caplog):
    said = "lab.example.org, https://Other.example:444/ 10.0.0.7:80,[fe80::1] fe80::2 *.uni.example"
    with caplog.at_level(logging.WARNING):
        names = hosts.allowed(f"{said} http:/nonsense")
    assert "'http:/nonsense' names no host" in caplog.text
    for name in ("localhost", "lab.example.org", "other.example", "10.0.0.7", "fe80::1", "fe80::2"):
        assert hosts.answers(name, names)
    assert hosts.answers("a.uni.example", names)
    assert not hosts.answers("uni.example", names)
    assert not hosts.answers("xuni.example", names)
    assert hosts.answers(None, hosts.allowed("*"))


def through(kind: str, *headers: tuple[str, str]) -> list[dict]:
    """What comes out of the middleware for a request with these headers."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "passed"})

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "headers": [(n.encode(), v.encode()) for n, v in headers]}
    with ThreadPoolExecutor(1) as aside:
        answer = hosts.KnownHosts(app, hosts.allowed(""))(scope, None, send)
        aside.submit(asyncio.run, answer).result()
    return sent


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_every_host_and_origin_must_be_known(kind):
    here = ("host", "localhost:1")
    assert through(kind, here) == [{"type": "passed"}]
    assert through(kind, here, ("Origin", "http://127.0.0.1:2")) == [{"type": "passed"}]
    for refused in (
        [],
        [("host", EVIL)],
        [here, ("host", EVIL)],
        [here, ("origin", f"http://{EVIL}")],
        [("Host", EVIL), ("Origin", "http://localhost")],
    ):
        first = through(kind, *refused)[0]
        assert first["type"] in ("http.response.start", "websocket.close")
        assert first.get("status", hosts.REFUSED) == hosts.REFUSED


def test_a_class_adds_this_computers_own_addresses_and_nothing_else(monkeypatch):
    monkeypatch.delenv(hosts.VARIABLE, raising=False)
    monkeypatch.setattr(classroom.invitation, "addresses", lambda: ("192.168.1.7",))
    monkeypatch.setattr(classroom, "_hosts", None)
    for said, names in (("", ()), ("no", ()), ("yes", ("192.168.1.7",))):
        monkeypatch.setenv(classroom.VARIABLE, said)
        (guard,) = hosts.middleware(classroom.hosts())
        assert guard.cls is hosts.KnownHosts and guard.kwargs["names"] == (*hosts.HERE, *names)
    for host in ("192.168.1.8", EVIL, "192.168.1.7.evil.example", "0.0.0.0"):
        assert not hosts.answers(hosts.of_host(host), guard.kwargs["names"])
    assert hosts.answers(hosts.of_host("192.168.1.7:8501"), guard.kwargs["names"])


# ---- the server as it is started --------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    log = tmp_path_factory.mktemp("hosts") / "app.log"
    with Server(log, environment=os.environ | {hosts.VARIABLE: LAB}) as made:
        yield made


def status(server, path: str, headers: dict[str, str]) -> tuple[int, bytes, dict]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.putrequest("GET", path, skip_host=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = b"" if answer.status == 101 else answer.read()
    connection.close()
    return answer.status, body, {k.lower(): v for k, v in answer.getheaders()}


def test_the_server_refuses_pages_of_another_site(server):
    for path in ("/", "/train", "/_stcore/health", "/_stcore/host-config", "/app/static/x"):
        code, body, headers = status(server, path, {"Host": EVIL})
        assert (code, body.decode()) == (hosts.REFUSED, hosts.TEXT), path
        assert headers["x-content-type-options"] == "nosniff"
    assert status(server, "/", {"Host": "localhost:1"})[0] == 200
    assert status(server, "/", {"Host": "[::1]:1"})[0] == 200
    assert status(server, "/", {"Host": LAB, "Origin": f"https://{LAB}"})[0] == 200
    assert status(server, "/", {"Host": "localhost", "Origin": f"http://{EVIL}"})[0] == 403


@pytest.mark.parametrize(
    ("host", "origin", "code"),
    [
        ("localhost:8501", "http://localhost:8501", 101),
        ("[::1]:8501", "http://[::1]:8501", 101),
        (LAB, f"https://{LAB}", 101),
        ("localhost", None, 101),  # no browser
        (EVIL, f"http://{EVIL}", 403),
        ("localhost:8501", f"http://{EVIL}", 403),
        ("127.0.0.1", "null", 403),
        (EVIL, None, 403),
    ],
)
def test_the_server_lets_nobody_else_drive_the_lab(server, host, origin, code):
    headers = {"Host": host} | HANDSHAKE | ({"Origin": origin} if origin else {})
    assert status(server, "/_stcore/stream", headers)[0] == code


def test_a_request_without_any_host_is_refused(server):
    with socket.create_connection(("127.0.0.1", server.port), 20) as line:
        line.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert b" 403 " in line.recv(4096).split(b"\r\n")[0]
