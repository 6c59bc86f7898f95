"""How familiar an image is to a net: whether it is like what it was trained on.

A net answers whatever it is shown, and its probabilities do not say when they are worth nothing.
Its activations do: on tissue of another kind, another pixel size or another polarity, a layer's
channels are more, or less, varied than they were on the training sections. So of each channel the
standard deviation over a window of `WINDOW` pixels a side is looked at, and how far it lies from
those of the training sections' windows:

    z = (s - mean) / (spread + `SOFT` times the median spread)
    distance = root mean square of z over all channels, each ``|z|`` no more than `CAP`

Told is the distance of the median window, in units of the 95th percentile that windows have of
sections of the same kind which the net was *not* trained on. So 1 is the end of what is usual. (On
its training sections a net is more even than on any others: by their distances, section 15 of a
volume would be unusual to a net that saw 0 to 14.) Where there are no such sections, each training
section is held against the others. A net that was trained on several kinds of tissue knows each by
itself, and the nearest counts: the spread over all of them together would let nearly anything in.

A Mahalanobis distance, which knows how channels go together, was tried: it called the very
sections that a net was not trained on, of the same volume, foreign.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from snnlab.images.tiles import Slices, Tile
from snnlab.nets.architecture import Layer

WINDOW = 256  # pixels a side
LEAST = 0.5  # of a window's pixels that are tissue, if it is to be looked at
CAP = 10.0
SOFT = 0.05
USUAL, UNUSUAL = 1.0, 1.3  # where what is familiar ends, and what is unusual
AT = (50, 90, 95, 99, 100)  # percentiles of known windows' distances that a card keeps
LIMIT = "95"  # the one that is told as 1
UNKNOWN = "not known"


@dataclass(frozen=True)
class Familiarity:
    """What is told of an image.

    Attributes
    ----------
    word : str
        ``"familiar"``, ``"unusual"``, ``"foreign"``.
    value : float
        1 is the end of what is usual; the larger, the less familiar.
    """

    word: str
    value: float


def told(value: float) -> Familiarity:
    """The value with its word."""
    word = "familiar" if value <= USUAL else "unusual" if value <= UNUSUAL else "foreign"
    return Familiarity(word, float(value))


# ---- what a net makes of an image, window by window ---------------------------------


class Windows:
    """Gathers each window's statistics while the net runs; what is padded or fill is left out.

    Windows lie side by side from the upper left corner. Those with too little tissue are left
    out, unless there is none with more: then the one with most of it is taken.

    Parameters
    ----------
    shape : tuple of int
        ``(height, width)`` of the image before it was padded.
    tissue : numpy.ndarray or None
        bool, of that shape; None: all of it is.
    """

    def __init__(self, shape: tuple[int, int], tissue: np.ndarray | None = None):
        self.shape, self.tissue = shape, tissue
        counts = {
            (top, left): self._pixels(top, left)
            for top in range(0, shape[0], WINDOW)
            for left in range(0, shape[1], WINDOW)
        }
        enough = {at: n for at, n in counts.items() if n >= LEAST * WINDOW**2}
        most = max(counts, key=counts.__getitem__)
        self.pixels = enough or ({most: counts[most]} if counts[most] else {})
        self._found: dict[tuple[int, int], dict[str, np.ndarray]] = {at: {} for at in self.pixels}

    def _box(self, top: int, left: int) -> Slices:
        height, width = self.shape
        return (
            slice(top, min(top + WINDOW, height)),
            slice(left, min(left + WINDOW, width)),
        )

    def _pixels(self, top: int, left: int) -> int:
        rows, columns = self._box(top, left)
        if self.tissue is None:
            return (rows.stop - rows.start) * (columns.stop - columns.start)
        return int(np.count_nonzero(self.tissue[rows, columns]))

    def add(self, tile: Tile, layer: Layer, values: np.ndarray) -> None:
        """Take a layer's activations; the readout's are not looked at.

        Parameters
        ----------
        tile : Tile
            Of the padded image; its core begins and ends where windows do, or at the border.
        values : numpy.ndarray
            float32 ``(channels, height, width)``, of the whole tile.
        """
        if layer.activation == "linear":
            return
        rows, columns = tile.outer
        coarse = (rows.stop - rows.start) // values.shape[1]  # pixels that a value stands for
        for top, left in self.pixels:
            if all(part.start <= at < part.stop for part, at in zip(tile.target, (top, left),
                                                                    strict=True)):  # fmt: skip
                box = self._box(top, left)
                inside = tuple(
                    slice((part.start - whole.start) // coarse,
                          max((part.stop - whole.start) // coarse,
                              (part.start - whole.start) // coarse + 1))
                    for part, whole in zip(box, tile.outer, strict=True)
                )  # fmt: skip
                seen = values[:, *inside]
                self._found[top, left][layer.name] = _spread(seen, self._mask(box, seen, coarse))

    def _mask(self, box: Slices, seen: np.ndarray, coarse: int) -> np.ndarray | None:
        """Which of a window's values stand for tissue alone; None: all, or as good as none."""
        if self.tissue is None or self.tissue[box].all():
            return None
        height, width = seen.shape[1:]
        part = self.tissue[box][: height * coarse, : width * coarse]
        if part.shape != (height * coarse, width * coarse):  # thinner than one value
            return None
        mask = part.reshape(height, coarse, width, coarse).all((1, 3))
        return mask if mask.any() else None

    def rows(self, layers: Sequence[Layer]) -> np.ndarray:
        """float64 ``(windows, channels of all populations)``: each channel's deviation."""
        names = [layer.name for layer in layers if layer.activation != "linear"]
        made = [np.concatenate([found[name] for name in names]) for found in self._found.values()]
        channels = sum(layer.channels for layer in layers if layer.activation != "linear")
        return np.stack(made) if made else np.zeros((0, channels))


def _spread(values: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """Standard deviation of each channel."""
    if mask is not None:
        return values[:, mask].std(1, dtype=np.float64)
    size = values.shape[1] * values.shape[2]
    mean = np.einsum("chw->ch", values).sum(1, dtype=np.float64) / size
    square = np.einsum("chw,chw->ch", values, values).sum(1, dtype=np.float64) / size
    return np.sqrt(np.maximum(square - mean**2, 0))


# ---- what it made of the training sections --------------------------------------------


@dataclass(frozen=True)
class Known:
    """Statistics of the windows of known sections.

    Attributes
    ----------
    of : str
        Which sections.
    held_against : str
        Whose windows the distances are of: of other sections, or ``"each other"``.
    windows : int
        How many there were.
    pixels : int
        Of a window, in the median.
    mean, spread : numpy.ndarray
        float64 ``(channels of all populations,)``, in the order of the layers.
    distances : dict of str to float
        Of known windows, at the percentiles `AT`.
    """

    of: str
    held_against: str
    windows: int
    pixels: int
    mean: np.ndarray
    spread: np.ndarray
    distances: dict[str, float]

    @cached_property
    def _scale(self) -> np.ndarray:
        return _softened(self.spread)

    def familiarity(self, seen: Windows, layers: Sequence[Layer]) -> Familiarity | None:
        """How familiar an image is; None if it has no tissue."""
        rows = seen.rows(layers)
        if not len(rows):
            return None
        pixels = np.array(list(seen.pixels.values()))
        # of fewer pixels a deviation strays further
        wider = np.sqrt(np.maximum(self.pixels / pixels, 1))
        far = distance((rows - self.mean) / wider[:, None], self._scale)
        return told(float(np.median(far)) / self.distances[LIMIT])

    def on_card(self, layers: Sequence[Layer]) -> dict:
        """As a card keeps it, to four digits."""
        ends = np.cumsum([layer.channels for layer in _populations(layers)])[:-1]
        names = [layer.name for layer in _populations(layers)]

        def by_layer(values: np.ndarray) -> dict[str, list[float]]:
            parts = np.split(values, ends)
            return {
                name: [_short(value) for value in part]
                for name, part in zip(names, parts, strict=True)
            }

        return {
            "of": self.of,
            "held_against": self.held_against,
            "window": WINDOW,
            "windows": self.windows,
            "pixels": self.pixels,
            "distances": {at: _short(value) for at, value in self.distances.items()},
            "mean": by_layer(self.mean),
            "spread": by_layer(self.spread),
        }


@dataclass(frozen=True)
class Kinds:
    """What a net knows of each kind of tissue that it was trained on; there is one at least."""

    each: tuple[Known, ...]

    def familiarity(self, seen: Windows, layers: Sequence[Layer]) -> Familiarity | None:
        """How familiar an image is, as the kind that it is most like; None if it has no tissue."""
        found = [known.familiarity(seen, layers) for known in self.each]
        return None if None in found else min(found, key=lambda one: one.value)

    def on_card(self, layers: Sequence[Layer]) -> dict:
        """As a card keeps it: the first kind, and the others beside it."""
        first, *others = (known.on_card(layers) for known in self.each)
        return first | ({"others": others} if others else {})


def from_card(card: dict, layers: Sequence[Layer]) -> Kinds | None:
    """What a card says; None if it says nothing, or of another net."""
    kept = card.get("familiarity")
    if not isinstance(kept, dict):
        return None
    each = [_known(one, layers) for one in (kept, *kept.get("others", ()))]
    return None if None in each else Kinds(tuple(each))


def _known(kept: dict, layers: Sequence[Layer]) -> Known | None:
    if kept.get("window") != WINDOW:
        return None
    sizes = {layer.name: layer.channels for layer in _populations(layers)}
    parts = {}
    for key in ("mean", "spread"):
        if {name: len(values) for name, values in kept[key].items()} != sizes:
            return None
        parts[key] = np.array([value for name in sizes for value in kept[key][name]], float)
    told = (kept[key] for key in ("of", "held_against", "windows", "pixels"))
    return Known(*told, **parts, distances=kept["distances"])


@dataclass(frozen=True)
class Rows:
    """Windows of several sections.

    Attributes
    ----------
    values : numpy.ndarray
        As `Windows.rows`.
    sections : numpy.ndarray
        int ``(windows,)``: of which section each is.
    pixels : numpy.ndarray
        int ``(windows,)``: how many of a window are tissue.
    called : str
        What the sections are.
    """

    values: np.ndarray
    sections: np.ndarray
    pixels: np.ndarray
    called: str


def known(seen: Rows, apart: Rows | None = None) -> Known | None:
    """Statistics of known windows.

    Parameters
    ----------
    seen : Rows
        Of the sections that the net was trained on.
    apart : Rows, optional
        Of others of the same kind.

    Returns
    -------
    Known or None
        None of a single section without others: there is nothing to hold it against.
    """
    rows, far = seen.values, []
    if apart is not None and len(apart.values):
        far = [distance(apart.values - rows.mean(0), _softened(rows.std(0)))]
    elif len(names := np.unique(seen.sections)) > 1:
        for name in names:
            here = seen.sections == name
            others = rows[~here]
            far.append(distance(rows[here] - others.mean(0), _softened(others.std(0))))
    percentiles = np.percentile(np.concatenate(far), AT) if far else np.zeros(len(AT))
    # nor of a net that is silent, or of sections that are all the same
    if not percentiles[AT.index(int(LIMIT))] > 1e-3:
        return None
    return Known(
        seen.called,
        apart.called if apart is not None and len(apart.values) else "each other",
        len(rows),
        int(np.median(seen.pixels)),
        rows.mean(0),
        rows.std(0),
        {str(at): float(value) for at, value in zip(AT, percentiles, strict=True)},
    )


def distance(apart: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Root mean square of capped z, ``(windows,)``; of differences ``(windows, channels)``."""
    z = np.minimum(np.abs(apart) / scale, CAP)
    return np.sqrt(np.mean(z**2, axis=1))


def _softened(spread: np.ndarray) -> np.ndarray:
    return np.maximum(spread + SOFT * np.median(spread), 1e-9)


def _populations(layers: Sequence[Layer]) -> list[Layer]:
    return [layer for layer in layers if layer.activation != "linear"]


def _short(value: float) -> float:
    return float(f"{value:.4g}") if math.isfinite(value) else 0.0
