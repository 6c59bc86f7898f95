"""Window by window a net's activations are looked at, and strange ones are told from known ones."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.images import tiles
from snnlab.nets import familiarity, inference
from snnlab.nets.architecture import multiple
from snnlab.nets.familiarity import Rows, Windows
from tests import small_models

MODEL = small_models.model()
SIDE = multiple(MODEL.layers)


@pytest.fixture(autouse=True)
def _small_windows(monkeypatch):
    monkeypatch.setattr(familiarity, "WINDOW", 32)


def seen(image: np.ndarray, tissue: np.ndarray | None = None) -> Windows:
    windows = Windows(image.shape, tissue)
    inference.segment(MODEL, image, seen=windows)
    return windows


def by_hand(image: np.ndarray, box: tuple[slice, slice]) -> np.ndarray:
    """Deviations of all channels from activations computed once more."""
    found = []
    padded = tiles.pad(image, SIDE)
    for values in inference.activations(MODEL, padded).values():
        coarse = padded.shape[0] // values.shape[0]
        part = values[tuple(slice(p.start // coarse, p.stop // coarse) for p in box)]
        found.append(part.reshape(-1, part.shape[-1]).std(0))
    return np.concatenate(found)


def test_each_windows_deviations_are_those_of_its_activations():
    image = small_models.image(64, 96)
    windows = seen(image)
    rows = windows.rows(MODEL.layers)
    assert len(rows) == 6 and list(windows.pixels)[4] == (32, 32)
    expected = by_hand(image, (slice(32, 64), slice(32, 64)))
    np.testing.assert_allclose(rows[4], expected, rtol=1e-3, atol=1e-5)


def test_tiles_of_a_large_image_give_the_same_windows(monkeypatch):
    image = small_models.image(128, 96)
    whole = seen(image).rows(MODEL.layers)
    monkeypatch.setattr(inference, "WHOLE", 0)
    monkeypatch.setattr(inference, "TILE", 64)
    np.testing.assert_allclose(seen(image).rows(MODEL.layers), whole, rtol=1e-3, atol=1e-5)


def test_padding_and_slivers_are_left_out():
    image = small_models.image(34, 33)  # padded to 36 x 36
    windows = seen(image)
    assert windows.pixels == {(0, 0): 32 * 32}
    small = small_models.image(32, 32)[:22, :22]
    windows = seen(small)  # too small for a window: taken as it is
    assert windows.pixels == {(0, 0): 22 * 22}
    expected = by_hand(small, (slice(0, 22), slice(0, 22)))
    np.testing.assert_allclose(windows.rows(MODEL.layers)[0], expected, rtol=1e-3, atol=1e-5)


def test_fill_is_left_out():
    image = small_models.image(64, 64)
    tissue = np.ones(image.shape, bool)
    tissue[:, 32:] = False  # half a canvas
    tissue[:8] = False  # and a border above
    windows = seen(image, tissue)
    assert list(windows.pixels) == [(0, 0), (32, 0)]
    expected = by_hand(image, (slice(8, 32), slice(0, 32)))
    np.testing.assert_allclose(windows.rows(MODEL.layers)[0], expected, rtol=1e-3, atol=1e-5)
    assert len(seen(image, np.zeros(image.shape, bool)).rows(MODEL.layers)) == 0


def test_looking_changes_nothing_that_the_net_says():
    image = small_models.image(64, 64)
    plain = inference.segment(MODEL, image).probability
    found = inference.looked_at(knowing(), image)
    np.testing.assert_array_equal(found.probability, plain)
    assert inference.looked_at(MODEL, image).familiarity is None  # an old card


def rows_of(images, called="some") -> Rows:
    each = [seen(image) for image in images]
    return Rows(
        np.concatenate([one.rows(MODEL.layers) for one in each]),
        np.repeat(np.arange(len(each)), [len(one.pixels) for one in each]),
        np.concatenate([list(one.pixels.values()) for one in each]),
        called,
    )


def knowing():
    """The model, with a card that knows synthetic sections."""
    known = familiarity.known(rows_of([small_models.image(64, 64, seed) for seed in range(5)]))
    return replace(MODEL, card={"familiarity": known.on_card(MODEL.layers)})


def test_known_images_are_familiar_and_strange_ones_are_not():
    model = knowing()
    values = {}
    flat = np.full((64, 64), 0.5, np.float32)
    noise = np.random.default_rng(0).random((64, 64), np.float32)
    for name, image in {
        "another": small_models.image(64, 64, 7), "flat": flat, "noise": noise,
    }.items():  # fmt: skip
        values[name] = inference.looked_at(model, image).familiarity
    assert values["another"].value < 1.2 < min(values["flat"].value, values["noise"].value)
    assert values["noise"].word == "foreign"


def test_the_limit_is_of_sections_that_were_not_trained_on():
    images = [small_models.image(64, 64, seed) for seed in range(5)]
    strange = [np.random.default_rng(seed).random((64, 64), np.float32) for seed in range(2)]
    seen_rows = rows_of(images)
    alone, apart = familiarity.known(seen_rows), familiarity.known(seen_rows, rows_of(strange, "x"))
    assert (alone.held_against, apart.held_against) == ("each other", "x")
    assert apart.distances["95"] > 2 * alone.distances["95"]
    expected = familiarity.distance(
        rows_of(strange).values - seen_rows.values.mean(0),
        seen_rows.values.std(0) + 0.05 * np.median(seen_rows.values.std(0)),
    )
    assert apart.distances["100"] == pytest.approx(expected.max())
    assert familiarity.known(rows_of(images[:1])) is None


def test_a_window_of_few_pixels_may_stray_further():
    (known,) = familiarity.from_card(knowing().card, MODEL.layers).each
    image = small_models.image(32, 32, 9)
    windows = seen(image)
    whole = known.familiarity(windows, MODEL.layers).value
    windows.pixels = {(0, 0): 32 * 32 // 4}
    far = np.abs(windows.rows(MODEL.layers) - known.mean)
    scale = known.spread + 0.05 * np.median(known.spread)
    expected = np.sqrt(np.mean(np.minimum(far / 2 / scale, 10) ** 2)) / known.distances["95"]
    assert known.familiarity(windows, MODEL.layers).value == pytest.approx(expected)
    assert expected < whole


def test_a_card_of_another_net_says_nothing():
    card = knowing().card
    assert familiarity.from_card(card, MODEL.layers) is not None
    assert familiarity.from_card(card, small_models.model(0, (3, 4, 6)).layers) is None
    assert familiarity.from_card({"familiarity": card["familiarity"] | {"window": 64}},
                                 MODEL.layers) is None  # fmt: skip


@pytest.mark.parametrize(
    ("value", "word"), [(0.2, "familiar"), (1.0, "familiar"), (1.1, "unusual"), (1.4, "foreign")]
)
def test_words(value, word):
    assert familiarity.told(value).word == word
