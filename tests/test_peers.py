"""What the event-driven simulator is held against: the dense rival in 8 bits, and the ceiling."""

import ctypes
import os
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

PEERS = Path(__file__).parents[1] / "benchmarks" / "peers"


@pytest.fixture(scope="module")
def peers():
    """Its modules, which import each other as a script's neighbours do."""
    before, path = dict(os.environ), list(sys.path)
    sys.path.insert(0, str(PEERS))
    import ceiling
    import compare
    import dense8
    import dense8_parts
    import lab

    yield Namespace(ceiling=ceiling, compare=compare, dense8=dense8, parts=dense8_parts, lab=lab)
    sys.path[:] = path
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def library(peers, tmp_path_factory):
    return peers.parts.compiled(False, tmp_path_factory.mktemp("machine-code"))


def transposed(spikes, levels):
    """Size 3, stride 2; of the rows and columns that it reaches the first is left out."""
    high, wide, _ = spikes.shape
    whole = np.zeros((2 * high + 1, 2 * wide + 1, len(levels)))
    for row in range(3):
        for column in range(3):
            part = spikes.astype(float) @ levels[:, :, row, column].T.astype(float)
            whole[row : row + 2 * high : 2, column : column + 2 * wide : 2] += part
    return whole[1:, 1:]


def convolved(spikes, levels, stride, before):
    """With ``before`` rows and columns of zeros above and left, and enough behind."""
    high, wide, _ = spikes.shape
    size = levels.shape[2]
    padded = np.pad(spikes.astype(float), ((before, size), (before, size), (0, 0)))
    total = np.zeros((high // stride, wide // stride, len(levels)))
    for row in range(size):
        for column in range(size):
            part = padded[row : row + high : stride, column : column + wide : stride]
            total += part @ levels[:, :, row, column].T.astype(float)
    return total


def test_phases_are_the_transposed_convolution(peers):
    rng = np.random.default_rng(0)
    levels = rng.integers(-127, 128, (3, 5, 3, 3), np.int8)
    spikes = rng.integers(0, 2, (4, 6, 5), np.uint8)
    found = convolved(spikes, peers.parts.phases(levels), 1, 0).reshape(4, 6, 2, 2, 3)
    found = found.transpose(0, 2, 1, 3, 4).reshape(8, 12, 3)
    assert np.array_equal(found, transposed(spikes, levels))


class ByHand:
    """A library of three lines of NumPy, in double precision."""

    def __init__(self, library):
        self.library = library

    def layer(self, parts, steps, shape):
        def run(sources, spikes):
            v = np.full(shape, 0.5)
            for step in range(steps):
                for part, source in zip(parts, sources, strict=True):
                    v += 0 if part.bias is None else part.exact_bias
                    if part.up:
                        v += part.scale * transposed(source[step], part.levels)
                    else:
                        v += part.scale * convolved(source[step], part.levels, part.stride, 1)
                spikes[step] = v >= 1
                v -= spikes[step]

        return run


@pytest.mark.parametrize("bounds", ["400:450", "900:900"])
def test_the_rivals_net_has_the_simulators_spikes(peers, library, tmp_path, monkeypatch, bounds):
    options = Namespace(timesteps=24, model="regularised", folder=None)
    peers.compare.export(options, bounds, 32, tmp_path)
    made = lambda threads: ByHand(library)  # noqa: E731
    monkeypatch.setitem(peers.dense8.LIBRARIES, "onednn", made)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    theirs, _ = peers.dense8.prepare("onednn-int8", 1)(tmp_path, bounds)(24)
    ours, _ = peers.lab.prepare("event+double", 1)(tmp_path, bounds)(24)
    assert ours.sum() > 0
    assert np.array_equal(theirs, ours)


def test_the_kernels_that_are_written_are_levels_times_a_scale(peers, tmp_path):
    options = Namespace(timesteps=8, model="regularised", folder=None)
    peers.compare.export(options, "75:150", 32, tmp_path)
    with np.load(tmp_path / "network-75:150.npz") as arrays:
        for name in ("down0", "up0"):
            levels, scale = arrays[f"{name}/levels"], arrays[f"{name}/scale"]
            assert levels.dtype == np.int8 and scale.shape == (levels.shape[2],)
            assert np.array_equal(arrays[f"{name}/kernel"], levels * scale[:, None])


@pytest.mark.parametrize("double", [False, True])
def test_neurons_of_sums_of_levels(peers, library, double):
    rng = np.random.default_rng(1)
    steps, planes, plane = 7, 3, 50
    dtype = np.float64 if double else np.float32
    sums = rng.integers(-200, 400, (2, steps, planes, plane), np.int32)
    scales, bias = (0.0041237, 0.0009871), np.array([0.10031, -0.20017, 0.0])
    v = np.full((planes, plane), 0.5, dtype)
    spikes = np.empty((steps, planes, plane), np.uint8)
    at = peers.parts.at
    fire = library.fire_sums_double if double else library.fire_sums
    fire(steps, ctypes.c_long(planes), ctypes.c_long(plane), at(sums[0]),
         ctypes.c_double(scales[0]), at(sums[1]), ctypes.c_double(scales[1]), at(bias), at(v),
         at(spikes))  # fmt: skip
    wanted = np.full((planes, plane), 0.5)
    for step in range(steps):
        wanted += bias[:, None] + sums[0, step] * scales[0] + sums[1, step] * scales[1]
        assert np.abs(wanted - 1).min() > 5e-6  # or rounding could decide
        assert np.array_equal(spikes[step], wanted >= 1)
        wanted -= spikes[step]
    assert np.allclose(v, wanted, rtol=0, atol=1e-12 if double else 1e-5)
    counts = np.empty((planes, plane), np.uint16)
    library.count(steps, ctypes.c_long(counts.size), at(spikes), at(counts))
    assert np.array_equal(counts, spikes.sum(0))


def test_what_a_net_needs_by_hand(peers):
    from snnlab.nets import model as models

    unet = models.load("regularised")
    layers = [unet.layers[0], unet.layers[1], unet.layers[2]]  # 4, 8 and, the readout, 16 channels
    products, written, read = peers.ceiling.needed(layers, unet.kernels, 16)
    assert products == 16 * 16 * 9 * 4 * 8
    assert (written, read) == (16 * 16 * (4 + 8), 16 * 16 * 4)
    products, written, read = peers.ceiling.needed(unet.layers, unet.kernels, 512)
    assert written == 10_878_976 and read > written  # the skips are read twice
    # the last, 8 channels from 16 of half the side and from 8
    up0 = 256**2 * 9 * 16 * 8 + 512**2 * 9 * 8 * 8
    without = [*unet.layers[:-2], unet.layers[-1]]
    assert products - peers.ceiling.needed(without, unet.kernels, 512)[0] == up0


def test_the_ceiling_is_measured(peers):
    found = peers.ceiling.measured(1, tries=1, megabytes=16)
    assert found["products"] > 1e9 and found["read"] > 1e8 and found["copied"] > 1e8
    assert list(found["rows"]) == ["8", "16", "32", "64"]
    assert 0 < found["rows"]["8"] < found["rows"]["64"] < 1e4


def test_where_products_would_pay(peers):
    """Eight channels, three columns of eight and of sixteen: 192 and 384 products."""
    found = {"products": 2 * 192e9, "rows": {"8": 2.0, "16": 1.9}}
    assert peers.ceiling.adding(found, 2).splitlines()[2:] == [
        "| 8 | 2.00 | 1.00 | 50% of the steps |",
        "| 16 | 1.90 | 2.00 | never |",
    ]


def test_busy_steps(peers):
    words = np.zeros((2, 4, 16), np.uint64)
    words[0, 1, [0, 7]] = 0b11, 0b110  # three steps of the first eight channels
    words[1, 2, 8] = 2**63
    expected = np.zeros((2, 4, 2), int)
    expected[0, 1, 0], expected[1, 2, 1] = 3, 1
    np.testing.assert_array_equal(peers.ceiling.busy(words), expected)
    # of four channels two pixels are one
    np.testing.assert_array_equal(peers.ceiling.busy(words[:, :, :4])[..., 0], [[2, 0], [0, 0]])


def test_what_choosing_tile_by_tile_would_save(peers):
    """A source that is silent in one of two tiles, and spikes in every step in the other."""
    layers = [
        Namespace(name=name, kind="conv", stride=1, channels=8, inputs=inputs)
        for name, inputs in [("a", ()), ("b", ("a",)), ("readout", ("b",))]
    ]
    words = {"a": np.zeros((16, 32, 8), np.uint64)}
    words["a"][:, :16, 3] = 2**64 - 1
    # a row takes 2 ns, its products 1 ns, and 2 ns at half the ceiling
    found = {"products": 192e9, "rows": {"8": 2.0}}
    lines = peers.ceiling.chosen(found, layers, words, 1).splitlines()
    assert lines[2] == "| b | 8 | a | 50% |"
    assert lines[-1] == "Saved: 50.0% of 0.000 s, at half the ceiling 0.0%."


def test_medians_of_all_settings_in_one_table(peers):
    rows = [
        {"simulator": "event", "all": [1.0, 3.0, 2.0], "all_cpu": [2.0, 2.5, 9.0]},
        {"simulator": "onednn-int8", "all": [4.0, 6.0, 5.0], "all_cpu": [8.0, 8.5, 9.0]},
        {"simulator": "onnxruntime-int8", "all": [5.0], "all_cpu": [9.0]},
        {"simulator": "torch", "failed": "no word"},
    ]
    results = [
        {"bounds_hz": "900:900", "rows": rows},
        {"bounds_hz": "75:150", "rows": rows[:1]},
    ]
    lines = peers.compare.summary(results).splitlines()
    assert lines[2:] == [
        "| event | 2.000 (2.50) | 1.0 | 2.000 (2.50) | 1.0 |",
        "| onednn-int8 | 5.000 (8.50) | 2.5 |  |  |",
        "| onnxruntime-int8 | 5.000 (9.00) | 5.0 |  |  |",
    ]
    assert lines[0].count("|") == lines[1].count("|") == lines[2].count("|")
