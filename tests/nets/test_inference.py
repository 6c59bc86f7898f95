"""The ANN on images of any size: tiles, cancelling, several at once."""

import threading

import numpy as np
import pytest

from snnlab.errors import Cancelled
from snnlab.nets import inference
from snnlab.nets.keras import keras_model
from tests import small_models


def judge(model, image):
    """Probability by hand: pad, Keras, sigmoid, crop."""
    height, width = image.shape
    padded = np.pad(image, ((0, -height % 4), (0, -width % 4)), mode="reflect")
    logits = keras_model(model)(padded[None, :, :, None], training=False).numpy()[0, :, :, 0]
    return (1 / (1 + np.exp(-logits.astype(float))))[:height, :width]


@pytest.mark.parametrize("shape", [(32, 32), (33, 47), (40, 64)])
def test_probability_is_the_sigmoid_of_keras_logits(shape):
    model, image = small_models.untuned(), small_models.image(*shape)
    found = inference.segment(model, image)
    assert found.probability.shape == shape and found.probability.dtype == np.float32
    assert found.seconds > 0
    np.testing.assert_allclose(found.probability, judge(model, image), atol=1e-6)
    assert found.probability.std() > 1e-3


def test_tiles_make_no_difference(monkeypatch):
    model, image = small_models.untuned(), small_models.image(100, 84)
    whole = inference.segment(model, image).probability
    shares = []
    monkeypatch.setattr(inference, "WHOLE", 100)
    monkeypatch.setattr(inference, "TILE", 32)
    tiled = inference.segment(model, image, lambda share, stage: shares.append(share))
    np.testing.assert_allclose(tiled.probability, whole, atol=1e-6)
    assert len(shares) == 4 * 3 and shares == sorted(shares) and shares[-1] == 1


def test_cancel_is_asked_before_each_tile(monkeypatch):
    monkeypatch.setattr(inference, "WHOLE", 100)
    monkeypatch.setattr(inference, "TILE", 32)
    asked = []
    with pytest.raises(Cancelled):
        inference.segment(
            small_models.untuned(), small_models.image(100, 84),
            cancel=lambda: asked.append(1) or len(asked) > 3,
        )  # fmt: skip
    assert len(asked) == 4


def test_activations_are_those_of_every_population():
    model, image = small_models.untuned(), small_models.image(32)
    found = inference.activations(model, image)
    assert list(found) == [layer.name for layer in model.populations()]
    net = keras_model(model)
    # the first layer by hand
    encoder = np.maximum(
        image[..., None] @ model.kernels["encoder"][0, 0] + model.biases["encoder"], 0
    )
    np.testing.assert_allclose(found["encoder"], encoder, rtol=1e-5, atol=1e-6)
    # and the last one gives the logits
    logits = net(image[None, :, :, None]).numpy()[0, :, :, 0]
    last = found["up0"] @ model.kernels["readout"][0, 0, :, 0] + model.biases["readout"]
    np.testing.assert_allclose(last, logits, rtol=1e-4, atol=1e-5)


def test_models_of_one_name_and_other_weights_are_told_apart():
    model, image = small_models.untuned(), small_models.image(32)
    one = inference.segment(model, image).probability
    other = inference.segment(small_models.altered(model, "readout", 2.0), image).probability
    assert np.abs(one - other).max() > 1e-3
    np.testing.assert_array_equal(inference.segment(model, image).probability, one)


def test_float_kernels_may_be_used_instead():
    model, image = small_models.untuned(), small_models.image(32)
    exact = inference.segment(model, image, kernels=model.floats).probability
    rounded = inference.segment(model, image).probability
    assert 0 < np.abs(exact - rounded).max() < 0.1
    np.testing.assert_array_equal(
        inference.segment(model, image, kernels=model.kernels).probability, rounded
    )


def test_threads_take_turns():
    """Several may ask at once, of the same threads; each gets its own result."""
    models = [small_models.untuned(seed) for seed in range(3)]
    image = small_models.image(32)
    expected = [inference.segment(model, image).probability for model in models]
    found = [[] for _ in models]

    def work(index):
        for _ in range(3):
            found[index].append(inference.segment(models[index], image).probability)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(3):
        assert len(found[index]) == 3
        for probability in found[index]:
            np.testing.assert_array_equal(probability, expected[index])
