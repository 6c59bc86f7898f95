"""How a class finds the laptop: its addresses on the network, and the QR code that holds one."""

import io
import ipaddress
import socket

import psutil

# nothing is sent there: asked for the way to it, the system says which of its addresses it would
# use (RFC 5737 keeps it for documents)
_FAR = "192.0.2.1", 9
QUIET = 4  # modules of white around a code, which readers need
_HALVES = " ▄▀█"  # nothing, below, above, both
_BLACK_ON_WHITE, _USUAL = "\033[38;5;16;48;5;231m", "\033[0m"


def addresses() -> tuple[str, ...]:
    """The computer's own IPv4 addresses on networks, the one that most reach first.

    Those that only the computer itself reaches, or that it gave itself for want of a network, are
    left out.
    """
    up = {name for name, about in psutil.net_if_stats().items() if about.isup}
    found = []
    for name, given in psutil.net_if_addrs().items():
        for one in given:
            if one.family == socket.AF_INET and name in up:
                address = ipaddress.ip_address(one.address)
                if not (address.is_loopback or address.is_link_local):
                    found.append(str(address))
    first = _usual()
    return tuple(sorted(dict.fromkeys(found), key=lambda address: address != first))


def _usual() -> str | None:
    """The address that goes with the way to other networks; None without such a way."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.connect(_FAR)
            return line.getsockname()[0]
    except OSError:
        return None


def join(address: str, port: int, code: str) -> str:
    """Where a student joins, the code in it."""
    return f"http://{address}:{port}/?class={code}"


def board(port: int, token: str) -> str:
    """Where the teacher finds the board, on this computer."""
    return f"http://localhost:{port}/?board={token}"


def picture(text: str) -> bytes:
    """A QR code as PNG: black on white, whatever the page's colours are."""
    file = io.BytesIO()
    _code(text).save(file, kind="png", scale=8, border=QUIET)
    return file.getvalue()


def drawn(text: str) -> str:
    """A QR code for a terminal: two rows a line, black on white, whatever its colours are."""
    rows = [list(row) for row in _code(text).matrix_iter(border=QUIET)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    lines = (
        "".join(_HALVES[2 * above + below] for above, below in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    )
    return "\n".join(f"{_BLACK_ON_WHITE}{line}{_USUAL}" for line in lines)


def _code(text: str):
    import segno  # a class alone needs it

    return segno.make(text, error="m", micro=False)
