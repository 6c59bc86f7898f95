"""What the reference records is what Nengo's own probes see."""

import nengo
import numpy as np
import pytest

from snnlab import simulation
from snnlab.conversion import rate_scaling
from snnlab.errors import Cancelled, LabError
from snnlab.settings import Settings
from snnlab.simulation import nengo_reference
from snnlab.simulation.network import SpikingNetwork
from tests import small_models


def network(settings=None, seed=6, size=32):
    return rate_scaling.convert(
        small_models.model(seed), small_models.image(size), settings or Settings()
    )


@pytest.mark.parametrize(
    "settings", [Settings(), Settings(reset="zero", synapse_ms=4)], ids=["plain", "filtered"]
)
def test_the_recording_is_what_probes_see(settings):
    made = network(settings)
    recording = nengo_reference.run(made, 70)
    with made.network:
        probes = {p.name: nengo.Probe(p.ensemble.neurons) for p in made.populations}
    with nengo.Simulator(made.network, progress_bar=False) as simulator:
        simulator.run_steps(70)
    assert (recording.timesteps, recording.simulator, recording.dt) == (70, "nengo", 0.001)
    assert recording.seconds > 0
    for population in made.populations:
        trains = recording[population.name]
        assert trains.shape == population.shape
        expected = simulator.data[probes[population.name]] * population.rate_hz * 0.001
        np.testing.assert_allclose(trains.raster(np.arange(trains.neurons)), expected, atol=1e-6)
        assert expected.any()
        counts = np.rint(expected[20:60].sum(0)).reshape(population.shape)
        np.testing.assert_array_equal(trains.counts(20, 60), counts)


def test_neurons_that_spike_more_than_once_a_step_are_recorded_so():
    """Nengo's own SpikingRectifiedLinear may; the sums are still Nengo's."""
    start = np.array([0, 0.2, 0.3])
    with nengo.Network() as made:
        image = nengo.Node(np.ones(2))
        ensemble = nengo.Ensemble(
            3, 1, gain=nengo.dists.Choice([1.0]), bias=[500.0, 1500.0, 3250.0],
            neuron_type=nengo.SpikingRectifiedLinear(0.5, initial_state={"voltage": start}),
        )  # fmt: skip
        probe = nengo.Probe(ensemble.neurons)
    from snnlab.simulation.network import Population, Readout

    wrapped = SpikingNetwork(
        made, image, (Population("only", ensemble, (1, 1, 3), 2.0, True),),
        Readout(np.ones(3, np.float32), 0.0), None, "subtraction",
    )  # fmt: skip
    trains = nengo_reference.run(wrapped, 40)["only"]
    with nengo.Simulator(made, progress_bar=False) as simulator:
        simulator.run_steps(40)
    expected = simulator.data[probe] * 0.001 / 0.5
    assert expected.max() > 3
    np.testing.assert_array_equal(trains.raster(np.arange(3)), np.rint(expected))
    np.testing.assert_array_equal(trains.counts().ravel(), np.rint(expected.sum(0)))


@pytest.mark.parametrize("name", ["nengo", "nengo-dl", "event"])
class TestEverySimulator:
    def test_progress_goes_from_nothing_to_all(self, name):
        told = []
        simulation.simulator(name).run(
            network(), 20, progress=lambda share, stage: told.append((share, stage))
        )
        shares = [share for share, _ in told]
        assert shares == sorted(shares) and shares[-1] == pytest.approx(1)
        assert all(isinstance(stage, str) and stage for _, stage in told)

    def test_cancel_stops_the_run(self, name):
        with pytest.raises(Cancelled):
            simulation.simulator(name).run(network(), 30, cancel=lambda: True)

    @pytest.mark.parametrize("timesteps", [0, -3])
    def test_no_timesteps_are_refused(self, name, timesteps):
        with pytest.raises(LabError, match="timesteps must be 1 or more"):
            simulation.simulator(name).run(network(), timesteps)

    def test_the_same_network_may_be_run_again(self, name):
        made = network()
        one, other = (simulation.simulator(name).run(made, steps) for steps in (9, 20))
        for trains in one.populations:
            longer = other[trains.name]
            np.testing.assert_array_equal(trains.counts(), longer.counts(0, 9))
        assert one.spikes() > 0 and other.simulator == name


def test_simulators_are_found_by_name_and_say_what_they_are():
    for item in simulation.SIMULATORS:
        assert simulation.simulator(item.name) is item
        assert item.summary.endswith(".") and item.limits.endswith(".")
    with pytest.raises(LabError, match="no simulator 'brian'; choose one of event, nengo,"):
        simulation.simulator("brian")
