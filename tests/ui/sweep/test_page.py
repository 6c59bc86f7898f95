"""The Sweep page in process: what it says, and what its buttons do."""

import io
import time
from dataclasses import replace

import numpy as np
import pytest
import tifffile

from snnlab.lab import segmenting as lab
from snnlab.lab import sweeping as lab_sweep
from snnlab.ui.sweep import chosen as sweep_chosen
from snnlab.ui.sweep import controls as module
from snnlab.ui.sweep import views as sweep_views
from tests.ui.steps import press, said

PAGE = "pages/sweep.py"


def control(app, label):
    return next(item for item in app.multiselect if item.label == label)


def test_there_is_a_sweep_at_once(page):
    assert not page.exception
    assert "90 points from 18 runs" in said(page)
    assert "· 90 points · model *generalist*" in said(page)
    assert "cell: probability above 0.8" in said(page)
    assert len(page.dataframe[0].value) == 90


def test_a_sweep_of_something_else_than_what_is_on_screen_says_so(page):
    assert "not about what is on screen" not in said(page)
    box = next(item for item in page.selectbox if item.label == "Model")
    box.set_value("relu").run()
    assert not page.exception
    told = next(item.value for item in page.info if "not about what is on screen" in item.value)
    assert "model *generalist*; on screen is" in told and "model *relu*" in told
    # and Start is for what is on screen
    assert control(page, "Models").value == ["relu"]


def test_the_heat_map_opens_next_to_the_run_on_screen(page):
    # the shipped sweep has the default's own settings among its points
    assert "nearest to the run on screen is 1000 Hz, 64 steps: the same settings." in said(page)
    chosen = next(item for item in page.button_group if item.label == "Percentile")
    assert chosen.value == page.session_state["settings"].percentile == 99.9
    state = page.session_state
    state["auto"] = False  # or the run that the sidebar asks for may take its place at once
    state["shown"] = replace(
        state["shown"],
        settings=state["settings"].replace(
            lower_hz=400.0 * 9 / 10, upper_hz=400.0, timesteps=20, percentile=99.9
        ),
    )
    page.run()
    assert "is 400 Hz, 16 steps; what differs: timesteps: 20 → 16" in said(page)


def test_what_makes_no_sense_is_said(page):
    control(page, "Timesteps").set_value([]).run()
    assert not page.exception
    assert [item.value for item in page.error] == ["a sweep needs at least one value of timesteps."]
    assert not any(item.label == "Start" for item in page.button)


def test_numbers_of_points_and_runs_follow_the_controls(page):
    control(page, "Timesteps").set_value([8, 16]).run()
    control(page, "Upper bounds (Hz)").set_value([800.0]).run()
    assert "6 points from 3 runs" in said(page)


def test_a_choice_is_told_and_is_what_would_be_loaded(page):
    rows = lab_sweep.over_sections(lab_sweep.ready_made()["rows"])
    page.session_state["sweep_chosen"] = sweep_chosen.identity(rows[7])
    page.run()
    assert sweep_chosen.described(rows[7]) in said(page)
    assert any(item.label == "Load into the lab" for item in page.button)
    settings = lab_sweep.settings_of(rows[7], module.Settings(**lab_sweep.ready_made()["settings"]))
    assert (settings.percentile, settings.timesteps) == (
        rows[7]["percentile"],
        rows[7]["timesteps"],
    )


def test_start_pause_go_on(page, monkeypatch):
    made = lab_sweep.ready_made()
    rows = [row for row in made["rows"] if row["timesteps"] == 8 and row["upper"] == 800.0]
    asked, hold = [], [True]

    def run(grid, pictures, found, progress, cancel):
        asked.append(grid)
        found(rows[0])
        while hold[0]:
            if cancel():
                raise lab.Cancelled
            time.sleep(0.01)
        for row in rows[1:]:
            found(row)
        return lab_sweep.Outcome(rows, 1.0, 3, 0)

    monkeypatch.setattr(lab_sweep, "run", run)
    control(page, "Timesteps").set_value([8]).run()
    control(page, "Upper bounds (Hz)").set_value([800.0]).run()
    press(page, "Start")
    for _ in range(200):
        page.run()
        if any("· 1 point ·" in item.value for item in page.caption):
            break
        time.sleep(0.02)
    assert any(item.label == "Pause" for item in page.button)
    press(page, "Pause")
    page.run()
    assert "Paused at 1 of 3 points" in said(page)
    hold[0] = False
    press(page, "Go on")
    for _ in range(200):
        page.run()
        if any(item.label == "Start" for item in page.button):
            break
        time.sleep(0.02)
    assert not page.exception
    assert any("· 3 points ·" in item.value for item in page.caption)
    assert len(asked) == 2 and asked[0] == asked[1]
    assert asked[0].timesteps == (8,) and asked[0].uppers == (800.0,)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (59, "59 s"), (600, "10 min"), (7200, "2.0 h")]
)
def test_rough_times(seconds, words):
    assert module.spoken(seconds) == words


def test_the_heat_map_takes_the_knobs_that_were_turned():
    # both knobs that people expect, then what there is; two at most are the visitor's to choose
    assert sweep_views._axes(["upper", "timesteps"]) == ("upper", "timesteps")
    assert sweep_views._axes(["timesteps"]) == ("upper", "timesteps")
    assert sweep_views._axes(["model", "method"]) == ("method", "model")
    assert sweep_views._axes(["timesteps", "model"]) == ("model", "timesteps")


def test_other_knobs_can_be_laid_out(page):
    (down, across) = (
        next(item for item in page.selectbox if item.label == label) for label in ("Down", "Across")
    )
    assert (down.value, across.value) == ("upper", "timesteps")
    down.set_value("percentile").run()
    assert not page.exception
    across = next(item for item in page.selectbox if item.label == "Across")
    assert across.value == "timesteps" and set(across.options) == {"upper bound (Hz)", "timesteps"}
    # the one that is left is chosen beside them
    assert any(item.label == "Upper bound (Hz)" for item in page.get("button_group"))


def test_a_method_that_does_not_suit_the_model_is_left_out(page):
    control(page, "Methods").set_value(["rate-scaling", "qcfs"]).run()
    assert not page.exception and not page.error
    assert "Left out: the model generalist was not trained for qcfs" in said(page)
    assert "90 points from 18 runs" in said(page)


def stack(count, seed, levels=256):
    file = io.BytesIO()
    random = np.random.default_rng(seed)
    grey = random.integers(0, levels, (count, 64, 64), np.uint8)
    tifffile.imwrite(file, grey, photometric="minisblack")
    return file.getvalue(), grey


def test_sections_of_an_upload_are_swept_over(page):
    state = page.session_state
    data, grey = stack(4, 0)
    truth, labels = stack(4, 1, 2)
    picture = lab.upload(data, "mine.tif", 1, truth, "truth.tif")
    labels_of = f"labels-{picture.sha256}"
    state["files"] = {"upload": ("mine.tif", data), labels_of: ("truth.tif", truth)}
    shown = state["shown"]
    settings = shown.settings.replace(source="upload", section=1)
    state["shown"] = replace(shown, picture=picture, settings=settings)
    state["settings"] = state["adopted"] = settings
    state["generation"] += 1  # the sidebar begins from these
    # chosen before the first draw: in a later one, what is on screen may be the sidebar's again
    state["sweep-sections-upload-1"] = [0, 3]
    page.run()
    assert not page.exception
    assert list(control(page, "Sections").options) == ["0", "1", "2", "3"]
    assert control(page, "Sections").value == [0, 3]
    assert "180 points from 36 runs" in said(page), said(page)
    kept = page.session_state["sweep_uploaded"]
    found = sorted(kept.values(), key=lambda one: one.section)
    assert [one.section for one in found] == [0, 3]
    for one in found:
        assert np.allclose(one.pixels, grey[one.section] / np.float32(255))
        assert np.array_equal(one.labels, labels[one.section] > 0)
    # not decoded again
    page.run()
    again = sorted(page.session_state["sweep_uploaded"].values(), key=lambda one: one.section)
    assert all(one is other for one, other in zip(found, again, strict=True))
