"""Synthetic serial-section TEM of neural tissue, with exact ground truth.

Cells are laid out (`profiles`), membranes are drawn and labelled from one
distance map (so the labels are exact), cells are filled (`organelles`), and the
sum of optical densities is exposed: ``grey = I0 exp(-density)``, blur, noise.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.special import ndtri

from snnlab.data.synthetic import fields, organelles, profiles
from snnlab.data.synthetic.tissue import Tissue
from snnlab.errors import LabError

SMALLEST, LARGEST = 32, 4096  # pixels a side, as everywhere in the lab
_PAD = 32  # drawn around the section and cut off: no filter sees an edge
_PIECE = 40  # pixels; smaller pieces of cells drown in their membranes


@dataclass(frozen=True)
class Sample:
    """A section and what is true of it.

    Attributes
    ----------
    image : numpy.ndarray
        float32, ``(height, width)``, raw grey 0..1.
    labels : numpy.ndarray
        bool, same shape, True = cell, False = membrane.
    cells : numpy.ndarray
        int32, same shape, 0 = membrane, 1.. = cells; each cell is one
        8-connected piece, and no two touch.
    things : numpy.ndarray
        int32, same shape, 0 = no mitochondrion; each has a number of its own.
    """

    image: np.ndarray
    labels: np.ndarray
    cells: np.ndarray
    things: np.ndarray


def synthetic(shape: int | tuple[int, int], seed: int, tissue: Tissue | None = None) -> Sample:
    """Make a section of synthetic tissue.

    Parameters
    ----------
    shape : int or (int, int)
        Height and width (px), 32..4096 each.
    seed : int
        Not negative. The same shape, seed and tissue give the same bits.
    tissue : Tissue, optional
        What the tissue is made of.

    Raises
    ------
    LabError
        If the size or the seed is out of range.

    Examples
    --------
    >>> sample = synthetic(64, seed=1)
    >>> sample.image.shape, bool((sample.labels == (sample.cells > 0)).all())
    ((64, 64), True)
    """
    shape = _checked(shape, seed)
    tissue = tissue or Tissue()
    # one stream an ingredient: changing one leaves the others as they were
    layout, border, inside, optics = np.random.default_rng(seed).spawn(4)
    padded = tuple(n + 2 * _PAD for n in shape)
    packing = profiles.pack(layout, padded, tissue)
    owner = profiles.tessellate(layout, padded, packing, tissue)
    edge = profiles.borders(owner)
    depth = ndimage.distance_transform_edt(~edge).astype(np.float32) + np.float32(0.5)
    membrane, lines = membranes(border, depth, edge, owner, tissue)
    cells = profiles.separate(membrane, _PIECE)
    filled, things = cell_contents(inside, depth, owner, packing, tissue)
    image = expose(optics, lines + filled, tissue)
    inner = tuple(slice(_PAD, -_PAD) for _ in shape)
    cells = profiles.separate(cells[inner] == 0, 1)
    image, things = (np.ascontiguousarray(one[inner]) for one in (image, things))
    return Sample(image, cells > 0, cells, things)


def _checked(shape: int | tuple[int, int], seed: int) -> tuple[int, int]:
    sides = (shape, shape) if np.ndim(shape) == 0 else tuple(shape)
    if len(sides) != 2 or not all(SMALLEST <= side <= LARGEST for side in sides):
        raise LabError(
            f"a synthetic section is {SMALLEST} to {LARGEST} pixels high and wide, not {shape};"
            " choose another size."
        )
    if seed < 0:
        raise LabError(f"the seed {seed} is negative; choose 0 or more.")
    return int(sides[0]), int(sides[1])


def membranes(
    rng: np.random.Generator,
    depth: np.ndarray,
    edge: np.ndarray,
    owner: np.ndarray,
    tissue: Tissue,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the membranes, and label them.

    Returns
    -------
    membrane : numpy.ndarray
        bool: the label.
    density : numpy.ndarray
        float32: what the microscope sees of it. Where a membrane is cut
        obliquely the line pales and a grey smear lies on one side.
    """
    shape = depth.shape
    # several borders within a few pixels: a junction, which is thicker
    crowd = ndimage.gaussian_filter(edge.astype(np.float32), 5.0)
    crowd = np.clip((crowd - np.float32(0.2)) / np.float32(0.15), 0, 1)
    half = tissue.width * np.exp(tissue.width_spread * fields.smooth(rng, shape, 26.0))
    half = half + np.float32(tissue.thick) * crowd
    dark, heart = _patches(rng, edge, crowd, tissue)
    membrane = (depth < np.maximum(half, 1.6)) | (heart > 0.5)

    turn = fields.smooth(rng, shape, 75.0) + 0.5 * fields.smooth(rng, shape, 30.0)
    # 1.12 is the standard deviation of the sum above
    oblique = 1 / (1 + np.exp(-5 * (turn / 1.12 - float(ndtri(1 - tissue.oblique)))))
    side = rng.random(int(owner.max()) + 1, np.float32)[owner]
    sigma = np.float32(tissue.line / tissue.width) * half * (1 + np.float32(0.35) * oblique)
    uneven = 1 + 0.22 * fields.smooth(rng, shape, 11.0) + 0.15 * fields.smooth(rng, shape, 4.0)
    line = tissue.line_density * (1 - 0.62 * oblique) * uneven
    line = line * np.exp(-0.5 * (depth / sigma) ** 2)
    smear = tissue.smear_density * oblique * side * np.exp(-depth / np.float32(tissue.smear))
    fuzz = np.clip(1 + 0.3 * fields.smooth(rng, shape, 6.0), 0.3, None)
    return membrane, (line + smear + dark * fuzz).astype(np.float32)


def _patches(rng, edge, crowd, tissue) -> tuple[np.ndarray, np.ndarray]:
    """Dark patches on the borders: their density, and the field whose heart is membrane."""
    dark, heart = np.zeros((2, *edge.shape), np.float32)
    # on borders, and rather at junctions
    chance = np.flatnonzero(edge & (crowd > rng.random(edge.shape, np.float32) - 0.1))
    count = rng.poisson(tissue.patches * edge.size / 512**2)
    if not len(chance) or not count:
        return dark, heart
    for place in rng.choice(chance, count):
        at = np.array(np.unravel_index(place, edge.shape))
        size = tissue.patch_radius * np.exp(0.55 * rng.standard_normal())
        density, angle = rng.uniform(0.25, 1.1), rng.uniform(0, np.pi)
        # three overlapping spots: no patch looks like an ellipse
        for _ in range(3):
            spot = at + rng.normal(0, 0.8 * size, 2)
            radii = size * np.exp(rng.normal(0, 0.3, 2)) * (1.1, 0.7)
            turned = angle + 0.5 * rng.standard_normal()
            fields.blob(heart, spot, tuple(radii), turned, 0.52)
            fields.blob(dark, spot, tuple(1.15 * radii), turned, 0.55 * density)
    rough = 0.22 * fields.smooth(rng, edge.shape, 12.0) + 0.1 * fields.smooth(rng, edge.shape, 5.0)
    return dark, heart * (1 + rough)


def cell_contents(
    rng: np.random.Generator,
    depth: np.ndarray,
    owner: np.ndarray,
    packing: profiles.Packing,
    tissue: Tissue,
) -> tuple[np.ndarray, np.ndarray]:
    """Optical density of cytoplasm and organelles, float32; and the mitochondria, numbered."""
    count = int(owner.max()) + 1
    tone = tissue.cytoplasm * rng.standard_normal(count)
    tone += tissue.dark_density * (rng.random(count) < tissue.dark_cells)
    density = tone.astype(np.float32)[owner]
    grain = np.zeros(depth.shape, np.float32)
    for scale, amount in tissue.grain:
        grain += np.float32(amount) * fields.smooth(rng, depth.shape, scale)
    spread = np.float32(max(sum(amount**2 for _, amount in tissue.grain) ** 0.5, 1e-6))
    # stain adds darkness to clear cytoplasm: more dark grains than bright ones
    density += grain + np.float32(0.3) * (grain**2 / spread - spread)
    bodies, things = organelles.mitochondria(rng, depth, owner, packing, tissue)
    free = ~ndimage.binary_dilation(things > 0, iterations=4)
    density += bodies
    density += organelles.particles(rng, depth, free, tissue)
    density += organelles.synapses(rng, depth, owner, free, tissue)
    density += organelles.reticulum(rng, depth, free, tissue)
    density += organelles.bundles(rng, depth, owner, packing, free, tissue)
    return density, things


def expose(rng: np.random.Generator, density: np.ndarray, tissue: Tissue) -> np.ndarray:
    """Take the picture: focus, shot noise, uneven exposure, specks and holes; grey 0..1."""
    shape = density.shape
    density = density.copy()
    specks = fields.scatter(rng, shape, tissue.specks)
    fields.ring(
        density, specks, rng.uniform(0, 1.5, len(specks)), 1.3, rng.uniform(0.8, 2.5, len(specks))
    )
    for hole in fields.scatter(rng, shape, tissue.holes):
        fields.blob(density, hole, tuple(rng.uniform(2, 6, 2)), 0.0, -rng.uniform(0.4, 1.0))
    light = np.exp(-density)
    light = ndimage.gaussian_filter(light, tissue.focus * rng.uniform(0.85, 1.25))
    grey = tissue.grey + tissue.grey_spread * rng.standard_normal()
    gain = float(tissue.grey * np.exp(0.08 * rng.standard_normal()))
    shot = float(tissue.shot * np.exp(tissue.shot_spread * rng.standard_normal()))
    noise = ndimage.gaussian_filter(rng.standard_normal(shape, np.float32), tissue.shot_blur)
    noise /= np.float32(max(_kept(tissue.shot_blur), 1e-6))
    image = grey + gain * (light - 1) + np.float32(shot) * np.sqrt(light) * noise
    image += np.float32(tissue.shading) * fields.smooth(rng, shape, tissue.shading_scale)
    return np.clip(image, 0, 1).astype(np.float32)


def _kept(sigma: float) -> float:
    """Standard deviation that white noise keeps through the Gaussian filter."""
    impulse = np.zeros(33)
    impulse[16] = 1
    return float((ndimage.gaussian_filter1d(impulse, sigma) ** 2).sum()) if sigma else 1.0
