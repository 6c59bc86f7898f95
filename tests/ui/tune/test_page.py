"""The page Tune in process: what it says, and what its buttons do."""

import time
from dataclasses import replace

import pytest

from snnlab.data.synthetic import synthetic
from snnlab.errors import Cancelled
from snnlab.export import pictures
from snnlab.images import reading as images
from snnlab.lab import finetuning as lab_finetune
from snnlab.lab import segmenting as lab
from snnlab.nets import files as model_file
from snnlab.nets import shelf as model_store
from snnlab.ui.shared import mine, visitors
from tests import small_models
from tests.ui.steps import labels, press, put_on_screen, said, until, visit

PAGE = "pages/finetune.py"
MINE = replace(small_models.model(6), name="mine", card={"summary": "Mine.", "settings": {}})


def choose(app, kind, label, value):
    next(item for item in getattr(app, kind) if item.label == label).set_value(value).run()


def test_it_says_what_would_be_done(page):
    assert not page.exception
    name = lab.default_result().settings.model
    assert f"**{name}** into 200–400 Hz at the 99.9th percentile" in said(page)
    choose(page, "number_input", "Lower bound (Hz)", 75.0)
    choose(page, "number_input", "Upper bound (Hz)", 120.0)
    assert "into 75–120 Hz" in said(page) and "Start" in labels(page)


def test_bounds_the_wrong_way_round_are_said(page):
    choose(page, "number_input", "Lower bound (Hz)", 500.0)
    assert not page.exception and "Start" not in labels(page)
    assert "The lower bound (500 Hz) is above the upper one (400 Hz)" in said(page)


def test_single_layers_can_have_bounds_of_their_own(page):
    choose(page, "multiselect", "Layers with bounds of their own", ["down0", "up0"])
    choose(page, "number_input", "Lower, up0 (Hz)", 50.0)
    choose(page, "number_input", "Upper, up0 (Hz)", 100.0)
    assert not page.exception
    assert "down0 in 200–400 Hz, up0 in 50–100 Hz" in said(page)
    next(item for item in page.button if item.label == "Start")


def test_own_images_are_asked_for(page):
    choose(page, "button_group", "Train on", "own")
    assert not page.exception
    assert "Choose your images and labels" in said(page) and "Start" not in labels(page)


def source(page):
    return next(item for item in page.get("button_group") if item.label == "Train on")


def test_what_is_on_screen_comes_first_and_is_preset_once_it_is_labelled(page):
    assert source(page).value == "synthetic"
    made = synthetic(256, 3)
    grey = pictures.grey_png(made.image)
    put_on_screen(page, ("em.png", grey))
    assert source(page).value == "synthetic"  # nothing to learn from
    put_on_screen(page, ("em.png", grey), ("truth.png", images.write_png(made.labels)))
    assert source(page).options[0] == "What is on screen" and source(page).value == "screen"
    assert "On screen: em.png with truth.png: **1 section** to train on" in said(page)
    assert "on your own images: about" in said(page) and "Start" in labels(page)
    source(page).set_value("synthetic").run()
    assert "on your own images" not in said(page)


def test_a_folder_that_is_not_named_is_said(page):
    choose(page, "button_group", "Train on", "isbi")
    assert "No ISBI folder is named" in said(page) and "Start" not in labels(page)


def test_it_runs_pauses_goes_on_and_what_comes_of_it_is_in_the_list(page, monkeypatch):
    """The run itself is replaced by a quick one; the browser's test has the real one."""
    entry = {
        "step": 3, "seconds": 1.0, "loss": 0.3, "rate_loss": 0.1, "pixel_accuracy": 0.9,
        "v_rand": 0.8, "in_range": 0.97,
        "rates": {"encoder": [100, 200, 300, 0.8], "down0": [210, 300, 390, 1.0]},
    }  # fmt: skip
    scores = {key: {"pixel_accuracy": 0.91, "v_rand": 0.93} for key in ("ann", "snn")}
    inside = {"in_range": {"all": 0.97, "section": 0.995, "down0": 0.9}}
    inside["counted"] = "held-out sections"
    fallen = {key: {"pixel_accuracy": 0.91, "v_rand": 0.911} for key in ("ann", "snn")}
    go = []

    def quick(wish, folder, own, live, progress=None, cancel=None):
        live.enter(entry | {"loss": None, "rate_loss": None, "in_range": 0.2})
        live.enter(entry)
        for pixels in (live.shown, 1 - live.shown):
            live.show(pixels)
        progress(0.5, "step 3")
        while not go and not cancel():
            time.sleep(0.01)
        card = {"settings": wish.settings, "summary": "Tuned.", "scores": {"warning": ""}}
        before = scores | {"in_range": {"section": 0.2}}
        made = replace(MINE, card=card)
        return lab_finetune.Tuned(made, before, fallen | inside, "four sections")

    monkeypatch.setattr(lab_finetune, "job", quick)
    press(page, "Start")
    until(page, lambda: "97.0 % of the channels in band (before 20.0 %)" in said(page))
    assert {"Pause", "Cancel"} <= set(labels(page)) and len(page.get("plotly_chart")) == 4
    assert len([m for m in page.markdown if ":material/visibility:" in m.value]) == 5
    press(page, "Pause")
    assert "Paused at 0 %" in said(page) and {"Go on", "Discard"} <= set(labels(page))
    go.append(True)
    press(page, "Go on")
    until(page, lambda: "Use it in the lab" in labels(page))
    # one number for the rates, and a fall of the segmentation is said with what to do
    (metric,) = page.metric
    assert (metric.label, metric.value) == ("Neurons in band", "99.50 %")
    assert metric.delta == "+79.5 points, before 20.00 %"
    assert "Counted neuron by neuron on the held-out sections." in said(page)
    assert "channels in band (before" not in said(page)
    assert "By V_Rand the segmentation got worse: −1.9 points (ANN)" in said(
        page
    ) and "smaller weight" in said(page)
    assert not page.exception
    owner = page.session_state["owner"]
    (made,) = model_store.SHELF.of(owner)
    assert made.name.startswith("mine-")
    listed = next(item for item in page.selectbox if item.label == "Model").options
    assert made.name in listed
    next(b for b in page.button if b.key == "tune-use").click().run()
    assert page.session_state["settings"].model == made.name
    model_store.SHELF.drop(owner)


def test_another_visitors_model_is_not_listed_and_not_in_an_address(page):
    other = model_store.SHELF.put("somebody else", MINE)
    try:
        page.run()
        for box in page.selectbox:
            assert other.name not in box.options
        page.query_params["model"] = other.name
        page.run()
        assert page.session_state["settings"].model != other.name
    finally:
        model_store.SHELF.drop("somebody else")


def test_discarding_forgets_the_checkpoint(page, monkeypatch, tmp_path):
    def quick(wish, folder, own, live, progress=None, cancel=None):
        live.place = tmp_path / "run"
        live.place.mkdir(exist_ok=True)
        while not cancel():
            time.sleep(0.01)

    monkeypatch.setattr(lab_finetune, "job", quick)
    press(page, "Start")
    until(page, lambda: (tmp_path / "run").exists())
    press(page, "Cancel")
    assert not (tmp_path / "run").exists() and "Start" in labels(page)


@pytest.mark.parametrize(
    ("said", "url", "allowed"),
    [
        ("", "http://localhost:8501/", True),
        ("", "http://127.0.0.1:8501/finetune", True),
        ("", "http://[::1]:8501/", True),
        ("", "https://lab.example.org/", False),
        ("no", "http://localhost:8501/", False),
        ("yes", "https://lab.example.org/", True),
    ],
)
def test_models_are_loaded_where_the_lab_runs_for_one_person(said, url, allowed, monkeypatch):
    monkeypatch.setenv(mine.VARIABLE, said)
    monkeypatch.setattr(mine, "st", type("Fake", (), {"context": type("C", (), {"url": url})}))
    assert mine.may_load() is allowed


def test_what_was_taken_away_is_loaded_again_and_nonsense_is_refused(page, monkeypatch):
    state = {"owner": "anna"}
    fake = type("Fake", (), {"session_state": type("S", (), state)()})
    monkeypatch.setattr(mine, "st", fake)
    monkeypatch.setattr(mine, "may_load", lambda: True)
    monkeypatch.setattr(mine, "_owner", lambda: "anna")
    try:
        found = mine.load(model_file.pack(MINE), "mine-0a1b2c.npz")
        assert found.digest == MINE.digest and found.name == "mine-0a1b2c"
        numbered = mine.load(model_file.pack(MINE), "theirs-0d1e2f (1).npz")
        assert numbered.name == "theirs-0d1e2f"
        with pytest.raises(Exception, match="damaged"):
            mine.load(b"x", "x.npz")
        monkeypatch.setattr(mine, "may_load", lambda: False)
        with pytest.raises(Exception, match="switched off"):
            mine.load(model_file.pack(MINE), "mine.npz")
    finally:
        model_store.SHELF.drop("anna")


def test_who_closes_the_tab_finds_it_again_by_its_address(page, monkeypatch):
    wishes = []

    def quick(wish, folder, own, live, progress=None, cancel=None):
        wishes.append((wish, folder, own))
        while not cancel():
            time.sleep(0.01)
        raise Cancelled

    monkeypatch.setattr(lab_finetune, "job", quick)
    page.number_input(key="tune-lower-all").set_value(123.0).run()
    press(page, "Start")
    until(page, lambda: wishes)
    token = page.query_params["tuning"]
    assert f"tuning={token}" in page.code[-1].value and "Pause" in labels(page)
    # another tab looks at the same one, and so it goes on without the first
    again = visit(PAGE, tuning=token)
    assert "Pause" in labels(again) and len(wishes) == 1
    assert again.session_state["tuning"].live is page.session_state["tuning"].live
    # nobody is left: it stops, and the address begins it anew from its checkpoint
    visitors.KEEPER.close()
    third = visit(PAGE, tuning=token)
    until(third, lambda: len(wishes) == 2)
    assert wishes[0] == wishes[1] and wishes[1][0].lower_hz == 123.0
    press(third, "Pause")
    assert "Paused at 0 %" in said(third)
    # on the other page it is no training
    other = visit("pages/train.py", training=token)
    assert "open it on the page Tune" in said(other) and not other.exception
    press(third, "Discard")
    fourth = visit(PAGE, tuning=token)
    assert "There is nothing at this address any more" in said(fourth)
    assert "tuning" not in fourth.query_params and "Start" in labels(fourth)


def test_an_own_model_that_was_started_from_comes_back_with_the_address(page, monkeypatch):
    def quick(wish, folder, own, live, progress=None, cancel=None):
        while not cancel():
            time.sleep(0.01)
        raise Cancelled

    monkeypatch.setattr(lab_finetune, "job", quick)
    mine_ = model_store.SHELF.put(page.session_state["owner"], replace(MINE, name="mine"))
    page.run()
    next(b for b in page.selectbox if b.label == "Start from").set_value(mine_.name).run()
    press(page, "Start")
    token = page.query_params["tuning"]
    visitors.KEEPER.close()
    model_store.SHELF.drop(page.session_state["owner"])
    again = visit(PAGE, tuning=token)
    assert again.session_state["tuning"].asked.wish.model == mine_.name
    assert mine_.name in next(b for b in again.selectbox if b.label == "Model").options
    press(again, "Cancel")
