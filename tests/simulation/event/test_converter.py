"""Networks that ``nengo_dl.Converter`` makes run as they are."""

import nengo
import numpy as np
import pytest

from snnlab import compat
from snnlab.simulation.event import Simulator
from snnlab.simulation.event.operators import Convolve


@pytest.fixture(scope="module")
def keras_model():
    """Convolutions, batch norm, a concatenation, an addition, pooling, dense layers."""
    tf = compat.tensorflow()
    tf.keras.utils.set_random_seed(0)
    layers = tf.keras.layers
    options = {"padding": "same", "bias_initializer": "random_uniform"}
    inputs = tf.keras.Input((12, 12, 2))
    first = layers.Conv2D(4, 3, activation="relu", **options)(inputs)
    normal = layers.BatchNormalization()(layers.Conv2D(6, 3, strides=2, **options)(first))
    normal = layers.Activation("relu")(normal)
    other = layers.Conv2D(5, 3, activation="relu", **options)(first)
    both = layers.Concatenate()([first, other])
    last = layers.Conv2D(5, 3, activation="relu", **options)(both)
    summed = layers.Add()([layers.Conv2D(5, 1, use_bias=False)(first), last])
    summed = layers.Activation("relu")(summed)
    pooled = layers.Conv2D(1, 1, **options)(layers.AveragePooling2D(2)(summed))
    flat = layers.Concatenate()([layers.Flatten()(pooled), layers.Flatten()(normal)])
    outputs = layers.Dense(3)(layers.Dense(7, activation="relu")(flat))
    model = tf.keras.Model(inputs, outputs)
    random = np.random.RandomState(0)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([random.rand(*value.shape) + 0.5 for value in layer.get_weights()])
    return model


@pytest.mark.parametrize("synapse", [None, 0.005])
def test_spikes_and_outputs_are_nengos(keras_model, synapse):
    tf, nengo_dl = compat.tensorflow(), compat.nengo_dl()
    relu, spiking = tf.keras.activations.relu, nengo.SpikingRectifiedLinear()
    converter = nengo_dl.Converter(
        keras_model,
        inference_only=True,
        allow_fallback=False,
        swap_activations={relu: spiking},
        scale_firing_rates=100,
        synapse=synapse,
    )
    network = converter.net
    network.seed = 3
    image = np.random.RandomState(1).rand(288)
    converter.inputs[keras_model.input].output = image
    with network:
        probes = [nengo.Probe(ensemble.neurons) for ensemble in network.all_ensembles]
    with nengo.Simulator(network, progress_bar=False) as reference:
        reference.run_steps(100)
    with Simulator(network, dtype="float64", threads=2) as simulator:
        simulator.run_steps(100)
    for probe in probes:
        spikes = reference.data[probe]
        assert (spikes > 0).sum() > 5
        np.testing.assert_array_equal(simulator.data[probe] > 0, spikes > 0)
    out = converter.outputs[keras_model.output]
    np.testing.assert_allclose(simulator.data[out], reference.data[out], rtol=1e-9, atol=1e-9)
    # relays of biases and passthrough nodes are gone
    stages = simulator._plan.stages
    assert len(stages) == len(network.all_ensembles) + 1
    folded = [
        stage
        for stage in stages
        if stage.links and all(isinstance(link.operator, Convolve) for link in stage.links)
    ]
    assert len(folded) >= 4
    assert all(stage.bias.size <= max(1, stage.shape[2]) for stage in folded)
