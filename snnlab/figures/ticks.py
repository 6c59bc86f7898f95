"""Ticks of a logarithmic axis that are there and can be read, however little it spans."""

import math
from collections.abc import Iterable

from snnlab.figures.numbers import short

FEWEST, MOST = 3, 8
ROOM = 1.15  # beyond the smallest and the largest value
# from one to ten, ever closer
_PARTS = (1, 2, 5, 10)
_DIGITS = ((1,), (1, 2, 5), *(tuple(n / of for n in range(of, 10 * of)) for of in _PARTS))


def logarithmic(values: Iterable[float | None]) -> dict:
    """What a Plotly axis needs: its type, range, ticks and their texts.

    Parameters
    ----------
    values : iterable of float or None
        All that is drawn; what is not above 0 has no place on the axis.
    """
    shown = [value for value in values if value is not None and value > 0]
    if not shown:
        return {"type": "log"}
    low, high = min(shown) / ROOM, max(shown) * ROOM
    powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    ticks: list[float] = []
    for digits in _DIGITS:
        ticks = [digit * 10.0**power for power in powers for digit in digits]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) >= FEWEST:
            break
    ticks = ticks[:: -(-len(ticks) // MOST)]
    return {
        "type": "log",
        "range": [math.log10(low), math.log10(high)],
        "tickvals": ticks,
        "ticktext": [short(tick) for tick in ticks],
        "minor": {"showgrid": False},
    }
