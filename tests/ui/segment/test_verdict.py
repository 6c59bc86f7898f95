"""The page says how familiar an image is, and tries other ways to show it where it is not."""

from dataclasses import replace

import numpy as np

from snnlab.lab import segmenting as lab
from snnlab.lab import trying
from snnlab.nets.familiarity import told
from snnlab.results import familiar
from tests.ui.shared.test_upload import opened
from tests.ui.steps import labels, press, said, until
from tests.ui.test_manners import png
from tests.ui.test_pages import control

BUTTON, LIGHT = "Try it resampled", "Try it inverted"


def test_a_strange_image_is_called_so_and_other_ways_are_tried(app):
    noise = np.random.default_rng(0).integers(0, 256, (192, 192)).astype("u1")
    opened(app, "a.png", png(noise))
    app.session_state["auto"] = True
    until(app, lambda: app.session_state["shown"].picture.name == "a.png")
    found = app.session_state["shown"].familiarity
    assert found.value > 1 and f"{found.word.capitalize()} ({found.value:.2f})" in said(app)
    assert "give the size of its pixels" in said(app)
    dark = not app.session_state["shown"].picture.light_membranes
    press(app, BUTTON if dark else f"{LIGHT} and resampled")
    assert not app.exception
    assert "as it is" in said(app) and ("inverted 0" in said(app)) is not dark
    assert "as if its pixels were 8 nm wide" in said(app)
    # the same sentence where cells are counted
    (told,) = [one.value for one in app.warning if f"({found.value:.2f})" in one.value]
    app.switch_page("pages/cells.py").run()
    assert told in [one.value for one in app.warning]
    # of pixels whose size is known nothing is left to try
    state = app.session_state
    picture = replace(state["shown"].picture, nm=4.0)
    state["shown"] = replace(state["shown"], picture=picture)
    app.switch_page("pages/segment.py").run()
    assert f"({found.value:.2f})" in said(app) and "size of its pixels" not in said(app)
    assert dark is not any(label.startswith("Try it") for label in labels(app))


def test_another_model_that_knows_it_is_named_and_can_be_taken(app):
    app.session_state["auto"] = False
    app.run()
    state = app.session_state
    known = next(iter(trying.known_to(state["shown"].picture, "phantom")))
    control(app, "model").set_value("phantom").run()
    phantom = state["settings"]
    state["shown"] = replace(state["shown"], settings=phantom, familiarity=told(1.4))
    app.run()
    assert f"familiar to the model *{known.way}* ({known.found.value:.2f})" in said(app)
    app.switch_page("pages/cells.py").run()
    press(app, f"Use the model {known.way}")
    assert not app.exception
    assert state["settings"].model == known.way
    assert state["settings"].timesteps == lab.defaults(known.way).timesteps
    press(app, "Undo")
    assert state["settings"].model == "phantom"


def test_a_familiar_one_is_called_so_and_an_old_card_says_nothing(app):
    app.run()
    state = app.session_state
    state["shown"] = replace(state["shown"], familiarity=told(0.5))
    app.run()
    assert "Familiar (0.50)" in said(app) and not any("Try it" in label for label in labels(app))
    state["shown"] = replace(state["shown"], familiarity=None)
    app.run()
    assert "Familiar" not in said(app) and familiar.NOT_KNOWN not in said(app)
    about = lab.LIBRARY.about(state["shown"].settings.model)
    kept = about.card.pop("familiarity")
    try:
        app.run()
        assert familiar.NOT_KNOWN in said(app)
    finally:
        about.card["familiarity"] = kept
