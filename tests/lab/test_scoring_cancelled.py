"""Work that can be cancelled can be while it scores, too: that takes long itself."""

from dataclasses import replace

import pytest

from snnlab.errors import Cancelled
from snnlab.lab import segmenting as lab
from snnlab.lab import trials, viewing
from snnlab.nets import inference
from snnlab.results import approach, metrics
from snnlab.studies.methods import measuring as methods
from snnlab.studies.methods.contenders import Contender
from snnlab.studies.sweep import measuring as sweep
from snnlab.training import scoring, worth

MODEL = "regularised"
SETTINGS = lab.defaults(MODEL).replace(timesteps=8)


@pytest.fixture(scope="module")
def picture():
    whole, cut = lab.sample(0), slice(32, 80)
    return replace(
        whole, pixels=whole.pixels[cut, cut], labels=whole.labels[cut, cut], sha256="c" * 64
    )


def unscored(picture):
    return replace(lab.segment(replace(picture, labels=None), SETTINGS), picture=picture)


def segmented(picture, cancel):
    lab._scores.clear()
    return lab.segment(picture, SETTINGS, cancel=cancel)


def scored_at(picture, cancel):
    return approach.score_at(unscored(picture), 4, cancel)


def tried(picture, cancel):
    return trials.trial(picture, SETTINGS, "some way", cancel=cancel)


def viewed(picture, cancel):
    return viewing.segments_score(unscored(picture), 4, cancel)


def swept(picture, cancel):
    image, labels = picture.normalised, picture.labels
    return sweep.measure(lab.model(MODEL), image, labels, labels, SETTINGS, (8,), cancel=cancel)


def compared(picture, cancel):
    model = lab.model(MODEL)
    ann = inference.segment(model, picture.normalised).probability
    values = inference.activations(model, picture.normalised)
    contender = Contender("x", "x", SETTINGS, False, "")
    return methods.measure(contender, model, picture, ann, values, (8,), cancel=cancel)


def trained(picture, cancel):
    images, labels = picture.normalised[None], picture.labels[None]
    return scoring.both(lab.model(MODEL), images, labels, SETTINGS, cancel)


def constant(picture, cancel):
    return worth.constant(picture.labels[None], cancel)


WORK = (segmented, scored_at, tried, viewed, swept, compared, trained, constant)


@pytest.fixture
def stopped(monkeypatch):
    """Filled as soon as something is scored."""
    begun = []

    def watched(scoring):
        def begin(*arguments, **named):
            begun.append(True)
            return scoring(*arguments, **named)

        return begin

    for name in ("marks", "segments_score"):  # of which all others are made
        monkeypatch.setattr(metrics, name, watched(getattr(metrics, name)))
    return begun


@pytest.mark.parametrize("work", WORK, ids=lambda work: work.__name__)
def test_scores_heed_a_cancel_of_the_work_that_they_are_part_of(work, picture, stopped):
    with pytest.raises(Cancelled):
        work(picture, lambda: bool(stopped))
    assert len(stopped) == 1  # it was in the first scores that it stopped


def test_scores_of_a_trials_beginnings_do_too(picture, stopped, monkeypatch):
    whole = lab.segment(picture, SETTINGS)
    stopped.clear()
    monkeypatch.setattr(lab, "segment", lambda *_: whole)
    with pytest.raises(Cancelled):
        trials.trial(picture, SETTINGS, "some way", cancel=lambda: bool(stopped))
    assert len(stopped) == 1


def test_a_run_whose_scores_were_cancelled_has_them_when_it_is_asked_for_again(picture):
    stopped = []
    told = lambda share, stage: stage == "scores" and stopped.append(stage)  # noqa: E731
    lab._scores.clear()
    with pytest.raises(Cancelled):
        lab.segment(picture, SETTINGS, told, lambda: bool(stopped))
    assert lab.segment(picture, SETTINGS).snn_scores.v_rand > 0.5
