"""Addresses of this computer, and the QR code that leads to one."""

import io
import re
import socket
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import segno
from PIL import Image

from snnlab.lab.classroom import invitation

ADDRESS = invitation.join("192.168.10.17", 8501, "KXQ4M7")


def test_addresses_are_those_that_others_reach(monkeypatch):
    def one(address, family=socket.AF_INET):
        return SimpleNamespace(family=family, address=address)

    monkeypatch.setattr(
        psutil,
        "net_if_addrs",
        lambda: {
            "lo": [one("127.0.0.1"), one("127.0.0.2")],
            "eth0": [one("10.1.2.3"), one("fe80::1%eth0", socket.AF_INET6)],
            "wlan0": [one("192.168.10.17"), one("169.254.3.4")],
            "down0": [one("10.9.9.9")],
        },
    )
    up = {name: SimpleNamespace(isup=name != "down0") for name in psutil.net_if_addrs()}
    monkeypatch.setattr(psutil, "net_if_stats", lambda: up)
    monkeypatch.setattr(invitation, "_usual", lambda: "192.168.10.17")
    assert invitation.addresses() == ("192.168.10.17", "10.1.2.3")
    monkeypatch.setattr(invitation, "_usual", lambda: None)
    assert invitation.addresses() == ("10.1.2.3", "192.168.10.17")


def test_this_computers_own_are_no_loopback():
    found = invitation.addresses()
    assert not [one for one in found if one.startswith(("127.", "169.254."))]
    assert len(set(found)) == len(found)


def modules(text: str) -> np.ndarray:
    """The code without its quiet zone, True where it is dark."""
    rows = segno.make(text, error="m", micro=False).matrix_iter(border=0)
    return np.array([list(row) for row in rows], bool)


def test_the_picture_is_the_code_black_on_white():
    image = np.asarray(Image.open(io.BytesIO(invitation.picture(ADDRESS))).convert("L"))
    assert set(np.unique(image)) == {0, 255}
    seen = image[4::8, 4::8] == 0
    quiet = invitation.QUIET
    assert not seen[:quiet].any() and not seen[:, -quiet:].any()
    np.testing.assert_array_equal(seen[quiet:-quiet, quiet:-quiet], modules(ADDRESS))


def test_the_terminals_drawing_is_the_same_code():
    quiet, rows = invitation.QUIET, []
    for line in invitation.drawn(ADDRESS).splitlines():
        found = re.fullmatch("\x1b\\[38;5;16;48;5;231m([ ▄▀█]+)\x1b\\[0m", line)
        rows.append([letter in "▀█" for letter in found[1]])
        rows.append([letter in "▄█" for letter in found[1]])
    seen, code = np.array(rows), modules(ADDRESS)
    side = len(code)
    np.testing.assert_array_equal(seen[quiet : quiet + side, quiet : quiet + side], code)
    assert seen.sum() == code.sum()  # white all around


@pytest.mark.parametrize("corner", [(0, 0), (0, -7), (-7, 0)])
def test_a_reader_finds_its_corners(corner):
    """The three finder patterns of ISO/IEC 18004: 1 : 1 : 3 : 1 : 1."""
    row, column = corner
    line = modules(ADDRESS)[row + 3 if row >= 0 else row + 3, :]
    part = line[column:][:7] if column < 0 else line[:7]
    assert part.tolist() == [True, False, True, True, True, False, True]
