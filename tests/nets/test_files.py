"""Models as files from anybody: what was written is read, whatever else is refused."""

import io
import json
import struct
import zipfile
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.nets import files as model_file
from snnlab.nets import model as models
from snnlab.nets import shelf as model_store
from snnlab.settings import Settings
from tests import small_models

CARD = {
    "summary": "Small, 75..150 Hz.",
    "weights": 10,
    "settings": {"timesteps": 40, "lower_hz": 75.0},
    "range": {"percentile": 99.9, "lower_hz": 75.0, "upper_hz": 150.0},
    "scores": {"ann": {"v_rand": 0.9, "pixel_accuracy": 0.8}, "sections": "two"},
}
MODEL = replace(small_models.model(3), card=CARD)
FILE = model_file.pack(MODEL)


def members() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(FILE)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in parts.items():
            archive.writestr(name, value)
    return file.getvalue()


def npy(array, **how) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **how)
    return file.getvalue()


def changed(**arrays) -> bytes:
    parts = members()
    for name, value in arrays.items():
        parts[f"{name.replace('__', '/')}.npy"] = npy(value)
    return zipped(parts)


def layers(change) -> bytes:
    described = [asdict(layer) for layer in MODEL.layers]
    change(described)
    return changed(layers=np.array(json.dumps(described)))


def card(**entries) -> bytes:
    return changed(card=np.array(json.dumps(CARD | entries)))


def test_what_was_packed_is_what_is_read():
    found = model_file.unpack(FILE, "again")
    assert found.name == "again" and found.digest == MODEL.digest
    assert found.layers == MODEL.layers and found.rate_hz == MODEL.rate_hz
    assert found.card == CARD
    for key, kernel in MODEL.floats.items():
        np.testing.assert_array_equal(found.floats[key], kernel)


@pytest.mark.parametrize("name", lab.models.available())
def test_every_shipped_model_can_be_taken_away_and_loaded_again(name):
    shipped = lab.model(name)
    found = model_file.unpack(model_file.pack(shipped), name)
    assert found.digest == shipped.digest
    assert found.card["settings"] == shipped.card.get("settings", {})


def test_a_file_of_the_command_line_with_its_card_beside_it(tmp_path):
    path = models.save(MODEL, tmp_path)
    text = path.with_suffix(".json").read_text()
    found = model_file.unpack(path.read_bytes(), "mine", text)
    assert found.digest == MODEL.digest and found.card == CARD


def test_no_pickle_is_ever_loaded():
    bomb = npy(np.array([print], dtype=object), allow_pickle=True)
    key = f"{MODEL.layers[1].name}/floats.npy"
    for name in (key, "layers.npy", "card.npy", "extra.npy"):
        with pytest.raises(LabError, match="model file"):
            model_file.unpack(zipped(members() | {name: bomb}), "x")


KEY = MODEL.layers[1].name
SHAPE = MODEL.levels[KEY].shape
REFUSED = {
    "no archive": (b"hello", "damaged"),
    "empty": (b"", "damaged"),
    "another array": (changed(other=np.zeros(3)), "arrays that no model has"),
    "another type": (changed(**{f"{KEY}__levels": np.zeros(SHAPE, np.int16)}), "type or shape"),
    "another shape": (changed(**{f"{KEY}__bias": np.zeros(77, np.float32)}), "type or shape"),
    "not finite": (
        changed(**{f"{KEY}__floats": np.full(SHAPE, np.nan, np.float32)}), "no numbers",
    ),
    "-128": (changed(**{f"{KEY}__levels": np.full(SHAPE, -128, np.int8)}), "below -127"),
    "step 0": (changed(**{f"{KEY}__step": np.float64(0)}), "not above 0"),
    "rate 0": (changed(**{f"{KEY}__rate_hz": np.float64(0)}), "out of range"),
    "falling": (
        changed(**{f"{KEY}__quantiles": np.arange(15, 0, -1).astype(np.float32)}), "fall",
    ),
    "no weights": (
        zipped({k: v for k, v in members().items() if k != f"{KEY}/levels.npy"}), "lacks",
    ),
    "one layer": (layers(lambda d: d.__delitem__(slice(1, None))), "no net"),
    "unknown kind": (layers(lambda d: d[1].update(kind="dense")), "does not have"),
    "unknown field": (layers(lambda d: d[1].update(code="x")), "does not have"),
    "later input": (layers(lambda d: d[1].update(inputs=["down1"])), "does not have"),
    "huge": (layers(lambda d: d[1].update(channels=10**9)), "does not have"),
    "many": (layers(lambda d: [x.update(channels=512) for x in d]), "gives no segmentation"),
    "no readout": (layers(lambda d: d[-1].update(activation="relu")), "not its last"),
    "misfit": (layers(lambda d: d[2].update(stride=1)), "do not fit"),
    "bad settings": (card(settings={"timesteps": -4}), "settings are out of range"),
    "no settings": (card(settings=[1]), "settings are none"),
    "NaN in the card": (changed(card=np.array('{"minutes": NaN}')), "the number NaN"),
    "deep": (changed(card=np.array("[" * 50_000)), "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_one_sentence(case):
    data, words = REFUSED[case]
    with pytest.raises(LabError, match=words) as refused:
        model_file.unpack(data, "x")
    assert str(refused.value).count(".") == 1 and str(refused.value).endswith(".")


@pytest.mark.parametrize("value", [5e-324, 1e-45, 3e38, 1.7e308, np.nan, np.inf, -np.inf, -0.0])
@pytest.mark.parametrize("part", ["step", "bias", "floats", "rate_hz", "quantiles"])
def test_values_at_the_ends_of_the_floats_are_refused_or_run(part, value, recwarn):
    kind = np.float64 if part in ("step", "rate_hz") else np.float32
    shape = {"bias": MODEL.biases[KEY].shape, "floats": SHAPE, "quantiles": (15,)}.get(part, ())
    with np.errstate(all="ignore"):
        data = changed(**{f"{KEY}__{part}": np.full(shape, value).astype(kind)})
    try:
        made = model_file.unpack(data, "ends")
    except LabError as error:
        assert str(error).count(".") == 1 and KEY in str(error) or "firing rate" in str(error)
        return
    # what is read is as good as another: a bias of 1e-45 is none
    made = model_store.SHELF.put("ends", made)
    try:
        settings = Settings(model=made.name, timesteps=4)
        picture = lab.sample(0)
        corner = replace(picture, pixels=picture.pixels[:32, :32], labels=None)
        result = lab.segment(corner, settings)
        assert np.isfinite(result.ann).all() and np.isfinite(result.snn()).all()
        assert not [one for one in recwarn if issubclass(one.category, RuntimeWarning)]
    finally:
        model_store.SHELF.drop("ends")


@pytest.mark.parametrize("error", [RecursionError, MemoryError, OverflowError, struct.error])
def test_whatever_a_reader_raises_is_one_sentence(error, monkeypatch):
    def broken(*arguments):
        raise error

    monkeypatch.setattr(model_file.stored, "archive", broken)
    with pytest.raises(LabError, match="this model file is damaged"):
        model_file.unpack(FILE, "x")


def test_a_bomb_is_not_unpacked():
    raw = members()
    header = npy(np.zeros(SHAPE, np.int8))[:128]
    raw[f"{KEY}/levels.npy"] = header + b"\0" * 50_000_000
    with pytest.raises(LabError, match="too many bytes"):
        model_file.unpack(zipped(raw), "x")
    with pytest.raises(LabError, match="more than 16 MB"):
        model_file.unpack(b"PK" * model_file.LARGEST, "x")
    many = zipped({f"a{index}": b"" for index in range(2000)})
    with pytest.raises(LabError, match="more arrays"):
        model_file.unpack(many, "x")


def test_an_array_that_claims_to_be_huge_takes_no_memory():
    honest = npy(np.zeros(8, np.int8))
    claimed = honest.replace(b"(8,), }" + b" " * 10, b"(800000000000,), }")
    assert claimed != honest
    with pytest.raises(LabError, match="type or shape"):
        model_file.unpack(zipped(members() | {f"{KEY}/levels.npy": claimed}), "x")


def test_a_card_keeps_no_markup_and_nothing_unknown():
    hostile = "[a](http://x) <b>x</b> ![i](y) `c`\n\n# big " + "y" * 900
    found = model_file.unpack(card(summary=hostile, code="x", stages=[1]), "x").card
    assert not set("[]<>`#!") & set(found["summary"]) and "\n" not in found["summary"]
    assert len(found["summary"]) <= model_file.SENTENCE
    assert set(found) <= {*CARD, "settings"}
    Settings(**found["settings"])


@given(st.data())
def test_a_mutated_file_is_refused_or_still_a_model(data):
    raw = bytearray(FILE)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "drop"])):
            case "flip":
                raw[at] ^= data.draw(st.integers(1, 255))
            case "cut":
                del raw[max(at, 1) :]
            case "insert":
                raw[at:at] = data.draw(st.binary(min_size=1, max_size=9))
            case "drop":
                del raw[at : at + 3]
        if len(raw) < 2:
            break
    try:
        found = model_file.unpack(bytes(raw), "x")
    except LabError:
        return
    models._check(found)


@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from([*CARD, "kind", "name", "inputs", "ann", "x"]), inner, max_size=5
    ),
    max_leaves=12,
))  # fmt: skip
def test_any_json_for_layers_or_card_is_refused_or_harmless(value):
    text = np.array(json.dumps(value))
    with pytest.raises(LabError):
        model_file.unpack(changed(layers=text), "x")
    try:
        found = model_file.unpack(changed(card=text), "x").card
    except LabError:
        return
    json.dumps(found, allow_nan=False)
    Settings(**found["settings"])
