"""Cell profiles: a packing of ellipses, and the tessellation that grows from it.

Ellipses from large to small are thrown into the section and stay where they
find room. A pixel belongs to the ellipse whose outline is nearest (an
additively weighted Voronoi diagram: borders are curved, large profiles bulge),
with coordinates warped by smooth noise first.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from snnlab.data.synthetic import fields
from snnlab.data.synthetic.tissue import Tissue

_STEP = 4  # pixels between points where room is looked for
_FIT = 0.8  # room that an ellipse needs, in minor radii: a little overlap deforms both


@dataclass(frozen=True)
class Packing:
    """Ellipses of a packing, ``(n,)`` arrays each.

    `y`, `x` (px, against the section's corner), `major`, `minor` (radii, px),
    `angle` (rad), `cell` (index of the cell that the ellipse is part of), `room`
    (a number: the largest distance from any point to an ellipse, px).
    """

    y: np.ndarray
    x: np.ndarray
    major: np.ndarray
    minor: np.ndarray
    angle: np.ndarray
    cell: np.ndarray
    room: float


def pack(rng: np.random.Generator, shape: tuple[int, int], tissue: Tissue) -> Packing:
    """Pack ellipses into a section, and around it so that its edge is not special."""
    margin = int(tissue.largest)
    size = tuple(n + 2 * margin for n in shape)
    grid = tuple(-(-n // _STEP) for n in size)
    gap = np.full(grid, 4 * tissue.largest, np.float32)
    admits = tissue.neuropil * np.exp(
        tissue.neuropil_spread * fields.smooth(rng, grid, tissue.neuropil_scale / _STEP)
    )
    direction = 2.0 * fields.smooth(rng, grid, 1.3 * tissue.neuropil_scale / _STEP)
    elongation = fields.smooth(rng, grid, tissue.neuropil_scale / _STEP)
    found = []
    for radius in np.geomspace(tissue.largest, tissue.smallest, 18):
        tries = int(3.5 * size[0] * size[1] / (np.pi * radius**2)) + 1
        points = rng.random((tries, 2)) * size
        at = (points / _STEP).astype(int)
        r = radius * rng.uniform(0.85, 1.1, tries)
        spread = tissue.stretch * np.exp(0.6 * elongation[at[:, 0], at[:, 1]])
        aspect = np.exp(np.minimum(np.abs(rng.standard_normal(tries)) * spread, 1.4) / 2)
        angle = direction[at[:, 0], at[:, 1]] + 0.5 * rng.standard_normal(tries)
        fits = (gap[at[:, 0], at[:, 1]] > _FIT * r / aspect) & (admits[at[:, 0], at[:, 1]] > r)
        for k in np.flatnonzero(fits):
            ellipse = (*points[k], r[k] * aspect[k], r[k] / aspect[k], angle[k])
            if _has_room(gap, ellipse):
                _occupy(gap, ellipse, tissue.largest)
                found.append(ellipse)
    y, x, major, minor, angle = np.array(found, np.float64).reshape(-1, 5).T
    room = float(max(gap.max(), 0)) + 2 * _STEP
    cell = _merge(rng, y, x, tissue.merge)
    return Packing(y - margin, x - margin, major, minor, angle, cell, room)


def _has_room(gap: np.ndarray, ellipse: tuple[float, ...]) -> bool:
    y, x, major, minor, angle = ellipse
    along = np.array([-0.8, -0.45, 0.0, 0.45, 0.8]) * major
    rows = np.clip((y + along * np.sin(angle)) / _STEP, 0, gap.shape[0] - 1).astype(int)
    columns = np.clip((x + along * np.cos(angle)) / _STEP, 0, gap.shape[1] - 1).astype(int)
    need = _FIT * minor * np.array([0.5, 0.85, 1.0, 0.85, 0.5])
    return bool((gap[rows, columns] > need).all())


def _occupy(gap: np.ndarray, ellipse: tuple[float, ...], reach: float) -> None:
    y, x, major, minor, angle = ellipse
    rows, columns = fields.window(gap.shape, (y / _STEP, x / _STEP), (major + reach) / _STEP)
    dy = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] * _STEP - np.float32(y)
    dx = np.arange(columns.start, columns.stop, dtype=np.float32)[None, :] * _STEP - np.float32(x)
    away = outside(dy, dx, major, minor, angle)
    np.minimum(gap[rows, columns], away, out=gap[rows, columns])


def _merge(rng: np.random.Generator, y: np.ndarray, x: np.ndarray, share: float) -> np.ndarray:
    """Let a share of the ellipses join their nearest neighbour's cell: ``(n,)``."""
    cell = np.arange(len(y))
    if len(y) < 2:
        return cell
    points = np.column_stack((y, x))
    neighbour = cKDTree(points).query(points, k=2)[1][:, 1]
    joined = np.zeros(len(y), bool)
    for k in np.flatnonzero(rng.random(len(y)) < share):
        # one step only: chains of joins would run through half the section
        if cell[neighbour[k]] == neighbour[k] and not joined[k]:
            cell[k] = neighbour[k]
            joined[neighbour[k]] = True
    return cell


def outside(dy, dx, major: float, minor: float, angle: float) -> np.ndarray:
    """Distance to an ellipse (px), negative inside; to first order in the distance."""
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    u = (dx * cos + dy * sin) / np.float32(major)
    v = (dy * cos - dx * sin) / np.float32(minor)
    level = np.sqrt(u * u + v * v) + np.float32(1e-6)
    slope = np.sqrt((u / np.float32(major)) ** 2 + (v / np.float32(minor)) ** 2)
    return level * (level - 1) / (slope + np.float32(1e-6))


def tessellate(
    rng: np.random.Generator, shape: tuple[int, int], packing: Packing, tissue: Tissue
) -> np.ndarray:
    """Give each pixel to the cell whose (warped) outline is nearest.

    Returns
    -------
    numpy.ndarray
        int32, `shape`, indices as in ``packing.cell``.
    """
    shift = np.zeros((2, *shape), np.float32)
    for scale, amplitude in tissue.warp:
        for axis in range(2):
            shift[axis] += np.float32(amplitude) * fields.smooth(rng, shape, scale)
    reach = packing.room + float(np.abs(shift).max()) * 2**0.5
    shift[0] += np.arange(shape[0], dtype=np.float32)[:, None]
    shift[1] += np.arange(shape[1], dtype=np.float32)[None, :]
    nearest = np.full(shape, np.inf, np.float32)
    owner = np.zeros(shape, np.int32)
    for y, x, major, minor, angle, cell in zip(
        packing.y, packing.x, packing.major, packing.minor, packing.angle, packing.cell, strict=True
    ):
        # the box of the ellipse, not of its major radius: elongated ones cost less
        half_y = np.hypot(major * np.sin(angle), minor * np.cos(angle)) + reach
        half_x = np.hypot(major * np.cos(angle), minor * np.sin(angle)) + reach
        rows = fields.window(shape, (y, x), half_y)[0]
        columns = fields.window(shape, (y, x), half_x)[1]
        if rows.start >= rows.stop or columns.start >= columns.stop:
            continue
        dy = shift[0, rows, columns] - np.float32(y)
        dx = shift[1, rows, columns] - np.float32(x)
        away = outside(dy, dx, major, minor, angle)
        closer = away < nearest[rows, columns]
        nearest[rows, columns][closer] = away[closer]
        owner[rows, columns][closer] = cell
    return owner


def borders(owner: np.ndarray) -> np.ndarray:
    """Pixels with another cell among their eight neighbours: bool, same shape."""
    low = ndimage.minimum_filter(owner, 3, mode="nearest")
    high = ndimage.maximum_filter(owner, 3, mode="nearest")
    return low != high


def separate(membrane: np.ndarray, smallest: int) -> np.ndarray:
    """Number the cells that the membrane leaves, each in one piece.

    A cell that the membrane cuts in two becomes two; pieces below `smallest`
    pixels become membrane.

    Returns
    -------
    numpy.ndarray
        int32, same shape, 0 = membrane, 1.. = cells.
    """
    pieces, _ = ndimage.label(~membrane, np.ones((3, 3)))
    area = np.bincount(pieces.ravel())
    keep = area >= smallest
    keep[0] = False
    number = np.where(keep, np.cumsum(keep), 0).astype(np.int32)
    return number[pieces]
