"""Undo, presets, pins, sharing, taking away, uploads that stay, labels that look inverted."""

import io
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
import tifffile
from PIL import Image

from snnlab.lab import segmenting as lab
from snnlab.results import metrics, summary
from snnlab.settings import DEFAULT_MODEL, Settings
from snnlab.ui.shared import bench, keep, sidebar, status, words
from snnlab.ui.shared import downloads as take
from tests.ui.test_pages import control, still, text


def button(app, name):
    found = [item for item in app.button if item.label == name]
    assert found, (name, [item.label for item in app.button])
    return found[0]


def png(pixels) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_undo_and_redo_walk_through_the_changes(app):
    still(app).run()
    first = app.session_state["settings"]
    assert button(app, "Undo").disabled and button(app, "Redo").disabled
    control(app, "timesteps").set_value(16).run()
    control(app, "reset").set_value("zero").run()
    button(app, "Undo").click().run()
    assert app.session_state["settings"] == first.replace(timesteps=16)
    assert control(app, "reset").value == "subtraction"
    button(app, "Undo").click().run()
    assert app.session_state["settings"] == first
    assert button(app, "Undo").disabled
    button(app, "Redo").click().run()
    button(app, "Redo").click().run()
    assert app.session_state["settings"] == first.replace(timesteps=16, reset="zero")
    assert button(app, "Redo").disabled
    button(app, "Undo").click().run()
    control(app, "timesteps").set_value(32).run()
    assert button(app, "Redo").disabled  # another way was taken
    button(app, "Undo").click().run()
    assert app.session_state["settings"] == first.replace(timesteps=16)


def test_what_an_address_set_is_where_undo_ends(app):
    app.query_params["steps"] = "37"
    still(app).run()
    assert button(app, "Undo").disabled


def test_a_model_and_a_reset_to_it_can_be_undone(app):
    still(app).run()
    first = app.session_state["settings"]
    control(app, "model").set_value("loihi").run()
    assert app.session_state["settings"].model == "loihi"
    button(app, "Undo").click().run()
    assert app.session_state["settings"] == first


def test_a_model_that_is_already_the_one_brings_no_settings(monkeypatch):
    """A control that was made anew may be taken for one that was moved; seen under load."""

    class State(dict):
        __getattr__ = dict.__getitem__

    adopted = []
    state = State({"settings": Settings(model="loihi", timesteps=7), "generation": 3})
    monkeypatch.setattr(sidebar.st, "session_state", state)
    monkeypatch.setattr(sidebar.bench, "adopt", adopted.append)
    state["model-3"] = "loihi"
    sidebar._model_chosen("model-3")
    assert adopted == []
    state["model-3"] = "relu"
    sidebar._model_chosen("model-3")
    assert [settings.model for settings in adopted] == ["relu"]


def test_each_preset_sets_the_controls(app):
    from snnlab import simulation
    from snnlab.lab.presets import presets

    still(app).run()
    first = app.session_state["settings"]
    names = [item.name for item in simulation.SIMULATORS]
    for preset in presets(lab.cards(), first, names):
        button(app, preset.name).click().run()
        assert not app.exception
        assert app.session_state["settings"] == preset.settings
        assert control(app, "timesteps").value == preset.settings.timesteps


def test_a_pinned_run_is_compared(app):
    still(app).run()
    app.switch_page("pages/compare.py").run()
    assert "No run is pinned" in text(app)
    button(app, "Pin").click().run()
    assert button(app, "Pinned").disabled
    assert "Nothing: these are the same" in text(app)
    settings = lab.default_result().settings.replace(timesteps=9)
    other = replace(
        summary.of(lab.default_result()), settings=settings, spikes=10_000_000, agreement=0.5
    )
    app.session_state["runs"] = [*app.session_state["runs"], other]
    app.run()
    assert not app.exception
    changed, scores, activity = (table.value for table in app.table[:3])
    assert list(changed.iloc[0]) == ["timesteps", str(lab.default_result().timesteps), "9"]
    assert set(scores["B − A"]) == {"0"}
    assert "A: Pin 1 · B: the run on screen" in [item.value for item in app.subheader]
    row = activity[activity.iloc[:, 0] == "Spikes"].iloc[0]
    assert row["B to A"] == f"× {1e7 / lab.default_result().spikes:.2f}"
    # the choice of what is on screen stays one when that is another run, and says so
    for steps in (7, 1):
        settings = settings.replace(timesteps=steps, reset="zero", synapse_ms=5.0)
        app.session_state["runs"] = [*app.session_state["runs"], replace(other, settings=settings)]
        app.run()
        box = app.selectbox(key=next(one.key for one in app.selectbox if one.label == "B"))
        assert box.options[box.index].startswith("the run on screen: ")
        assert (", 7 steps," if steps == 7 else ", 1 step,") in box.options[box.index]
        assert box.options[box.index].endswith(", reset to zero, synapse of 5 ms")
    button(app, "Forget all pinned runs").click().run()
    assert "No run is pinned" in text(app)


def test_the_address_to_share_brings_everything_back(app):
    still(app).run()
    control(app, "timesteps").set_value(16).run()
    control(app, "synapse").set_value(5.0).run()
    shared = next(item.value for item in app.code if "steps=16" in item.value)
    settings, complaints = Settings.from_query(
        dict(parse_qsl(urlsplit(shared).query)), suited=lab.defaults
    )
    assert (settings, complaints) == (app.session_state["settings"], [])
    assert "shipped samples" in text(app)
    control(app, "source").set_value("upload").run()
    assert "does not hold your image" in text(app)


def test_an_upload_stays_while_another_source_is_looked_at(app):
    still(app).run()
    control(app, "source").set_value("upload").run()
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64), np.uint8)
    app.file_uploader[0].upload("mine_[x](y).png", png(pixels)).run()
    assert not app.error
    control(app, "source").set_value("sample").run()
    control(app, "source").set_value("upload").run()
    assert not app.exception and not app.error
    assert "Still here" in text(app)
    assert app.session_state["kept"][1].name == "mine_[x](y).png"
    button(app, "Remove").click().run()
    assert "Choose a PNG" in text(app)


def test_a_broken_upload_is_said_beside_the_result_too(app):
    still(app).run()
    control(app, "source").set_value("upload").run()
    app.file_uploader[0].upload("mine.png", b"nothing of the kind").run()
    assert any("mine.png" in item.value and "shipped sample" in item.value for item in app.warning)
    said = status.summary(app.session_state["shown"])
    assert said in [item.value for item in app.caption]  # what the last result is


def test_isbi_opens_on_a_held_out_section_and_names_those_trained_on(app, tmp_path):
    grey = np.random.default_rng(0).integers(0, 255, (20, 32, 32), np.uint8)
    tifffile.imwrite(tmp_path / "train-volume.tif", grey)
    tifffile.imwrite(tmp_path / "train-labels.tif", 255 * (grey > 99).astype(np.uint8))
    still(app).run()
    control(app, "source").set_value("isbi").run()
    app.text_input[0].set_value(str(tmp_path)).run()
    assert not app.exception
    assert (control(app, "isbi").value, app.session_state["settings"].section) == (18, 18)
    assert "was trained on this section" not in text(app)
    control(app, "isbi").set_value(14).run()
    assert f"*{app.session_state['settings'].model}* was trained on this section" in text(app)
    control(app, "model").set_value("phantom").run()  # of synthetic sections
    assert app.session_state["settings"].section == 14
    assert "was trained on this section" not in text(app)


def test_a_wrong_folder_is_said_beside_the_result_too(app, tmp_path):
    still(app).run()
    control(app, "source").set_value("isbi").run()
    app.text_input[0].set_value(str(tmp_path)).run()
    said = [item.value.replace("\\", "") for item in app.warning]
    assert any("lacks train-volume.tif" in text for text in said)


def test_inverted_labels_are_noticed():
    result = lab.default_result()
    labels, cells = result.picture.labels, result.ann > 0.5
    assert not metrics.looks_inverted(cells, labels)
    assert metrics.looks_inverted(cells, ~labels)
    noise = np.random.default_rng(0).uniform(size=labels.shape) > 0.5
    assert not metrics.looks_inverted(cells, noise)
    assert not metrics.looks_inverted(cells, ~noise)


def test_inverted_labels_can_be_turned_round(app):
    still(app).run()
    control(app, "source").set_value("upload").run()
    result = lab.default_result()
    grey = np.rint(result.picture.pixels * 255).astype(np.uint8)
    wrong = np.where(result.picture.labels, 0, 255).astype(np.uint8)
    app.file_uploader[0].upload("a.png", png(grey)).run()
    app.file_uploader[1].upload("b.png", png(wrong)).run()
    picture = app.session_state["kept"][1]
    assert np.array_equal(picture.labels, ~result.picture.labels)
    # as if the run of it were done
    settings = app.session_state["settings"]
    app.session_state["shown"] = replace(result, picture=picture, settings=settings)
    app.run()
    assert "look inverted" in text(app)
    button(app, "Invert the labels").click().run()
    assert np.array_equal(app.session_state["kept"][1].labels, result.picture.labels)


def test_labels_of_another_size_are_left_out_and_that_is_said(app):
    """Such as those of the image that was there before."""
    still(app).run()
    control(app, "source").set_value("upload").run()
    grey = np.random.default_rng(0).integers(0, 255, (64, 80), dtype=np.uint8)
    app.file_uploader[0].upload("a.png", png(grey)).run()
    app.file_uploader[1].upload("b.png", png(grey[:, :64])).run()
    assert not app.exception and not app.error
    assert any("Without labels" in item.value and "b.png" in item.value for item in app.warning)
    picture = app.session_state["kept"][1]
    assert picture.pixels.shape == (64, 80) and picture.labels is None


def test_a_file_with_coarse_pixels_is_resampled_when_asked(app):
    still(app).run()
    control(app, "model").set_value("regularised").run()
    control(app, "source").set_value("upload").run()
    grey, file = np.random.default_rng(0).integers(0, 255, (64, 80), dtype=np.uint8), io.BytesIO()
    tifffile.imwrite(file, grey, imagej=True, resolution=(0.1, 0.1), metadata={"unit": "nm"})
    app.file_uploader[0].upload("a.tif", file.getvalue()).run()
    assert any("10 nm per pixel" in item.value for item in app.warning)
    assert app.session_state["kept"][1].pixels.shape == (64, 80)
    button(app, "Resample from 10 nm").click().run()
    picture = app.session_state["kept"][1]
    assert not app.exception and not any("a pixel" in item.value for item in app.warning)
    assert picture.pixels.shape == (160, 200) and picture.file_nm == 10
    size = next(item for item in app.number_input if item.label == "Pixel size (nm, optional)")
    assert size.value == 10
    size.set_value(400.0).run()
    assert any("8000 x 6400" in item.value for item in app.error)
    size = next(item for item in app.number_input if item.label == "Pixel size (nm, optional)")
    size.set_value(None).run()
    assert not app.error and app.session_state["kept"][1].pixels.shape == (64, 80)


@pytest.mark.parametrize("learned", [10.0, 0.0])  # 0: as they were, whatever they were
def test_a_net_is_shown_the_pixels_that_it_learned_from(app, monkeypatch, learned):
    cards = lab.cards()
    name = Settings().model
    monkeypatch.setattr(lab, "cards", lambda: cards | {name: cards[name] | {"nm": learned}})
    still(app).run()
    control(app, "source").set_value("upload").run()
    grey, file = np.random.default_rng(0).integers(0, 255, (64, 80), dtype=np.uint8), io.BytesIO()
    tifffile.imwrite(file, grey, imagej=True, resolution=(0.1, 0.1), metadata={"unit": "nm"})
    app.file_uploader[0].upload("a.tif", file.getvalue()).run()
    assert not any("learned from" in item.value for item in app.warning)
    size = next(item for item in app.number_input if item.label == "Pixel size (nm, optional)")
    size.set_value(10.0).run()
    assert any("clear the field above" in item.value for item in app.warning)


def test_a_model_that_knows_many_sizes_resamples_unasked(app):
    still(app).run()
    control(app, "source").set_value("upload").run()
    grey, file = np.random.default_rng(0).integers(0, 255, (64, 80), dtype=np.uint8), io.BytesIO()
    tifffile.imwrite(file, grey, imagej=True, resolution=(0.1, 0.1), metadata={"unit": "nm"})
    app.file_uploader[0].upload("a.tif", file.getvalue()).run()

    def box():
        return next(item for item in app.checkbox if item.label == "Resample from 10 nm to 4 nm")

    picture = app.session_state["kept"][1]
    assert box().value and picture.pixels.shape == (160, 200) and picture.file_nm == 10
    assert not any("10 nm per pixel" in item.value for item in app.warning)
    box().uncheck().run()
    assert app.session_state["kept"][1].pixels.shape == (64, 80)
    assert not app.exception and not any("10 nm per pixel" in item.value for item in app.warning)
    # a model that knows one size leaves the choice to the visitor
    control(app, "model").set_value("regularised").run()
    assert app.session_state["kept"][1].pixels.shape == (64, 80)
    assert any("10 nm per pixel" in item.value for item in app.warning)


def test_names_of_files_are_safe_and_plain():
    result = lab.default_result()
    for name, stem in (
        ("../../etc/pass wd.tif", "etc-pass-wd"),
        ("…", "snnlab"),
        ("a.b.tif", "a-b"),
    ):
        shown = replace(result, picture=replace(result.picture, name=name))
        assert take.stem(shown) == f"{stem}-{DEFAULT_MODEL}-64-steps"
    picture = replace(result.picture, name="a.tif", file="a.tif", section=3, sections=9)
    shown = replace(result, picture=picture, settings=result.settings.replace(method="ecc"))
    assert take.stem(shown) == f"a-section-3-{DEFAULT_MODEL}-ecc-64-steps"
    assert words.plain("[a](b) *c* :red[d]") == r"\[a\]\(b\) \*c\* \:red\[d\]"
    assert words.plain("Größe – 3 × 4, _b_-$c$.tif") == r"Größe – 3 × 4, \_b\_\-\$c\$.tif"


def test_what_a_result_offers_to_take_away(app):
    still(app).run()
    names = {item.label for item in app.get("download_button")}
    for name in (
        "SNN mask (PNG)", "SNN mask (TIF)", "ANN probability (PNG)", "ANN probability (TIF)",
        "SNN over time (TIF)", "Scores (CSV)", "Rates (CSV)", "Spikes (NPZ)", "Report (HTML)",
        "Everything (ZIP)",
    ):  # fmt: skip
        assert name in names


def test_only_so_many_pins_and_runs_are_kept(app):
    still(app).run()
    assert keep.PINS < 20
    run = app.session_state["runs"][0]
    app.session_state["pins"] = [run] * keep.PINS
    app.session_state["runs"] = [replace(run, spikes=1)]
    app.session_state["settings"] = app.session_state["settings"]
    app.run()
    assert len(app.session_state["pins"]) == keep.PINS


@pytest.mark.parametrize("many", [1, bench.RUNS + 5])
def test_old_runs_give_their_pictures_back(many, monkeypatch):
    import streamlit as st

    run = summary.of(lab.default_result())
    state = type("State", (dict,), {"__getattr__": dict.get, "__setattr__": dict.__setitem__})()
    state.runs = []
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(bench, "_looker", lambda: "anna")
    for _ in range(many):
        bench.take(lab.default_result(), run)
    assert len(state.runs) == min(many, bench.RUNS)
    assert state.runs[-1].pictures
    assert all(not one.pictures for one in state.runs[:-1])
