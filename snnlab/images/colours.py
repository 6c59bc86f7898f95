"""One number a pixel, of labels that may be colours, a palette or an alpha channel.

Black is 0, as it is membrane; a palette's numbers stay what they are.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.images import patches
from snnlab.images.pixels import LUMINANCE, Stored

STRAIGHT = 0.1  # of the distance of two colours that their blends may lie beside the line


@dataclass(frozen=True, eq=False)
class Numbers:
    """A label file's numbers.

    Attributes
    ----------
    values : numpy.ndarray
        ``(height, width)``.
    zero : int or None
        Which number is membrane, if nothing speaks against it; None: none of them.
    light : numpy.ndarray or None
        Of colours: how light each number is.
    table : numpy.ndarray or None
        Of colours: ``(numbers, 3)``, 0..1.
    transparent : numpy.ndarray or None
        bool, where nothing is labelled.
    notes : tuple of str
    """

    values: np.ndarray
    zero: int | None = 0
    light: np.ndarray | None = None
    table: np.ndarray | None = None
    transparent: np.ndarray | None = None
    notes: tuple[str, ...] = ()

    @property
    def coloured(self) -> bool:
        """Whether the numbers stand for colours, so that their order means nothing."""
        return self.table is not None

    def called(self, number) -> str:
        """A number in words."""
        if self.table is None:
            return f"{float(number):g}"
        red, green, blue = np.rint(255 * self.table[int(number)]).astype(int)
        return f"the colour #{red:02x}{green:02x}{blue:02x}"

    def grey(self) -> "Numbers | None":
        """If all colours are blends of the two commonest: how much of the lighter one, 0..255."""
        counts = np.bincount(self.values.ravel().astype(np.int64), minlength=len(self.table))
        one, other = self.table[np.argsort(counts)[-2:]]
        dark, bright = sorted((one, other), key=lambda colour: float(colour @ LUMINANCE))
        way = bright - dark
        share = (self.table - dark) @ way / (way @ way)
        beside = np.linalg.norm(self.table - dark - share[:, None] * way, axis=1)
        if (beside * (counts > 0)).max() > STRAIGHT * np.linalg.norm(way):
            return None
        return Numbers(np.rint(255 * np.clip(share, 0, 1)).astype(np.uint8)[self.values])


def numbers_of(stored: Stored) -> Numbers:
    """The numbers that a file holds, or stands for by its colours or by its alpha channel."""
    values, alpha = stored.values, stored.alpha
    if alpha is not None and not _constant(alpha):
        full = alpha == alpha.max()
        if (values[full] == values[full][:1]).all():
            note = "the colours are the same everywhere" if _constant(values) else (
                "all that is not transparent has one colour")  # fmt: skip
            note += ", so that the alpha channel was read as the labels (transparent = membrane)."
            return Numbers(alpha, notes=(note,))
    found = _opaque(stored)
    return found if alpha is None else _without(found, alpha == 0)


def _opaque(stored: Stored) -> Numbers:
    values = stored.values
    if stored.palette is not None:
        table = np.asarray(stored.palette, np.float64)
        ramp = np.rint(255 * table) == np.arange(len(table))[:, None]
        used = np.unique(values)
        if ramp[used].all():
            return Numbers(values, light=table @ LUMINANCE)
        black = used[~table[used].any(1)]
        zero = int(black[0]) if len(black) and 0 not in black else 0
        return Numbers(values, zero, table @ LUMINANCE, table)
    if values.ndim == 2:
        return Numbers(values.astype(np.uint8) if values.dtype == bool else values)
    if (values == values[..., :1]).all():
        return Numbers(values[..., 0])
    colours, numbers = np.unique(values.reshape(-1, 3), axis=0, return_inverse=True)
    numbers = numbers.reshape(values.shape[:2])
    black = not colours[0].any()
    white = float(2**stored.bits - 1) if colours.dtype.kind == "u" else float(colours.max())
    table = colours.astype(np.float64) / white
    if not black:  # so that black keeps the number 0
        numbers, table = numbers + 1, np.r_[np.zeros((1, 3)), table]
    return Numbers(numbers, 0 if black else None, table @ LUMINANCE, table)


def _without(found: Numbers, transparent: np.ndarray) -> Numbers:
    """Transparent pixels are membrane where they lie between all others, else not labelled."""
    if not transparent.any() or transparent.all():
        return found
    seen, places = np.unique(found.values, return_inverse=True)
    places = np.where(transparent, len(seen), places.reshape(transparent.shape))
    if patches.separating(places, len(seen) + 1) != len(seen):
        return Numbers(found.values, found.zero, found.light, found.table, transparent, found.notes)
    hidden = np.unique(found.values[transparent])
    rest = found.values[~transparent]
    note = "what is transparent lies between all others and is taken for membrane."
    if len(hidden) == 1 and hidden[0] not in rest:
        return Numbers(found.values, hidden[0], found.light, found.table, None, (note,))
    # under it lies what occurs elsewhere too: a number of its own
    made = np.where(transparent, 0, places + 1)
    return Numbers(made, notes=(note,))


def _constant(values: np.ndarray) -> bool:
    return bool((values == values[:1, :1]).all())
