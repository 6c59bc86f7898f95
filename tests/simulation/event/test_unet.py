"""The event-driven simulator on the U-Net: precision, threads, cancelling, memory."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nengo
import numpy as np
import pytest

from snnlab.errors import Cancelled, LabError
from snnlab.simulation import nengo_reference
from snnlab.simulation.event import Unsupported, prepare, run
from snnlab.simulation.network import Population, Readout, SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire, Tiled
from tests.simulation.event.unets import random_unet


def differing(one, other):
    """Share of neurons whose trains differ, over all populations."""
    differ = total = 0
    for name in (population.name for population in one.populations):
        differ += (one[name].words != other[name].words).any(axis=0).sum()
        total += one[name].neurons
    return differ / total


@pytest.mark.parametrize(("reset", "tau"), [("subtraction", None), ("zero", 0.005)])
def test_the_unet_spikes_as_in_nengo(reset, tau):
    """In double precision, with weights of any value: to the last spike."""
    network = random_unet(32, reset, tau)
    reference = nengo_reference.run(network, 66)
    recording = run(network, 66, dtype="float64", threads=2)
    assert differing(reference, recording) == 0
    rates = [population.rates_hz().mean() for population in recording.populations]
    assert all(2 < rate < 150 for rate in rates), rates


@pytest.mark.parametrize(
    ("reset", "tau", "steps"),
    [
        ("subtraction", None, 64),
        ("zero", None, 64),
        ("subtraction", 0.005, 200),
    ],
)
def test_single_precision_gives_the_spikes_of_double_precision(monkeypatch, reset, tau, steps):
    """Since neurons near their threshold are run again; without that, they do not."""
    network = random_unet(96, reset, tau)
    exact = run(network, steps, dtype="float64", threads=2)
    assert differing(exact, run(network, steps, threads=2)) == 0
    monkeypatch.setattr(prepare, "DOUBT", 0.0)
    assert differing(exact, run(network, steps, threads=2)) > 0


def lands_on_thresholds(random, signs, lower):
    """Three sources a neuron and weights of 1/6 .. 1/29: sums that often come to one exactly."""
    size, channels = 24, 16
    with nengo.Network() as network:
        source = nengo.Ensemble(
            size * size * 3,
            1,
            neuron_type=IntegrateAndFire(),
            gain=nengo.dists.Choice([1]),
            bias=1000 / random.integers(1, 12, size * size * 3),
        )
        target = nengo.Ensemble(
            size * size * channels,
            1,
            neuron_type=IntegrateAndFire(
                lower=lower, initial_state={"voltage": nengo.dists.Choice([0.5])}
            ),
            gain=nengo.dists.Choice([1]),
            bias=Tiled(100 / random.integers(1, 12, channels)),
        )
        # a spike's area is 1, so that a weight is what the potential goes up by
        weights = random.choice(signs, (1, 1, 3, channels)) / random.integers(
            6, 30, (1, 1, 3, channels)
        )
        transform = nengo.Convolution(channels, (size, size, 3), kernel_size=(1, 1), init=weights)
        nengo.Connection(source.neurons, target.neurons, transform=transform, synapse=None)
    populations = (
        Population("source", source, (size, size, 3), 1000.0, True),
        Population("target", target, (size, size, channels), 1000.0, True),
    )
    readout = Readout(np.ones(channels, np.float32), 0.0)
    return SpikingNetwork(network, None, populations, readout, None, "subtraction")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("signs", "lower"), [([1], -np.inf), ([1, 1, -1], -1.0)])
def test_potentials_on_their_threshold_within_the_proven_margin(monkeypatch, seed, signs, lower):
    """3 events a step and 32 in all at most, potentials below 1.6: 310 roundings, docs/event.md."""
    network = lands_on_thresholds(np.random.default_rng(seed), signs, lower)
    exact = run(network, 64, dtype="float64", threads=2)
    assert differing(exact, run(network, 64, threads=2)) == 0
    monkeypatch.setattr(prepare, "DOUBT", 0.0)
    assert differing(exact, run(network, 64, threads=2)) > 0.01


def test_several_spikes_in_a_step_are_settled_too(monkeypatch):
    """With so large a doubt that most neurons are run again."""
    network = random_unet(
        32,
        neurons=nengo.SpikingRectifiedLinear(
            1 / 400, initial_state={"voltage": nengo.dists.Choice([0.5])}
        ),
    )
    for population in network.populations:
        population.ensemble.gain = nengo.dists.Choice([12])
    exact = run(network, 70, dtype="float64", threads=2)
    assert sum(len(population.extra) for population in exact.populations) > 1000
    monkeypatch.setattr(prepare, "DOUBT", 0.1)
    quick = run(network, 70, threads=2)
    for population in exact.populations:
        np.testing.assert_array_equal(population.words, quick[population.name].words)
        np.testing.assert_array_equal(population.extra, quick[population.name].extra)


def test_threads_do_not_change_spikes():
    network = random_unet(64, tau=0.01)
    one, two = (run(network, 70, threads=threads) for threads in (1, 2))
    for population in one.populations:
        np.testing.assert_array_equal(population.words, two[population.name].words)
        np.testing.assert_array_equal(population.extra, two[population.name].extra)


def test_runs_at_the_same_time_do_not_disturb_each_other():
    networks = [random_unet(48, seed=seed) for seed in range(3)]
    alone = [run(network, 70, threads=2) for network in networks]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda network: run(network, 70, threads=2), networks * 4))
    for number, recording in enumerate(together):
        assert differing(alone[number % 3], recording) == 0


def test_dropping_spikes_on_the_way_does_not_change_the_rest():
    network = random_unet(32)
    name = network.populations[-1].name
    everything, last = run(network, 64), run(network, 64, keep=[name])
    assert [population.name for population in last.populations] == [name]
    np.testing.assert_array_equal(everything[name].words, last[name].words)
    assert last.synapses == ()


def test_progress_goes_from_layer_to_layer():
    network = random_unet(32)
    told = []
    run(network, 10, progress=lambda fraction, stage: told.append((fraction, stage)))
    assert [stage for _, stage in told] == [population.name for population in network.populations]
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1


def test_cancel_stops_within_a_row_of_a_tile():
    """Asked from another thread in the middle of a long run."""
    network = random_unet(64)
    run(network, 1)  # compiled
    stop = threading.Event()
    asked = []

    def ask():
        asked.append(time.perf_counter())
        stop.set()

    timer = threading.Timer(0.3, ask)
    timer.start()
    with pytest.raises(Cancelled):
        run(network, 40_000, cancel=stop.is_set, threads=2)
    timer.join()
    # generous, since the machine may be busy; the run itself takes minutes
    assert time.perf_counter() - asked[0] < 5


# in a process of its own: what other tests leave behind comes and goes while this one measures
GROWTH = """
import gc
import psutil
from snnlab.simulation.event import run
from tests.simulation.event.unets import random_unet
network = random_unet(32)
def held():
    gc.collect()
    return psutil.Process().memory_info().rss
for _ in range(20):
    run(network, 64, threads=2)
before = held()
for _ in range(200):
    recording = run(network, 64, threads=2)
print(held() - before, sum(population.words.nbytes for population in recording.populations))
"""


def test_memory_does_not_grow_over_200_runs():
    done = subprocess.run(
        [sys.executable, "-c", GROWTH],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    growth, words = map(int, done.stdout.split())
    assert growth < 20 * words  # a tenth of what 200 forgotten recordings would hold


def test_synaptic_events_by_hand():
    """Every spike counts what its impulse, sent through Nengo's transform, touches."""
    network = random_unet(16)
    recording = run(network, 64)
    events = recording.synaptic_events()
    by_target = {population.ensemble: population.name for population in network.populations}
    for connection in network.network.all_connections:
        if connection.pre_obj is network.image:
            continue
        source = by_target[connection.pre_obj.ensemble]
        target = by_target[connection.post_obj.ensemble]
        assert events.pop((source, target)) == by_hand(
            connection.transform, recording[source].counts()
        )
    assert not events


def by_hand(transform, counts):
    """What Nengo sends on if every spike is 1 and every weight is 1."""
    shapes = [
        (*shape.spatial_shape, 1) for shape in (transform.input_shape, transform.output_shape)
    ]
    options = {"kernel_size": transform.kernel_size, "strides": transform.strides}
    options |= {"padding": transform.padding, "init": np.ones((*transform.kernel_size, 1, 1))}
    if isinstance(transform, nengo.Convolution):
        ones = nengo.Convolution(1, shapes[0], **options)
    else:
        ones = nengo.transforms.ConvolutionTranspose(1, *shapes, **options)
    with nengo.Network() as network:
        source = nengo.Node(counts.sum(axis=2).ravel())
        target = nengo.Node(size_in=int(np.prod(shapes[1])))
        nengo.Connection(source, target, transform=ones, synapse=None)
        probe = nengo.Probe(target)
    with nengo.Simulator(network, progress_bar=False) as simulator:
        simulator.step()
    return round(simulator.data[probe].sum()) * transform.n_filters


def test_mistakes():
    network = random_unet(16)
    with pytest.raises(LabError, match="1 or more"):
        run(network, 0)
    with pytest.raises(Unsupported, match="encoder do not spike"):
        run(random_unet(16, neurons=nengo.RectifiedLinear()), 10)
