"""The Sweep page in process: what it says, and what its buttons do."""

import time

import pytest

from snnlab import lab, lab_sweep
from snnlab.ui import sweep as module
from snnlab.ui import sweep_views

PAGE = "app_pages/sweep.py"


@pytest.fixture
def page(app, monkeypatch, tmp_path):
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path))
    app.run()
    app.switch_page(PAGE).run()
    return app


def said(app):
    kinds = ("markdown", "caption", "info", "warning", "error")
    return "\n".join(item.value for kind in kinds for item in getattr(app, kind))


def control(app, label):
    return next(item for item in app.multiselect if item.label == label)


def press(app, label):
    next(item for item in app.button if item.label == label).click().run()


def test_there_is_a_sweep_at_once(page):
    assert not page.exception
    assert "90 points from 18 runs" in said(page)
    assert "· 90 points · model *regularised*" in said(page)
    assert len(page.dataframe[0].value) == 90


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
    page.session_state["sweep_chosen"] = sweep_views._identity(rows[7])
    page.run()
    assert sweep_views._settings(rows[7]) in said(page)
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
        if any("· 1 points ·" in item.value for item in page.caption):
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
