"""What is inside a cell: each function returns optical density to add, pure.

`depth` everywhere is the distance to the cell's own border (px), float32; it
keeps organelles off the membrane. None of them is membrane in the labels.
"""

import numpy as np

from snnlab.data.synthetic import fields
from snnlab.data.synthetic.profiles import Packing, outside
from snnlab.data.synthetic.tissue import Tissue


def mitochondria(
    rng: np.random.Generator,
    depth: np.ndarray,
    owner: np.ndarray,
    packing: Packing,
    tissue: Tissue,
) -> tuple[np.ndarray, np.ndarray]:
    """Mitochondria: dark matrix, double membrane, cristae; moulded to the cell's outline.

    Returns
    -------
    density, things : numpy.ndarray
        float32 and int32, the shape of `depth`; things are numbered from 1, 0 = none.
    """
    shape = depth.shape
    density = np.zeros(shape, np.float32)
    things = np.zeros(shape, np.int32)
    wave = 1.7 * fields.smooth(rng, shape, 22.0) + 0.8 * fields.smooth(rng, shape, 8.0)
    gaps = fields.smooth(rng, shape, 6.0)
    outline = fields.smooth(rng, shape, 16.0)
    # many throws for each that lands: most places are too near a membrane
    throws = fields.scatter(rng, shape, 40 * tissue.mitochondria)
    wanted = rng.poisson(tissue.mitochondria * depth.size / 512**2)
    for at in throws:
        if wanted <= 0:
            break
        room = float(depth[tuple(at.astype(int))])
        minor = tissue.mitochondrion_radius * np.exp(0.4 * rng.standard_normal())
        long = rng.uniform(1.05, tissue.mitochondrion_long)
        nearest = np.hypot(packing.y - at[0], packing.x - at[1]).argmin()
        angle = packing.angle[nearest] + 0.3 * rng.standard_normal()
        crista = angle + rng.choice([0.0, np.pi / 2]) + 0.4 * rng.standard_normal()
        dark = tissue.matrix * rng.uniform(0.4, 0.7)
        contrast = tissue.cristae * rng.uniform(0.15, 0.5)
        curl = rng.uniform(0.8, 2.2)
        if room < 0.7 * minor + 3:
            continue
        box = fields.window(shape, at, minor * long + 14)
        if (things[box] > 0).mean() > 0.02:
            continue
        y = np.arange(box[0].start, box[0].stop, dtype=np.float32)[:, None] - np.float32(at[0])
        x = np.arange(box[1].start, box[1].stop, dtype=np.float32)[None, :] - np.float32(at[1])
        away = outside(y, x, minor * long, minor, angle) + 2.0 * outline[box]
        own = owner[box] == owner[tuple(at.astype(int))]
        away = np.maximum(away, np.where(own, 6 - depth[box], 6 + depth[box]))
        across = -x * np.float32(np.sin(crista)) + y * np.float32(np.cos(crista))
        wavenumber = 2 * np.pi / (tissue.crista * rng.uniform(0.85, 1.25))
        stripes = np.sin(across * np.float32(wavenumber) + curl * wave[box])
        stripes = np.clip(1.3 * stripes, -0.8, 1) * np.clip(0.8 + 0.7 * gaps[box], 0, 1.5)
        body = 1 / (1 + np.exp(np.clip(away / 0.9, -30, 30)))
        core = 1 / (1 + np.exp(np.clip((away + 5.5) / 0.9, -30, 30)))
        membranes = np.exp(-0.5 * ((away + 1.2) / 1.1) ** 2)
        membranes += 0.6 * np.exp(-0.5 * ((away + 5.5) / 1.2) ** 2)
        density[box] += body * (dark + 0.08 * gaps[box]) + core * contrast * stripes
        density[box] += np.float32(tissue.rim) * membranes
        things[box][(away < 0) & (things[box] == 0)] = things.max() + 1
        wanted -= 1
    return density, things


def particles(
    rng: np.random.Generator, depth: np.ndarray, free: np.ndarray, tissue: Tissue
) -> np.ndarray:
    """Cross-cut microtubules, clear and dense-core vesicles, ribosome-like grains."""
    shape = depth.shape
    density = np.zeros(shape, np.float32)
    # each kind has its own places of plenty, so cells differ in what they hold
    kinds = (
        (tissue.microtubules, 6.0, (2.0, 3.0), 0.9, (0.25, 0.75), 0.0),
        (tissue.vesicles, 8.0, (4.0, 6.5), 1.1, (0.2, 0.6), 0.0),
        (tissue.dense_cores, 11.0, (4.0, 6.5), 1.2, (0.3, 0.7), 0.8),
        (tissue.granules, 4.0, (0.0, 1.0), 1.2, (0.1, 0.5), 0.0),
    )
    for rate, margin, radii, wall, densities, filled in kinds:
        plenty = fields.smooth(rng, shape, 70.0)
        at = fields.scatter(rng, shape, 3 * rate)
        cell = at.astype(int)
        where = (cell[:, 0], cell[:, 1])
        chance = np.clip(np.exp(1.1 * plenty[where] - 0.3) / 3, 0, 1)
        keep = (rng.random(len(at)) < chance) & (depth[where] > margin) & free[where]
        radius = rng.uniform(*radii, len(at))
        dark = rng.uniform(*densities, len(at))
        fields.ring(density, at[keep], radius[keep], wall, dark[keep], filled)
    return density


def synapses(
    rng: np.random.Generator, depth: np.ndarray, owner: np.ndarray, free: np.ndarray, tissue: Tissue
) -> np.ndarray:
    """T-bar synapses at membranes of larger profiles, with their cloud of vesicles."""
    shape = depth.shape
    density = np.zeros(shape, np.float32)
    # a T-bar stands 4 to 8 px (25 nm) inside the membrane
    at = fields.scatter(rng, shape, 60 * tissue.clusters)
    cell = at.astype(int)
    close = depth[cell[:, 0], cell[:, 1]]
    rows, columns = np.clip(cell + 24, 0, np.array(shape) - 1).T
    deep = depth[rows, columns] > 10
    same = owner[rows, columns] == owner[cell[:, 0], cell[:, 1]]
    at = at[(close > 4) & (close < 8) & deep & same]
    for point in at[: rng.poisson(tissue.clusters * depth.size / 512**2)]:
        angle = rng.uniform(0, np.pi)
        fields.blob(density, point, (5.0, 3.2), angle, rng.uniform(0.5, 1.0))
        fields.blob(density, point, (14.0, 10.0), angle, rng.uniform(0.2, 0.45))
        cloud = point + rng.normal(0, 26.0, (rng.integers(12, 45), 2))
        inner = np.clip(cloud.astype(int), 0, np.array(shape) - 1)
        where = (inner[:, 0], inner[:, 1])
        own = owner[where] == owner[tuple(point.astype(int))]
        keep = own & (depth[where] > 8) & free[where]
        radius = rng.uniform(3.6, 5.4, len(cloud))
        dark = rng.uniform(0.15, 0.4, len(cloud))
        fields.ring(density, cloud[keep], radius[keep], 1.1, dark[keep], 0.25)
    return density


def reticulum(
    rng: np.random.Generator, depth: np.ndarray, free: np.ndarray, tissue: Tissue
) -> np.ndarray:
    """Fragments of endoplasmic reticulum: level lines of smooth noise, where other noise is high.

    Dividing by the slope makes the lines equally wide everywhere.
    """
    shape = depth.shape
    level = fields.smooth(rng, shape, 22.0) + 0.4 * fields.smooth(rng, shape, 9.0)
    slope_y, slope_x = np.gradient(level)
    slope = np.sqrt(slope_y**2 + slope_x**2) + np.float32(0.02)
    line = np.exp(-0.5 * (level / slope / np.float32(1.2)) ** 2)
    where = np.clip(2.5 * fields.smooth(rng, shape, 17.0) - 2.4, 0, 1)
    inside = np.clip((depth - 8) / 4, 0, 1) * free
    return np.float32(tissue.reticulum) * line * where * inside


def bundles(
    rng: np.random.Generator,
    depth: np.ndarray,
    owner: np.ndarray,
    packing: Packing,
    free: np.ndarray,
    tissue: Tissue,
) -> np.ndarray:
    """Microtubules cut lengthwise: streaks along the axis of a share of the cells."""
    shape = depth.shape
    count = len(packing.cell)
    chosen = rng.random(count) < tissue.bundles
    angle = packing.angle.astype(np.float32)
    # a section that is mostly one large cell must not become one large grating
    strength = np.where(chosen, rng.uniform(0.08, 0.22, count), 0).astype(np.float32)[owner]
    bend = 9.0 * fields.smooth(rng, shape, 60.0) + 1.0 * fields.smooth(rng, shape, 18.0)
    y = np.arange(shape[0], dtype=np.float32)[:, None]
    x = np.arange(shape[1], dtype=np.float32)[None, :]
    across = y * np.cos(angle)[owner] - x * np.sin(angle)[owner] + bend
    table = rng.standard_normal(509).astype(np.float32)
    at = across / np.float32(2.6)
    low = np.floor(at).astype(np.int32)
    part = at - low
    lines = table[low % 509] * (1 - part) + table[(low + 1) % 509] * part
    patches = np.clip(0.4 + fields.smooth(rng, shape, 20.0), 0, 1.5)
    return strength * np.maximum(lines, 0) * patches * np.clip((depth - 5) / 5, 0, 1) * free
