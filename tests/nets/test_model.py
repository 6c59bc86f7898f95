"""8-bit weights, and models on disk."""

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from snnlab.errors import LabError
from snnlab.nets.architecture import unet
from snnlab.nets.model import PERCENTILES, available, from_float, load, quantise, save, with_card
from tests import small_models

kernels = arrays(
    np.float32,
    array_shapes(min_dims=1, max_dims=4, max_side=5),
    elements=st.floats(-1e3, 1e3, width=32).filter(lambda x: x == 0 or abs(x) > 1e-20),
)


@given(kernels)
def test_quantised_weights_are_the_nearest_of_255_levels(kernel):
    levels, step = quantise(kernel)
    assert levels.dtype == np.int8 and levels.shape == kernel.shape
    assert np.abs(levels.astype(int)).max(initial=0) <= 127
    if kernel.any():
        assert step == float(np.abs(kernel).max()) / 127
        assert np.abs(levels.astype(int)).max() == 127
    # double precision is the judge; the kernel itself has float32's
    error = np.abs(levels * np.float64(step) - kernel)
    assert (error <= step / 2 * (1 + 1e-4)).all()
    nearest = np.abs(np.arange(-127, 128) * step - kernel[..., None].astype(float)).min(-1)
    assert (error <= nearest + 1e-4 * step).all()


@given(kernels)
def test_quantising_is_symmetric_and_idempotent(kernel):
    levels, step = quantise(kernel)
    mirrored, same_step = quantise(-kernel)
    np.testing.assert_array_equal(mirrored, -levels)
    assert same_step == step
    again, step_again = quantise(levels.astype(np.float32) * np.float32(step))
    np.testing.assert_array_equal(again, levels)
    np.testing.assert_allclose(step_again, step, rtol=1e-6)


def test_a_kernel_of_zeros_stays_zero():
    levels, step = quantise(np.zeros((3, 3, 2, 2)))
    assert not levels.any() and step == 1


def full(name="small-0"):
    """A model with every optional part."""
    made = small_models.untuned()
    random = np.random.default_rng(5)
    quantiles = {
        layer.name: np.sort(random.uniform(0, 1, len(PERCENTILES))).astype(np.float32)
        for layer in made.populations()
    }
    return replace(made, name=name, quantiles=quantiles, card={"scores": {"v_rand": 0.5}})


def same(one, other):
    assert one.layers == other.layers and one.card == other.card
    assert one.steps == other.steps and one.rate_hz == other.rate_hz
    for part in ("levels", "biases", "quantiles", "floats", "kernels"):
        ours, theirs = getattr(one, part), getattr(other, part)
        assert ours.keys() == theirs.keys()
        for key in ours:
            assert ours[key].dtype == theirs[key].dtype
            np.testing.assert_array_equal(ours[key], theirs[key])


@pytest.mark.parametrize("made", [full(), small_models.untuned(3)], ids=["full", "bare"])
def test_a_saved_model_comes_back(made, tmp_path):
    path = save(made, tmp_path / "new folder")
    same(load(made.name, path.parent), made)
    assert load(made.name, path.parent).digest == made.digest


def test_a_stored_model_holds_no_pickles(tmp_path):
    path = save(full(), tmp_path)
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            with archive.open(name) as file:
                np.lib.format.read_array(file, allow_pickle=False)


def test_models_are_listed_the_shipped_ones_first(tmp_path):
    for name in ("zebra", "phantom", "ant", "regularised"):
        save(full(name), tmp_path)
    assert available(tmp_path) == ("regularised", "phantom", "ant", "zebra")
    assert available(tmp_path / "empty") == ()


def test_an_unknown_model_is_named_with_those_that_exist(tmp_path):
    save(full("ant"), tmp_path)
    with pytest.raises(LabError, match="no model '../ant'; choose one of ant"):
        load("../ant", tmp_path)


def rewritten(path, **changes):
    """The file with some of its arrays replaced, or left out where None."""
    with np.load(path) as stored:
        arrays = dict(stored) | changes
    np.savez(path, **{key: value for key, value in arrays.items() if value is not None})


def cut(path):
    path.write_bytes(path.read_bytes()[:-200])


def flipped(path):
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        entry = max(archive.infolist(), key=lambda item: item.compress_size)
    place = entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2
    for offset in range(16):
        data[place + offset] ^= 0xFF
    path.write_bytes(data)


def object_arrays(path):
    rewritten(path, **{"down0/bias": np.array([{}, [], None], object)})


DAMAGES = {
    "empty": lambda path: path.write_bytes(b""),
    "text": lambda path: path.write_text("not a model"),
    "one array": lambda path: path.write_bytes(_npy()),
    "cut short": cut,
    "flipped bytes": flipped,
    "pickled": object_arrays,
    "no layers": lambda path: rewritten(path, layers=None),
    "layers not json": lambda path: rewritten(path, layers=np.array("{")),
    "layers of other fields": lambda path: rewritten(
        path, layers=np.array(json.dumps([{"inputs": []}]))
    ),
    "layers not a list": lambda path: rewritten(path, layers=np.array("[1]")),
    "no kernel": lambda path: rewritten(path, **{"up0/levels": None}),
    "kernel of another shape": lambda path: rewritten(
        path, **{"up0/levels": np.zeros((3, 3), "i1")}
    ),
    "float kernel": lambda path: rewritten(path, **{"encoder/levels": np.zeros((1, 1, 1, 2))}),
    "no bias": lambda path: rewritten(path, **{"up0/bias": None}),
    "bias of another shape": lambda path: rewritten(path, **{"up0/bias": np.zeros(99, "f4")}),
    "bias not a number": lambda path: rewritten(path, **{"up0/bias": np.full(3, np.nan, "f4")}),
    "step of zero": lambda path: rewritten(path, **{"up0/step": np.float64(0)}),
    "step not a number": lambda path: rewritten(path, **{"up0/step": np.float64("nan")}),
    "no rate": lambda path: rewritten(path, **{"up0/rate_hz": None}),
    "few quantiles": lambda path: rewritten(path, **{"up0/quantiles": np.zeros(3, "f4")}),
    "float kernel of another shape": lambda path: rewritten(
        path, **{"up0/floats": np.zeros(1, "f4")}
    ),
    "no card": lambda path: path.with_suffix(".json").unlink(),
    "card not json": lambda path: path.with_suffix(".json").write_text("{'"),
    "card not text": lambda path: path.with_suffix(".json").write_bytes(b"\xff\xfe\xff"),
}  # fmt: skip


def _npy():
    from io import BytesIO

    file = BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_said_to_be_damaged(damage, tmp_path):
    damage(save(full(), tmp_path))
    with pytest.raises(LabError, match=r"small-0\.npz is damaged; restore it or retrain\.$"):
        load("small-0", tmp_path)


def test_the_digest_tells_apart_whatever_changes_a_result():
    made = full()
    layer = made.layers[2].name
    other_bias = made.biases[layer].copy()
    other_bias[0] = np.nextafter(other_bias[0], np.float32(np.inf))
    other_level = made.levels[layer].copy()
    other_level.flat[0] ^= 1
    changed = [
        replace(made, biases=made.biases | {layer: other_bias}),
        replace(made, levels=made.levels | {layer: other_level}),
        replace(made, steps=made.steps | {layer: np.nextafter(made.steps[layer], 1)}),
        replace(made, rate_hz=made.rate_hz | {layer: 149.0}),
        replace(made, quantiles=made.quantiles | {layer: made.quantiles[layer] * 2}),
        replace(made, layers=unet(2, (3, 4, 5), "loihi")),
    ]
    assert len({one.digest for one in (made, *changed)}) == len(changed) + 1
    # the card and the name are not computed with
    assert replace(with_card(made, data="x"), name="other").digest == made.digest


@given(st.floats(50, 100))
def test_activations_between_the_stored_percentiles_are_interpolated(percentile):
    made = full()
    values = made.quantiles["down0"]
    found = made.activation_at("down0", percentile)
    above = int(np.searchsorted(PERCENTILES, percentile))
    assert values[max(above - 1, 0)] - 1e-6 <= found <= values[above] + 1e-6
    assert made.activation_at("down0", 100) == values[-1]


def test_populations_and_weights():
    layers = unet(2, (3, 4))
    made = from_float(
        "two", layers, {x.name: np.zeros(s) for x, s in zip(layers, SHAPES, strict=True)},
        {x.name: np.zeros(x.channels) for x in layers}, {},
    )  # fmt: skip
    assert [layer.name for layer in made.populations()] == [layer.name for layer in layers[:-1]]
    # by hand: 2 + 2*9*3 + 3*9*4 + 4*9*4 + (4 + 3)*9*3 + 3
    assert made.weights == 2 + 54 + 108 + 144 + 189 + 3


SHAPES = [
    (1, 1, 1, 2), (3, 3, 2, 3), (3, 3, 3, 4), (3, 3, 4, 4), (3, 3, 7, 3), (1, 1, 3, 1),
]  # fmt: skip
