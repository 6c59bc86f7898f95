"""Counts of graphs: multiply-accumulates by hand, and against the lab's U-Net."""

import numpy as np

from snnlab.energy import graphs
from snnlab.energy.work import macs
from snnlab.lab import networks
from snnlab.nets.graph.unet import unet_graph
from tests import small_models
from tests.conversion.graphs import nets


def test_macs_by_hand():
    found = graphs.macs(networks.demo())
    # of 20 x 20 outputs of 3 taps an axis, the outer ones use 2
    assert found["conv1(1)"] == (3 * 18 + 2 * 2) ** 2 * 8
    # stride 2: what is padded lies behind, so of 5 windows the last one uses 2
    assert found["conv2(1)"] == (3 * 4 + 2) ** 2 * 8 * 16
    assert found["answer(1)"] == 400 * 10


def test_macs_of_the_labs_unet_are_those_that_energy_counts():
    model = small_models.model(3)
    expected = macs(model.layers, 32, 32)
    by_layer, host = graphs.macs_into(unet_graph(model, 32, 32))
    assert by_layer | {model.layers[-1].name: host} == expected


def test_groups_use_their_own_channels_only():
    graph = nets.classifier()
    found = graphs.macs(graph)
    assert found["depth"] == (3 * 6 + 2 * 2) ** 2 * 6
    assert found["point"] == 8 * 8 * 6 * 6


def test_work_charges_every_update_and_the_host():
    graph = networks.demo()
    work = graphs.work(
        graph, {"conv1": 3200, "pool": 800, "conv2": 400}, (10, 5, 2), (10, 90, 20), 8
    )
    assert work.spikes == 17 and work.events == 120 and work.inactive == 0
    assert work.readout_macs == 4000
    assert [layer.name for layer in work.between] == ["pool"] and work.ann_neurons == 3600
    assert np.isclose(work.active, 4400 * 8)
