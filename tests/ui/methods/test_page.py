"""The Methods page in process: what it says, and what its buttons do."""

import time
from types import SimpleNamespace

import numpy as np
import pytest

from snnlab import conversion
from snnlab.lab import methods as lab_methods
from snnlab.lab import segmenting as lab
from snnlab.studies.methods import drawn
from snnlab.ui.methods import controls as methods
from snnlab.ui.methods import texts as methods_texts
from snnlab.ui.methods import views as methods_views
from tests.ui.steps import press, said, until

PAGE = "pages/methods.py"


def test_there_is_a_comparison_at_once(page):
    assert not page.exception
    compared, about = lab_methods.ready_made()
    assert f"· {len(compared)} methods · converted: model *{lab_methods.MODEL}*" in said(page)
    assert "cell: probability above 0.9, or " in said(page)
    assert f"(on screen above is *{lab.default_result().settings.model}*)" in said(page)
    rows = {one.contender.key: methods_views._row(one, False)["about"] for one in compared}
    assert "900–1000 Hz" in rows["rate-scaling"] and "Hz" not in rows["ecc"]
    assert len(page.dataframe[0].value) == sum(len(one.cells) for one in compared)
    assert "inactive that spiked" in page.dataframe[0].value.columns


def test_every_method_is_told_with_equation_and_picture(page):
    for one in methods_texts.ABOUT:
        page.session_state["methods-one"] = one.name
        page.run()
        assert not page.exception
        assert one.text in said(page)
        assert [item.value for item in page.latex] == [f"$$\n{one.equation}\n$$"]
        assert one.drawing in drawn.DRAWINGS


def test_all_methods_of_the_registry_are_told():
    there = {item.name for item in conversion.METHODS} - {"nengo-dl-converter"}
    assert there <= {one.name for one in methods_texts.ABOUT}


@pytest.mark.parametrize("cost", ["timesteps", "spikes", "joules"])
@pytest.mark.parametrize("measure", ["v_rand", "agreement"])
def test_quality_against_each_cost(page, cost, measure):
    page.session_state["methods-cost"] = cost
    page.session_state["methods-measure-4"] = measure
    page.run()
    assert not page.exception
    assert ("published constants" in said(page)) == (cost == "joules")
    assert ("Loihi 1 has neither" in said(page)) == (cost == "joules")


def test_errors_of_any_method_and_number_of_steps(page):
    keys = [one.contender.key for one in lab_methods.ready_made()[0]]
    for steps in (4, 64):
        page.session_state["methods-steps"] = steps
        page.session_state[f"methods-errors-{'/'.join(keys)}"] = "bistable"
        page.run()
        assert not page.exception
        assert f"bistable after {steps} steps" in said(page)
        silent = [
            one.contender.title for one in lab_methods.ready_made()[0] if one.cell(steps).silent
        ]
        told = [item.value for item in page.caption if "Left out, because" in item.value]
        assert len(told) == bool(silent)
        assert all(title in told[0] for title in silent)
    assert not silent and "bistable" not in told


def test_one_without_labels_is_compared_with_its_ann(page):
    bare = [
        lab_methods.Compared(
            one.contender,
            one.ann,
            {},
            one.activation,
            tuple(SimpleNamespace(**vars(cell) | {"scores": {}, "wrong_share": 0.1,
                                                  "wrong_spikes": 1}) for cell in one.cells),
        )
        for one in lab_methods.ready_made()[0]
    ]  # fmt: skip
    page.session_state["methods"] = methods.Shown("mine", ("upload", 0), bare)
    page.run()
    assert not page.exception
    assert "share of pixels on which SNN and ANN agree" in said(page)


def test_nothing_chosen_is_said(page):
    page.multiselect[0].set_value([]).run()
    assert not page.exception
    assert [item.value for item in page.error] == ["Choose at least one method."]
    assert not any(item.label == "Compare" for item in page.button)


def test_a_press_right_after_a_choice_is_about_that_choice(page, monkeypatch):
    """The button that is pressed is still of the page before."""
    asked = []

    def compare(chosen, picture, found, progress, cancel):
        asked.append([one.key for one in chosen])
        return ()

    monkeypatch.setattr(lab_methods, "compare", compare)
    page.multiselect[0].set_value(["ecc"])
    press(page, "Compare")
    page.run()
    until(page, lambda: bool(asked))
    assert asked == [["ecc"]] and not page.exception
    page.multiselect[0].set_value([])
    press(page, "Compare")
    assert [item.value for item in page.error] == ["Choose at least one method."]
    assert asked == [["ecc"]]


def test_start_comes_in_by_method_and_can_be_stopped(page, monkeypatch):
    made = lab_methods.ready_made()[0]
    hold, asked = [True], []

    def compare(chosen, picture, found, progress, cancel):
        asked.append([one.key for one in chosen])
        found(made[0])
        while hold[0]:
            if cancel():
                raise lab.Cancelled
            time.sleep(0.01)
        found(made[1])
        return made[:2]

    monkeypatch.setattr(lab_methods, "compare", compare)
    keys = [one.contender.key for one in made[:2]]
    page.multiselect[0].set_value(keys).run()
    press(page, "Compare")
    until(page, lambda: "· 1 method ·" in said(page))
    assert any(item.label == "Cancel" and item.key == "cancel-methods" for item in page.button)
    next(item for item in page.button if item.key == "cancel-methods").click().run()
    assert "Stopped after 1 of 2 methods." in said(page)
    hold[0] = False
    press(page, "Compare")
    until(page, lambda: any(item.label == "Compare" for item in page.button))
    assert "· 2 methods ·" in said(page)
    assert not page.exception
    assert asked == [keys, keys]


def test_a_cell_that_is_opened_becomes_the_labs_settings(monkeypatch):
    compared = lab_methods.ready_made()[0]
    state = SimpleNamespace(methods=methods.Shown("x", ("isbi", 19), list(compared)))
    taken = []
    monkeypatch.setattr(methods, "now", lambda: state.methods)
    monkeypatch.setattr(methods.st, "session_state", state)
    monkeypatch.setattr(methods.bench, "adopt", taken.append)
    one = compared[1]
    methods.opened(f"{one.contender.key} 16")
    assert taken == [one.contender.settings.replace(timesteps=16, source="isbi", section=19)]
    assert state.methods_opened
    methods.opened("nobody 16")
    methods.opened(f"{one.contender.key} 17")
    assert len(taken) == 1


def test_after_that_the_first_page_is_shown(page):
    page.session_state["methods_opened"] = True
    page.run()
    assert not page.exception
    assert any(item.value == "Scores" for item in page.subheader)


def test_a_readout_that_heard_nothing_shows_no_picture():
    for one in lab_methods.ready_made()[0]:
        row = methods_views._row(one, False)
        assert len(row["cells"]) == len(lab_methods.TIMESTEPS) + 1
        for cell, shown in zip(one.cells, row["cells"], strict=False):
            assert bool(shown["note"]) == cell.silent != bool(shown["picture"])
            assert shown["opens"] == f"{one.contender.key} {cell.timesteps}"
            assert not cell.silent or methods_views.SILENT in shown["label"]
        assert row["cells"][-1]["opens"] is None
        assert ("its own ANN" in row["about"]) == one.contender.own


def test_a_method_that_refused_says_why():
    one = lab_methods.ready_made()[0][0]
    refused = lab_methods.Compared(one.contender, one.ann, {}, {}, (), "it cannot.")
    assert methods_views._row(refused, False)["error"] == "it cannot."


def test_pictures_are_the_small_ones():
    import base64
    import io

    from PIL import Image

    small = np.arange(16, dtype=np.uint8).reshape(4, 4)
    address = methods_views._picture(small, small, False)
    seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))))
    assert seen.tolist() == (small * 17).tolist()
    address = methods_views._picture(small, small, True)
    seen = np.asarray(Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))))
    assert (seen[..., 3] == 0).all()  # no difference: the page shows through


def test_the_best_of_each_column_is_marked():
    compared, _ = lab_methods.ready_made()
    rows = [methods_views._row(one, False) for one in compared]
    methods_views._mark_best(compared, rows)
    for place, steps in enumerate(lab_methods.TIMESTEPS):
        marked = [row["title"] for row in rows if row["cells"][place]["first"].startswith("★")]
        cells = {one.contender.title: one.cell(steps) for one in compared}
        heard = {name: cell for name, cell in cells.items() if not cell.silent}
        best = max(cell.scores["pixel_accuracy"] for cell in heard.values())
        assert marked == [
            name for name, cell in heard.items() if cell.scores["pixel_accuracy"] == best
        ]
