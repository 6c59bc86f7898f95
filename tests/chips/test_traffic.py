"""Traffic against a walk over every spike and every synapse."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnlab.chips.traffic import by_group, measure
from snnlab.chips.wiring import Cut
from snnlab.errors import LabError
from snnlab.simulation.packing import pack
from snnlab.simulation.recording import SpikeTrains
from tests.chips.nets import random_shapes, unet


def brute_force(cut, recording):
    """Everything that `measure` counts, spike by spike, from the connections' full matrices."""
    cores, steps = cut.cores, recording.timesteps
    numbers = {layer.name: cut.block_of(layer).ravel() for layer in cut.chip_layers}
    found = {
        name: np.zeros((cores, steps), int)
        for name in ("spiked", "sent", "received", "from_host", "events")
    }
    sends = np.zeros((cores, cores), int)
    for layer in cut.layers:
        spikes = recording[layer.name].raster(np.arange(recording[layer.name].neurons))
        behind = [
            # a weight that was rounded to zero is a synapse as well
            (_ones(link.operator).matrix().transposed(), numbers[other.name])
            for other in cut.chip_layers
            for link in other.links
            if link.source == layer.name
        ]
        for neuron in np.flatnonzero(spikes.any(axis=0)):
            reached = [
                target[matrix.indices[matrix.indptr[neuron] : matrix.indptr[neuron + 1]]]
                for matrix, target in behind
            ]
            blocks = np.concatenate([[], *reached]).astype(int)
            for step in np.flatnonzero(spikes[:, neuron]):
                np.add.at(found["events"], (blocks, step), 1)
                if not layer.on_chip:
                    found["from_host"][np.unique(blocks), step] += 1
                    continue
                own = numbers[layer.name][neuron]
                found["spiked"][own, step] += 1
                for target in np.unique(blocks):
                    sends[own, target] += 1
                    found["sent"][own, step] += 1
                    found["received"][target, step] += 1
    return sends, found


def _ones(operator):
    return replace(operator, kernel=np.ones_like(operator.kernel))


@pytest.mark.parametrize("seed", range(4))
def test_traffic_is_counted_as_by_hand(seed):
    _, layers, recording = unet((2, 4), 8, 30)
    random = np.random.default_rng(seed)
    cut = Cut(layers, random_shapes(layers, lambda a, b: int(random.integers(a, b + 1))))
    traffic = measure(cut, recording)
    sends, wanted = brute_force(cut, recording)
    assert sends.sum() > 0
    assert (traffic.sends.toarray() == sends).all()
    for name, values in wanted.items():
        assert (getattr(traffic, name) == values).all(), name
    assert traffic.to_host.sum() == recording[layers[-1].name].total()


def test_edges_are_groups_of_neurons_that_reach_the_same():
    _, layers, recording = unet()
    shapes = {layer.name: (4, 8, 4) for layer in layers if layer.on_chip}
    edges = measure(Cut(layers, shapes), recording).edges
    keys = {(int(edges.source[i]), tuple(edges.of(i))) for i in range(len(edges))}
    assert len(keys) == len(edges)
    assert all((np.diff(edges.of(i)) > 0).all() for i in range(len(edges)))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 130), st.integers(1, 40))
def test_spikes_by_group(seed, steps, neurons):
    """Words, further words and further spikes of a step, against plain sums."""
    random = np.random.default_rng(seed)
    spikes = random.poisson(0.4, (steps, neurons))
    words, extra = pack(spikes)
    trains = SpikeTrains("a", (1, 1, neurons), words, steps, extra=extra)
    group = random.integers(0, 5, neurons)
    wanted = np.zeros((5, steps), int)
    np.add.at(wanted, group, spikes.T)
    assert (by_group(trains, group, 5) == wanted).all()


def test_another_size_is_refused():
    _, layers, _ = unet()
    _, _, other = unet((4, 8), 8)
    shapes = {layer.name: (4, 4, 4) for layer in layers if layer.on_chip}
    with pytest.raises(LabError, match="size"):
        measure(Cut(layers, shapes), other)
