"""The page Segment: what the brush sends is checked, kept, and becomes the labels."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest

from snnlab.images import reading, scribbles
from snnlab.lab import scribbling as lab
from snnlab.ui.segment.viewer import packing
from snnlab.ui.shared import messages
from tests.ui.steps import labels, press, put_on_screen, said, until
from tests.ui.test_manners import png
from tests.ui.test_pages import still

PAGE = "pages/segment.py"
BOTH = [[0, 5, [10, 10, 60, 12]], [1, 9.5, [10, 40.25, 60, 44]]]
MORE = [[0, 5, [10, 25, 60, 25]], [1, 7, [10, 55, 60, 57]]]


def paint(app, strokes, held=False, other=None):
    """As when the browser's brush tells the server, and knows what that has."""
    result = app.session_state["shown"]
    name = packing.identity(packing.pack(result, result.picture.called))
    below = scribbles.read(kept(app))
    base = hashlib.sha256(repr(below).encode()).hexdigest()[:16] if below else ""
    app.session_state["viewer-asked"] = {
        "want": "paint", "result": name, "serial": 1, "strokes": strokes, "held": held,
        "base": base,
    } | (other or {})  # fmt: skip
    app.run()
    assert not app.exception
    return app


def kept(app):
    """Strokes of the section on screen, as the browser would send them."""
    picture = app.session_state["shown"].picture
    painted = app.session_state.get("scribbles-all", {})
    for one in painted.values():
        return scribbles.written(one.sections.get(picture.section, ()))
    return []


def counted(app):
    """Labels that the picture has that is wanted, coded."""
    picture = app.session_state["scribbles-onto"][2]
    return np.where(picture.ignored, -1, picture.labels.astype(int))


@pytest.fixture
def own(page):
    """A visitor with an image of their own on screen, and no labels."""
    image = np.random.default_rng(5).integers(0, 256, (64, 72)).astype(np.uint8)
    put_on_screen(page, ("mine.png", png(image)))
    page.session_state["auto"] = True
    until(page, lambda: page.session_state["shown"].picture.name == "mine.png")
    return still(page)


def test_scribbles_are_the_labels_once_the_brush_is_put_down(own):
    assert "scribbles" not in said(own)
    paint(own, BOTH, held=True)
    coded = scribbles.labels(scribbles.read(BOTH), (64, 72))
    membrane, cell = scribbles.counts(coded)
    assert kept(own) == BOTH
    told = f"{membrane + cell:,} pixels ({membrane:,} membrane, {cell:,} cell)"
    assert told in said(own) and "when you put the brush down" in said(own)
    assert "scribbles-onto" not in own.session_state and not own.session_state["specimen"].labelled
    paint(own, BOTH, held=False)
    assert f"**Labels: your scribbles**, {told}" in said(own)
    assert np.array_equal(counted(own), coded)
    # for Tune and Train, and for files
    held = own.session_state["specimen"]
    name, data = held.truth()
    assert held.labelled and name == "scribbles.tif"
    assert np.array_equal(reading.open_labels(data, name).labels(0).coded, coded)
    assert np.array_equal(held.section(0).labels, coded == 1)
    assert any("labels" in one.value for one in own.warning)  # scores are to be computed anew


def test_one_class_alone_is_no_label_yet(own):
    paint(own, BOTH[:1])
    assert "Paint some cell too" in said(own)
    assert not own.session_state["specimen"].labelled
    assert "Train on these scribbles" not in labels(own)


def test_clearing_can_be_undone(own):
    paint(own, BOTH)
    press(own, "Clear")
    assert kept(own) == [] and "your scribbles" not in said(own)
    press(own, "Bring the scribbles back")
    assert kept(own) == BOTH and "Labels: your scribbles" in said(own)


FORGED = (
    {"strokes": [[0, 5, [1, 2, "x", 4]]]},
    {"strokes": "none"},
    {"result": "another"},
    {"serial": "one"},
    {"want": "something"},
)


def test_what_is_forged_changes_nothing(page):
    paint(still(page), BOTH)
    assert kept(page) == BOTH
    for forged in FORGED:
        paint(page, MORE, other=forged)
        assert kept(page) == BOTH, forged
        if "strokes" in forged:
            answer = page.session_state["viewer-answer"][1]
            assert b"these scribbles are damaged; clear them and paint them again." in answer


def test_who_does_not_know_what_was_painted_does_not_overwrite_it(page):
    """As a brush that is taken up right after a reload, before it has heard of its strokes."""
    paint(still(page), BOTH)
    for strokes in ([], MORE):
        paint(page, strokes, other={"base": ""})
        assert kept(page) == BOTH
        told, _ = packing.opened(page.session_state["viewer-answer"][1])
        assert told["strokes"] == BOTH and "error" not in told
    # what it has put together then is kept
    paint(page, BOTH + MORE, other={"base": told["revision"]})
    assert kept(page) == BOTH + MORE
    # and what was heard once, and is told again, is no other
    told, _ = packing.opened(page.session_state["viewer-answer"][1])
    assert "strokes" not in told


def test_labels_that_an_image_came_with_are_asked_about(page):
    paint(still(page), BOTH)
    truth = page.session_state["shown"].picture.labels
    assert "Labels: those that the image came with" in said(page)
    assert "scribbles-onto" not in page.session_state
    choice = next(b for b in page.get("button_group") if b.label == "Labels of this image")
    choice.set_value("My scribbles").run()
    assert "Labels: your scribbles" in said(page)
    picked, _, made = page.session_state["scribbles-onto"]
    assert np.array_equal(picked.labels, truth) and (~made.ignored).sum() < truth.size / 10
    choice = next(b for b in page.get("button_group") if b.label == "Labels of this image")
    choice.set_value("Those it came with").run()
    assert "Labels: those that the image came with" in said(page) and not page.exception


def errors(app):
    (table,) = [one.value for one in app.table if "Wrong on held-back scribbles" in one.value]
    return table


def test_it_learns_on_the_page_and_shows_the_error_before_and_after(own):
    paint(own, BOTH + MORE)
    press(own, "Train on these scribbles")
    until(own, lambda: "were held back" in said(own))
    assert list(errors(own)[""]) == [
        "ANN on screen", "SNN on screen", "U-Net, new readout", "RBF network",
    ]  # fmt: skip
    assert "2 of 4 strokes" in said(own)
    # more strokes: what was learned stays, and can be learned anew
    paint(own, BOTH + MORE + [[1, 5, [30, 30]]])
    assert "Train on these scribbles" in labels(own) and "2 of 4 strokes" in said(own)


@pytest.fixture
def heads(monkeypatch):
    """What the browser was told of the layer that was learned, last."""
    found = []
    real = messages.headed

    def headed(about):
        if "learned" in about:
            found[:] = [about["learned"]]
        return real(about)

    monkeypatch.setattr(messages, "headed", headed)
    return found


@pytest.fixture
def helped(monkeypatch):
    """On noise, where nothing can be learned, training counts as a help."""
    monkeypatch.setattr(lab.Learned, "better", property(lambda found: True))


def test_a_network_that_is_no_better_is_said_to_be_and_not_put_over_the_image(
    own, heads, monkeypatch
):
    real = lab.learn

    def learn(*given, **more):
        found = real(*given, **more)
        return replace(found, errors=found.errors | {"ann": 0.01})

    monkeypatch.setattr(lab, "learn", learn)
    paint(own, BOTH + MORE)
    press(own, "Train on these scribbles")
    until(own, lambda: "were held back" in said(own))
    assert heads == [None]
    (told,) = [one.value for one in own.warning if "Training did not help" in one.value]
    assert "the ANN on screen on 1.0 %" in told and "Nothing was put over the image" in told
    # who asks for it gets it, and it is still said
    layer = next(b for b in own.get("button_group") if b.label == "Layer in the pictures")
    assert layer.value == "none"
    layer.set_value("rbf").run()
    assert heads[0] is not None and not own.exception
    (told,) = [one.value for one in own.warning if "Training did not help" in one.value]
    wrong = errors(own)["Wrong on held-back scribbles"][3]
    assert f"the RBF network is wrong on {wrong}" in told and "It is the layer" in told


def test_what_was_trained_is_a_layer_of_the_pictures_with_a_threshold(own, heads, helped):
    paint(own, BOTH + MORE)
    assert heads == [None]
    press(own, "Train on these scribbles")
    until(own, lambda: "were held back" in said(own))
    (told,) = heads
    assert told["at"] == 0.5
    paint(own, BOTH + MORE, other={"want": "learned"})  # as the browser asks for it
    header, arrays = packing.opened(own.session_state["viewer-answer"][1])
    assert header["name"] == told["name"]
    held = scribbles.split(scribbles.read(BOTH + MORE))
    owners = scribbles.owners(scribbles.read(BOTH + MORE), (64, 72))
    coded = scribbles.labels(scribbles.read(BOTH + MORE), (64, 72))
    back, values = np.isin(owners, sorted(held)), arrays["learned"]
    assert values.shape == (64, 72) and values.std() > 0
    # the table's number is that of the layer, at the threshold that is set
    shown = next(b for b in own.get("button_group") if b.label == "Layer in the pictures")
    line = {"unet": 2, "rbf": 3}[shown.value]
    for at in (0.5, 0.25):
        slider = next(one for one in own.slider if one.label.startswith("Cell above"))
        slider.set_value(at).run()
        assert heads == [{"name": told["name"], "at": at}]
        cell = values >= 255 * at
        wrong = (cell[back & (coded == 0)].mean() + (~cell[back & (coded == 1)]).mean()) / 2
        said_ = float(errors(own)["Wrong on held-back scribbles"][line].split()[0])
        assert said_ == pytest.approx(100 * wrong, abs=0.6)  # the layer has 255 shades
    # the other network is another layer
    other = next(one for one in ("unet", "rbf") if one != shown.value)
    next(b for b in own.get("button_group") if b.label == "Layer in the pictures").set_value(
        other
    ).run()
    assert heads[0]["name"] != told["name"] and not own.exception


def test_it_trains_again_by_itself_when_it_is_to(own, heads, helped):
    assert not any(one.label.startswith("Train again") for one in own.toggle)
    paint(own, BOTH + MORE)
    press(own, "Train on these scribbles")
    until(own, lambda: "were held back" in said(own))
    (first,) = heads
    next(one for one in own.toggle if one.label.startswith("Train again")).set_value(True).run()
    own.run()
    assert heads == [first]  # of the same strokes nothing is trained again
    paint(own, [*BOTH, *MORE, [1, 9, [50, 8, 66, 20]]], held=True)
    until(own, lambda: heads[0]["name"] != first["name"])
    own.run()
    assert "Train on these scribbles" not in labels(own) and not own.exception


def test_a_layer_is_of_its_own_image_alone(own, heads, helped):
    paint(own, BOTH + MORE)
    press(own, "Train on these scribbles")
    until(own, lambda: "were held back" in said(own))
    assert heads[0] is not None
    other = np.random.default_rng(6).integers(0, 256, (64, 72)).astype(np.uint8)
    put_on_screen(own, ("other.png", png(other)))
    own.session_state["auto"] = True
    until(own, lambda: own.session_state["shown"].picture.name == "other.png")
    own.run()
    assert heads == [None]
