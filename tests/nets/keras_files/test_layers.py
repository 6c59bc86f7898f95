"""Every layer against Keras's own forward pass, of Keras 3 and of Keras 2, through a file."""

import json

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnlab.nets.graph.forward import answer
from snnlab.nets.keras_files.reading import read
from tests.nets.keras_files import kerases

CLOSE = 1e-4
# Keras's own, of its old format and of NumPy 2
pytestmark = pytest.mark.filterwarnings("ignore:You are saving", "ignore:__array__")

LAYERS = {
    "conv": lambda L: [L.Conv2D(3, 3)],
    "same, even kernel, stride 2": lambda L: [L.Conv2D(3, (4, 2), 2, "same")],
    "same, odd kernel, stride 2": lambda L: [L.Conv2D(3, 3, 2, "same")],
    "same, stride beyond the kernel": lambda L: [L.Conv2D(3, 1, 2, "same")],
    "valid, two strides": lambda L: [L.Conv2D(3, (3, 2), (2, 1))],
    "dilation": lambda L: [L.Conv2D(3, 3, padding="same", dilation_rate=(2, 3))],
    "dilation, valid": lambda L: [L.Conv2D(3, (2, 3), dilation_rate=2)],
    "groups": lambda L: [L.Conv2D(6, 3, padding="same"), L.Conv2D(9, 3, groups=3)],
    "no bias": lambda L: [L.Conv2D(3, 3, use_bias=False)],
    "relu inside": lambda L: [L.Conv2D(3, 3, activation="relu")],
    "relu6 inside": lambda L: [L.Conv2D(3, 3, activation=L.ReLU(6.0))],
    "depthwise": lambda L: [L.DepthwiseConv2D(3, 2, "same")],
    "depthwise, several each": lambda L: [L.DepthwiseConv2D((2, 3), depth_multiplier=3)],
    "depthwise, dilated": lambda L: [L.DepthwiseConv2D(3, padding="same", dilation_rate=2)],
    "separable": lambda L: [L.SeparableConv2D(5, 3, padding="same", depth_multiplier=2)],
    "separable, stride": lambda L: [L.SeparableConv2D(5, 4, 2, "same", activation="relu")],
    "transposed": lambda L: [L.Conv2DTranspose(3, 3, 2, "same")],
    "transposed, valid": lambda L: [L.Conv2DTranspose(3, 3, 2, "valid")],
    "transposed, even kernel": lambda L: [L.Conv2DTranspose(3, (2, 4), 2, "same")],
    "transposed, kernel below the stride": lambda L: [L.Conv2DTranspose(3, 2, 3, "valid")],
    "transposed, stride 1": lambda L: [L.Conv2DTranspose(3, (3, 4), 1, "same")],
    "transposed, more": lambda L: [L.Conv2DTranspose(2, 3, 2, "same", output_padding=1)],
    "transposed, more, valid": lambda L: [L.Conv2DTranspose(2, 3, 2, "valid", output_padding=1)],
    "transposed, dilated": lambda L: [L.Conv2DTranspose(2, 3, 1, "same", dilation_rate=2)],
    "dense on pixels": lambda L: [L.Dense(4)],
    "flatten": lambda L: [L.Conv2D(3, 3), L.Flatten(), L.Dense(4, activation="softmax")],
    "batch norm": lambda L: [L.BatchNormalization(epsilon=0.1)],
    "batch norm, neither scale nor centre": lambda L: [
        L.Conv2D(3, 3), L.BatchNormalization(scale=False), L.BatchNormalization(center=False),
    ],
    "batch norm before padding": lambda L: [L.BatchNormalization(), L.Conv2D(3, 3, padding="same")],
    "batch norm of a row": lambda L: [L.Flatten(), L.BatchNormalization(), L.Dense(2)],
    "relu": lambda L: [L.Conv2D(3, 3), L.ReLU()],
    "relu6": lambda L: [L.Rescaling(20.0, -3.0), L.ReLU(6.0)],
    "activation": lambda L: [L.Conv2D(3, 3), L.Activation("relu"), L.Activation("linear")],
    "sigmoid": lambda L: [L.Conv2D(1, 1, activation="sigmoid")],
    "softmax": lambda L: [L.Conv2D(3, 1), L.Softmax()],
    "max pooling": lambda L: [L.MaxPooling2D()],
    "max pooling, same": lambda L: [L.MaxPooling2D(3, 2, "same")],
    "max pooling, stride 1": lambda L: [L.MaxPooling2D((3, 2), 1, "same")],
    "average pooling": lambda L: [L.AveragePooling2D((2, 3))],
    "average pooling, same": lambda L: [L.AveragePooling2D(3, 2, "same")],
    "global average": lambda L: [L.GlobalAveragePooling2D(), L.Dense(3)],
    "global average, kept": lambda L: [L.GlobalAveragePooling2D(keepdims=True), L.Conv2D(3, 1)],
    "global maximum": lambda L: [L.GlobalMaxPooling2D()],
    "upsampling": lambda L: [L.UpSampling2D((2, 3)), L.Conv2D(2, 2, padding="same")],
    "upsampling, bilinear": lambda L: [L.UpSampling2D((2, 3), interpolation="bilinear")],
    "zero padding": lambda L: [L.ZeroPadding2D(((1, 0), (2, 3))), L.Conv2D(2, 3, 2)],
    "cropping": lambda L: [L.Cropping2D(((1, 0), (2, 1)))],
    "dropped": lambda L: [
        L.Dropout(0.5), L.SpatialDropout2D(0.5), L.GaussianNoise(1.0), L.GaussianDropout(0.5),
        L.Conv2D(2, 3),
    ],
    "reshape": lambda L: [L.Reshape((-1, 3, 8)), L.Conv2D(2, 2)],
    "rescaling": lambda L: [L.Rescaling(1 / 127.5, -1.0), L.Conv2D(2, 3)],
    "rescaling by channels": lambda L: [L.Rescaling([1.0, 2.0, 3.0], [0.1, 0.2, 0.3])],
    "normalization": lambda L: [
        L.Normalization(mean=[0.1, 0.2, 0.3], variance=[0.5, 0.6, 0.7]), L.Conv2D(2, 3),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", kerases.NAMES)
@pytest.mark.parametrize("which", LAYERS)
def test_a_layer_gives_what_keras_gives(which, name, tmp_path):
    keras = kerases.of(name)
    shape = (9, 8, 3)
    model = kerases.drawn(kerases.sequence(keras, shape, LAYERS[which](keras.layers)))
    images, theirs = kerases.seen(model, shape)
    for ending in ("keras", "h5"):
        path = tmp_path / f"net.{ending}"
        model.save(path)
        graph = read(path).graph
        ours = answer(graph, images)
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() <= CLOSE


@pytest.mark.parametrize("name", kerases.NAMES)
def test_normalization_that_was_adapted_to_images(name, tmp_path):
    keras = kerases.of(name)
    layer = keras.layers.Normalization()
    layer.adapt(np.random.default_rng(3).normal(2, 3, (20, 9, 8, 3)).astype(np.float32))
    model = kerases.sequence(keras, (9, 8, 3), [layer, keras.layers.Conv2D(2, 3)])
    images, theirs = kerases.seen(model, (9, 8, 3))
    for ending in ("keras", "h5"):
        model.save(tmp_path / f"net.{ending}")
        ours = answer(read(tmp_path / f"net.{ending}").graph, images)
        assert np.abs(ours - theirs).max() <= CLOSE


def branched(keras):
    """Residual, shared, nested, joined: all that is not a row."""
    layers = keras.layers
    inside = keras.Input((8, 8, 4))
    y = layers.Conv2D(4, 3, padding="same", name="conv")(inside)
    y = layers.Add()([layers.BatchNormalization(name="norm")(y), inside])
    block = keras.Model(inside, y, name="block")
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", name="conv")(image)
    shared = layers.Conv2D(4, 1, name="shared")
    x = layers.ReLU(6.0)(block(x))
    x = layers.Add()([x, block(x), shared(x)])
    x = layers.Concatenate()([layers.Activation("relu")(x), shared(x), x])
    x = keras.Sequential(
        [layers.Input((8, 8, 12)), layers.Conv2D(5, 3, name="conv"), layers.MaxPooling2D()],
        name="row",
    )(x)
    x = layers.Dense(3, activation="softmax")(layers.Flatten()(x))
    return keras.Model(image, x)


@pytest.mark.parametrize("name", kerases.NAMES)
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_nets_with_branches_models_within_and_layers_that_are_shared(name, ending, tmp_path):
    keras = kerases.of(name)
    model = kerases.drawn(branched(keras))
    images, theirs = kerases.seen(model, (8, 8, 3))
    path = tmp_path / f"net.{ending}"
    model.save(path)
    found = read(path)
    assert np.abs(answer(found.graph, images) - theirs).max() <= CLOSE
    nodes = found.graph.by_name
    assert nodes["shared"].layer is nodes["shared:2"].layer
    assert nodes["block/conv"].layer is nodes["block/conv:2"].layer


@pytest.mark.parametrize("name", kerases.NAMES)
def test_a_row_whose_weights_are_frozen_and_whose_optimizer_is_stored(name, tmp_path):
    keras = kerases.of(name)
    layers = keras.layers
    inner = keras.Sequential(
        [layers.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.BatchNormalization(), layers.ReLU()]
    )
    inner.trainable = False
    model = keras.Sequential([layers.Input((8, 8, 3)), inner, layers.Conv2D(2, 3)])
    model.compile("adam", "mse")
    images, _ = kerases.seen(model, (8, 8, 3))
    model.fit(images, np.zeros((2, 4, 4, 2)), verbose=0)
    kerases.drawn(model)
    images, theirs = kerases.seen(model, (8, 8, 3))
    for ending in ("keras", "h5"):
        path = tmp_path / f"net.{ending}"
        model.save(path)
        assert np.abs(answer(read(path).graph, images) - theirs).max() <= CLOSE


def test_files_of_the_first_keras_2(tmp_path):
    """A Sequential is a list of layers there, and texts have a fixed length."""
    keras = kerases.of("tf_keras")
    layers = keras.layers
    row = [layers.Conv2D(4, 3, input_shape=(8, 8, 3), name="c"), layers.BatchNormalization()]
    model = kerases.drawn(keras.Sequential([*row, layers.Flatten(), layers.Dense(2)]))
    images, theirs = kerases.seen(model, (8, 8, 3))
    path = tmp_path / "net.h5"
    model.save(path)
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        first, *rest = config["config"]["layers"]
        rest[0]["config"]["batch_input_shape"] = first["config"]["batch_input_shape"]
        config["config"] = rest
        file.attrs["model_config"] = np.bytes_(json.dumps(config))
        for group in file["model_weights"].values():
            names = [str(name) for name in group.attrs["weight_names"]]
            group.attrs["weight_names"] = np.array(names, "S")
    found = read(path).graph
    assert found.image_shape == (8, 8, 3)
    assert np.abs(answer(found, images) - theirs).max() <= CLOSE


@st.composite
def rows(draw):
    """A row of layers, as makers, that leaves at least one pixel."""
    side, made = draw(st.integers(7, 12)), []
    now = side
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["conv", "up", "pool", "norm", "relu", "depth", "pad", "sep"]))
        taps, stride = draw(st.integers(1, 4)), draw(st.integers(1, 2))
        padding = draw(st.sampled_from(["same", "valid"]))
        dilation = draw(st.integers(1, 2)) if stride == 1 else 1
        reach = (taps - 1) * dilation + 1
        if kind in ("conv", "pool", "depth", "sep"):
            if padding == "valid" and reach > now:
                continue
            out = -(-now // stride) if padding == "same" else (now - reach) // stride + 1
            out = out if kind != "pool" or padding == "same" else (now - taps) // stride + 1
            now = out
        if kind == "up":
            if now > 12:
                continue
            now = now * stride + (max(taps - stride, 0) if padding == "valid" else 0)
        if kind == "pad":
            now += taps
        made.append((kind, taps, stride, padding, dilation, draw(st.integers(1, 3))))
    return side, made


def layer_of(layers, kind, taps, stride, padding, dilation, many):
    if kind == "conv":
        return layers.Conv2D(
            2 * many, taps, stride, padding, dilation_rate=dilation, activation="relu"
        )
    if kind == "up":
        return layers.Conv2DTranspose(many, taps, stride, padding)
    if kind == "pool":
        pool = layers.MaxPooling2D if many > 1 else layers.AveragePooling2D
        return pool(taps, stride, padding)
    if kind == "norm":
        return layers.BatchNormalization(epsilon=10.0**-many)
    if kind == "relu":
        return layers.ReLU(6.0 if many == 1 else None)
    if kind == "depth":
        return layers.DepthwiseConv2D(
            taps, stride, padding, depth_multiplier=many, dilation_rate=dilation
        )
    if kind == "sep":
        return layers.SeparableConv2D(many, taps, stride, padding, dilation_rate=dilation)
    return layers.ZeroPadding2D(((taps, 0), (0, taps)))


@pytest.mark.parametrize("name", kerases.NAMES)
@settings(max_examples=25)
@given(drawn=rows())
def test_nets_that_are_drawn_give_what_keras_gives(drawn, name, tmp_path_factory):
    keras = kerases.of(name)
    side, made = drawn
    shape = (side, side + 1, 2)
    layers = [layer_of(keras.layers, *one) for one in made] or [keras.layers.ReLU()]
    model = kerases.drawn(kerases.sequence(keras, shape, layers), seed=len(made))
    images, theirs = kerases.seen(model, shape)
    path = tmp_path_factory.mktemp("nets") / "net.keras"
    model.save(path)
    ours = answer(read(path).graph, images)
    assert np.abs(ours - theirs).max() <= CLOSE * max(1, np.abs(theirs).max() / 100)
