"""The buttons below the scores that set both thresholds."""

import pytest

from snnlab.lab import segmenting as lab
from tests.ui.test_pages import still


def button(app, name):
    return next(item for item in app.button if item.key == f"threshold-{name}")


@pytest.mark.parametrize("name", ["best", "chosen"])
def test_thresholds_are_set_as_chosen_or_best_for_these_labels(app, name):
    result = lab.default_result()
    own = lab.defaults(result.settings.model)
    wanted = {
        "best": (result.ann_scores.best_threshold, result.snn_scores.best_threshold),
        "chosen": (own.ann_at, own.threshold),
    }
    other = own.replace(threshold=0.4, ann_threshold=0.3)
    for short, value in other.to_query(own).items():
        app.query_params[short] = value
    still(app).run()
    assert not button(app, name).disabled
    button(app, name).click().run()
    assert not app.exception
    settings = app.session_state["settings"]
    assert (settings.ann_at, settings.threshold) == wanted[name]
    assert button(app, name).disabled  # they are those
