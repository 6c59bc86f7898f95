"""Segments of any mask: as plain code finds them, in linear time, told to stop at any time."""

import threading
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from snnlab.errors import Cancelled, LabError
from snnlab.results import metrics
from snnlab.results.segments import judging, numbering, overlapping, pieces, thinning
from tests.results import rings

SIDE = 2048


def specks(side):
    """A few in one corner: growing over all of it takes twice as many rings as it has rows."""
    cells = np.zeros((side, side), bool)
    cells[[0, 2, 5], [0, 7, 3]] = True
    return cells


def noise(side, share=0.5, seed=0):
    return np.random.default_rng(seed).random((side, side)) < share


def blocks(side, seed=0, block=32):
    coarse = noise(side // block + 1, 0.5, seed)
    return np.kron(coarse, np.ones((block, block), bool))[:side, :side]


def checkerboard(side):
    rows, columns = np.indices((side, side), sparse=True)
    return (rows + columns) % 2 == 0


LARGE = {"specks": specks, "noise": noise, "blocks": blocks, "checkerboard": checkerboard}


@pytest.fixture(scope="module", autouse=True)
def compiled():
    """No time and no memory below is that of compiling."""
    metrics.score(np.eye(4), np.ones((4, 4), bool))
    metrics.thin(metrics.components(np.eye(4, dtype=bool)))


# --- the same in every pixel ------------------------------------------------------------------


@st.composite
def masks(draw):
    height, width = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = draw(st.sampled_from(("noise", "blocks", "stripes", "single", "smooth", "lines")))
    if kind == "noise":
        share = draw(st.sampled_from((0.001, 0.01, 0.1, 0.3, 0.5, 0.6, 0.8, 0.95, 0.999)))
        return random.random((height, width)) < share
    if kind == "blocks":
        side = draw(st.integers(2, 9))
        coarse = random.random((height // side + 1, width // side + 1)) < 0.5
        return np.kron(coarse, np.ones((side, side), bool))[:height, :width]
    if kind == "stripes":
        rows, columns = np.indices((height, width), sparse=True)
        a, b, period = (draw(st.integers(0, 3)) for _ in range(3))
        return (a * rows + b * columns) % (period + 2) == 0
    if kind == "single":
        cells = np.zeros((height, width), bool)
        cells.flat[random.choice(cells.size, min(cells.size, draw(st.integers(1, 4))))] = True
        return cells
    if kind == "smooth":
        seen = ndimage.gaussian_filter(random.normal(size=(height, width)), 3)
        return np.abs(seen) > draw(st.floats(0, 0.1))
    cells = np.ones((height, width), bool)
    cells[random.random(height) < 0.2] = False
    cells[:, random.random(width) < 0.2] = False
    return cells


SPECIAL = {
    "all cell": np.ones((17, 23), bool),
    "all membrane": np.zeros((17, 23), bool),
    "checkerboard": checkerboard(31),
    "checkerboard, the other one": ~checkerboard(32),
    "one pixel": np.ones((1, 1), bool),
    "no pixel": np.zeros((0, 5), bool),
    "a row": np.array([[1, 0, 0, 1, 0, 1, 0, 0, 0]], bool),
    "a column": np.array([[1, 0, 0, 1, 0, 1, 0, 0, 0]], bool).T,
    "opposite corners": np.eye(2, dtype=bool)[::-1],
    "stripes": np.arange(41 * 41).reshape(41, 41) % 3 == 0,
    "speck in each corner": np.pad(np.zeros((37, 58), bool), 1, constant_values=False),
}
SPECIAL["speck in each corner"][[0, 0, -1, -1], [0, -1, 0, -1]] = True


@pytest.mark.parametrize("name", SPECIAL)
def test_special_masks_pixel_by_pixel(name):
    check(SPECIAL[name])


@settings(max_examples=400)
@given(masks())
def test_any_mask_pixel_by_pixel(cells):
    check(cells)


@pytest.mark.parametrize("size", [1, 7, 64])
@pytest.mark.parametrize("seed", range(4))
def test_pieces_change_nothing(size, seed, monkeypatch):
    monkeypatch.setattr(pieces.pieces, "__defaults__", (size,))
    for module in (judging, numbering, overlapping, thinning):
        monkeypatch.setattr(module, "PIECE", size)
    cells, labels = noise(33, 0.6, seed), noise(33, 0.8, seed + 9)
    check(cells)
    found = metrics.segments_score(cells, labels)
    monkeypatch.undo()
    assert found == pytest.approx(metrics.segments_score(cells, labels), rel=1e-12)


def check(cells):
    segments = metrics.components(cells)
    expected = ndimage.label(cells)[0]
    assert segments.dtype == np.int32
    np.testing.assert_array_equal(segments, expected)
    np.testing.assert_array_equal(metrics.thin(segments), rings.grown(expected))


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.int64])
def test_numbers_and_their_type_are_kept(kind):
    numbers = np.array([0, 30_000, 7, 150, 9], kind)
    segments = numbers[np.kron([[1, 0, 2], [0, 0, 0], [3, 0, 4]], np.ones((5, 5), int))]
    grown = metrics.thin(segments)
    assert grown.dtype == kind
    np.testing.assert_array_equal(grown, rings.grown(segments))


def test_numbers_beyond_32_bits_are_kept():
    segments = np.array([[2**40, 0, 0, 0, 5]])
    np.testing.assert_array_equal(metrics.thin(segments), [[2**40, 2**40, 0, 5, 5]])


def test_what_was_given_is_left_as_it_was():
    cells = noise(20)
    cells.flags.writeable = False
    segments = metrics.components(cells)
    before = segments.copy()
    segments.flags.writeable = False
    metrics.thin(segments)
    metrics.segments_score(cells, cells)
    np.testing.assert_array_equal(segments, before)


def test_cut_and_turned_arrays_are_read_right():
    cells = noise(40, 0.6)
    for view in (cells[3:30:2, ::-1], cells.T[5:]):
        np.testing.assert_array_equal(metrics.components(view), ndimage.label(view)[0])
        segments = ndimage.label(view)[0].T
        np.testing.assert_array_equal(metrics.thin(segments), rings.grown(segments.copy("C")))


@given(masks(), st.integers(0, 2**32 - 1))
def test_a_judge_says_the_same_of_each_mask_as_one_asked_for_it_alone(cells, seed):
    labels = np.random.default_rng(seed).random(cells.shape) < 0.8
    labels[0, 0] = True
    judge = judging.Judge(labels)
    for mask in (cells, np.zeros_like(cells), ~cells, np.ones_like(cells), cells):
        alone = metrics.v_rand_v_info(rings.grown(ndimage.label(mask)[0]), ndimage.label(labels)[0])
        assert metrics._v_rand_v_info(judge.overlap(mask)) == pytest.approx(alone, rel=1e-12)


def test_too_many_pixels_are_one_sentence():
    with pytest.raises(LabError, match="so many pixels"):
        judging.scratch((50_000, 50_000))


# --- time and memory --------------------------------------------------------------------------


def seconds(work) -> float:
    best = np.inf
    for _ in range(3):
        begun = time.thread_time()
        work()
        best = min(best, time.thread_time() - begun)
    return best


def test_time_is_in_proportion_to_the_pixels_whatever_the_mask():
    # where the whole image is looked at once a ring, a long strip takes minutes
    strip = np.zeros((8, 100_000), bool)
    strip[[0, 7], [0, 3]] = True
    taken = {"strip": seconds(lambda: metrics.thin(metrics.components(strip)))}
    for name, make in LARGE.items():
        cells = make(894)  # as many pixels
        taken[name] = seconds(lambda cells=cells: metrics.thin(metrics.components(cells)))
    assert max(taken.values()) < 8 * taken["noise"], taken


@pytest.mark.parametrize("name", LARGE)
def test_memory_beyond_mask_and_result(name):
    cells = LARGE[name](SIDE)
    tracemalloc.start()
    try:
        grown = metrics.thin(metrics.components(cells))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # 200 MB for 4096 x 4096
    assert peak - grown.nbytes <= 200e6 * (SIDE / 4096) ** 2


# --- told to stop -----------------------------------------------------------------------------


class Watch:
    """Says when it was asked, and stops the work at some moment."""

    def __init__(self, after: int | None = None):
        self.asked = [time.thread_time()]
        self.after = after

    def __call__(self) -> bool:
        self.asked.append(time.thread_time())
        return self.after is not None and len(self.asked) > self.after


@pytest.mark.parametrize("name", LARGE)
def test_it_asks_often_whether_to_stop(name):
    cells = LARGE[name](SIDE)
    probability = np.where(cells, 0.75, 0.25) + np.linspace(-0.2, 0.2, SIDE, dtype=np.float32)
    watch = Watch()
    metrics.score(probability, ~noise(SIDE, 0.01), thresholds=(0.3, 0.7), cancel=watch)
    watch.asked.append(time.thread_time())
    assert max(np.diff(watch.asked)) < 0.1


def test_it_stops_wherever_it_asks():
    cells, labels = blocks(40, block=5), noise(40, 0.9)
    whole = Watch()
    metrics.score(cells.astype(float), labels, cancel=whole)
    for after in range(1, len(whole.asked)):
        watch = Watch(after)
        with pytest.raises(Cancelled):
            metrics.score(cells.astype(float), labels, cancel=watch)
        assert len(watch.asked) == after + 1
    for work in (metrics.components, lambda c, cancel: metrics.thin(ndimage.label(c)[0], cancel)):
        with pytest.raises(Cancelled):
            work(cells, cancel=lambda: True)


def test_other_threads_run_meanwhile():
    # a kernel that kept the interpreter's lock would let this thread run between kernels alone
    cells, done = specks(SIDE), threading.Event()
    grid, room = judging.framed(metrics.components(cells)), judging.scratch(cells.shape)

    def work():
        thinning._line_up(grid.reshape(-1), SIDE + 2, 1, SIDE + 1, room, 0, room, 0)
        done.set()

    kernels = [
        item
        for module in (numbering, overlapping, thinning)
        for item in vars(module).values()
        if hasattr(item, "targetoptions")
    ]
    assert len(kernels) > 8 and all(item.targetoptions["nogil"] for item in kernels)
    thread = threading.Thread(target=work)
    thread.start()
    turns = 0
    while not done.is_set():
        turns += 1
    thread.join()
    assert turns > 0
