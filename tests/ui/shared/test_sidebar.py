"""Controls that are there for some methods only."""

import pytest

from snnlab import conversion
from snnlab.settings import Settings


def control(app, name):
    """A control of the sidebar by the first part of its key, or None."""
    kinds = (app.selectbox, app.button_group)
    found = [item for kind in kinds for item in kind if str(item.key).rsplit("-", 1)[0] == name]
    return found[0] if found else None


@pytest.mark.parametrize("method", [item.name for item in conversion.METHODS])
def test_how_the_image_comes_in_is_asked_where_there_is_a_choice(app, method):
    app.session_state["auto"] = False
    app.run()
    assert control(app, "input") is None
    control(app, "method").set_value(method).run()
    assert not app.exception
    drawn = method in ("data-normalisation", "spiking-softmax")
    assert (control(app, "input") is not None) == drawn


def test_random_spikes_go_into_the_settings_and_out_with_the_method(app):
    app.session_state["auto"] = False
    app.run()
    control(app, "method").set_value("data-normalisation").run()
    control(app, "input").set_value("poisson").run()
    assert app.session_state["settings"].input == "poisson"
    written = {k: v if isinstance(v, str) else v[-1] for k, v in dict(app.query_params).items()}
    assert Settings.from_query(written)[0].input == "poisson"
    control(app, "method").set_value("ecc").run()
    assert app.session_state["settings"].input == "current"


@pytest.mark.parametrize("method", ["rate-scaling", "multi-threshold", "ecc"])
def test_what_the_method_does_not_read_is_out_of_use_and_says_why(app, method):
    app.session_state["auto"] = False
    app.run()
    control(app, "method").set_value(method).run()
    assert not app.exception
    known = conversion.method(method)
    sliders = {str(item.key).rsplit("-", 1)[0]: item for item in app.select_slider}
    assert sliders["percentile"].disabled == (not known.percentile)
    assert sliders["bounds"].disabled == (not known.bounds)
    said = [item.value for item in app.caption if "sets its thresholds itself" in item.value]
    assert len(said) == (not known.bounds)


def test_bounds_that_are_not_read_make_no_run_out_of_date():
    from dataclasses import replace

    from snnlab.lab import segmenting as lab
    from snnlab.ui.shared import bench, status, words

    shown = lab.default_result()
    picture = shown.picture
    for method in ("multi-threshold", "rate-scaling"):
        settings = shown.settings.replace(method=method)
        here = replace(shown, settings=settings)
        moved = settings.replace(lower_hz=11.0, upper_hz=13.0)
        changed = bench.changes(here, bench.Wanted(moved, picture))
        assert bool(changed) == (method == "rate-scaling")
        line = status.summary(here)
        assert (f"method *{method}*" in line) == (" Hz at the" not in line) == (not changed)
        assert "band" in words.fitting(words.RATES, settings)
    longer = shown.settings.replace(method="qcfs")
    moved = longer.replace(timesteps=longer.timesteps + 1, lower_hz=11.0, upper_hz=13.0)
    changed = bench.changes(replace(shown, settings=longer), bench.Wanted(moved, picture))
    assert [text.split(":")[0] for text in changed] == ["timesteps"]


def test_a_model_chosen_while_the_controls_are_made_anew_is_the_model(app):
    from snnlab.lab import segmenting as lab

    app.session_state["auto"] = False
    app.run()
    # settings came from elsewhere, and the page was not drawn to its end before the choice arrived
    app.session_state["generation"] += 1
    control(app, "model").set_value("loihi").run()
    assert not app.exception
    assert app.session_state["settings"].model == "loihi"
    assert app.session_state["settings"].timesteps == lab.defaults("loihi").timesteps
    assert control(app, "model").value == "loihi"


def test_a_control_that_is_no_more_changes_nothing(app):
    app.session_state["auto"] = False
    app.run()
    earlier = app._tree.get_widget_states()  # with the control of the model before the preset
    app.button(key="preset-Few steps").click().run()
    chosen = app.session_state["settings"]
    app._run(earlier)  # as a page sends them that was not drawn to its end
    assert app.session_state["settings"] == chosen
