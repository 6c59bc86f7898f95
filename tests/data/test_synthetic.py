"""Synthetic EM: reproducible, exactly labelled, statistically like real sections."""

import os
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from skimage.measure import label

from snnlab.data.synthetic import Sample, Tissue, organelles, profiles, synthetic
from snnlab.data.synthetic.fields import ring, smooth
from snnlab.errors import LabError

ISBI = Path(os.environ.get("SNNLAB_DATA", Path(__file__).parents[3] / "shared/data/isbi2012"))


def check_labels(sample: Sample) -> None:
    """The labels' components, as scikit-image finds them, are the cells: one to one."""
    assert np.array_equal(sample.labels, sample.cells > 0)
    components = label(sample.labels, connectivity=2)
    pairs = np.unique(np.stack((components[sample.labels], sample.cells[sample.labels])), axis=1)
    assert pairs.shape[1] == components.max() == sample.cells.max()


@given(
    seed=st.integers(0, 2**63),
    height=st.integers(32, 150),
    width=st.integers(32, 150),
)
@settings(deadline=None, max_examples=15)
def test_any_seed_and_size_give_a_valid_section(seed, height, width):
    sample = synthetic((height, width), seed)
    assert sample.image.shape == sample.labels.shape == sample.cells.shape == (height, width)
    assert sample.image.dtype == np.float32
    assert sample.labels.dtype == bool
    assert sample.cells.dtype == np.int32
    assert np.isfinite(sample.image).all()
    assert sample.image.min() >= 0 and sample.image.max() <= 1
    assert sample.image.std() > 0.03
    check_labels(sample)


@given(seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=6)
def test_cells_never_span_two_profiles(seed):
    # the tessellation's own owner of each pixel is the independent source here
    rng = np.random.default_rng(seed)
    tissue, shape = Tissue(), (130, 117)
    packing = profiles.pack(rng, shape, tissue)
    owner = profiles.tessellate(rng, shape, packing, tissue)
    edge = profiles.borders(owner)
    cells = profiles.separate(edge, 5)
    for number in range(1, cells.max() + 1):
        assert len(np.unique(owner[cells == number])) == 1
    # neighbours of different owners, diagonal ones too, are never both cell
    for a, b in ((np.s_[1:, 1:], np.s_[:-1, :-1]), (np.s_[1:, :-1], np.s_[:-1, 1:])):
        across = owner[a] != owner[b]
        assert not (across & (cells[a] > 0) & (cells[b] > 0)).any()


@given(seed=st.integers(0, 2**32))
@settings(deadline=None, max_examples=6)
def test_a_mitochondrion_lies_in_one_cell_and_off_its_membrane(seed):
    rng = np.random.default_rng(seed)
    tissue, shape = Tissue(mitochondria=60.0), (220, 200)
    packing = profiles.pack(rng, shape, tissue)
    owner = profiles.tessellate(rng, shape, packing, tissue)
    depth = ndimage.distance_transform_edt(~profiles.borders(owner)).astype(np.float32)
    density, inside = organelles.mitochondria(rng, depth, owner, packing, tissue)
    bodies = label(inside, connectivity=1)
    for number in range(1, bodies.max() + 1):
        assert len(np.unique(owner[bodies == number])) == 1
    assert not inside[depth < 5].any()
    # what leaks over a membrane is the tail of a soft edge
    assert np.abs(density[depth == 0]).max() < 0.01


def test_same_seed_same_bits_and_other_seed_other_section():
    first, again, other = synthetic((96, 131), 7), synthetic((96, 131), 7), synthetic((96, 131), 8)
    for name in ("image", "labels", "cells"):
        assert np.array_equal(getattr(first, name), getattr(again, name))
        assert not np.array_equal(getattr(first, name), getattr(other, name))


def test_a_number_is_a_square():
    assert np.array_equal(synthetic(64, 3).image, synthetic((64, 64), 3).image)


def test_the_exposure_leaves_the_labels_as_they_were():
    plain = synthetic(128, 5)
    noisy = synthetic(128, 5, replace(Tissue(), shot=0.2, focus=2.0, grey=0.4))
    assert np.array_equal(plain.cells, noisy.cells)
    assert not np.array_equal(plain.image, noisy.image)


def test_every_parameter_has_an_effect():
    # a rate at its default may happen to draw nothing in a small section; these cannot
    base = Tissue(
        patches=60.0,
        mitochondria=40.0,
        clusters=80.0,
        dense_cores=300.0,
        specks=99.0,
        holes=99.0,
        dark_cells=0.4,
        bundles=0.4,
    )
    image = synthetic(160, 11, base).image
    for parameter in dataclass_fields(Tissue):
        value = getattr(base, parameter.name)
        if isinstance(value, tuple):
            value = tuple((scale, 2 * amount) for scale, amount in value)
        elif parameter.name in ("oblique", "dark_cells", "bundles"):
            value = 0.9
        else:
            value = 1.5 * value
        changed = synthetic(160, 11, replace(base, **{parameter.name: value})).image
        assert not np.array_equal(image, changed), parameter.name


@pytest.mark.parametrize("shape", [32, (32, 33), (45, 211), (257, 129)])
def test_small_and_odd_sizes(shape):
    sample = synthetic(shape, 0)
    assert sample.image.shape == ((shape, shape) if isinstance(shape, int) else shape)
    check_labels(sample)


@pytest.mark.parametrize(
    ("shape", "seed"),
    [(31, 0), (4097, 0), ((32, 31), 0), ((64, 64, 3), 0), (64, -1), ((64,), 0)],
)
def test_what_cannot_be_made_is_refused_in_one_sentence(shape, seed):
    with pytest.raises(LabError, match="choose"):
        synthetic(shape, seed)


def test_smooth_field_has_unit_variance_and_its_scale():
    field = smooth(np.random.default_rng(0), (1500, 1500), 10.0)
    assert abs(field.mean()) < 0.05
    assert abs(field.std() - 1) < 0.05
    lags = autocorrelation(field, (3, 10, 40))
    assert lags[0] > 0.9
    assert 0.3 < lags[1] < 0.7
    assert abs(lags[2]) < 0.05


def test_rings_are_where_they_were_put():
    canvas = np.zeros((60, 70), np.float32)
    # one inside, one cut by the edge, one outside
    at = np.array([[20.25, 30.75], [59.0, 1.0], [200.0, 5.0]])
    ring(canvas, at, np.full(3, 6.0), 1.0, np.full(3, 0.5))
    y, x = np.mgrid[:60, :70]
    away = [np.hypot(y - row, x - column) - 6 for row, column in at]
    want = sum(0.5 * np.exp(-0.5 * a**2) for a in away)
    # stamps end at three standard deviations
    assert np.abs(canvas - want).max() < 0.5 * np.exp(-4.5) + 1e-6


def autocorrelation(image: np.ndarray, lags=(1, 2, 4, 8)) -> np.ndarray:
    image = image - image.mean()
    power = (image**2).mean()
    return np.array(
        [
            ((image[:, k:] * image[:, :-k]).mean() + (image[k:] * image[:-k]).mean()) / 2 / power
            for k in lags
        ]
    )


def statistics(image: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Grey, texture and geometry of a section, a number each (see BOUNDS)."""
    fine = image - ndimage.gaussian_filter(image, 1)
    core = ndimage.binary_erosion(labels, iterations=6)
    areas = np.bincount(label(labels, connectivity=1).ravel())[1:]
    return np.array(
        [
            image.mean(),
            image.std(),
            image[~labels].mean(),
            image[labels].mean(),
            image[labels].mean() - image[~labels].mean(),
            *autocorrelation(image),
            fine[core].std(),
            (~labels).mean(),
            np.log(np.median(areas)),
            np.log(len(areas)),
            *np.percentile(image, (1, 25, 75, 99)),
        ]
    )


# how far the mean over synthetic sections may be from the mean over real ones
BOUNDS = {
    "mean": 0.06,
    "std": 0.03,
    "membrane": 0.06,
    "cell": 0.06,
    "contrast": 0.05,
    "lag 1": 0.08,
    "lag 2": 0.1,
    "lag 4": 0.1,
    "lag 8": 0.1,
    "fine texture": 0.02,
    "membrane share": 0.05,
    "log median area": 0.5,
    "log cells": 0.4,
    "1 %": 0.08,
    "25 %": 0.06,
    "75 %": 0.06,
    "99 %": 0.08,
}


def test_statistics_are_those_of_real_sections():
    tifffile = pytest.importorskip("tifffile")
    if not (ISBI / "train-volume.tif").is_file():
        pytest.skip(f"the ISBI 2012 volume is not in {ISBI} (set SNNLAB_DATA)")
    # sections 18.. are for validation, and nothing may be fitted to them
    images = tifffile.imread(ISBI / "train-volume.tif")[:18:3] / np.float32(255)
    labels = tifffile.imread(ISBI / "train-labels.tif")[:18:3] > 0
    real = np.mean([statistics(*pair) for pair in zip(images, labels, strict=True)], axis=0)
    made = [synthetic(512, seed) for seed in range(4)]
    mine = np.mean([statistics(sample.image, sample.labels) for sample in made], axis=0)
    for name, bound, want, got in zip(BOUNDS, BOUNDS.values(), real, mine, strict=True):
        assert abs(got - want) < bound, f"{name}: {got:.3f} here, {want:.3f} in real sections"
