"""What the browser asks of the viewer's server, checked: it may send anything."""

from dataclasses import dataclass
from typing import Any

from snnlab.ui.shared.chosen import Place


@dataclass(frozen=True)
class Question:
    """What the browser asks.

    Attributes
    ----------
    serial : int
        Comes back with the answer.
    want : str
        ``places`` (only take note), ``column``, ``activation``, ``region``, ``map``,
        ``rand`` or ``learned``.
    places : tuple of tuple of int
        Pixels chosen, none to two.
    box : tuple of int or None
        Of a region: ``(top, left, height, width)``.
    layer : str or None
    channel : int or None
    """

    serial: int
    want: str
    places: tuple[Place, ...] = ()
    box: tuple[int, int, int, int] | None = None
    layer: str | None = None
    channel: int | None = None


def read(asked: Any, shape: tuple[int, int]) -> Question | None:
    """Check what came from the browser; None for nonsense."""
    try:
        places = tuple((_whole(r), _whole(c)) for r, c in asked.get("places") or ())[:2]
        if any(not (0 <= r < shape[0] and 0 <= c < shape[1]) for r, c in places):
            return None
        box, layer, channel = asked.get("box"), asked.get("layer"), asked.get("channel")
        return Question(
            _whole(asked["serial"]),
            str(asked["want"]),
            places,
            None if box is None else tuple(_whole(value) for value in _four(box)),
            None if layer is None else str(layer),
            None if channel is None else _whole(channel),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _four(values) -> tuple:
    if len(values) != 4:
        raise ValueError("a box is four numbers")
    return tuple(values)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**9:
        raise TypeError("a whole number is needed")
    return value
