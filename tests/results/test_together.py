"""Several sections together, against a recomputation from the formula with scikit-image alone."""

import numpy as np
import pytest
from scipy import ndimage
from skimage.metrics import contingency_table
from skimage.segmentation import watershed

from snnlab.errors import LabError
from snnlab.results import metrics
from snnlab.results.metrics import OFFICIAL, marks, score, together
from tests.results.test_metrics import noisy, voronoi


def halved(seed: int, left: float, membrane: float) -> tuple[np.ndarray, np.ndarray]:
    """Cells that come apart above a threshold on the left, membranes that leak below another."""
    labels = voronoi(96, 8, seed)
    probability = np.where(labels, 0.95, membrane).astype(np.float32)
    probability[:, :48] = np.where(labels[:, :48], left, 0.05)
    return probability, labels


# one section leaks below 0.7, one comes apart above 0.4: no threshold is best for both
SECTIONS = [halved(1, 0.95, 0.65), halved(2, 0.45, 0.05), noisy(0, 96)]
# which of two pixels a front reaches first at a meeting is each watershed's own choice
TIES = 3e-3


def f_score(cells: np.ndarray, labels: np.ndarray) -> float:
    """V_Rand of a mask after thinning: sum p_ij^2 over the mean of both marginals' squares."""
    truth, _ = ndimage.label(labels)
    segments, _ = ndimage.label(cells)
    thinned = watershed(np.zeros(cells.shape), segments, connectivity=1, watershed_line=True)
    if not segments.any():
        thinned = segments
    # a cell pixel of the truth that is called membrane is a segment of its own
    alone = thinned == 0
    thinned[alone] = thinned.max() + 1 + np.arange(np.count_nonzero(alone))
    p = contingency_table(truth, thinned, ignore_labels=[0], normalize=True).tocsr()[1:]
    p = p / p.sum()
    squares = [np.square(np.asarray(p.sum(axis))).sum() for axis in (0, 1)]
    return float(p.multiply(p).sum() / (0.5 * squares[0] + 0.5 * squares[1]))


CURVES = np.array([[f_score(p > at, truth) for at in OFFICIAL] for p, truth in SECTIONS])


def test_v_rand_is_the_largest_mean_at_one_threshold():
    found = together([marks(p, truth) for p, truth in SECTIONS])
    assert found.v_rand == pytest.approx(CURVES.mean(0).max(), abs=TIES)
    assert found.best_threshold == OFFICIAL[int(CURVES.mean(0).argmax())]
    # each section's own best is another number: larger, and no threshold reaches it
    own = np.mean([score(p, truth).v_rand for p, truth in SECTIONS])
    assert own == pytest.approx(CURVES.max(1).mean(), abs=TIES)
    assert len(set(CURVES.argmax(1))) > 1 and own > found.v_rand + 3 * TIES


@pytest.mark.parametrize("at", [0.3, 0.5, 0.7])
def test_at_a_threshold_it_is_the_mean_there(at):
    found = together([marks(p, truth, at) for p, truth in SECTIONS])
    expected = CURVES[:, OFFICIAL.index(at)].mean()
    assert found.v_rand_at_threshold == pytest.approx(expected, abs=TIES)
    right = np.mean([(p > at) == truth for p, truth in SECTIONS])
    assert found.pixel_accuracy == pytest.approx(right)


def test_scores_at_a_half_stand_beside_those_of_any_threshold():
    plain = together([marks(p, truth) for p, truth in SECTIONS])
    other = together([marks(p, truth, 0.8) for p, truth in SECTIONS])
    assert other.v_rand_at_half == plain.v_rand_at_half == plain.v_rand_at_threshold
    assert other.pixel_accuracy_at_half == plain.pixel_accuracy_at_half == plain.pixel_accuracy
    assert other.pixel_accuracy != plain.pixel_accuracy


def test_v_info_has_a_threshold_of_its_own():
    parts = [marks(p, truth) for p, truth in SECTIONS]
    assert together(parts).v_info == np.mean([one.v_info for one in parts], axis=0).max()


def test_one_section_has_its_own_best():
    probability, labels = SECTIONS[1]
    assert together([marks(probability, labels)]) == score(probability, labels)


def test_no_sections_and_sections_of_other_thresholds_are_refused():
    probability, labels = SECTIONS[0]
    with pytest.raises(LabError, match="no section to score"):
        together([])
    few = marks(probability, labels, thresholds=metrics.QUICK)
    with pytest.raises(ValueError, match="different thresholds"):
        together([few, marks(probability, labels)])
