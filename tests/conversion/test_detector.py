"""The detector in spikes: simulators agree, and long runs say what the ANN says."""

import nengo
import numpy as np
import pytest

from snnlab import simulation
from snnlab.chips.mapping import map_tile
from snnlab.conversion.detector import METHODS, convert, rates
from snnlab.errors import LabError
from snnlab.lab import chips
from snnlab.nets.detector.graph import parted
from snnlab.nets.graph.forward import answer
from snnlab.settings import Settings
from snnlab.simulation.event import running
from tests.small_detector import PLAN, detector, image

SETTINGS = Settings(method="data-normalisation", model="mitochondria")
NET, IMAGE = detector(), image()


def network(**changes):
    return convert(NET, IMAGE, SETTINGS.replace(**changes))


def same(one, other, made):
    return all(
        np.array_equal(one[population.name].words, other[population.name].words)
        for population in made.populations
    )


@pytest.mark.parametrize("changes", [{}, {"reset": "zero"}, {"reset": "zero", "synapse_ms": 5.0}])
def test_event_in_double_precision_and_nengo_give_the_same_spikes(changes):
    made = network(**changes)
    ours = running.run(made, 24, dtype="float64")
    theirs = simulation.simulator("nengo").run(made, 24)
    assert ours.spikes() > 10_000
    assert same(ours, theirs, made)


def test_nengo_dl_gives_the_same_answer():
    made = network()
    ours = running.run(made, 12, dtype="float64")
    theirs = simulation.simulator("nengo-dl").run(made, 12)
    equal = np.concatenate(
        [(ours[p.name].words == theirs[p.name].words).all(axis=0) for p in made.populations]
    ).mean()
    print(f"{100 * equal:.2f} % of the trains are equal")
    assert equal > 0.9
    one, other = made.answer(ours), made.answer(theirs)
    assert np.abs(one - other).max() < 0.1 * np.abs(one).max()


def test_neurons_and_weights_are_as_many_as_the_anns():
    made = network()
    shapes = NET.graph(*IMAGE.shape).shapes
    steps = [step.name for step in PLAN.steps() if step.neurons]
    assert [one.name for one in made.populations] == steps
    assert all(one.shape == shapes[one.name] for one in made.populations)
    # what is added comes in by two connections into one population
    into = [c.label for c in made.network.all_connections if c.label.endswith("to level4")]
    assert sorted(into) == ["down4 to level4", "level5 to level4"]
    (up,) = (c for c in made.network.all_connections if c.label == "level5 to level4")
    assert isinstance(up.transform, nengo.transforms.ConvolutionTranspose)


@pytest.mark.parametrize("method", METHODS)
def test_long_runs_say_what_the_ann_says(method):
    """Where rates are cut off above a percentile, an error stays: so with the largest."""
    expected = answer(NET.graph(*IMAGE.shape), IMAGE[None, ..., None])[0]
    made = network(method=method, percentile=100.0, upper_hz=1000.0)
    off = [
        np.abs(made.answer(running.run(made, steps)) - expected).mean() / np.abs(expected).mean()
        for steps in (20, 600)
    ]
    assert off[1] < 0.03
    assert off[1] < 0.5 * off[0]


def test_signed_values_are_read_off_the_chip():
    made = network()
    _, offsets = parted(made.answer(running.run(made, 60)))
    assert (offsets < 0).any() and (offsets > 0).any()
    assert not any(one.name.startswith("box-level") for one in made.populations)


def test_rates_follow_the_method():
    top = {name: float(values[0, -1]) for name, values in NET.active.items()}
    ecc = rates(NET, SETTINGS.replace(method="ecc"))
    for name, high in top.items():
        assert ecc[name] * high == pytest.approx(1000)
    slow = rates(NET, SETTINGS.replace(method="rate-scaling", percentile=100.0, upper_hz=120.0))
    assert slow["down1"] * top["down1"] == pytest.approx(120)


def test_methods_for_other_nets_are_refused():
    with pytest.raises(LabError, match="cannot be converted by qcfs; choose"):
        rates(NET, SETTINGS.replace(method="qcfs"))


def test_a_tile_of_it_is_laid_out_over_cores():
    """Each neuron but those of the first layer, a host's, lies in one block of at most 1024."""
    settings = SETTINGS.replace(reset="zero", synapse_ms=5.0, timesteps=12)
    made = convert(NET, IMAGE[:64, :64], settings)
    layers, recording = chips.record(made, settings)
    found = map_tile(layers, recording, IMAGE[:64, :64], (0, 0, 64, 64), None, ("greedy",))
    on_chip = [one.name for one in made.populations if one.on_chip]
    assert on_chip == [one.name for one in made.populations[1:]]
    assert set(found.block_shapes) == set(on_chip)
    assert all(np.prod(shape) <= 1024 for shape in found.block_shapes.values())
    assert found.partitions["greedy"].cores.sum() == len(found.blocks)
