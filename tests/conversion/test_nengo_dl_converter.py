"""``nengo_dl.Converter`` makes the same network of the same model, spike for spike."""

import nengo
import numpy as np
import pytest

from snnlab import compat, conversion
from snnlab.conversion import nengo_dl_converter, rate_scaling
from snnlab.conversion.nengo_dl_converter import verify
from snnlab.settings import Settings
from snnlab.simulation import nengo_reference
from tests import small_models

SETTINGS = {
    "plain": Settings(),
    "filtered": Settings(synapse_ms=5),
    "reset to zero": Settings(reset="zero", initial=0),
    "fast": Settings(lower_hz=300, upper_hz=400, initial=0.2),
}


def spikes_of(recording):
    return {
        trains.name: trains.raster(np.arange(trains.neurons)) for trains in recording.populations
    }


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("kind", ["relu", "loihi"])
def test_the_converter_makes_the_same_network(settings, kind):
    model = small_models.model(6, (3, 4), kind)
    image = small_models.image(32)[:16, :24]
    ours = rate_scaling.convert(model, image, settings)
    theirs = nengo_dl_converter.convert(model, image, settings)
    for one, other in zip(ours.populations, theirs.populations, strict=True):
        assert (one.name, one.shape, one.on_chip) == (other.name, other.shape, other.on_chip)
        assert one.rate_hz == other.rate_hz
    expected, found = (spikes_of(nengo_reference.run(x, 40)) for x in (theirs, ours))
    for name, spikes in expected.items():
        assert spikes.any(), name
        np.testing.assert_array_equal(found[name], spikes, err_msg=name)
    assert (ours.synapse, ours.reset) == (theirs.synapse, theirs.reset)
    np.testing.assert_array_equal(ours.readout.weights, theirs.readout.weights)


def test_the_same_on_a_deeper_net_and_a_larger_image():
    model, image = small_models.model(8), small_models.image(32)
    ours, theirs = (
        spikes_of(
            nengo_reference.run(conversion.method(name).convert(model, image, Settings()), 24)
        )
        for name in ("rate-scaling", "nengo-dl-converter")
    )
    for name, spikes in theirs.items():
        np.testing.assert_array_equal(ours[name], spikes, err_msg=name)


@pytest.mark.parametrize("build", [rate_scaling.convert, nengo_dl_converter.convert])
def test_verify_holds_a_conversion_against_keras(build):
    found = verify(
        small_models.model(8), small_models.image(32), Settings(), nengo_reference.run,
        (8, 32, 128), build,
    )  # fmt: skip
    assert found.rate_error < 1e-4
    assert set(found.probability_error) == {8, 32, 128}
    errors = list(found.probability_error.values())
    assert errors[2] < 0.5 * errors[0]
    assert found.passed


def test_verify_is_not_misled_by_a_filter():
    settings = Settings(synapse_ms=3)
    found = verify(
        small_models.model(8), small_models.image(32), settings, nengo_reference.run, (16, 128)
    )
    assert found.rate_error < 1e-4 and found.passed


@pytest.mark.parametrize("layer", ["down0", "stride1", "up0", "readout"])
def test_verify_fails_where_a_kernel_was_altered(layer):
    """The network is built of a model with one kernel a hundredth larger."""
    model = small_models.model(8)

    def wrong(model, image, settings, spiking=True):
        return rate_scaling.convert(
            small_models.altered(model, layer, 1.01), image, settings, spiking
        )

    found = verify(model, small_models.image(32), Settings(), nengo_reference.run, (4, 8), wrong)
    assert found.rate_error > 1e-4
    assert not found.passed


def test_verify_fails_where_more_time_does_not_help():
    """Spikes that stop after 64 steps: the network is right, the simulator is not."""
    model, image = small_models.model(8), small_models.image(32)

    def tired(network, timesteps):
        recording = nengo_reference.run(network, timesteps)
        for trains in recording.populations:
            trains.words[1:] = 0
        return recording

    found = verify(model, image, Settings(), tired, (64, 256))
    assert found.rate_error < 1e-4 and not found.passed


@pytest.mark.parametrize(
    ("kernel", "stride", "padding"),
    [(2, 2, "same"), (3, 2, "same"), (3, 1, "same"), (3, 2, "valid")],
)
def test_the_registered_converter_of_transposed_convolutions(kernel, stride, padding):
    """A layer alone, against Keras; NengoDL has no such converter of its own."""
    tf, nengo_dl = compat.tensorflow(), compat.nengo_dl()
    nengo_dl_converter._register_transposed()
    random = np.random.default_rng(kernel)
    source = tf.keras.Input((5, 4, 3))
    layer = tf.keras.layers.Conv2DTranspose(2, kernel, stride, padding, activation=tf.nn.relu)
    net = tf.keras.Model(source, layer(source))
    layer.set_weights([random.normal(size=w.shape) for w in layer.get_weights()])
    converter = nengo_dl.Converter(net, allow_fallback=False, inference_only=True)
    image = random.normal(size=(1, 5, 4, 3)).astype(np.float32)
    converter.inputs[net.input].output = image.ravel().astype(float)
    with nengo.Simulator(converter.net, progress_bar=False) as simulator:
        simulator.step()
        found = simulator.data[converter.outputs[net.output]][-1]
    np.testing.assert_allclose(found, net(image).numpy().ravel(), rtol=1e-5, atol=1e-5)


def test_transposed_convolutions_that_are_not_plain_are_refused():
    tf, nengo_dl = compat.tensorflow(), compat.nengo_dl()
    nengo_dl_converter._register_transposed()
    source = tf.keras.Input((5, 4, 3))
    out = tf.keras.layers.Conv2DTranspose(2, 3, 2, output_padding=1)(source)
    with pytest.raises(TypeError, match="plain channels-last transposed"):
        nengo_dl.Converter(tf.keras.Model(source, out), allow_fallback=False)
