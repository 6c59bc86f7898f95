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
    assert (control(app, "input") is not None) == (method == "data-normalisation")


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
