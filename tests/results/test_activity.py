"""Activity by layer, against what the simulator counts synapse by synapse."""

import pytest

from snnlab import conversion
from snnlab.results.activity import activity
from snnlab.settings import Settings
from snnlab.simulation import event
from tests import small_models


@pytest.mark.parametrize("name", ["rate-scaling", "data-normalisation", "bistable"])
@pytest.mark.parametrize("pools", [False, True])
def test_synaptic_events_are_those_of_the_simulator(name, pools):
    """Relays, gates and pixels included; the readout's, which no simulator runs, on top."""
    if pools and name == "bistable":
        pytest.skip("graded spikes do not go through gates")
    model = small_models.pooled_model(6) if pools else small_models.model(6)
    settings = Settings(method=name, timesteps=60, input="poisson")
    network = conversion.method(name).convert(model, small_models.image(32), settings)
    recording = event.run(network, 60, threads=1)
    found = activity(model, network, recording)
    assert [layer.name for layer in found] == [p.name for p in network.populations]
    last = found[-1]
    readout = last.spikes * model.layers[-1].channels
    total = sum(layer.synaptic_events for layer in found)
    assert total == sum(recording.synaptic_events().values()) + readout
    # in four tiles, each with what is inside of it
    parts = [
        activity(model, network, recording, (slice(y, y + 16), slice(x, x + 16)))
        for y in (0, 16)
        for x in (0, 16)
    ]
    assert sum(layer.synaptic_events for part in parts for layer in part) == total
    assert sum(layer.spikes for part in parts for layer in part) == recording.spikes()
