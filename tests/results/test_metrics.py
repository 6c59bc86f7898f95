"""Scores against hand-worked cases, scikit-image, and what must never change them."""

import math
from collections import Counter
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage
from skimage.measure import label, shannon_entropy
from skimage.metrics import adapted_rand_error, variation_of_information

from snnlab.errors import LabError
from snnlab.results import metrics
from snnlab.results.metrics import OFFICIAL, QUICK, components, score, thin, v_rand_v_info


def row(*values):
    return np.array([values])


def voronoi(size=96, cells=12, seed=0):
    """Cells around random centres with membranes one pixel wide."""
    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, size, (cells, 2))
    grid = np.stack(np.meshgrid(np.arange(size), np.arange(size), indexing="ij"), -1)
    nearest = np.argmin(((grid[:, :, None] - centres) ** 2).sum(-1), -1)
    edge = np.zeros((size, size), bool)
    edge[:-1] |= nearest[:-1] != nearest[1:]
    edge[:, :-1] |= nearest[:, :-1] != nearest[:, 1:]
    return ~edge


# --- V_Rand and V_Info of given segments ------------------------------------------------------


def test_merging_two_equal_cells_by_hand():
    # p = (1/2, 1/2), s = (1), t = (1/2, 1/2): (1/2) / (1/2 + 1/4); no information left
    assert v_rand_v_info(row(1, 1, 1, 1), row(1, 1, 2, 2)) == pytest.approx((2 / 3, 0))


def test_splitting_a_cell_by_hand():
    rand, info = v_rand_v_info(row(1, 1, 2, 2), row(1, 1, 1, 1))
    assert rand == pytest.approx(2 / 3)
    assert info == 0


def test_a_shifted_border_by_hand():
    # p = (1/2, 1/4, 1/4), s = (1/2, 1/2), t = (3/4, 1/4)
    rand, info = v_rand_v_info(row(1, 1, 2, 2), row(1, 1, 1, 2))
    assert rand == pytest.approx((3 / 8) / (1 / 2 * 1 / 2 + 1 / 2 * 5 / 8))
    h_s, h_t, h_joint = 1.0, 2 - 0.75 * math.log2(3), 1.5  # bits
    assert info == pytest.approx(2 * (h_s + h_t - h_joint) / (h_s + h_t))


def test_predicted_membrane_in_a_cell_is_a_segment_of_its_own():
    # three pixels in segment 1 and one alone: p = s = (3/4, 1/4), t = (1)
    rand, _ = v_rand_v_info(row(1, 1, 1, 0), row(1, 1, 1, 1))
    assert rand == pytest.approx((10 / 16) / (1 / 2 * 10 / 16 + 1 / 2))
    # two pixels alone are two segments, not one
    assert v_rand_v_info(row(1, 1, 0, 0), row(1, 1, 2, 2)) == pytest.approx(
        v_rand_v_info(row(1, 1, 2, 3), row(1, 1, 2, 2))
    )


def test_membrane_of_the_truth_does_not_count():
    assert v_rand_v_info(row(1, 1, 1, 2, 2), row(1, 1, 0, 2, 2)) == (1, 1)
    assert v_rand_v_info(row(7, 7, 9, 8, 8), row(1, 1, 0, 2, 2)) == (1, 1)


def test_one_segment_against_itself_is_perfect():
    assert v_rand_v_info(row(1, 1), row(5, 5)) == (1, 1)


def test_truth_without_cells_says_what_to_do():
    with pytest.raises(LabError, match="invert"):
        v_rand_v_info(row(1, 1), row(0, 0))


def apart(segments):
    """Zeros replaced by a number of their own each: scikit-image knows no singletons."""
    segments = segments.astype(np.int64).copy()
    zeros = segments == 0
    segments[zeros] = segments.max() + 1 + np.arange(zeros.sum())
    return segments


label_pairs = st.tuples(st.integers(2, 12), st.integers(2, 12)).flatmap(
    lambda shape: st.tuples(
        hnp.arrays(np.int32, shape, elements=st.integers(0, 6)),
        hnp.arrays(np.int32, shape, elements=st.integers(0, 5)),
    )
)


@settings(deadline=None, max_examples=150)
@given(label_pairs)
def test_v_info_agrees_with_scikit_image(pair):
    segments, truth = pair
    if not truth.any():
        truth[0, 0] = 1
    t_given_s, s_given_t = variation_of_information(truth, apart(segments), ignore_labels=(0,))[
        ::-1
    ]
    h_t = shannon_entropy(truth[truth > 0])
    mutual = h_t - t_given_s
    h_s = mutual + s_given_t
    expected = 2 * mutual / (h_s + h_t) if h_s + h_t > 1e-9 else 1.0
    assert v_rand_v_info(segments, truth)[1] == pytest.approx(expected, abs=1e-6)


@settings(deadline=None, max_examples=150)
@given(label_pairs)
def test_v_rand_agrees_with_scikit_image(pair):
    segments, truth = pair
    truth[0, :2] = 1  # two alike, or scikit-image divides by zero pairs
    segments[0, :2] = 1
    n = np.count_nonzero(truth)
    alone = apart(segments)
    error, _, _ = adapted_rand_error(truth, alone, ignore_labels=(0,))

    def same(labels):
        return sum(c * (c - 1) for c in Counter(labels[truth > 0].tolist()).values())

    # theirs counts pairs of two different pixels, n (n - 1) of them; the paper's
    # p_ij^2 counts a pixel with itself too: put these n pairs back
    same_truth, same_segment = same(truth), same(alone)
    same_both = (1 - error) * (same_truth + same_segment) / 2
    expected = (same_both + n) / (0.5 * (same_segment + n) + 0.5 * (same_truth + n))
    assert v_rand_v_info(segments, truth)[0] == pytest.approx(expected)


@settings(deadline=None, max_examples=60)
@given(label_pairs, st.permutations(range(1, 7)), st.permutations(range(1, 6)))
def test_numbers_of_segments_do_not_matter(pair, new_s, new_t):
    segments, truth = pair
    truth[0, 0] = 1
    renamed = np.array([0, *new_s])[segments], np.array([0, *new_t])[truth]
    assert v_rand_v_info(*renamed) == pytest.approx(v_rand_v_info(segments, truth))


@settings(deadline=None, max_examples=60)
@given(label_pairs)
def test_bounds_and_perfection(pair):
    segments, truth = pair
    truth[0, 0] = 1
    assert all(0 <= value <= 1 for value in v_rand_v_info(segments, truth))
    assert v_rand_v_info(truth, truth) == pytest.approx((1, 1))
    if np.all(segments > 0):  # without singletons both measures are symmetric
        full = np.maximum(truth, 1)
        assert v_rand_v_info(segments, full) == pytest.approx(v_rand_v_info(full, segments))


def test_thousands_of_specks_count_as_a_small_table_does():
    # large numbers take the sorted path instead of the table
    rng = np.random.default_rng(1)
    segments, truth = rng.integers(0, 5, (2, 60, 60))
    spread = np.array([0, 40_000, 7, 90_000, 1_000])
    assert v_rand_v_info(spread[segments], spread[truth]) == pytest.approx(
        v_rand_v_info(segments, truth)
    )


# --- thinning ---------------------------------------------------------------------------------


def test_a_wide_membrane_becomes_one_pixel_in_its_middle():
    cells = np.ones((7, 21), bool)
    cells[:, 8:13] = False
    thinned = thin(components(cells))
    expected = np.ones((7, 21), int)
    expected[:, 10] = 0
    expected[:, 11:] = 2
    np.testing.assert_array_equal(thinned, expected)


def test_a_diagonal_membrane_of_one_pixel_separates():
    cells = ~np.eye(9, dtype=bool)
    assert components(cells).max() == 2
    np.testing.assert_array_equal(thin(components(cells)), components(cells))


def test_a_membrane_that_separates_nothing_disappears():
    cells = np.ones((9, 9), bool)
    cells[4, 2:6] = False
    np.testing.assert_array_equal(thin(components(cells)), 1)


def test_nothing_to_grow():
    np.testing.assert_array_equal(thin(np.zeros((4, 5), int)), 0)


@settings(deadline=None, max_examples=60)
@given(hnp.arrays(bool, st.tuples(st.integers(2, 16), st.integers(2, 16))))
def test_thinning_grows_every_segment_and_lets_none_touch(cells):
    before = components(cells)
    after = thin(before)
    # what was a cell stays that cell, and no 4-neighbours belong to two cells
    np.testing.assert_array_equal(after[before > 0], before[before > 0])
    for a, b in ((after[1:], after[:-1]), (after[:, 1:], after[:, :-1])):
        assert not np.any((a != b) & (a > 0) & (b > 0))
    for number in range(1, before.max() + 1):
        assert label(after == number, connectivity=1).max() == 1
    # what is left lies between two cells, or is walled in by what does
    padded = np.pad(after, 1, constant_values=-1)
    for r, c in np.argwhere(after == 0):
        near = {padded[r, c + 1], padded[r + 2, c + 1], padded[r + 1, c], padded[r + 1, c + 2]}
        if cells.any():
            assert len(near - {0, -1}) != 1


# --- the scores of a probability map ----------------------------------------------------------


def test_pixel_scores_by_hand():
    labels = row(True, True, True, False, False)
    probability = row(0.9, 0.6, 0.5, 0.7, 0.1)  # 0.5 is not above 0.5
    scores = score(probability, labels)
    assert scores.pixel_accuracy == pytest.approx(3 / 5)
    assert scores.dice == pytest.approx(2 * 2 / (3 + 3))
    assert scores.iou == pytest.approx(2 / 4)


def test_keys_are_the_contract():
    scores = score(np.ones((4, 4)), np.ones((4, 4), bool))
    assert list(scores.as_dict()) == [
        "pixel_accuracy",
        "dice",
        "iou",
        "v_rand",
        "v_info",
        "v_rand_at_threshold",
        "v_info_at_threshold",
        "best_threshold",
        "pixel_accuracy_at_half",
        "v_rand_at_half",
    ]
    assert all(type(value) is float for value in scores.as_dict().values())
    with pytest.raises(FrozenInstanceError):
        scores.dice = 1.0


def test_perfect_prediction():
    labels = voronoi()
    scores = score(labels.astype(np.float32), labels)
    assert scores.pixel_accuracy == scores.dice == scores.iou == 1
    assert (scores.v_rand, scores.v_info) == pytest.approx((1, 1))


def test_width_of_membranes_hardly_matters_but_a_missing_one_does():
    labels = voronoi()
    wide = ndimage.binary_erosion(labels, iterations=2)
    # an erosion cuts narrow corners off; they are specks
    assert score(wide.astype(float), labels).v_rand > 0.97
    assert score(wide.astype(float), labels).pixel_accuracy < 0.9
    opened = labels.copy()
    opened[:, :48] = True
    assert score(opened.astype(float), labels).pixel_accuracy > 0.9
    assert score(opened.astype(float), labels).v_rand < 0.8


def reference(probability, labels):
    """Score at one mask, in the plainest way: a dictionary of pairs, scikit-image's labels."""
    segments = apart(thin(label(probability, connectivity=1)))
    truth = label(labels, connectivity=1)
    pairs = Counter(
        (s, t) for s, t in zip(segments.ravel().tolist(), truth.ravel().tolist(), strict=True) if t
    )
    n = sum(pairs.values())
    by_s, by_t = Counter(), Counter()
    for (s, t), count in pairs.items():
        by_s[s] += count
        by_t[t] += count

    def squares(counts):
        return sum((c / n) ** 2 for c in counts.values())

    def entropy(counts):
        return -sum(c / n * math.log(c / n) for c in counts.values())

    rand = squares(pairs) / (0.5 * squares(by_s) + 0.5 * squares(by_t))
    mutual = entropy(by_s) + entropy(by_t) - entropy(pairs)
    return rand, 2 * mutual / (entropy(by_s) + entropy(by_t))


def noisy(seed, size=64):
    labels = voronoi(size, 8, seed)
    rng = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(rng.normal(size=labels.shape), 2) * 2
    probability = np.clip(ndimage.gaussian_filter(labels.astype(float), 1.5) + noise, 0, 1)
    return probability.astype(np.float32), labels


@pytest.mark.parametrize("seed", [0, 4, 5])  # in 4 and 5 V_Info is best elsewhere than V_Rand
def test_best_over_thresholds_and_at_the_threshold(seed):
    probability, labels = noisy(seed)
    expected = {th: reference(probability > th, labels) for th in OFFICIAL}
    scores = score(probability, labels, threshold=0.6)
    assert scores.v_rand == pytest.approx(max(rand for rand, _ in expected.values()))
    assert scores.v_info == pytest.approx(max(info for _, info in expected.values()))
    assert scores.pixel_accuracy == np.mean((probability > 0.6) == labels)
    assert scores.v_rand == pytest.approx(expected[scores.best_threshold][0])
    here = (scores.v_rand_at_threshold, scores.v_info_at_threshold)
    assert here == pytest.approx(expected[0.6])
    assert len({rand for rand, _ in expected.values()}) > 3  # the thresholds do differ


def test_quick_is_a_lower_bound():
    probability, labels = noisy(3)
    quick, full = score(probability, labels, thresholds=QUICK), score(probability, labels)
    assert quick.v_rand <= full.v_rand
    assert quick.v_rand == max(
        score(probability, labels, threshold=th).v_rand_at_threshold for th in QUICK
    )
    assert quick.dice == full.dice


def test_official_thresholds():
    assert OFFICIAL == (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_one_class_predicted_is_defined(value):
    labels = voronoi()
    scores = score(np.full(labels.shape, value), labels)
    assert all(0 <= number <= 1 for number in scores.as_dict().values())
    assert scores.dice == (
        0 if value == 0 else pytest.approx(2 * labels.mean() / (1 + labels.mean()))
    )
    assert scores.v_rand < 0.5


@settings(deadline=None, max_examples=40)
@given(
    hnp.arrays(np.float32, (9, 11), elements=st.floats(0, 1, width=32)),
    hnp.arrays(bool, (9, 11)),
    st.floats(0, 1),
)
def test_every_score_is_between_0_and_1_and_mirrors_do_not_matter(probability, labels, threshold):
    labels[0, 0] = True
    scores = score(probability, labels, threshold)
    assert all(0 <= value <= 1 for value in scores.as_dict().values())
    turned = score(probability[::-1], labels[::-1], threshold)
    assert turned.iou == pytest.approx(scores.iou)
    assert scores.iou == pytest.approx(scores.dice / (2 - scores.dice))


@pytest.mark.parametrize(
    ("probability", "labels", "says"),
    [
        (np.ones((4, 4)), np.ones((4, 5), bool), "4 x 5"),
        (np.ones(4), np.ones(4, bool), "4"),
        (np.full((4, 4), np.nan), np.ones((4, 4), bool), "between 0 and 1"),
        (np.full((4, 4), 255.0), np.ones((4, 4), bool), "between 0 and 1"),
        (np.full((4, 4), -0.1), np.ones((4, 4), bool), "between 0 and 1"),
        (np.ones((4, 4)), np.zeros((4, 4), bool), "invert"),
        (np.ones((0, 4)), np.zeros((0, 4), bool), "no cell"),
    ],
)
def test_what_cannot_be_scored_is_one_sentence(probability, labels, says):
    with pytest.raises(LabError, match=says):
        score(probability, labels)


def test_no_thresholds():
    with pytest.raises(LabError, match="at least one"):
        score(np.ones((4, 4)), np.ones((4, 4), bool), thresholds=())


def test_what_does_not_count_is_as_if_the_image_ended_there():
    probability = small_noise(120, 130)
    labels = small_noise(120, 130, 1) > 0.45
    plain = metrics.score(probability, labels)
    # even offsets: of two pixels that face each other, the one that is taken goes by parity
    widths = ((20, 7), (4, 40))
    around = np.pad(np.zeros(labels.shape, bool), widths, constant_values=True)
    for fill in (0.0, 0.9):
        padded = np.pad(probability, widths, constant_values=fill)
        truth = np.pad(labels, widths, constant_values=fill > 0.5)
        assert metrics.score(padded, truth, ignore=around) == plain
        cells = padded > 0.5
        inside = metrics.segments_score(probability > 0.5, labels)
        assert metrics.segments_score(cells, truth, ignore=around) == inside


def test_a_merge_that_does_not_count_costs_nothing():
    labels = np.ones((40, 60), bool)
    labels[:, 29:31] = False
    probability = np.where(labels, 0.9, 0.1)
    gap = np.zeros(labels.shape, bool)
    gap[15:25, 25:35] = True
    broken = np.where(gap, 0.9, probability)
    assert metrics.score(broken, labels).v_rand < 0.7
    found = metrics.score(broken, labels, ignore=gap)
    assert found.v_rand == 1 and found.pixel_accuracy == 1
    with pytest.raises(LabError, match="hold no cell pixel"):
        metrics.score(probability, labels, ignore=np.ones(labels.shape, bool))


def small_noise(height, width, seed=0):
    smooth = ndimage.gaussian_filter(np.random.default_rng(seed).random((height, width)), 2)
    return (smooth - smooth.min()) / np.ptp(smooth)
