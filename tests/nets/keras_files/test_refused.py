"""Bad files: one sentence each, that names the layer and says what to do."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.nets.keras_files import archive, hdf5
from snnlab.nets.keras_files.reading import read
from tests.nets.keras_files import files, kerases
from tests.nets.keras_files.files import conv, image, layer, model, weights

ROOT = Path(__file__).resolve().parents[3]


def refusal(path, **more) -> str:
    with pytest.raises(LabError) as caught:
        read(path, **more)
    said = str(caught.value)
    assert "\n" not in said and said.endswith(".") and len(said) < 500
    return said


def test_the_file_that_the_others_are_variations_of_is_good(tmp_path):
    path = files.keras(tmp_path / "net.keras", model(image(), conv()), weights())
    assert read(path).graph.shapes["conv"] == (4, 4, 2)
    packed = files.keras(tmp_path / "packed.keras", model(image(), conv()), weights(), 8)
    assert read(packed).graph.shapes["conv"] == (4, 4, 2)


LAYERS = {
    "Lambda": (layer("Lambda", "odd", "picture", function="abc"), "no code of a file is run"),
    "LSTM": (layer("LSTM", "odd", "picture", units=3), "is recurrent"),
    "ConvLSTM2D": (layer("ConvLSTM2D", "odd", "picture", filters=3), "is recurrent"),
    "MultiHeadAttention": (layer("MultiHeadAttention", "odd", "picture"), "is an attention layer"),
    "LeakyReLU": (layer("LeakyReLU", "odd", "picture"), "train the net again with ReLU"),
    "gelu": (conv("odd", activation="gelu"), "train the net again with ReLU"),
    "silu": (conv("odd", activation="silu"), "the activation silu, which neurons cannot follow"),
    "activation": (conv("odd", activation="mine"), "the activation mine, which this lab"),
    "activation layer": (
        conv("odd", activation=layer("LeakyReLU", "inner")), "train the net again with ReLU",
    ),
    "activation of one's own": (
        conv(
            "odd",
            activation={
                "class_name": "function", "config": "relu", "registered_name": "mine>relu",
            },
        ),
        "is not what Keras writes",
    ),
    "Multiply": (layer("Multiply", "odd", "picture"), "Add or Concatenate in its place"),
    "LayerNormalization": (layer("LayerNormalization", "odd", "picture"), "BatchNormalization"),
    "unknown": (layer("Conv3D", "odd", "picture"), "is a Conv3D, which this lab does not know"),
    "one's own": (
        conv("odd") | {"registered_name": "Mine>Conv2D"}, "which is somebody's own code",
    ),
    "setting": (conv("odd", wild=[1]), "has a setting wild, which this lab does not know"),
    "float16": (conv("odd", dtype="float16"), "computes in float16; build the model in float32"),
    "policy": (
        conv("odd", dtype={"class_name": "DTypePolicy", "config": {"name": "float64"}}),
        "computes in float64",
    ),
    "channels first": (conv("odd", data_format="channels_first"), "is not channels_last; correct"),
    "negative": (layer("Conv2D", "odd", "picture", filters=-2), "filters that is no whole number"),
    "no kernel": (layer("Conv2D", "odd", "picture", filters=2), "does not say its kernel_size"),
    "huge kernel": (conv("odd", strides=[10**9, 1]), "no whole number from 1 to 64"),
    "groups": (conv("odd", groups=2), "wants channels that divide into 2 groups"),
    "slope": (layer("ReLU", "odd", "picture", negative_slope=0.1), "wants no slope below zero"),
    "axis": (layer("BatchNormalization", "odd", "picture", axis=2), "is not the last axis"),
    "bicubic": (layer("UpSampling2D", "odd", "picture", interpolation="bicubic"), "nearest, bili"),
    "too small": (
        layer("MaxPooling2D", "odd", "picture", pool_size=[7, 7]),
        "is given 6x6x1, and wants at least 7 pixels per side, not 6; correct that in Keras",
    ),
    "nobody": (conv("odd", "nobody"), "is fed by what is not there"),
    "many weights": (layer("Dense", "odd", "picture", units=70_000), "from 1 to 65536"),
    "called with more": (
        conv("odd") | {"inbound_nodes": [[["picture", 0, 0, {"scale": 2}]]]}, "further settings",
    ),
    "number": (
        conv("odd")
        | {"inbound_nodes": [{"args": [3.0, {"class_name": "__keras_tensor__"}], "kwargs": {}}]},
        "no layer's output",
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", LAYERS)
def test_a_layer_that_is_not_known_is_named(which, tmp_path):
    bad, part = LAYERS[which]
    said = refusal(files.keras(tmp_path / "net.keras", model(image(), bad), weights()))
    assert said.startswith("the layer odd ") and part in said


def test_500_mb_are_refused_before_they_are_read(tmp_path):
    big = layer("Dense", "big", "flat", units=12_000)
    net = model(image(100, 100), layer("Flatten", "flat", "picture"), big)
    path = files.keras(tmp_path / "net.keras", net, b"")
    said = refusal(path)
    assert said.startswith("the layer big has 120,012,000 weights") and "smaller net" in said


def test_a_layer_that_gives_too_much_is_named(tmp_path):
    net = model(image(4000, 4000), layer("UpSampling2D", "up", "picture", size=[8, 8]))
    assert refusal(files.keras(tmp_path / "net.keras", net, b"")).startswith(
        "the layer up gives too many values"
    )


def test_a_file_of_too_many_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "FILE", 1 << 20)
    path = tmp_path / "net.keras"
    files.keras(path, model(image(), conv()), weights(rest=np.zeros(1 << 19, np.float32)))
    assert "a model.weights.h5 of 2 MB, above 1 MB" in refusal(path)


WEIGHTS = {
    "missing": ({"layers/conv2d/vars/0": np.zeros((3, 3, 1, 2), "f4")}, "are not in the file"),
    "shape": (weights(layers__conv2d__vars__0=np.zeros((3, 3, 2, 2), "f4")), "are 3x3x2x2, where"),
    "float16": (weights(layers__conv2d__vars__1=np.zeros(2, "f2")), "are float16; build the model"),
    "float64": (weights(layers__conv2d__vars__1=np.zeros(2, "f8")), "are float64, not float32"),
    "text": (weights(layers__conv2d__vars__1=np.array(b"ab")), "not float32"),
    "nan": (weights(layers__conv2d__vars__1=np.array([0, np.nan], "f4")), "(NaN); train the"),
    "infinite": (weights(layers__conv2d__vars__1=np.array([0, np.inf], "f4")), "are infinite"),
    "group": (weights(layers__conv2d__vars__1__x=np.zeros(2, "f4")), "are not in the file"),
}  # fmt: skip
del WEIGHTS["group"][0]["layers/conv2d/vars/1"]


@pytest.mark.parametrize("which", WEIGHTS)
def test_weights_that_do_not_fit_the_layers(which, tmp_path):
    arrays, part = WEIGHTS[which]
    said = refusal(files.keras(tmp_path / "net.keras", model(image(), conv()), arrays))
    assert said.startswith("the layer conv has weights that ") and part in said


def external_link(file):
    file["layers/conv2d/vars/0"] = weights()["layers/conv2d/vars/0"]
    file["layers/conv2d/vars/1"] = h5py.ExternalLink("secret.h5", "x")


def soft_link(file):
    file["layers/conv2d/vars/0"] = weights()["layers/conv2d/vars/0"]
    file["layers/conv2d/vars/1"] = h5py.SoftLink("/layers/conv2d/vars/0")


def external_storage(file):
    file["layers/conv2d/vars/0"] = weights()["layers/conv2d/vars/0"]
    where = [("secret.bin", 0, 8)]
    file.create_dataset("layers/conv2d/vars/1", (2,), "f4", external=where)


def virtual(file):
    file["layers/conv2d/vars/0"] = weights()["layers/conv2d/vars/0"]
    layout = h5py.VirtualLayout((2,), "f4")
    layout[:] = h5py.VirtualSource("secret.h5", "x", (2,))
    file.create_virtual_dataset("layers/conv2d/vars/1", layout)


def filtered(file):
    file["layers/conv2d/vars/0"] = weights()["layers/conv2d/vars/0"]
    file.create_dataset("layers/conv2d/vars/1", data=np.zeros(2, "f4"), compression="lzf")


@pytest.mark.parametrize(
    ("fill", "part"),
    [
        (external_link, "another file"),
        (soft_link, "another place"),
        (external_storage, "another file"),
        (virtual, "another file"),
        (filtered, "packed in a way that is not read here (lzf)"),
    ],
)
def test_numbers_that_are_elsewhere_are_not_looked_for(fill, part, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.bin").write_bytes(bytes(8))
    with h5py.File("secret.h5", "w") as file:
        file["x"] = np.zeros(2, "f4")
    said = refusal(files.keras(tmp_path / "net.keras", model(image(), conv()), fill))
    assert said.startswith("the layer conv has weights that ") and part in said


def test_a_size_that_is_open_has_to_be_said(tmp_path):
    path = files.keras(tmp_path / "net.keras", model(image(None, None), conv()), weights())
    assert refusal(path) == (
        "the layer picture takes images of any size; say which with --size HEIGHTxWIDTH."
    )
    assert read(path, (8, 10)).graph.shapes["conv"] == (6, 8, 2)
    fixed = files.keras(tmp_path / "fixed.keras", model(image(), conv()), weights())
    assert "leave --size out" in refusal(fixed, size=(8, 10))


def test_files_that_are_no_models(tmp_path, monkeypatch):
    def write(name, data):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    assert "is no Keras model" in refusal(write("a.keras", b"hello"))
    assert "is no Keras model" in refusal(write("empty.keras", b""))
    with zipfile.ZipFile(tmp_path / "b.keras", "w") as file:
        file.writestr("notes.txt", "hello")
    assert "is a zip file without config.json" in refusal(tmp_path / "b.keras")
    with zipfile.ZipFile(tmp_path / "c.keras", "w") as file:
        file.writestr("net/saved_model.pb", "hello")
    assert "is a zipped SavedModel" in refusal(tmp_path / "c.keras")
    assert "hold weights alone" in refusal(write("d.h5", files.hdf5({"x": np.zeros(3)})))
    assert "no such file" in refusal(tmp_path / "nothing.keras")
    assert "is a folder" in refusal(tmp_path)
    saved = tmp_path / "saved"
    saved.mkdir()
    (saved / "saved_model.pb").write_bytes(b"")
    assert "tf_keras.models.load_model(" in refusal(saved)
    good = files.keras(tmp_path / "net.keras", model(image(), conv()), weights()).read_bytes()
    for length in (10, len(good) // 2, len(good) - 30):
        assert "damaged or cut short" in refusal(write("cut.keras", good[:length]))
    spoilt = good.replace(b"\0\0\x80>" * 4, b"\0\0\x80?" * 4)  # a weight: the checksum tells
    assert spoilt != good
    assert "damaged or cut short" in refusal(write("spoilt.keras", spoilt))


@pytest.mark.parametrize(
    ("config", "part"),
    [
        ("{", "damaged or cut short"),
        ("[" * 5000 + "]" * 5000, "damaged or cut short"),
        ('{"a": NaN}', "damaged or cut short"),
        ("3", "of its own class"),
        ({"class_name": "MyModel", "config": {}}, "is a MyModel of its own class"),
        ({"class_name": "Sequential", "config": {"layers": []}}, "has no layers"),
        ({"class_name": "Functional", "config": {"layers": 7}}, "without layers"),
        (model(image(), layer("Dropout", "drop", "picture", rate=0.5)), "computes nothing"),
        (model(layer("InputLayer", "picture", batch_shape=[None, 30]), conv()), "takes 1 axes"),
        (model(image(), image(), conv()), "has no name of its own"),
        (model(image(5000, 5000), conv()), "takes 5000 x 5000 pixels"),
    ],
)
def test_descriptions_that_are_none(config, part, tmp_path):
    assert part in refusal(files.keras(tmp_path / "net.keras", config, weights()))


def test_models_within_models_end_somewhere(tmp_path):
    inner = model(image(), conv())
    for number in range(12):
        inner = inner | {"name": f"m{number}", "inbound_nodes": conv()["inbound_nodes"]}
        inner["config"]["name"] = f"m{number}"
        inner = model(image(), inner)
    assert "too deep" in refusal(files.keras(tmp_path / "net.keras", inner, weights()))


def test_lists_of_names_that_are_none():
    with pytest.raises(hdf5.Unread):
        data = files.hdf5(lambda file: file.attrs.create("names", np.zeros(3)))
        with h5py.File(io.BytesIO(data)) as file:
            hdf5.texts(file, "names")


@pytest.mark.filterwarnings("ignore:You are saving", "ignore:__array__")
def test_two_thousand_damaged_files(tmp_path):
    """No traceback, nothing executed, no Keras: whatever was done to a file."""
    from tests.nets.keras_files.test_layers import branched

    named = []
    for name in ("keras", "tf_keras"):
        net = kerases.drawn(branched(kerases.of(name)))
        for ending in ("keras", "h5"):
            named.append(tmp_path / f"{name}.{ending}")
            net.save(named[-1])
    command = [sys.executable, "-m", "tests.nets.keras_files.mutating", "500", *map(str, named)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    found = json.loads(done.stdout)
    assert found["faults"] == [] and found["happened"] == [] and found["keras"] == []
    assert sum(found["seen"].values()) == 2000
    assert min(found["seen"]["read"], found["seen"]["refused"]) > 200
