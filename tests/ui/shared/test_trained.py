"""A model that was trained on what is on screen: every page with its scores says so."""

from dataclasses import replace

import pytest

from snnlab.data import seen
from snnlab.lab import segmenting as lab
from snnlab.ui.methods import controls as methods
from snnlab.ui.sweep import controls as sweep
from snnlab.ui.sweep.names import SCORES
from tests.ui.steps import press, said
from tests.ui.test_pages import still

LABELLED = set(SCORES) - {"agreement_with_ann"}


@pytest.mark.parametrize("share", [1.0, 0.8])
def test_scores_of_what_it_was_trained_on_are_called_flattering(app, monkeypatch, share):
    still(app).run()
    run = app.session_state["shown"]
    assert "flattering" not in said(app)
    picture, card = run.picture, lab.about(run.settings.model).card
    trained = seen.Section(seen.mark(picture.sha256), picture.section, share)
    monkeypatch.setitem(card, seen.OWN, seen.on_card([trained]))
    part = "this section" if share == 1 else "80 % of the rows of this section"
    told = f"*{run.settings.model}* was trained on {part}, so its scores here are flattering."
    accuracy = f"pixel accuracy was {card['scores']['ann']['pixel_accuracy']:.4f}"
    press(app, "Pin")
    assert said(app).count(told) == 1 and accuracy in said(app)
    app.switch_page("pages/cells.py").run()
    assert said(app).count(told) == 1
    app.switch_page("pages/compare.py").run()
    assert not app.exception and f"A: {told}" in said(app) and f"B: {told}" in said(app)


def test_sweep_and_methods_say_so_of_each_model(app, monkeypatch):
    still(app).run()
    run = app.session_state["shown"]
    picture = run.picture
    trained = seen.Section(seen.mark(picture.sha256), picture.section, 1.0)
    for name in ("relu", "qcfs"):
        monkeypatch.setitem(lab.about(name).card, seen.OWN, seen.on_card([trained]))
    app.switch_page("pages/sweep.py").run()
    assert "flattering" not in said(app)
    swept = sweep.now()
    rows = [row | {"model": name} for name in ("relu", "loihi") for row in swept.rows]
    app.session_state["sweep"] = replace(swept, rows=rows, pictures=(picture,))
    app.run()
    told = "*{}* was trained on this section, so its scores here are flattering."
    assert told.format("relu") in said(app) and told.format("loihi") not in said(app)
    without = [{k: v for k, v in row.items() if k not in LABELLED} for row in rows]
    app.session_state["sweep"] = replace(swept, rows=without, pictures=(picture,))
    assert "flattering" not in said(app.run())
    app.switch_page("pages/methods.py").run()
    assert "flattering" not in said(app)
    app.session_state["methods"] = replace(methods.now(), picture=picture)
    assert told.format("qcfs") in said(app.run()) and told.format("surrogate") not in said(app)
    bare = replace(picture, labels=None)
    app.session_state["methods"] = replace(methods.now(), picture=bare)
    assert "flattering" not in said(app.run())
