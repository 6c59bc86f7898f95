"""What is shown: squares out of sections, turned, bent and exposed otherwise, with their boxes.

A box is drawn around what a thing has become, so it fits however the square was turned. Of a thing
of which the square shows little, nothing is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import ndimage

from snnlab.data.instances import boxes_of
from snnlab.training.batches import Batches
from snnlab.training.detector.targets import targets

SHOWN = 0.25  # share of a thing that is shown, below which nothing is asked of it
FEWEST = 40  # pixels, the same
NEAR = 4  # slices, within which they are near copies of each other


@dataclass(frozen=True)
class Sections:
    """Labelled sections to draw from.

    Attributes
    ----------
    images : sequence of numpy.ndarray
        float32 ``(height, width)``, normalised.
    things : sequence of numpy.ndarray
        Whole numbers, same shape; see `snnlab.data.instances`.
    numbers : sequence of int
        Of the sections in their volume: near copies share what one would be drawn.
    name : str
        For the card.
    """

    images: Sequence[np.ndarray] = field(repr=False)
    things: Sequence[np.ndarray] = field(repr=False)
    numbers: Sequence[int]
    name: str

    @cached_property
    def sizes(self) -> tuple[np.ndarray, ...]:
        """Pixels of each number, by section."""
        return tuple(np.bincount(things.ravel()) for things in self.things)

    def shares(self) -> np.ndarray:
        """How often each is drawn."""
        numbers = np.asarray(self.numbers)
        near = np.abs(numbers[:, None] - numbers[None]) <= NEAR
        weights = 1 / near.sum(1)
        return weights / weights.sum()


@dataclass(frozen=True)
class Drawing:
    """How a square may stray from its section.

    Attributes
    ----------
    side : int
        Of the square, pixels.
    finest, coarsest : float
        Pixels of the section for one of the square, drawn evenly on a logarithmic scale.
    stretch : float
        Largest logarithm of one side's scale against the other's.
    turn : float
        Largest rotation (radians) on top of the quarter turns.
    gamma : float
        Largest logarithm of the exponent of the grey values.
    contrast, brightness : float
        Largest relative gain and offset (0..1 grey), each the same for all of the square, and once
        more from side to side.
    noise : float
        Largest standard deviation of added noise (grey).
    blur : float
        Largest standard deviation of a blur (pixels); as often its edges are added instead.
    often : float
        How often each of noise and blur occurs.
    """

    side: int = 384
    finest: float = 0.7
    coarsest: float = 1.35
    stretch: float = 0.2
    turn: float = 0.35
    gamma: float = 0.35
    contrast: float = 0.25
    brightness: float = 0.08
    noise: float = 0.08
    blur: float = 1.2
    often: float = 0.5


def square(
    sections: Sections, which: int, random: np.random.Generator, drawing: Drawing
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw a square from one of the sections.

    Returns
    -------
    image : numpy.ndarray
        float32 ``(side, side)``, 0..1.
    boxes : numpy.ndarray
        float32 ``(n, 4)``.
    unsure : numpy.ndarray
        float32 ``(m, 4)``: boxes of what is hardly shown.
    """
    side = drawing.side
    image, things = sections.images[which], sections.things[which]
    matrix, first = _placed(image.shape, random, drawing)
    picture, shown = (
        ndimage.affine_transform(values, matrix, first, (side, side), order=order, mode=mode)
        for values, order, mode in ((image, 1, "mirror"), (things, 0, "constant"))
    )
    turns, flip = random.integers(4), random.integers(2)
    picture, shown = np.rot90(picture, turns), np.rot90(shown, turns)
    if flip:
        picture, shown = picture[:, ::-1], shown[:, ::-1]
    boxes, numbers, sizes = boxes_of(np.ascontiguousarray(shown))
    whole = sections.sizes[which][numbers] / abs(np.linalg.det(matrix))
    sure = (sizes >= SHOWN * whole) & (sizes >= FEWEST)
    return exposed(picture, random, drawing), boxes[sure], boxes[~sure]


def _placed(shape, random, drawing) -> tuple[np.ndarray, np.ndarray]:
    """From places in the square to places in the section: a matrix, and where the first one is."""
    low, high = np.log((drawing.finest, drawing.coarsest))
    zoom = np.exp(random.uniform(low, high))
    stretch = np.exp(random.uniform(-drawing.stretch, drawing.stretch) / 2)
    angle = random.uniform(-drawing.turn, drawing.turn)
    sine, cosine = np.sin(angle), np.cos(angle)
    matrix = zoom * np.array([[cosine, -sine], [sine, cosine]]) * [stretch, 1 / stretch]
    half = np.full(2, (drawing.side - 1) / 2)
    # so that all of it lies inside: what is mirrored at a border has no box
    reach = np.abs(matrix) @ half + 1
    middle = np.array(shape) / 2
    centre = random.uniform(np.minimum(reach, middle), np.maximum(shape - reach, middle))
    return matrix, centre - matrix @ half


def exposed(picture: np.ndarray, random: np.random.Generator, drawing: Drawing) -> np.ndarray:
    """Grey values as another preparation or instrument would give them; float32, 0..1."""
    picture = np.clip(picture, 0, 1) ** np.float32(
        np.exp(random.uniform(-drawing.gamma, drawing.gamma))
    )
    if random.random() < drawing.often:
        soft = ndimage.gaussian_filter(picture, random.uniform(0.3, drawing.blur))
        picture = soft if random.random() < drawing.often else 2 * picture - soft
    across = np.linspace(-0.5, 0.5, len(picture), dtype=np.float32)
    gain, offset = (
        random.uniform(-most, most, 3).astype(np.float32)
        for most in (drawing.contrast, drawing.brightness)
    )
    gain, offset = (
        part[0] + part[1] * across[:, None] + part[2] * across for part in (gain, offset)
    )
    picture = (picture - np.float32(0.5)) * (1 + gain) + np.float32(0.5) + offset
    if random.random() < drawing.often:
        noise = random.standard_normal(picture.shape, np.float32)
        picture = picture + np.float32(random.uniform(0, drawing.noise)) * noise
    return np.clip(picture, 0, 1).astype(np.float32)


class DetectorBatches(Batches):
    """Batches of squares and their targets, a few ahead of the training.

    Parameters
    ----------
    sections : Sections
    recipe
        With ``drawing``, ``batch`` and ``seed``.
    anchors : numpy.ndarray
        Of a square.
    first : int
        As of `snnlab.training.batches.Batches`.
    """

    def __init__(self, sections: Sections, recipe, anchors: np.ndarray, first: int = 0):
        self._sections, self._anchors = sections, anchors
        self._shares = sections.shares()
        super().__init__(None, recipe, first)

    def _batch(self):
        recipe = self._recipe
        random = np.random.default_rng((recipe.seed, self._next, 1))
        self._next += 1
        images, kinds, offsets = [], [], []
        for _ in range(recipe.batch):
            which = random.choice(len(self._shares), p=self._shares)
            picture, boxes, unsure = square(self._sections, which, random, recipe.drawing)
            images.append(picture)
            kind, wanted = targets(boxes, unsure, self._anchors)
            kinds.append(kind.astype(np.float32))
            offsets.append(wanted)
        return np.stack(images)[..., None], (np.stack(kinds), np.stack(offsets))
