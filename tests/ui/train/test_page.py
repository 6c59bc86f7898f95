"""The page Train in process: what it says, and what its buttons do."""

import io
import time

import numpy as np
import pytest
import tifffile
from PIL import Image

from snnlab.data.synthetic import synthetic
from snnlab.errors import Cancelled
from snnlab.lab import reopening
from snnlab.lab import segmenting as lab
from snnlab.lab import training as lab_training
from snnlab.training import recipes
from snnlab.training.own import StageTime
from snnlab.ui.shared import bench, visitors
from snnlab.ui.train import running
from tests.training.own import tiny
from tests.ui.steps import field, labels, press, put_on_screen, said, until, visit

PAGE = "pages/train.py"


def png(array):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def test_nothing_is_offered_before_there_are_sections(page):
    assert not page.exception and not page.error
    assert "How long?" not in labels(page) and "Start" not in labels(page)


def test_images_without_labels_are_refused(page):
    made = synthetic(256, 3)
    grey = png(np.rint(255 * made.image).astype(np.uint8))
    page.file_uploader[0].upload("em.png", grey).run()
    assert "each image needs its own labels" in said(page)
    page.file_uploader[1].upload("wrong.png", png(made.labels[:200].astype(np.uint8) * 255)).run()
    assert [item.value[:6] for item in page.error] == ["Em.png"]
    assert "choose the labels of this image" in said(page)


def test_own_sections_are_told_and_what_is_doubtful_too(page):
    made = synthetic(256, 3)
    page.file_uploader[0].upload("em.png", png(np.rint(255 * made.image).astype(np.uint8)))
    page.file_uploader[1].upload("truth.png", png(made.labels.astype(np.uint8) * 255)).run()
    assert not page.exception and not page.error
    assert r"em.png with truth.png: **1 section** to train on" in said(page)
    assert "lowest 20 % of the rows held out" in said(page)
    assert "not many for 257 thousand weights" in said(page)
    assert "How long?" in labels(page)
    # the dead end has a door: the page Tune, with these sections
    press(page, "Fine-tune a trained model on these")
    assert not page.exception and "Fine-tune" in [item.value for item in page.subheader]
    assert "at the 99.9th percentile, on your own images: about" in said(page)
    assert r"em.png with truth.png: **1 section** to train on" in said(page)
    assert "Fine-tune a trained model on these" not in labels(page)


def on_screen(page, seed=3):
    made = synthetic(256, seed)
    image = "em.png", png(np.rint(255 * made.image).astype(np.uint8))
    put_on_screen(page, image, ("truth.png", png(made.labels.astype(np.uint8) * 255)))


def test_labelled_tissue_on_screen_is_what_is_trained_on_at_first(page):
    on_screen(page)
    source = next(item for item in page.get("button_group") if item.label == "Train on")
    assert source.options[0] == "What is on screen" and source.value == "screen"
    assert "On screen: em.png with truth.png: **1 section** to train on" in said(page)
    assert "How long?" in labels(page)
    assert not [item for item in page.file_uploader if item.key == "training-images"]
    # the page Tune takes them over, and asks for no files either
    press(page, "Fine-tune a trained model on these")
    assert not page.exception and "Fine-tune" in [item.value for item in page.subheader]
    # in process, unlike in a browser, the sidebar begins anew on another page
    page.switch_page("pages/finetune.py").run()
    next(b for b in page.get("button_group") if str(b.key).startswith("source-")).set_value(
        "upload"
    ).run()
    assert "at the 99.9th percentile, on your own images: about" in said(page)
    assert "On screen: em.png with truth.png: **1 section** to train on" in said(page)


def test_what_was_said_of_the_image_on_screen_counts_in_training_too(page):
    on_screen(page)
    black = next(
        item for item in page.get("button_group") if item.label == "Black in the labels is"
    )
    black.set_value("cell").run()
    assert "check what black in the labels" in said(page)


def test_labels_of_other_images_are_not_paired_with_new_ones(page):
    (one, truth), (other, _) = (
        (png(np.rint(255 * made.image).astype(np.uint8)), png(255 * made.labels.astype(np.uint8)))
        for made in (synthetic(256, 3), synthetic(256, 4))
    )
    field(page, "training-images").upload("one.png", one)
    field(page, "training-labels").upload("truth.png", truth).run()
    assert "one.png with truth.png" in said(page)
    field(page, "training-images").set_value([("other.png", other, "image/png")]).run()
    assert not page.exception
    assert "truth.png" not in said(page) and "each image needs its own labels" in said(page)


def test_files_are_paired_by_number_and_every_pair_is_shown(page):
    made = [synthetic((128, 160), seed) for seed in range(3)]
    em = [png(np.rint(255 * one.image).astype(np.uint8)) for one in made]
    truth = [png(1 + one.labels.astype(np.uint8)) for one in made]
    names = ["2024-12_s01.png", "2023-11_s02.png", "2022-10_s10.png"]
    for index in (2, 0, 1):
        page.file_uploader[0].upload(f"s{(1, 2, 10)[index]}.png", em[index])
        page.file_uploader[1].upload(names[-index], truth[-index])
    page.run()
    assert "3 images and their labels, paired by the numbers in their names" in said(page)
    for pair in zip(("s1", "s2", "s10"), names, strict=True):
        assert f"- {pair[0]}.png with {pair[1]}" in said(page)
    assert "better" not in said(page)
    field = page.text_input(key="training-ignore")
    field.set_value("x").run()
    assert "one number, or several: 0, 3" in said(page)
    field.set_value("1").run()
    assert "only" in said(page)


def test_a_stack_with_channels_asks_which(page):
    made = [synthetic(176, seed) for seed in (3, 4)]
    grey = np.stack([np.rint(255 * one.image).astype(np.uint8) for one in made])
    truth = np.stack([one.labels.astype(np.uint8) * 255 for one in made])
    file = io.BytesIO()
    both = np.stack([grey, truth], axis=1)
    tifffile.imwrite(file, both, imagej=True, metadata={"axes": "ZCYX"})
    page.file_uploader[0].upload("both.tif", file.getvalue())
    page.file_uploader[1].upload("both.tif", file.getvalue()).run()
    assert not page.exception and not page.error
    assert "Choose the channel of both.tif to go on" in said(page)
    assert "How long?" not in labels(page)
    choosers = {item.label: item for item in page.selectbox}
    choosers["Channel of the images"].set_value(0)
    choosers["Channel of the labels"].set_value(1).run()
    assert not page.exception and not page.error
    assert "both.tif with both.tif: **2 sections** to train on" in said(page)
    assert "to go on" not in said(page) and "How long?" in labels(page)
    # another choice is another training, and none has no sections
    next(one for one in page.selectbox if one.label == "Channel of the labels").set_value(
        None
    ).run()
    assert "Choose the channel of both.tif to go on" in said(page)
    assert "sections** to train on" not in said(page)


def test_how_long_pressed_right_after_a_move_is_about_that_move(page, monkeypatch):
    """The button that is pressed is still of the page before."""
    asked = []
    monkeypatch.setattr(running, "measure", lambda order, given: asked.append((order, given)))
    press(page, "Try it with synthetic sections")
    page.number_input(key="training-steps-relu").set_value(12).run()
    page.number_input(key="training-steps-relu").set_value(15)
    press(page, "How long?")
    ((order, given),) = asked
    assert sum(lab_training.steps(order, given.own)) == 15 and not page.exception


def test_bounds_are_asked_for_where_the_recipe_has_some(page):
    press(page, "Try it with synthetic sections")
    assert "Upper bound (Hz)" not in [item.label for item in page.number_input]
    kind = next(item for item in page.selectbox if item.label == "Recipe")
    kind.set_value("regularised").run()
    named = {item.label: item for item in page.number_input}
    usual = lab_training.bounded("regularised")
    assert named["Upper bound (Hz)"].value == usual[2]
    named["Lower bound (Hz)"].set_value(999.0).run()
    assert "must not be above" in said(page) and "How long?" not in labels(page)


@pytest.fixture
def hold(monkeypatch):
    """A small training, held up after each of its validations as long as this says True."""
    monkeypatch.setattr(recipes, "PLANS", tiny.PLANS)
    monkeypatch.setattr(lab_training, "example", lambda: tiny.own())
    monkeypatch.setattr(
        lab_training, "estimate",
        lambda order, own, progress, cancel: (StageTime(order.steps, 0.5, 4, 1.0),),
    )  # fmt: skip
    train, hold = lab_training.train, [True]

    def held(order, own, progress, cancel, heard):
        def wait(what):
            heard(what)
            while hold[0] and what.shown is not None:
                if cancel():
                    raise Cancelled
                time.sleep(0.01)

        return train(order, own, None, progress, cancel, wait)

    monkeypatch.setattr(lab_training, "train", held)
    yield hold
    hold[0] = False


def started(page):
    """Order the small training, and wait for its first validation."""
    press(page, "Try it with synthetic sections")
    page.number_input(key="training-steps-relu").set_value(12).run()
    press(page, "How long?")
    until(page, lambda: "Start" in labels(page))
    assert "About 10 s on this machine" in said(page)
    press(page, "Start")
    until(page, lambda: page.get("plotly_chart"))
    return page.session_state["training"].token


def test_timed_started_paused_gone_on_and_used(page, hold):
    started(page)
    assert "Stage 1 of 1" in said(page) and "Pause" in labels(page)
    # of one image rows are held out, and no sections
    assert "Rows it does not train on" in [item.value for item in page.subheader]
    assert "It is of rows that are not trained on" in said(page)
    press(page, "Pause")
    page.run()
    assert "Paused; 3 of 12 steps are kept" in said(page)
    hold[0] = False
    press(page, "Go on")
    until(page, lambda: "Use it in the lab" in labels(page))
    assert not page.exception and not page.error
    run = page.session_state["training"]
    assert [what.entry["step"] for what in run.heard] == [3, 6, 9, 12]
    scores = run.model.card["scores"]
    table = page.table[0].value
    for column, kind in (("ANN", "ann"), ("SNN", "snn"), ("all cell", "constant")):
        assert scores[kind]["v_rand"] == pytest.approx(float(table[column].iloc[0]), abs=1e-4)
    # twelve steps teach next to nothing, and that is not sold as a success
    assert scores["warning"] and scores["warning"] in said(page)
    assert labels(page).count("Fine-tune a trained model on these") == 2
    # the lab runs it, and its address brings it back
    assert reopening.tickets().has(run.token)
    assert lab.model(run.model.name).digest == run.model.digest
    press(page, "Use it in the lab")
    assert page.session_state["settings"].model == run.model.name


def test_who_closes_the_tab_finds_it_again_by_its_address(page, hold):
    token = started(page)
    assert page.query_params["training"] == token
    assert f"training={token}" in page.code[-1].value
    assert "goes on for 2 minutes" in said(page)
    job = _job()
    visitors.KEEPER.close()  # the two minutes are over
    assert job.wait(60) and job.state == "cancelled"
    hold[0] = False
    again = visit(PAGE, training=token)
    # it goes on by itself, from the very step, on the same sections and to the same end
    assert "Synthetic sections, made by the lab" in said(again)
    until(again, lambda: "Use it in the lab" in labels(again))
    assert not again.exception and not again.error
    run = again.session_state["training"]
    assert run.token == token and [what.entry["step"] for what in run.heard] == [3, 6, 9, 12]
    # and is there again for another seven days
    visitors.KEEPER.close()
    third = visit(PAGE, training=token)
    until(third, lambda: "Use it in the lab" in labels(third))
    assert third.session_state["training"].model.digest == run.model.digest


def _job():
    """The visitor's, of which the page says nothing."""
    (visitor,) = visitors.KEEPER._visitors.values()
    return visitor.things["snnlab.ui.train.running.desk"][0].job


def test_what_was_paused_rests_until_somebody_says_otherwise(page, hold):
    token = started(page)
    press(page, "Pause")
    visitors.KEEPER.close()
    again = visit(PAGE, training=token)
    assert "Paused; 3 of 12 steps are kept" in said(again)
    press(again, "Discard")
    assert not reopening.tickets().has(token) and "training" not in again.query_params
    third = visit(PAGE, training=token)
    assert "There is nothing at this address any more" in said(third)
    assert "the last 12 trainings are kept, for 7 days" in said(third)
    assert "training" not in third.query_params


def test_its_address_is_on_its_page_alone_and_not_passed_on(page, hold):
    token = started(page)
    settings = page.session_state["settings"]
    page.switch_page("pages/rates.py").run()
    assert "training" not in page.query_params
    assert not any(token in code.value for code in page.code)  # that of the popover Share
    page.switch_page(PAGE).run()
    assert page.query_params["training"] == token
    assert page.session_state["settings"] == settings
    press(page, "Pause")


@pytest.mark.parametrize("token", ["x", 22 * "A", "../" * 8])
def test_an_address_of_nothing_is_said_and_costs_nothing(page, token):
    again = visit(PAGE, training=token)
    assert not again.exception and "Try it with synthetic sections" in labels(again)
    assert ("There is nothing at this address" in said(again)) == (token == 22 * "A")
    assert ("not the id of a training" in said(again)) == (token != 22 * "A")
    assert bench.PRIVATE.keys() <= bench.BESIDE.keys()


def test_without_room_on_disk_it_says_that_there_is_no_address(page, hold, monkeypatch, tmp_path):
    (tmp_path / "tickets").write_text("a file where the folder is to be")
    assert started(page) is None
    assert "no address to come back to" in said(page) and not page.exception
    press(page, "Cancel")
