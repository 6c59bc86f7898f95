"""The classifier that ships: its training learns, and its card holds."""

import numpy as np
import pytest

from snnlab.data import digits as data
from snnlab.errors import Cancelled
from snnlab.lab import converting, networks
from snnlab.nets.graph.net import Graph
from snnlab.training import digits

pytestmark = pytest.mark.filterwarnings("ignore:You are saving", "ignore:__array__")


def test_some_steps_lower_the_loss_and_give_a_net_that_the_lab_reads():
    graph, losses = digits.train(60)
    assert isinstance(graph, Graph) and graph.name == digits.NAME
    assert len(losses) == 60
    assert np.mean(losses[:10]) > 1.9  # of ten classes guessing costs ln 10 = 2.3
    assert np.mean(losses[-10:]) < 0.6 * np.mean(losses[:10])
    assert digits.accuracy(graph, 200) > 0.5


def test_a_training_can_be_stopped():
    with pytest.raises(Cancelled):
        digits.train(10, cancel=lambda: True)


def test_the_shipped_net_is_what_its_card_says():
    """On digits of another seed than the card's; 0.015 is five standard errors of 2000."""
    graph, card = networks.demo(), networks.demo_card()
    assert graph.image_shape == (data.SIDE, data.SIDE, 1)
    assert card["weights"] == sum(node.layer.weights for node in graph.nodes)
    fresh = digits.accuracy(graph, 2000, digits.JUDGED + 1)
    assert fresh == pytest.approx(card["ann"]["accuracy"], abs=0.015)
    assert fresh > 0.95


def test_the_shipped_nets_spikes_say_what_the_ann_says():
    said = networks.demo_card()["snn"]
    fresh = data.drawn(60, seed=digits.JUDGED + 2)
    few, settled = converting.compared(
        networks.demo(), fresh, timesteps=(1, said["timesteps"]), percentile=99.9
    )
    assert settled.agreement >= 0.97
    assert settled.snn_accuracy == pytest.approx(said["accuracy"], abs=0.05)
    assert few.agreement < settled.agreement  # one step says less
