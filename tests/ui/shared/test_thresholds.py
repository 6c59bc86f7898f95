"""The buttons below the scores that set both thresholds."""

from snnlab.lab import segmenting as lab
from tests.ui.test_pages import still


def button(app, name):
    return next(item for item in app.button if item.key == f"threshold-{name}")


def test_thresholds_are_set_as_chosen_or_best_for_these_labels(app):
    still(app).run()
    result = lab.default_result()
    assert button(app, "chosen").disabled  # they are those
    button(app, "best").click().run()
    assert not app.exception
    settings = app.session_state["settings"]
    best = result.ann_scores.best_threshold, result.snn_scores.best_threshold
    assert (settings.ann_at, settings.threshold) == best
    button(app, "chosen").click().run()
    chosen = lab.defaults(settings.model)
    settings = app.session_state["settings"]
    assert (settings.ann_at, settings.threshold) == (chosen.ann_at, chosen.threshold)
