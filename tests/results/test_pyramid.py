"""The neurons of an anchor: those from which its score is computed, and what covers them."""

import numpy as np
import pytest
from scipy.special import expit

from snnlab.conversion.detector import convert
from snnlab.nets.detector.anchors import PLACES
from snnlab.nets.detector.graph import all_anchors, parted
from snnlab.nets.graph.forward import forward
from snnlab.results.anchored import chain, located, populations
from snnlab.results.pyramid import gathered
from snnlab.settings import Settings
from snnlab.simulation.event import running
from tests.small_detector import PLAN, detector, image

NET, SHOWN = detector(), image()
SETTINGS = Settings(method="data-normalisation")


@pytest.fixture(scope="module")
def run():
    network = convert(NET, SHOWN, SETTINGS)
    ann = dict(forward(NET.graph(*SHOWN.shape), SHOWN[None, ..., None]))
    return network, running.run(network, 40), {name: v[0] for name, v in ann.items() if v.ndim == 4}


def test_an_anchor_is_where_its_box_is():
    at = all_anchors(*SHOWN.shape)
    for place in range(0, len(at), 7):
        level, row, column = located(place, *SHOWN.shape)
        x0, y0, x1, y1 = at[place]
        assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx(
            ((column + 0.5) * 2**level, (row + 0.5) * 2**level)
        )
    with pytest.raises(ValueError, match="no anchor"):
        located(len(at), *SHOWN.shape)


def test_a_chain_goes_down_to_its_level_and_into_both_subnets():
    assert chain(PLAN, 4) == (
        ("down5", 5), ("level5", 5), ("down4", 4), ("level4", 4), ("score1-level4", 4),
        ("box1-level4", 4),
    )  # fmt: skip
    assert {name for name, _ in chain(PLAN, 5)} < populations(PLAN)


def test_scores_can_be_computed_from_what_is_kept(run):
    """By hand, from the last layer of the score's subnet: for ANN and SNN."""
    network, recording, ann = run
    places = np.random.default_rng(0).choice(len(all_anchors(*SHOWN.shape)), 30, replace=False)
    kept = gathered(PLAN, network, recording, ann, places)
    said = parted(network.answer(recording).astype(float))[0]
    expected = parted(ann_answer())[0]
    for place in places:
        layers = {one.name: one for one in kept.of(int(place))}
        level = located(int(place), *SHOWN.shape)[0]
        last = layers[f"score1-level{level}"]
        kernel = NET.kernels["score-readout"][0, 0][:, place_in(place)]
        bias = NET.biases["score-readout"][place_in(place)]
        assert last.snn @ kernel + bias == pytest.approx(said[place], abs=1e-3)
        assert last.ann @ kernel + bias == pytest.approx(expected[place], abs=1e-3)
        for one in layers.values():
            assert one.raster.shape == (40, len(one.snn)) and one.raster.max(initial=0) <= 1
            np.testing.assert_allclose(one.raster.sum(0) / 0.04, one.rates_hz)
    assert 0 < expit(said).max() < 1 and kept.nbytes < 200_000


def test_what_was_not_kept_is_no_answer(run):
    network, recording, ann = run
    kept = gathered(PLAN, network, recording, ann, np.array([0]))
    assert kept.of(0)
    with pytest.raises(KeyError):
        kept.of(200)


def place_in(place: int) -> int:
    """Which of the anchors of its place; each level's number is a multiple of them."""
    return int(place) % PLACES


def ann_answer() -> np.ndarray:
    from snnlab.nets.graph.forward import answer

    return answer(NET.graph(*SHOWN.shape), SHOWN[None, ..., None])[0].astype(float)
