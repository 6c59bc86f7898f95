"""A session that was kept is taken up: by the same checks as what is given by hand."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.lab import session_file
from snnlab.lab.session_file import Session
from snnlab.nets import shelf
from snnlab.settings import Settings
from snnlab.ui.shared import files, frame, session
from snnlab.ui.shared.kept.post import Post
from tests import small_models
from tests.ui.steps import put_on_screen, said
from tests.ui.test_manners import png
from tests.ui.test_pages import address, control, still


def tissue(seed):
    return png(np.random.default_rng(seed).integers(0, 256, (64, 64)).astype(np.uint8))


@pytest.fixture
def offered(monkeypatch):
    """What the page last offered the browser to keep."""
    found = []
    real = Post.offer

    def offer(self, now, *marks):
        found[:] = [now]
        real(self, now, *marks)

    monkeypatch.setattr(Post, "offer", offer)
    return found


@pytest.fixture
def take_up(monkeypatch):
    """Take a session up in an app, as when the browser has handed it in."""
    waiting = []
    real = frame.bench.begin

    def begin():
        real()
        while waiting:
            session.take_up(*waiting.pop())

    monkeypatch.setattr(frame.bench, "begin", begin)

    def taken(app, *given):
        still(app).run()
        waiting.append(given)
        app.run()
        assert not app.exception and not app.error
        return app

    return taken


def test_image_labels_and_what_was_said_of_them_come_back(app, offered, take_up):
    image, truth = tissue(3), tissue(4)
    put_on_screen(app.run(), ("mine.png", image), ("truth.png", truth))
    digest = app.session_state["specimen"].digest
    app.session_state[f"pixel-size-{digest}"] = 6.5
    app.session_state[f"ignore-{digest}"] = "7"
    app.session_state[f"polarity-{digest}"] = "cell"
    control(app, "timesteps").set_value(32).run()
    app.button(key="pin").click().run()
    (now,) = offered
    assert now.settings.timesteps == 32 and len(now.pins) == 1 and session.worth(now)
    kept = session_file.unpack_parts(session_file.parts(now), models=True)

    other = take_up(type(app)(app._script_path, default_timeout=60), kept)
    one = other.session_state["specimen"]
    assert (one.name, one.data, one.labels_name, one.labels) == (
        "mine.png", image, "truth.png", truth,
    )  # fmt: skip
    assert (one.nm, one.ignore, one.inverted) == (6.5, (7.0,), True)
    assert other.session_state["settings"] == now.settings
    assert [pin.settings for pin in other.session_state["pins"]] == [now.pins[0].settings]
    assert address(other)["steps"] == "32" and address(other)["source"] == "upload"


def test_choices_that_no_control_can_make_are_left_out(app, take_up):
    image = tissue(3)
    digest = files.hashlib.sha256(image).hexdigest()
    wrong = {
        f"polarity-{digest}": "sideways", f"pixel-size-{digest}": 1e9, f"negative-{digest}": "yes",
        f"pixel-sides-{digest}": 1.0, "polarity-" + "0" * 64: "cell", "owner": "somebody",
        "page": "train", f"upload-channel-{digest[:16]}": 77, "auto": "no", "lesson": "nonsense",
    }  # fmt: skip
    settings = Settings(source="upload")
    there = take_up(app, Session(settings, {"upload": ("a.png", image), "x": ("b", b"")}, wrong))
    state = there.session_state
    assert state["specimen"].nm is None and not state["specimen"].inverted
    assert state["owner"] != "somebody" and state["page"] == ""
    assert "polarity-" + "0" * 64 not in state and state["auto"] in (True, False)
    assert set(state["files"]) == {"upload"}


def test_a_file_that_is_no_image_is_one_sentence(app, take_up):
    settings = Settings(source="upload")
    still(app).run()
    with pytest.raises(AssertionError):  # which `take_up` finds on the page
        take_up(app, Session(settings, {"upload": ("a.png", b"this is no picture")}))
    assert not app.exception and "a.png" in said(app)


def test_models_come_with_their_names_and_runs_know_them(app, take_up, monkeypatch):
    model = replace(small_models.model(3), name="mine-0a1b2c", card={"settings": {}})
    settings = Settings(model="mine-0a1b2c", timesteps=16)
    kept = Session(settings, models=(model,))
    there = take_up(app, kept)
    assert there.session_state["settings"] == settings
    # somebody else's of that name is another one
    other = replace(small_models.model(4), name="mine-0a1b2c", card={"settings": {}})
    second = take_up(
        type(app)(app._script_path, default_timeout=60), replace(kept, models=(other,))
    )
    name = second.session_state["settings"].model
    assert name.startswith("mine-") and name != "mine-0a1b2c"
    assert shelf.SHELF.get(name).digest == other.digest
    assert control(second, "model").value == name


def test_an_address_counts_for_more_and_a_model_that_is_gone_is_said(app, take_up):
    kept = Session(Settings(timesteps=200), learned=("spike",))
    there = take_up(app, kept, {"steps": "16", "model": "mine-0a1b2c"})
    assert there.session_state["settings"].timesteps == 16
    assert "Your model was lost when the session" in said(there)
    assert there.session_state["learned"] == {"spike"}


def test_settings_of_a_model_that_is_not_there_give_way(app, take_up):
    kept = Session(Settings(model="mine-0a1b2c", section=1, timesteps=200), lost=("Models: none.",))
    there = take_up(app, kept)
    assert there.session_state["settings"].model == Settings().model
    assert there.session_state["settings"].section == 1
    assert "Your model was lost when the session" in said(there) and "Models: none." in said(there)


@pytest.mark.parametrize("kind", ["large", "unavailable"])
def test_an_image_that_a_reload_would_lose_is_said_to_be(app, kind):
    put_on_screen(app.run(), ("mine.png", tissue(3)))
    assert "keep" not in " ".join(one.value for one in app.sidebar.caption)
    app.session_state["kept_trouble"] = kind
    app.run()
    assert any("under Session" in one.value.replace("\\", "") for one in app.sidebar.caption)


def test_undo_goes_on_after_a_reload(app, offered, take_up):
    still(app).run()
    for steps in (32, 16):
        control(app, "timesteps").set_value(steps)
        app.run()
    kept = session_file.unpack(session_file.pack(session_file.parts(offered[0])), True)
    assert [one.timesteps for one in kept.before] == [64, 32]
    there = take_up(type(app)(app._script_path, default_timeout=60), kept, {"steps": "16"})
    assert [one.timesteps for one in there.session_state.past] == [64, 32]
    # an address with other settings is one more step
    other = take_up(type(app)(app._script_path, default_timeout=60), kept, {"steps": "8"})
    assert [one.timesteps for one in other.session_state.past] == [64, 32, 16]


def test_minutes_of_tune_come_back_where_they_can_be_chosen(app, take_up):
    there = take_up(app, Session(Settings(), said={"tune-minutes": 7.5}))
    there.switch_page("pages/finetune.py").run()
    assert there.number_input(key="tune-minutes").value == 7.5
    wrong = type(app)(app._script_path, default_timeout=60)
    there = take_up(wrong, Session(Settings(), said={"tune-minutes": 900.0}))
    there.switch_page("pages/finetune.py").run()
    assert there.number_input(key="tune-minutes").value == 2.0
