"""The page Stack in process: what it asks, what it shows, what is kept when it is stopped."""

import io
import threading
from dataclasses import replace

import numpy as np
import pytest
import tifffile

from snnlab.data import seen
from snnlab.data.synthetic import synthetic
from snnlab.lab import segmenting as lab
from snnlab.lab import session_file
from snnlab.lab import stack as lab_stack
from snnlab.lab.session_file import Session
from snnlab.lab.stack import Section
from snnlab.nets.familiarity import told
from snnlab.ui.shared import chosen
from snnlab.ui.stack import desk as desks
from snnlab.ui.stack import views
from tests.ui.steps import labels, press, put_on_screen, said, until

PAGE = "pages/stack.py"
SECTIONS, SIDE = 4, 64


def tiff(pages) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(
        file, np.uint8(255 * np.asarray(pages, float)), imagej=True, resolution=(0.25, 0.25),
        metadata={"spacing": 50.0, "unit": "nm", "axes": "ZYX"},
    )  # fmt: skip
    return file.getvalue()


MADE = [synthetic(SIDE, 3)] * 2 + [synthetic(SIDE, seed) for seed in (4, 5)]
STACK = "my.tif", tiff([one.image for one in MADE])
TRUTH = "truth.tif", tiff([one.labels for one in MADE])


@pytest.fixture
def kept(monkeypatch):
    """The desk that the page's visitor gets; in a test there is one."""
    made = desks.Desk()
    for module in ("controls", "views", "desk"):
        monkeypatch.setattr(f"snnlab.ui.stack.{module}.desk", lambda: made)
    yield made
    made.clear()


def ready(page, truth=TRUTH):
    """The stack on screen."""
    put_on_screen(page, STACK, truth)
    press(page, next(label for label in labels(page) if label.startswith("Run")))
    until(page, lambda: page.session_state["shown"].picture.name == "my.tif")
    assert not page.exception
    return page


def start(page):
    """Press the page's own button, which is below the one of the run on screen."""
    next(item for item in page.button if item.key == "start-stack").click().run()


def number(page, label):
    return next(item for item in page.number_input if item.label == label)


def test_a_single_image_is_told_what_to_do(page):
    assert not page.exception
    assert "only a single image" in said(page) and "Upload" in said(page)
    assert not any(item.key == "start-stack" for item in page.button)


def test_a_stack_that_is_not_on_screen_yet_is_told_of(page):
    put_on_screen(page, STACK)
    assert "not on screen yet: press **Run** above" in said(page)


def test_all_sections_are_segmented_scored_and_linked(page, kept, monkeypatch):
    ready(page)
    shown = page.session_state["shown"]
    card = lab.about(shown.settings.model).card
    trained = [seen.Section(seen.mark(shown.picture.sha256), place) for place in (0, 1, 9)]
    monkeypatch.setitem(card, seen.OWN, seen.on_card(trained))
    page.session_state["shown"] = replace(shown, familiarity=told(1.2))
    page.run()
    assert "**Section 0**, the one on screen: Unusual (1.20): " in said(page)
    warned = "was trained on 2 of these 4 sections, so their scores are flattering"
    assert said(page).count(warned) == 1
    assert f"{SECTIONS} sections of 64 × 64 px" in said(page)
    assert "at most 32 million" in said(page)
    start(page)
    until(page, lambda: kept.job is None)
    assert not page.exception and not page.error
    table = page.dataframe[0].value
    assert table["Section"].tolist() == [0, 1, 2, 3]
    alone = page.session_state["shown"]  # section 0, by itself
    assert table["SNN V_Rand, best"][0] == pytest.approx(alone.snn_scores.v_rand)
    assert table["SNN pixel accuracy"][0] == pytest.approx(alone.snn_scores.pixel_accuracy)
    assert table["Spikes"].tolist()[0] == alone.spikes
    whole = next(item.value for item in page.table if "All sections" in item.value.columns)
    scores = lab_stack.together(kept.done())
    best = f"{scores['snn'].v_rand:.4f} at {scores['snn'].best_threshold:g}"
    assert best in whole["V_Rand at the best one threshold"].tolist()
    # the first two sections are the same image: every cell of the first goes on
    cells = page.dataframe[1].value
    assert (cells["sections"] >= 2).sum() >= table["SNN cells"][0]
    assert said(page).count(warned) == 1 and "On what it was not trained on" in said(page)
    assert "volume_nm3" in cells.columns  # the file says how thick a section is
    assert cells["volume_nm3"].sum() == pytest.approx(800 * cells["voxels"].sum())
    assert len(page.get("download_button")) >= 5
    # a row that is chosen leads to its section, a cell's to where it begins, with a rim around it
    chosen = {"selection": {"rows": [2], "columns": [], "cells": []}}
    page.session_state[views._table_key([0, 1, 2, 3])] = chosen
    page.run()
    assert kept.at == 2
    page.session_state[kept.cells[0]] = {"selection": chosen["selection"] | {"rows": [0]}}
    page.run()
    assert not page.exception and kept.at == cells["first_section"][0] == 0
    assert any(key[:2] == (0, "mark") for key in kept.pictures)
    # of another network, other cells
    control = next(item for item in page.get("button_group") if item.label == "Cells of the")
    control.set_value("ann").run()
    assert page.dataframe[1].value["voxels"].sum() == sum(
        (one.cells["ann"] > 0).sum() for one in kept.done()
    )


def test_a_reload_loses_no_section(page, kept):
    ready(page)
    number(page, "To section").set_value(1).run()
    start(page)
    assert page.session_state["stack_under_way"]  # the browser asks before it is left
    until(page, lambda: kept.job is None)
    assert "kept in this browser for 30 days" in said(page)
    assert not page.session_state["stack_under_way"]
    table, held = page.dataframe[0].value, page.session_state["stack-held"]
    parts = session_file.parts(Session(page.session_state["settings"], stack=held))
    kept.clear()  # as in a session that has just begun
    page.session_state["stack-arrived"] = session_file.unpack_parts(parts, True).stack
    page.run()
    assert not page.exception
    assert page.dataframe[0].value.equals(table) and "nothing is left to do" in said(page)
    # and it goes on from there
    number(page, "To section").set_value(SECTIONS - 1).run()
    assert "2 done" in said(page) and "Go on" in labels(page)


def test_a_stack_that_is_too_large_to_keep_is_said_to_be(page, kept):
    ready(page)
    number(page, "To section").set_value(0).run()
    start(page)
    until(page, lambda: kept.job is None)
    page.session_state["kept_trouble"] = "stack"
    page.run()
    assert "too large to keep in the browser" in said(page)
    assert "kept in this browser for 30 days" not in said(page)


def test_without_labels_there_are_no_scores(page, kept):
    ready(page, truth=None)
    number(page, "To section").set_value(1).run()
    start(page)
    until(page, lambda: kept.job is None)
    assert "SNN agrees with ANN" in page.dataframe[0].value.columns
    assert not any("rand" in name.lower() for name in page.dataframe[0].value.columns)
    assert "Without labels there are no scores" in said(page)


def test_what_is_done_is_kept_when_it_is_stopped_and_goes_on(page, kept, monkeypatch):
    ready(page)
    real, held, made = lab_stack._segmented, threading.Event(), []

    def slow(picture, settings, progress, cancel):
        if len(made) == 2:
            while not held.wait(0.01):
                if cancel():
                    raise lab.Cancelled
        made.append(picture.section)
        return real(picture, settings, progress, cancel)

    monkeypatch.setattr(lab_stack, "_segmented", slow)
    monkeypatch.setattr(desks, "EVERY", 0.0)
    start(page)
    until(page, lambda: len(kept.done()) == 2)
    page.run()
    assert page.dataframe[0].value["Section"].tolist() == [0, 1]
    # a reload in the middle loses none of them, though it is still asked about
    held_ = page.session_state["stack-held"]
    assert [one.place for one in held_.sections()] == [0, 1]
    assert page.session_state["stack_under_way"]
    job = kept.job
    press(page, "Cancel")
    assert kept.job is None and job.wait(10) and job.state == "cancelled"
    assert "Stopped after 2 of 4 sections" in said(page) and "2 done" in said(page)
    assert "Go on" in labels(page)
    held.set()
    start(page)
    until(page, lambda: kept.job is None)
    assert made == [0, 1, 2, 3] and len(kept.done()) == SECTIONS


def test_a_region_is_checked_and_computed_alone(page, kept):
    ready(page)
    next(item for item in page.toggle if item.label == "Only a region").set_value(True).run()
    number(page, "Top (px)").set_value(40).run()
    assert [item.value for item in page.error if "region ends at row 72" in item.value]
    assert not any(item.key == "start-stack" for item in page.button)
    number(page, "Top (px)").set_value(10).run()
    number(page, "To section").set_value(0).run()
    start(page)
    until(page, lambda: kept.job is None)
    assert kept.stack.region == (10, 16, 32, 32)
    assert kept.done()[0].grey.shape == (32, 32)
    assert "region of 32 × 32 px from row 10, column 16" in said(page)
    # and what was computed with other settings is not taken for what is asked for
    next(item for item in page.toggle if item.label == "Only a region").set_value(False).run()
    assert "sections of an earlier run" in said(page)


def test_the_box_of_the_viewer_becomes_the_region(page, kept):
    ready(page)
    box = (4, 6, 40, 50)
    page.session_state[chosen._BOX] = page.session_state["shown"].picture.content, box
    next(item for item in page.toggle if item.label == "Only a region").set_value(True).run()
    sides = ("Top (px)", "Left (px)", "Height (px)", "Width (px)")
    assert [number(page, side).value for side in sides] == [*box]


def test_too_much_is_refused_before_anything_is_computed(page, kept, monkeypatch):
    monkeypatch.setattr(lab_stack, "MOST", 2 * SIDE * SIDE)
    ready(page)
    assert [item.value for item in page.error if "at most 2 sections, or a region" in item.value]
    assert not any(item.key == "start-stack" for item in page.button)
    number(page, "To section").set_value(1).run()
    assert not page.error
    monkeypatch.setattr(lab_stack, "TOGETHER", SIDE * SIDE)
    start(page)
    assert "Other visitors' stacks take the memory" in said(page)
    assert kept.stack is None


def test_pictures_of_a_few_sections_travel_at_a_time(monkeypatch, kept):
    tissue, cells = np.full((40, 40), 255, np.uint8), np.ones((40, 40), np.uint16)
    each, numbers = (dict.fromkeys(("ann", "snn"), one) for one in (tissue, cells))
    kept.stack = lab_stack.Stack("a", lab.defaults("regularised"))
    for place in range(3, 40):
        kept.stack.sections[place] = Section(place, tissue, each, numbers, {}, 1.0, 0, 0.0)
    kept.places, told = range(3, 40), {}
    monkeypatch.setattr(views.st, "session_state", {})
    monkeypatch.setattr(
        views.slices, "show", lambda *given: told.update(places=given[1], pictures=given[4])
    )
    for message, at, there in ((1, 3, [3, 4]), (1, 8, [7, 8]), (1 << 30, 25, range(19, 35))):
        monkeypatch.setattr(views, "MESSAGE", message)
        kept.at = at
        views._slices()
        assert list(told["pictures"]) == list(there)
        assert told["places"] == list(range(3, 40))


def test_what_the_visitor_has_ends_with_the_visitor():
    made = desks.Desk()
    made.job = job = desks.Worker().submit(
        lambda progress, cancel: threading.Event().wait(0.2), owner="a"
    )
    made.stack = lab_stack.Stack("a", lab.defaults("regularised"))
    made.clear()
    assert made.stack is None and made.job is None
    job.wait(10)
    assert job.state == "cancelled"
