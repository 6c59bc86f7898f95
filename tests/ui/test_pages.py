"""Every page draws; settings, banners and mistakes behave."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from snnlab import simulation
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings
from snnlab.ui.shared import bench, status
from tests.ui.steps import unexplained

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("pages/*.py"))
COUNTING = ("pages/cells.py", "pages/learn.py")  # the cells on screen, with scikit-image
# numba runs what the lab opens with
HEAVY = ("tensorflow", "tf_keras", "keras", "nengo_dl", "nengo_loihi", "skimage")


def control(app, name):
    """A control of the sidebar by the first part of its key."""
    kinds = (app.selectbox, app.select_slider, app.slider, app.button_group, app.number_input)
    found = [item for kind in kinds for item in kind if str(item.key).rsplit("-", 1)[0] == name]
    assert len(found) == 1, name
    return found[0]


def text(app):
    """All that stands on the page."""
    kinds = (app.markdown, app.caption, app.warning, app.error, app.info, app.subheader)
    return unexplained("\n".join(str(item.value) for kind in kinds for item in kind))


def address(app):
    """The parameters of the address, each as text."""
    return {k: v if isinstance(v, str) else v[-1] for k, v in dict(app.query_params).items()}


def out_of_date(app):
    return [item.value for item in app.warning if "Out of date" in item.value]


def still(app):
    """Work starts only when it is asked for."""
    app.session_state["auto"] = False
    return app


@pytest.mark.parametrize("page", PAGES)
def test_every_page_draws_the_default_result(app, page):
    app.run()
    app.switch_page(page).run()
    assert not app.exception
    assert not app.error
    assert not out_of_date(app)
    result = lab.default_result()
    assert f"{result.timesteps} timesteps" in app.caption[0].value
    assert len(app.title) == 1 and app.title[0].value.isalpha()  # as the page map calls it
    # each figure says what to look for, and so do linked pictures and the board of chips
    notes = [item.value for item in app.markdown if ":material/visibility:" in item.value]
    charts = len(app.get("plotly_chart"))
    components = len(app.get("bidi_component"))
    assert max(1, charts) <= len(notes) <= max(1, charts + components), (charts, components)


def test_nothing_heavy_is_imported_before_a_run():
    code = f"""
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
assert not app.exception and not app.error, (app.exception, app.error)
for page in {[page for page in PAGES if page not in COUNTING]!r}:
    app.switch_page(page).run()
    assert not app.exception, app.exception
loaded = [name for name in {HEAVY!r} if name in sys.modules]
assert loaded == [], loaded
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]


def test_scores_on_the_page_are_those_of_the_result(app):
    app.run()
    result = lab.default_result()
    table = app.table[0].value
    shown = dict(zip(table.iloc[:, 0], table["SNN"], strict=True))
    assert float(shown["Pixel accuracy"]) == pytest.approx(
        result.snn_scores.pixel_accuracy, abs=5e-5
    )
    assert float(shown["V_Rand, best threshold"]) == pytest.approx(
        result.snn_scores.v_rand, abs=5e-5
    )
    metrics = {item.label: item.value for item in app.metric}
    assert metrics["Timesteps"] == str(result.timesteps)
    assert metrics["Mean rate"] == f"{result.mean_rate_hz:.1f} Hz"


def test_moving_a_control_says_what_is_out_of_date_and_writes_the_address(app):
    still(app).run()
    before = lab.default_result().settings
    after = next(step for step in (32, 40) if step != before.timesteps)
    control(app, "timesteps").set_value(after).run()
    assert len(out_of_date(app)) == 1
    assert f"timesteps: {before.timesteps} → {after}" in out_of_date(app)[0]
    assert address(app) == {"steps": str(after)}  # the rest is as suits the model
    app.switch_page("pages/rates.py").run()
    assert control(app, "timesteps").value == after
    assert f"timesteps: {before.timesteps} → {after}" in out_of_date(app)[0]
    control(app, "timesteps").set_value(before.timesteps).run()
    assert not out_of_date(app)
    assert address(app) == {}


def test_every_control_takes_part(app):
    still(app).run()
    moved = {
        "percentile": 99.0, "bounds": (50.0, 300.0), "reset": "zero", "simulator": "nengo",
        "synapse": 5.0, "initial": 0.25, "threshold": 0.4, "seed": 7,
        "ann-threshold": 0.3,
    }  # fmt: skip
    for name, value in moved.items():
        control(app, name).set_value(value)
    app.run()
    assert not app.exception
    settings = app.session_state["settings"]
    before = lab.default_result().settings
    assert settings == before.replace(
        percentile=99.0, lower_hz=50.0, upper_hz=300.0, reset="zero", simulator="nengo",
        synapse_ms=5.0, initial=0.25, threshold=0.4, ann_threshold=0.3, seed=7,
    )  # fmt: skip
    assert "lower bound (Hz)" in out_of_date(app)[0]
    restored, complaints = Settings.from_query(address(app), suited=lab.defaults)
    assert (restored, complaints) == (settings, [])


def test_the_address_fills_the_controls(app):
    app.query_params["steps"] = "37"  # not one of the slider's own values
    app.query_params["lo"], app.query_params["hi"] = "33.5", "444"
    app.query_params["reset"] = "zero"
    still(app).run()
    assert not app.exception
    assert control(app, "timesteps").value == 37
    assert tuple(control(app, "bounds").value) == (33.5, 444.0)
    assert control(app, "reset").value == "zero"
    assert "timesteps: " in out_of_date(app)[0]


def test_nonsense_in_the_address_is_named_until_something_is_moved(app):
    for name, value in {
        "steps": "-1", "p": "nan", "lo": "1e999", "reset": "<b>", "model": "../etc",
        "sim": "x" * 999, "section": "9999", "seed": "０", "source": "", "other": "1",
    }.items():  # fmt: skip
        app.query_params[name] = value
    still(app).run()
    assert not app.exception
    said = text(app)
    for name in ("steps", "p", "lo", "reset", "model", "sim", "seed", "source"):
        assert f"{name} in the address is not" in said
    assert "There is no section 9999" in said
    assert "<b>" not in said
    app.run()
    assert "steps in the address is not" in text(app)
    control(app, "timesteps").set_value(16).run()
    assert "in the address" not in text(app)
    assert "There is no section" not in text(app)


def test_going_back_takes_the_settings_along(app):
    still(app).run()
    control(app, "timesteps").set_value(16).run()
    app.query_params["steps"] = "100"
    app.run()
    assert control(app, "timesteps").value == 100
    assert app.session_state["settings"].timesteps == 100


def test_a_move_counts_for_more_than_an_address_that_is_late(app):
    still(app).run()
    control(app, "timesteps").set_value(16).run()
    control(app, "timesteps").set_value(32).run()
    app.query_params["steps"] = "16"  # what the browser had when the next move left it
    control(app, "timesteps").set_value(48).run()
    assert control(app, "timesteps").value == 48
    assert address(app)["steps"] == "48"


def test_values_outside_a_sliders_limits_are_refused_by_the_server(app):
    still(app).run()
    before = app.session_state["settings"]
    control(app, "seed").set_value(2**40)
    app.run()
    assert not app.exception
    assert app.session_state["settings"] == before


def test_reset_brings_the_models_settings_back(app):
    still(app).run()
    control(app, "timesteps").set_value(16).run()
    next(item for item in app.button if item.label.startswith("Reset all")).click().run()
    assert not app.exception
    name = app.session_state["settings"].model
    assert app.session_state["settings"] == lab.defaults(name)
    assert control(app, "timesteps").value == lab.defaults(name).timesteps


def test_an_upload_that_is_no_image_is_one_sentence_and_loses_nothing(app):
    still(app).run()
    control(app, "source").set_value("upload").run()
    assert "Choose a PNG" in text(app)
    app.file_uploader[0].upload("mine.png", b"nothing of the kind").run()
    assert not app.exception
    assert len(app.error) == 1
    assert "mine.png" in app.error[0].value
    assert app.metric  # the last result is still there


def test_an_isbi_folder_that_is_none_says_what_to_name(app, tmp_path):
    still(app).run()
    control(app, "source").set_value("isbi").run()
    assert not app.exception
    assert "train-volume.tif" in text(app)
    app.text_input[0].set_value(str(tmp_path)).run()
    assert not app.exception
    assert app.metric


def test_a_run_is_shown_when_it_is_done_and_a_cancelled_one_is_not_begun_again(app, monkeypatch):
    done = lab.default_result()
    asked = []

    def segment(picture, settings, progress, cancel):
        asked.append(settings.timesteps)
        while settings.timesteps == 20 and not cancel():
            time.sleep(0.01)
        return replace(done, settings=settings, picture=picture)

    monkeypatch.setattr(lab, "segment", segment)
    app.run()

    def finished():
        for _ in range(200):
            app.run()
            if not out_of_date(app):
                return True
            time.sleep(0.02)
        return False

    control(app, "timesteps").set_value(24).run()
    assert finished()
    assert asked == [24]
    assert "24 timesteps" in app.caption[0].value
    control(app, "timesteps").set_value(20).run()
    assert "timesteps: 24 → 20" in out_of_date(app)[0]
    next(item for item in app.button if item.label == "Cancel").click().run()
    for _ in range(200):
        if any(item.label == "Run" for item in app.button):
            break
        app.run()
        time.sleep(0.02)
    app.run()
    assert any(item.label == "Run" for item in app.button)
    assert asked.count(20) == 1
    assert "24 timesteps" not in (app.caption[0].value if not out_of_date(app) else "")


def test_run_pressed_right_after_a_move_runs_what_is_wanted_then(app, monkeypatch):
    """The button that is pressed is of the page before, which knew nothing of the move."""
    done, asked = lab.default_result(), []

    def segment(picture, settings, progress, cancel):
        asked.append(settings.timesteps)
        return replace(done, settings=settings, picture=picture)

    monkeypatch.setattr(lab, "segment", segment)
    still(app).run()
    control(app, "timesteps").set_value(24).run()
    control(app, "timesteps").set_value(20)
    next(item for item in app.button if item.label == "Run").click().run()
    for _ in range(200):
        if not out_of_date(app):
            break
        time.sleep(0.02)
        app.run()
    assert asked == [20] and "20 timesteps" in app.caption[0].value
    # and no press is left over for another time
    control(app, "timesteps").set_value(22).run()
    app.run()
    assert out_of_date(app) and asked == [20]


def test_a_mistake_in_a_run_is_said_and_the_last_result_stays(app, monkeypatch):
    from snnlab.errors import LabError

    def segment(picture, settings, progress, cancel):
        raise LabError("the image is too small for this; choose a larger one.")

    monkeypatch.setattr(lab, "segment", segment)
    app.run()
    control(app, "timesteps").set_value(24).run()
    for _ in range(200):
        if app.error:
            break
        time.sleep(0.02)
        app.run()
    app.run()
    assert [item.value for item in app.error] == [
        "the image is too small for this; choose a larger one."
    ]
    assert app.metric
    assert out_of_date(app)


def test_progress_is_told_in_words():
    from snnlab.work.jobs import Status

    assert (
        status.told(Status("queued", 1, 0, "waiting", 0, None, None)) == "waiting for another run"
    )
    assert "3 other runs" in status.told(Status("queued", 3, 0, "waiting", 0, None, None))
    assert "12 s left" in status.told(Status("running", 0, 0.5, "down2", 12, 12.2, None))
    # the moment before the worker takes it, and the one before the page does
    assert status.told(Status("queued", 0, 0, "waiting", 0, None, None)) == "starting"
    assert status.told(Status("running", 0, 1.0, "done", 3, 0.0, None)) == "done"


def test_how_long_a_run_takes_is_told_beforehand():
    from types import SimpleNamespace

    def told(**settings):
        picture = SimpleNamespace(pixels=np.zeros((256, 256), np.float32))
        wanted = SimpleNamespace(settings=Settings(**settings), picture=picture)
        return status.duration(status.expected(wanted))

    assert set(status.PACE) == {item.name for item in simulation.SIMULATORS}
    # 0.066 megapixels, 1000 steps and 0.1 s at a spike a step: not minutes
    assert told(timesteps=1000, upper_hz=450.0) == "a few seconds"
    assert told(simulator="nengo-dl") == "about 20 s"
    assert told(simulator="nengo", timesteps=200) == "about 50 s"
    assert told(simulator="nengo", timesteps=1000) == "about 4 min"


def test_pictures_that_differ_in_labels_or_section_are_kept_apart():
    from dataclasses import replace

    picture, settings = lab.sample(0), Settings()
    names = {
        bench.identity(one, settings)
        for one in (
            picture,
            replace(picture, labels=None),
            replace(picture, labels=~picture.labels),
            replace(picture, section=1),
            replace(picture, sha256="0" * 64),
        )
    }
    assert len(names) == 5
    assert bench.identity(picture, settings) == bench.identity(picture, settings.replace(section=3))


def test_short_runs_are_looked_at_often_and_those_that_wait_are_not():
    from types import SimpleNamespace

    def job(position):
        return SimpleNamespace(status=SimpleNamespace(position=position))

    shown = lab.default_result()
    wanted = bench.Wanted(shown.settings, shown.picture)
    assert status._every(None, wanted) is None
    assert status._every(job(0), wanted) == status.SOON < status._every(job(2), wanted)
    slow = bench.Wanted(shown.settings.replace(simulator="nengo"), shown.picture)
    assert status._every(job(0), slow) == status.POLL
