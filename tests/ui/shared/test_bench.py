"""A run that was let go for others is missed by name, and what the visitor asked for is not."""

from dataclasses import replace

from snnlab.lab import segmenting as lab
from snnlab.lab.room import Room
from snnlab.ui.segment.viewer import answers
from snnlab.ui.segment.viewer.questions import Question
from snnlab.ui.shared import bench
from tests.ui.steps import labels, said
from tests.ui.test_pages import control, out_of_date, still


def own(settings):
    """A run that is not the first one's."""
    first = lab.default_result()
    recording = replace(first.recording, populations=tuple(first.recording.populations))
    # as long a run as nobody waits for again
    return replace(first, settings=settings, recording=recording, snn_seconds=60.0)


def test_who_comes_back_to_a_run_that_was_let_go_is_told_and_may_run_it_again(app, monkeypatch):
    room = Room(1)
    monkeypatch.setattr(bench, "_room", lambda: room)
    still(app).run()
    control(app, "timesteps").set_value(24).run()
    mine = own(app.session_state["settings"])
    app.session_state["shown"] = mine
    app.session_state["runs"] = [*app.session_state["runs"], bench.summary.of(mine)]
    app.run()
    assert not out_of_date(app) and not mine.recording.gone
    room.look("another visitor", own(mine.settings.replace(timesteps=25)))
    assert mine.recording.gone
    for page in ("pages/rates.py", "pages/segment.py", "pages/compare.py"):
        app.switch_page(page).run()
        assert not app.exception and not app.error
        assert "was dropped" in said(app) and "Run" in labels(app)
    assert "timesteps: 64 → 24" in out_of_date(app)[0]
    assert app.session_state["settings"].timesteps == 24
    assert bench.summed and app.session_state["runs"][-1].settings.timesteps == 64
    control(app, "timesteps").set_value(16).run()
    assert "was dropped" not in said(app)


def test_who_comes_back_to_a_quick_run_sees_it_again_and_is_told_nothing(app, monkeypatch):
    room = Room(quick=1)
    monkeypatch.setattr(bench, "_room", lambda: room)
    still(app).run()
    settings = app.session_state["settings"].replace(timesteps=24)
    mine = lab.segment(lab.default_result().picture, settings)
    spikes = mine.recording.spikes()
    control(app, "timesteps").set_value(24).run()
    app.session_state["shown"] = mine
    app.session_state["runs"] = [*app.session_state["runs"], bench.summary.of(mine)]
    app.run()
    room.look("another visitor", own(settings.replace(timesteps=25)))
    assert mine.recording.away
    app.switch_page("pages/rates.py").run()
    assert not app.exception and not app.error and "was dropped" not in said(app)
    assert app.session_state["shown"] is mine and mine.recording.spikes() == spikes


def test_the_viewer_is_answered_in_a_sentence():
    gone = own(lab.default_result().settings)
    gone.let_go()
    for want in ("column", "region", "map"):
        asked = Question(want=want, serial=1, places=((3, 4),), box=(0, 0, 9, 9), layer="up0",
                         channel=None)  # fmt: skip
        assert b"were let go" in answers.answer(gone, asked, "x")


def test_the_first_run_is_everybodys_and_never_let_go(app, monkeypatch):
    room = Room(1)
    monkeypatch.setattr(bench, "_room", lambda: room)
    still(app).run()
    room.look("another", own(app.session_state["settings"]))
    room.look("a third", own(app.session_state["settings"]))
    app.run()
    assert "was dropped" not in said(app) and not bench._first().recording.gone
