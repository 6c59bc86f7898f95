"""Average precision against pycocotools, the evaluation that COCO itself publishes."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.nets.detector.boxes import Detections
from snnlab.results.detection import curve, matched, scores


def drawn(seed, images=6):
    """Truths, and boxes some of which are near one; scores that differ."""
    random = np.random.default_rng(seed)
    truth, found = [], []
    for _ in range(images):
        corner = random.uniform(0, 300, (random.integers(0, 9), 2))
        boxes = np.concatenate([corner, corner + random.uniform(15, 90, corner.shape)], 1)
        near = boxes[random.random(len(boxes)) < 0.8]
        near = near + random.normal(0, 5, near.shape)
        far = random.uniform(0, 300, (random.integers(0, 5), 2))
        far = np.concatenate([far, far + random.uniform(15, 90, far.shape)], 1)
        mine = np.concatenate([near, near[:2] + 2, far])
        order = random.permutation(len(mine))
        rank = np.sort(random.random(len(mine)))[::-1]
        truth.append(boxes)
        found.append(Detections(mine[order], rank, np.arange(len(mine))))
    return found, truth


def coco(found, truth, overlap):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    def wide(box):
        return [box[0], box[1], box[2] - box[0], box[3] - box[1]]

    annotations = [
        {"image_id": at, "category_id": 1, "bbox": wide(box), "area": 1.0, "iscrowd": 0}
        for at, boxes in enumerate(truth)
        for box in boxes.tolist()
    ]
    results = [
        {"image_id": at, "category_id": 1, "bbox": wide(box), "score": score}
        for at, one in enumerate(found)
        for box, score in zip(one.boxes.tolist(), one.scores.tolist(), strict=True)
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO()
        known.dataset = {
            "images": [{"id": at} for at in range(len(truth))],
            "categories": [{"id": 1, "name": "mitochondrion"}],
            "annotations": [one | {"id": at} for at, one in enumerate(annotations, 1)],
        }
        known.createIndex()
        judged = COCOeval(known, known.loadRes(results), "bbox")
        judged.params.iouThrs = np.array([overlap])
        judged.params.maxDets = [1000]
        judged.params.areaRng, judged.params.areaRngLbl = [[0, 1e10]], ["all"]
        judged.evaluate()
        judged.accumulate()
    return float(judged.eval["precision"].mean())


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("overlap", [0.5, 0.75])
def test_average_precision_is_cocos(seed, overlap):
    found, truth = drawn(seed)
    own = curve(found, truth, overlap).average_precision
    assert own == pytest.approx(coco(found, truth, overlap), abs=1e-9)
    assert 0.01 < own < 0.999  # nothing trivial is compared


def test_a_curve_by_hand():
    truth = [np.array([[0.0, 0, 10, 10], [20, 20, 30, 30]]), np.array([[5.0, 5, 15, 15]])]
    found = [
        Detections(np.array([[0.0, 0, 10, 10], [0, 0, 10, 9]]), np.array([0.9, 0.8]), np.arange(2)),
        Detections(np.array([[5.0, 5, 15, 15]]), np.array([0.5]), np.arange(1)),
    ]
    made = curve(found, truth, 0.5)
    np.testing.assert_allclose(made.precision, [1, 1 / 2, 2 / 3])
    np.testing.assert_allclose(made.recall, [1 / 3, 1 / 3, 2 / 3])
    # 34 recalls of 0..0.33 at precision 1, 33 of 0.34..0.66 at 2/3, the others at 0
    assert made.average_precision == pytest.approx((34 + 33 * 2 / 3) / 101)
    assert made.at(0.8) == (0.5, pytest.approx(1 / 3))
    assert made.at(0.95) == (1.0, 0.0)
    told = scores(found, truth, 0.85)
    assert (told.precision, told.recall, told.count_error) == (1.0, pytest.approx(1 / 3), 1.0)


@given(st.integers(0, 10_000))
def test_each_box_of_the_truth_is_taken_once(seed):
    found, truth = drawn(seed, 1)
    taken = matched(found[0], truth[0], 0.3)
    used = taken[taken >= 0]
    assert len(set(used)) == len(used)


def test_without_a_truth_there_is_no_average_precision():
    none = Detections(np.empty((0, 4)), np.empty(0), np.empty(0, int))
    assert np.isnan(curve([none], [np.empty((0, 4))], 0.5).average_precision)
    assert curve([none], [np.array([[0.0, 0, 4, 4]])], 0.5).average_precision == 0
    assert scores([none], [np.empty((0, 4))]).count_error == 0
