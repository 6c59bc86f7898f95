"""A directly trained net runs as its equation says, written out in NumPy with TensorFlow's sums."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab import conversion
from snnlab.conversion import surrogate
from snnlab.errors import LabError
from snnlab.settings import Settings
from snnlab.simulation import event, nengo_reference
from snnlab.training.net import TrainableNet
from tests import small_models


@pytest.mark.parametrize("reset", ["subtraction", "zero"])
def test_ten_steps_are_those_of_the_training(reset):
    """The forward pass of `TrainableNet`, once a step, with neurons that remember."""
    model = small_models.untuned(6)
    model = replace(
        model,
        rate_hz=dict.fromkeys(model.rate_hz, 1000.0),
        card={"settings": {"method": "surrogate"}},
    )
    image = small_models.image(32)
    net = TrainableNet(model.layers, model.rate_hz)
    state = net.state()
    for layer in model.layers:
        state[f"{layer.name}/kernel"] = model.kernels[layer.name]
        state[f"{layer.name}/bias"] = model.biases[layer.name]
    net.restore(state)
    names = iter(())
    potential = {layer.name: 0.0 for layer in model.populations()}

    def curve(rate_hz):
        name = next(names)

        def activation(z):
            potential[name] = potential[name] + z.numpy()
            fired = (potential[name] >= 1).astype(np.float32)
            potential[name] = (
                potential[name] - fired if reset == "subtraction" else potential[name] * (1 - fired)
            )
            return fired

        return activation

    counts = {layer.name: 0.0 for layer in model.populations()}
    for _ in range(10):
        names = iter(layer.name for layer in model.populations())
        _, active = net(image[None, :, :, None], curve)
        for name, fired in active.items():
            counts[name] = counts[name] + np.asarray(fired)[0]
    settings = Settings(reset=reset, initial=0.0, timesteps=10)
    recording = event.run(surrogate.convert(model, image, settings), 10, threads=1)
    for name, expected in counts.items():
        # a potential at its threshold may go either way in single precision
        assert (recording[name].counts() != expected).mean() < 0.002
        assert expected.mean() > 0.05


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_event_simulator_spikes_as_nengo(dtype):
    """With a threshold of its own in each layer, as training leaves them."""
    model = small_models.untuned(6)
    rates = {name: 800.0 + 60 * at for at, name in enumerate(model.rate_hz)}
    model = replace(model, rate_hz=rates, card={"settings": {"method": "surrogate"}})
    settings = Settings(timesteps=10)
    network = conversion.method("surrogate").convert(model, small_models.image(32), settings)
    reference = nengo_reference.run(network, 10)
    found = event.run(network, 10, dtype=dtype, threads=1)
    for trains in reference.populations:
        np.testing.assert_array_equal(found[trains.name].words, trains.words)
        assert trains.total() > 0


def test_a_model_that_was_not_trained_for_it_is_refused():
    with pytest.raises(LabError, match="small-6 was not trained for surrogate"):
        surrogate.convert(small_models.untuned(6), small_models.image(32), Settings())
