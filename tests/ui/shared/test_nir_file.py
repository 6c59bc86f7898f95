"""The network that is on screen, as a file for other simulators."""

import pytest
import streamlit as st

from snnlab.export.exchange.profiles import LIBRARIES
from snnlab.lab import exchanging
from snnlab.lab import segmenting as lab
from snnlab.ui.shared import nir_file
from tests.ui.steps import said


@pytest.fixture
def shown(app, monkeypatch):
    """The menu of a run, opened, in place of all that the dialog holds; and what it hands over."""
    handed = {}

    def button(label, ending, make, name=""):
        handed.update({"ending": ending, "make": make, "name": name})

    def draw(result, where):
        nir_file.draw(result, where, button)

    monkeypatch.setattr("snnlab.ui.shared.downloads.draw", draw)
    app.session_state["auto"] = False
    app.run()

    def opened(library):
        app.session_state["nir-dialog"] = True
        app.session_state["nir-for-dialog"] = library
        handed.clear()
        app.button(key="take").click().run()
        assert not app.exception
        return said(app), dict(handed)

    return opened


def test_every_library_has_a_name():
    assert set(nir_file.CALLED) == {None, *LIBRARIES}


def test_the_network_of_the_run_is_handed_over(shown):
    text, handed = shown(None)
    assert "a run of 32 steps" in text and "no reset by subtraction" in text
    assert (handed["ending"], handed["name"]) == ("nir", "network")
    assert handed["make"]()[:4] == b"\x89HDF"


def test_what_a_library_cannot_do_is_changed_and_said(shown):
    text, handed = shown("norse")
    assert "Not quite this run's network" in text and "So that Norse" in text
    assert "reset: subtraction → zero" in text and "initial potential: 0.5 → 0" in text
    assert handed["name"] == "for-norse"


@pytest.mark.parametrize("library", [None, *LIBRARIES])
@pytest.mark.parametrize("model", ["regularised", "loihi"])
def test_what_is_carried_gives_the_same_spikes(model, library):
    settings = exchanging.carried(lab.defaults(model), library)
    if library == "spyx":  # a U-Net has skips
        assert "leaves out the others" in exchanging.refused(settings, library)
        return
    assert exchanging.refused(settings, library) == ""
    made = exchanging.made(exchanging.of_model(settings, 16, 16), 6, library=library)
    if library in (None, "norse", "sinabs"):  # the others' conventions are not NIR's own
        assert exchanging.checked(made).spikes_equal == 1


def test_what_cannot_be_exported_is_said_and_nothing_is_offered(shown, monkeypatch):
    st.cache_data.clear()
    monkeypatch.setattr(exchanging, "refused", lambda *more: "NIR has no word for it.")
    text, handed = shown("sinabs")
    assert "NIR has no word for it." in text and not handed
