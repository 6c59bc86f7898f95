"""Pictures and figures of cells: coloured over the image, and how large they are."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from snnlab.figures import palette, style, ticks

# of cells side by side: told apart without red-green vision, as far as twelve colours can be
FILLS = np.array(
    [(68, 119, 170), (238, 153, 51), (17, 136, 119), (204, 102, 170), (136, 204, 238),
     (170, 119, 34), (102, 68, 153), (153, 204, 68), (187, 68, 68), (68, 187, 187),
     (221, 204, 119), (119, 119, 187)], np.float32,
)  # fmt: skip
SPLIT, MERGED, CHOSEN = (255, 140, 40), (60, 150, 255), (255, 226, 60)
RIM = 0.4  # by how much the rim of a cell is stronger than its inside
WIDE = 1100  # pixels of a picture's longer side, about: a screen's


def painted(
    image: np.ndarray,
    cells: np.ndarray,
    alike: np.ndarray,
    opacity: float,
    marked: Mapping[tuple[int, int, int], Sequence[int]] | None = None,
) -> np.ndarray:
    """Cells in colour over the image.

    Parameters
    ----------
    image : numpy.ndarray
        ``(height, width)``, grey, 0..1.
    cells : numpy.ndarray of int
        Same shape; 0 is none.
    alike : numpy.ndarray of int
        By number of a cell, what its colour goes by.
    opacity : float
        Of the colours, 0..1.
    marked : mapping of colour to numbers, optional
        Cells with a broad rim of that colour; the last one is on top.

    Returns
    -------
    numpy.ndarray of uint8
        ``(height, width, 3)``, enlarged or reduced to a screen's pixels.
    """
    grey, numbers = _fitted(image), _fitted(cells)
    made = np.repeat(np.clip(grey, 0, 1).astype(np.float32)[..., None] * 255, 3, axis=2)
    rim = _rim(numbers)
    strength = np.where(rim, min(1.0, opacity + RIM * (opacity > 0)), opacity)
    strength = np.where(numbers > 0, strength, 0).astype(np.float32)[..., None]
    # neighbours are met one after the other, and are to differ
    colours = FILLS[(alike * 5) % len(FILLS)]
    made = made * (1 - strength) + colours[numbers] * strength
    broad = max(2, round(max(numbers.shape) / 350))
    for colour, which in (marked or {}).items():
        wide = 2 * broad if colour == CHOSEN else broad
        made[_rim(np.where(np.isin(numbers, list(which)), numbers, 0), wide)] = colour
    return np.rint(made).astype(np.uint8)


def _fitted(values: np.ndarray) -> np.ndarray:
    """Whole multiples or parts of the pixels, for a screen."""
    longest = max(values.shape)
    if longest > WIDE * 2:
        each = -(-longest // (WIDE * 2))
        return values[::each, ::each]
    times = max(1, round(WIDE / longest))
    return values.repeat(times, axis=0).repeat(times, axis=1)


def _rim(numbers: np.ndarray, wide: int = 1) -> np.ndarray:
    """Pixels of a cell that lie so near to another one's, or to none."""
    found = np.zeros(numbers.shape, bool)
    for axis in (0, 1):
        for by in range(1, wide + 1):
            here = [slice(None)] * 2
            there = [slice(None)] * 2
            here[axis], there[axis] = slice(by, None), slice(None, -by)
            apart = numbers[tuple(here)] != numbers[tuple(there)]
            found[tuple(here)] |= apart
            found[tuple(there)] |= apart
    return found & (numbers > 0)


def sizes(areas: Mapping[str, np.ndarray], unit: str) -> go.Figure:
    """How many cells have which area, on a logarithmic axis.

    Parameters
    ----------
    areas : mapping
        By network, ``"ANN"`` and ``"SNN"``.
    unit : str
        Of the areas.
    """
    figure = style.new(260, legend=True)
    every = np.concatenate([*areas.values()])
    low, high = (every.min(), every.max()) if len(every) else (1, 10)
    edges = np.geomspace(low, max(high, 1.1 * low) * 1.0001, 21)
    colours = {"ANN": palette.ANN, "SNN": palette.SNN}
    middles = np.sqrt(edges[1:] * edges[:-1])
    for name, values in areas.items():
        counts, _ = np.histogram(values, edges)
        figure.add_scatter(
            x=middles, y=counts, name=name, mode="lines",
            line={"color": colours[name], "shape": "hvh", "width": 2},
            fill="tozeroy" if name == "SNN" else None,
            fillcolor=palette.faded(colours[name], 0.25),
            hovertemplate="%{y} cells of about %{x:.3s} " + unit,
        )  # fmt: skip
    figure.update_xaxes(**ticks.logarithmic(edges), title_text=f"Area of a cell ({unit})")
    figure.update_yaxes(title_text="Cells", rangemode="tozero")
    return figure
