"""Work in pieces, between which it can be told to stop."""

from collections.abc import Callable, Iterator

from snnlab.errors import Cancelled

PIECE = 1 << 19  # pixels; some milliseconds of any kernel here


def heed(cancel: Callable[[], bool] | None) -> None:
    """Stop here if somebody said so.

    Raises
    ------
    Cancelled
    """
    if cancel is not None and cancel():
        raise Cancelled


def pieces(
    count: int, cancel: Callable[[], bool] | None, size: int = PIECE
) -> Iterator[tuple[int, int]]:
    """First and last (exclusive) of each piece of so many things.

    Raises
    ------
    Cancelled
        Before a piece, if ``cancel()`` said so.
    """
    for first in range(0, count, size):
        heed(cancel)
        yield first, min(first + size, count)
