"""Digits that the lab draws itself, so that classifiers have something to see.

Each digit is a few strokes: polylines in a box of 1 x 1. They are bent, turned, slanted, scaled,
shifted, drawn with a pen of some width, and noise is laid over them. As in MNIST the pen is bright
on a dark ground; but these are no handwriting, and a net that reads them need not read any.
"""

from collections.abc import Sequence

import numpy as np

from snnlab.data.examples import Examples
from snnlab.errors import LabError

CLASSES = tuple("0123456789")
SIDE = 20  # pixels, of the shipped net's images
SMALLEST, LARGEST = 12, 256  # of a side: below, strokes run into each other
COUNT = 4096  # images at once, at most
_ROUND = 13  # points of an arc


def _arc(x: float, y: float, across: float, down: float, first: float, last: float) -> np.ndarray:
    """Points of an ellipse from one angle to another; 0 degrees is right, 90 is down."""
    angles = np.deg2rad(np.linspace(first, last, _ROUND))
    return np.stack([x + across * np.cos(angles), y + down * np.sin(angles)], axis=1)


def _line(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, float)


# of each digit one or more ways to write it; of each way one or more strokes, as (x, y)
_WAYS: tuple[tuple[tuple[np.ndarray, ...], ...], ...] = (
    ((_arc(0.5, 0.5, 0.27, 0.42, 0, 360),),),
    (
        (_line((0.36, 0.26), (0.54, 0.08), (0.54, 0.92)),),
        (_line((0.5, 0.08), (0.5, 0.92)),),
    ),
    ((np.vstack([_arc(0.5, 0.32, 0.26, 0.24, 190, 390), _line((0.24, 0.91), (0.78, 0.91))]),),),
    (
        (
            np.vstack(
                [_arc(0.46, 0.29, 0.25, 0.21, 200, 450), _arc(0.46, 0.7, 0.29, 0.21, 270, 520)]
            ),
        ),
    ),
    (
        (_line((0.6, 0.92), (0.6, 0.08), (0.2, 0.64), (0.82, 0.64)),),
        (_line((0.3, 0.1), (0.26, 0.55), (0.76, 0.55)), _line((0.68, 0.2), (0.64, 0.92))),
    ),
    (
        (
            np.vstack(
                [_line((0.74, 0.09), (0.32, 0.09), (0.29, 0.45)),
                 _arc(0.47, 0.66, 0.27, 0.25, 235, 510)]
            ),
        ),
    ),
    (
        (
            np.vstack(
                [_line((0.66, 0.08), (0.42, 0.3)), _arc(0.5, 0.67, 0.25, 0.24, 205, 565)]
            ),
        ),
    ),
    (
        (_line((0.22, 0.1), (0.78, 0.1), (0.42, 0.92)),),
        (_line((0.22, 0.1), (0.78, 0.1), (0.42, 0.92)), _line((0.38, 0.5), (0.72, 0.5))),
    ),
    ((_arc(0.5, 0.29, 0.2, 0.2, 90, 450), _arc(0.5, 0.7, 0.25, 0.22, 270, 630)),),
    (
        (
            np.vstack(
                [_arc(0.49, 0.33, 0.24, 0.24, 25, 385), _line((0.68, 0.5), (0.6, 0.92))]
            ),
        ),
    ),
)  # fmt: skip


def drawn(count: int, shape: Sequence[int] = (SIDE, SIDE, 1), seed: int = 0) -> Examples:
    """Draw digits, each class as often as the others: images 0..1, labels 0..9.

    Parameters
    ----------
    count : int
    shape : sequence of int
        ``(height, width, channels)`` of an image; channels are alike.
    seed : int
        The same one draws the same digits.

    Raises
    ------
    LabError
        If the images are too small for digits, or too large.
    """
    height, width, channels = shape
    if min(height, width) < SMALLEST or max(height, width) > LARGEST:
        raise LabError(
            f"digits are drawn with {SMALLEST} to {LARGEST} pixels per side, and the net takes"
            f" {height} x {width}; give images of your own."
        )
    if not 1 <= count <= COUNT:
        raise LabError(f"1 to {COUNT} digits can be drawn at once; ask for a number in that range.")
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(count) % len(CLASSES))
    images = np.stack([_digit(int(label), height, width, random) for label in labels])
    images = np.repeat(images[..., None].astype(np.float32), channels, axis=3)
    return Examples(images, labels, CLASSES)


def _digit(label: int, height: int, width: int, random: np.random.Generator) -> np.ndarray:
    ways = _WAYS[label]
    strokes = ways[random.integers(len(ways))]
    side = min(height, width)
    turn = np.deg2rad(random.uniform(-17, 17))
    slant, size = random.uniform(-0.25, 0.25), side * random.uniform(0.6, 0.88)
    bend = np.array([[1, slant], [0, 1]]) @ np.diag([random.uniform(0.8, 1.15), 1])
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    centre = np.array([width, height]) / 2 + random.uniform(-0.07, 0.07, 2) * side
    wave = random.normal(0, 0.025, (2, 2))
    pen = side * random.uniform(0.035, 0.07)  # half its width
    rows, columns = np.mgrid[:height, :width] + 0.5
    nearest = np.full((height, width), np.inf)
    for stroke in strokes:
        points = stroke - 0.5
        points = points + np.sin(2 * np.pi * points[:, ::-1]) @ wave
        points = size * points @ (turned @ bend).T + centre
        for start, end in zip(points[:-1], points[1:], strict=True):
            nearest = np.minimum(nearest, _distance(columns, rows, start, end))
    # from the middle of a pixel to the edge of the line: half of a pixel there is ink
    ink = np.clip(pen - nearest + 0.5, 0, 1) * random.uniform(0.5, 1)
    ground = random.uniform(0, 0.15)
    noisy = ground + (1 - ground) * ink + random.normal(0, random.uniform(0.02, 0.25), ink.shape)
    return np.clip(noisy, 0, 1)


def _distance(x, y, start, end) -> np.ndarray:
    """Of points from a line between two others."""
    along = end - start
    share = (x - start[0]) * along[0] + (y - start[1]) * along[1]
    share = np.clip(share / max(float(along @ along), 1e-9), 0, 1)
    return np.hypot(x - start[0] - share * along[0], y - start[1] - share * along[1])
