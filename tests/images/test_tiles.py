"""Tiled against whole, with a net of plain SciPy; every pixel answered for once."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from snnlab.images import tiles

MULTIPLE = 4
# Of `network`, in pixels: one for the first convolution; two strided ones, each one pixel of the
# resolution it reads (1 and 2); at quarter resolution one of 4; growing adds at most 3 and 1 for
# the place within a block, and the convolutions after it 2 and 1.
REACH = 1 + 1 + 2 + 4 + 3 + 2 + 1 + 1


def convolve(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """3 x 3 with zeros around, as a network's ``same`` padding."""
    return ndimage.convolve(image, kernel, mode="constant")


def bend(values: np.ndarray) -> np.ndarray:
    """Nonlinear, but nothing is lost, as it is behind a rectifier."""
    return np.maximum(values, values / 8)


def network(seed: int):
    """Two strides down, two doublings up, a skip at each: (h, w) -> (h, w), nonlinear."""
    kernels = np.random.default_rng(seed).normal(size=(6, 3, 3))

    def run(image: np.ndarray) -> np.ndarray:
        full = bend(convolve(image, kernels[0]))
        half = bend(convolve(full, kernels[1])[::2, ::2])
        quarter = bend(convolve(half, kernels[2])[::2, ::2])
        quarter = bend(convolve(quarter, kernels[3]))
        half = bend(convolve(np.kron(quarter, [[1, 2], [3, 4]]) + half, kernels[4]))
        return convolve(np.kron(half, [[1, 2], [3, 4]]) + full, kernels[5])

    return run


def image_of(shape, seed=0):
    return np.random.default_rng(seed).random(shape)


sides = st.integers(32, 4096)


# ---- padding -----------------------------------------------------------------


@given(st.integers(32, 90), st.integers(32, 90), st.sampled_from((1, 2, 8, 16, 32, 64)))
def test_padding_reflects_at_the_lower_right(height, width, multiple):
    image = image_of((height, width))
    padded = tiles.pad(image, multiple)
    for new, old in zip(padded.shape, image.shape, strict=True):
        assert new % multiple == 0 and 0 <= new - old < multiple
    # an independent account of reflection: indices that run to and fro
    rows, columns = (
        [min(i % (2 * old - 2), -i % (2 * old - 2)) for i in range(new)]
        for new, old in zip(padded.shape, image.shape, strict=True)
    )
    np.testing.assert_array_equal(padded, image[np.ix_(rows, columns)])


def test_padding_keeps_channels_and_leaves_a_fitting_image_alone():
    image = image_of((33, 40, 3))
    padded = tiles.pad(image, 8)
    assert padded.shape == (40, 40, 3)
    np.testing.assert_array_equal(padded[33:], image[31:24:-1])
    assert tiles.pad(padded, 8) is padded


# ---- the plan ----------------------------------------------------------------


@given(
    sides,
    sides,
    st.integers(16, 5000),
    st.integers(0, 300),
    st.sampled_from((1, 4, 16, 32)),
)
def test_every_pixel_is_answered_for_once(height, width, tile, halo, multiple):
    shape = tuple(-(-side // multiple) * multiple for side in (height, width))
    times = np.zeros(shape, np.uint8)
    for piece in tiles.plan(shape, tile, halo, multiple):
        times[piece.target] += 1
        for axis in (0, 1):
            outer, target, inner = piece.outer[axis], piece.target[axis], piece.inner[axis]
            assert outer.start % multiple == outer.stop % multiple == 0
            assert 0 <= outer.start <= target.start < target.stop <= outer.stop <= shape[axis]
            # a full halo on each side, or none beyond the image
            assert outer.start == 0 or target.start - outer.start >= halo
            assert outer.stop == shape[axis] or outer.stop - target.stop >= halo
            assert (inner.start, inner.stop) == (
                target.start - outer.start,
                target.stop - outer.start,
            )
            # memory: no tile is larger than core and two halos, rounded up
            assert outer.stop - outer.start <= tile + 2 * halo + 3 * multiple
    assert times.min() == times.max() == 1


@pytest.mark.parametrize(
    "shape, tile, halo, multiple",
    [
        ((40, 41), 16, 8, 8),
        ((0, 8), 16, 8, 8),
        ((8, 8), 0, 8, 8),
        ((8, 8), 8, -1, 8),
        ((8, 8), 8, 8, 0),
    ],
)
def test_impossible_plans_are_refused(shape, tile, halo, multiple):
    with pytest.raises(ValueError):
        tiles.plan(shape, tile, halo, multiple)


# ---- tiled against whole -----------------------------------------------------


@settings(max_examples=60)
@given(
    st.integers(32, 150),
    st.integers(32, 150),
    st.integers(1, 100),
    st.integers(REACH, 40),
    st.integers(0, 9),
)
def test_no_tile_size_changes_the_result(height, width, tile, halo, seed):
    image, run = image_of((height, width), seed), network(seed)
    padded = np.pad(image, ((0, -height % MULTIPLE), (0, -width % MULTIPLE)), mode="reflect")
    whole = run(padded)[:height, :width]
    # the same sums in the same order: not close, but equal
    np.testing.assert_array_equal(tiles.apply(run, image, MULTIPLE, tile, halo), whole)
    np.testing.assert_array_equal(tiles.apply(run, image, MULTIPLE), whole)


def test_the_longest_image_in_narrow_tiles():
    image, run = image_of((4096, 33)), network(3)
    found = tiles.apply(run, image, MULTIPLE, 256, REACH)
    np.testing.assert_array_equal(found, run(tiles.pad(image, MULTIPLE))[:, :33])


def test_a_halo_narrower_than_the_network_looks_shows_seams():
    image, run = image_of((32, 96)), network(1)
    whole = run(image)
    for halo in (0, 4, 8):
        found = tiles.apply(run, image, MULTIPLE, 32, halo)
        differs = (found != whole).any(axis=0)
        assert differs[31] or differs[32]  # at the seam
        assert not differs[:8].any()  # far from it, and at the border of the image


def test_reach_is_what_the_network_of_this_file_sees():
    """So that the halo of the tests above is not just generously large."""
    seen = 0
    for place in range(60, 68):
        image = np.full((128, 128), 0.5)
        image[64, place] = 5
        run = network(2)
        changed = np.argwhere(run(image) != run(np.full((128, 128), 0.5)))
        seen = max(seen, int(np.abs(changed - (64, place)).max()))
    assert seen <= REACH < seen + MULTIPLE + 1


def test_channels_and_types_pass_through():
    image = image_of((70, 50, 2)).astype(np.float32)

    def function(piece):
        return np.stack([piece.sum(axis=2) > 1] * 5, axis=2)

    found = tiles.apply(function, image, 16, 32, 16)
    assert found.dtype == bool
    np.testing.assert_array_equal(found, function(image))


def test_progress_ends_at_one_and_an_error_stops_the_work():
    fractions = []
    tiles.apply(np.negative, image_of((64, 64)), 8, 32, 8, fractions.append)
    assert fractions == [0.25, 0.5, 0.75, 1.0]
    calls = []

    def stops(piece):
        calls.append(piece)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return piece

    with pytest.raises(KeyboardInterrupt):
        tiles.apply(stops, image_of((64, 64)), 8, 32, 8)
    assert len(calls) == 2


def test_a_function_that_changes_the_size_is_refused():
    with pytest.raises(ValueError, match="came out"):
        tiles.apply(lambda piece: piece[1:], image_of((64, 64)), 8, 32, 8)
    with pytest.raises(ValueError):
        tiles.stitch([], (8, 8))


def test_one_tile_is_held_at_a_time():
    image = image_of((1024, 1024)).astype(np.float32)

    def deep(piece):  # as a network's many channels would
        return np.stack([piece] * 16, axis=2).mean(axis=2)

    tracemalloc.start()
    try:
        for _ in tiles.map_tiles(deep, image, 128, 32, 16):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    tile = 192 * 192 * 4 * 16
    assert peak < 4 * tile < image.nbytes * 16 / 4
