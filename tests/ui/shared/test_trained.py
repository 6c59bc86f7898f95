"""A model that was trained on what is on screen: every page with its scores says so."""

import pytest

from snnlab.data import seen
from snnlab.lab import segmenting as lab
from tests.ui.steps import press, said
from tests.ui.test_pages import still


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
