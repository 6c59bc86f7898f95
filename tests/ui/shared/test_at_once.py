"""A run that is over almost at once is on the page that the same draw makes."""

import threading
from dataclasses import replace

import pytest

from snnlab.lab import segmenting as lab
from snnlab.ui.shared import status
from tests.ui.test_pages import control, out_of_date


@pytest.mark.parametrize("takes", [0.0, 60.0])
def test_only_a_run_that_takes_longer_leaves_the_page_old(app, monkeypatch, takes):
    app.run()
    let_go = threading.Event()
    if not takes:
        let_go.set()
    monkeypatch.setattr(status, "AT_ONCE", 5.0 if not takes else 0.2)
    done = lab.default_result()

    def segment(picture, settings, progress, cancel):
        let_go.wait(takes)
        return replace(done, picture=picture, settings=settings)

    monkeypatch.setattr(lab, "segment", segment)
    control(app, "timesteps").set_value(32).run()
    assert not app.exception
    assert bool(out_of_date(app)) == bool(takes)
    assert (app.session_state["shown"].settings.timesteps == 32) is not bool(takes)
    let_go.set()
