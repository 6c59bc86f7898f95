"""A way to the server that can be cut: a small TCP proxy."""

import contextlib
import socket
import struct
import threading
import time

SIZE = 1 << 16


class Proxy:
    """Passes on what comes, until it is told to drop everything for a while.

    Parameters
    ----------
    port : int
        Of the server, on 127.0.0.1.
    """

    def __init__(self, port: int):
        self._port, self._open, self._until = port, set(), 0.0
        self._guard = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def drop(self, seconds: float = 1.0) -> int:
        """Break every connection, and take none for so long; how many were broken."""
        self._until = time.monotonic() + seconds
        with self._guard:
            broken, self._open = list(self._open), set()
        for one in broken:
            _break(one)
        time.sleep(seconds)
        return len(broken) // 2

    def close(self) -> None:
        """Break everything for good."""
        self._door.close()
        self.drop(0)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.close()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            if time.monotonic() < self._until:
                _break(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                _break(near)
                continue
            with self._guard:
                self._open |= {near, far}
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(SIZE):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        with self._guard:
            self._open -= {one}


def _break(one: socket.socket) -> None:
    """Close as a network that is gone does: with a reset, not with a good-bye."""
    with contextlib.suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RDWR)
    one.close()
