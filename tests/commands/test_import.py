"""``import`` and ``convert``: contracts, and a net that was trained to tell two patterns apart."""

import json

import numpy as np
import pytest
from PIL import Image

from snnlab.commands import cli
from snnlab.lab import importing
from tests.nets.keras_files import files, kerases
from tests.nets.keras_files.files import conv, image, layer, model, weights

pytestmark = pytest.mark.filterwarnings("ignore:You are saving", "ignore:__array__")


def run(capsys, *words) -> tuple[int, str, str]:
    code = cli.main([*map(str, words), "--quiet"])
    out, err = capsys.readouterr()
    return code, out, err


def patterns(count: int, seed: int):
    """Stripes along rows, along columns, or none, in noise; grey values 0..255."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 3
    images = random.uniform(0, 90, (count, 12, 12, 1))
    for at, label in enumerate(labels):
        first = random.integers(2)
        if label == 0:
            images[at, first::2] += 150
        elif label == 1:
            images[at, :, first::2] += 150
    return images.astype(np.uint8), labels


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A trained classifier, as both Kerases would: a file, and a folder of class folders."""
    folder = tmp_path_factory.mktemp("trained")
    keras = kerases.of("tf_keras")
    layers = keras.layers
    keras.utils.set_random_seed(0)
    net = keras.Sequential(
        [
            layers.Input((12, 12, 1)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(6.0),
            layers.MaxPooling2D(),
            layers.Conv2D(8, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.1),
            layers.Dense(3, activation="softmax"),
        ]
    )
    net.compile("adam", "sparse_categorical_crossentropy")
    images, labels = patterns(600, 0)
    net.fit(images.astype(np.float32), labels, epochs=12, verbose=0)
    net.save(folder / "stripes.keras")
    images, labels = patterns(30, 1)
    np.savez(folder / "test.npz", x_test=images, y_test=labels)
    for at, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        place = folder / "classes" / "abc"[label]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels[..., 0]).save(place / f"{at:02}.png")
    return folder


def test_import_gives_what_the_contract_says(capsys, trained, tmp_path):
    code, out, err = run(
        capsys, "import", trained / "stripes.keras", "--name", "Stripes 1", "--out", tmp_path,
        "--data", trained / "test.npz", "--json",
    )  # fmt: skip
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert (found["name"], found["task"]) == ("stripes-1", "classification")
    assert found["input_shape"] == [12, 12, 1] and found["refused"] == []
    assert 0 <= found["max_abs_difference"] <= 1e-4
    relu = next(row for row in found["layers"] if row["kind"] == "ReLU")
    assert (relu["neurons"], relu["units"], relu["spiking"]) == (12 * 12 * 8, 12 * 12 * 8, True)
    assert 0 < relu["p999"] <= relu["largest"] <= 6
    pool = next(row for row in found["layers"] if row["kind"] == "MaxPooling2D")
    assert (pool["neurons"], pool["spiking"]) == (6 * 6 * 8, True)
    dense = next(row for row in found["layers"] if row["kind"] == "Dense")
    assert {"name", "kind", "neurons", "weights", "spiking"} <= set(dense)
    assert (dense["neurons"], dense["units"], dense["weights"]) == (0, 3, 27)
    assert dense["spiking"] is False
    assert found["spiking_neurons"] == found["nonlinear_units"] - 3
    assert found["weights"] == sum(row["weights"] for row in found["layers"])
    assert (tmp_path / "stripes-1.net.npz").is_file()


def test_an_imported_net_spikes_as_well_as_it_computes(capsys, trained, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "folder", lambda: tmp_path)
    assert run(capsys, "import", trained / "stripes.keras")[0] == 0
    code, out, err = run(
        capsys, "convert", "stripes", "--data", trained / "test.npz", "--timesteps", "8,128",
        "--method", "data-normalisation,ecc", "--json",
    )  # fmt: skip
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert [(row["method"], row["timesteps"]) for row in found["rows"]] == [
        ("data-normalisation", 8), ("data-normalisation", 128), ("ecc", 8), ("ecc", 128),
    ]  # fmt: skip
    for few, many in (found["rows"][:2], found["rows"][2:]):
        assert many["ann"]["accuracy"] >= 0.9
        assert many["snn"]["agreement"] >= 0.9
        assert abs(many["snn"]["accuracy"] - many["ann"]["accuracy"]) <= 0.1
        assert many["snn"]["error"] < few["snn"]["error"]
        assert many["snn"]["spikes"] > few["snn"]["spikes"] > 0
        assert many["snn"]["synaptic_events"] > many["snn"]["spikes"]
    # class folders say the same, by the file itself; so does Nengo's own simulator
    code, out, err = run(
        capsys, "convert", trained / "stripes.keras", "--data", trained / "classes",
        "--timesteps", 128, "--images", 6, "--simulator", "nengo", "--json",
    )  # fmt: skip
    assert (code, err) == (0, "")
    (row,) = json.loads(out)["rows"]
    ours = run(
        capsys, "convert", trained / "stripes.keras", "--data", trained / "test.npz",
        "--timesteps", 128, "--images", 6, "--json",
    )  # fmt: skip
    (again,) = json.loads(ours[1])["rows"]
    assert row["snn"]["spikes"] == again["snn"]["spikes"]
    assert (row["trains_equal_to_event"], again["trains_equal_to_event"]) == (1.0, None)
    assert row["snn"]["accuracy"] == again["snn"]["accuracy"]


def test_for_people(capsys, trained, tmp_path):
    code, out, _ = run(capsys, "import", trained / "stripes.keras", "--out", tmp_path)
    assert code == 0 and "1,568 of 1,571 nonlinear units spike" in out and "on the host" in out
    code, out, _ = run(
        capsys, "convert", trained / "stripes.keras", "--data", trained / "test.npz", "--images", 2,
    )  # fmt: skip
    assert code == 0 and "data-normalisation" in out and "SNN right" in out


def test_what_cannot_be_converted_is_listed_before_a_run(capsys, tmp_path):
    net = model(
        image(12, 12),
        conv(activation="sigmoid"),
        layer("ReLU", "bent", "conv"),
        layer("GlobalAveragePooling2D", "mean", "bent"),
    )
    path = files.keras(tmp_path / "net.keras", net, weights())
    code, out, err = run(capsys, "import", path, "--out", tmp_path, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["refused"] == [
        "the layer conv is a sigmoid with neurons behind it, which spikes cannot compute; train the"
        " net with ReLU in its place."
    ]
    assert found["max_abs_difference"] <= 1e-4
    np.savez(tmp_path / "x.npz", images=np.zeros((1, 12, 12, 1), np.float32))
    code, out, err = run(capsys, "convert", path, "--data", tmp_path / "x.npz")
    assert code == 2 and err == f"snnlab: error: {found['refused'][0]}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["import", "absent.keras"], "absent.keras cannot be read: no such file"),
        (["import", "net.keras", "--size", "12"], "is not a size; write it like 128x128"),
        (["import", "net.keras", "--size", "9x9"], "leave --size out"),
        (["import", "net.keras", "--data", "x.npz"], "has images of 3x3x1, and the net takes"),
        (["convert", "absent", "--data", "x.npz"], "there is no net 'absent'"),
        (["convert", "net.keras", "--data", "nothing"], "is not there; name a folder"),
        (["convert", "net.keras", "--data", "y.npz", "--method", "magic"], "no method 'magic'"),
        (["convert", "net.keras", "--data", "y.npz", "--timesteps", "0"], "between 1 and 4096"),
        (["convert", "net.keras", "--data", "y.npz", "--images", "0"], "must be 1 or more"),
        (["convert", "net.keras", "--data", "y.npz", "--percentile", "3"], "between 50 and 100"),
    ],
)
def test_mistakes_are_one_line(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(importing, "folder", lambda: tmp_path / "nets")
    files.keras(tmp_path / "net.keras", model(image(12, 12), conv(activation="relu")), weights())
    np.savez(tmp_path / "x.npz", images=np.zeros((1, 3, 3, 1), np.float32))
    np.savez(tmp_path / "y.npz", images=np.zeros((1, 12, 12, 1), np.float32))
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith("snnlab: error: ") and err.count("\n") == 1 and said in err
