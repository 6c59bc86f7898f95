"""Two runs side by side: what is shown adds up."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.ui.compare import views
from snnlab.ui.shared import blocks, keep

VALUES = st.floats(0, 1)
SCORES = object()  # of which nothing is read where the other is missing


@given(VALUES, VALUES)
def test_a_difference_is_that_of_the_values_shown(a, b):
    shown = blocks.apart(a, b, 4)
    assert Decimal(shown.replace("−", "-")) == Decimal(f"{b:.4f}") - Decimal(f"{a:.4f}")
    assert shown == "0" or shown[0] in "+−"


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        (None, None, "Neither image has labels, so"),
        (SCORES, None, "The image of B has no labels, so"),
        (None, SCORES, "The image of A has no labels, so"),
    ],
)
def test_which_image_has_no_labels_is_said(one, other, told, monkeypatch):
    said = []
    monkeypatch.setattr(views.st, "subheader", lambda *a, **b: None)
    monkeypatch.setattr(views.st, "info", lambda text, **b: said.append(text))
    views._scores("SNN", one, other)
    assert len(said) == 1 and said[0].startswith(told)


def test_a_run_is_set_beside_another_first(app):
    app.session_state["auto"] = False
    app.run()
    run = app.session_state["runs"][-1]
    other = replace(run, settings=run.settings.replace(timesteps=32))
    app.session_state["pins"] = [run, other]
    app.switch_page("pages/compare.py").run()
    assert app.session_state["compared-A"] == "Pin 2"
    assert app.session_state["compared-B"] == keep.NOW
