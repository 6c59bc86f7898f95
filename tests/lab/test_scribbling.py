"""Learning from scribbles: held-back strokes are never seen, and judge all three networks."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.scribbling import painted
from snnlab.errors import LabError
from snnlab.images import scribbles
from snnlab.lab import rbf, segmenting
from snnlab.lab import scribbling as lab


@pytest.fixture(scope="module")
def foreign():
    """A run whose ANN takes cell for membrane, as on tissue that it does not know."""
    run = segmenting.default_result()
    return replace(run, ann=1 - run.ann)


def test_the_error_on_held_back_scribbles_is_lower_after_training(foreign, monkeypatch):
    strokes = painted(foreign.picture.labels)
    seen = []
    real = rbf.train

    def train(sections, *more):
        seen.extend(sections)
        return real(sections, *more)

    monkeypatch.setattr(rbf, "train", train)
    found = lab.learn(foreign, strokes)
    coded = scribbles.labels(strokes, foreign.image.shape)
    owners = scribbles.owners(strokes, foreign.image.shape)
    back = np.isin(owners, sorted(scribbles.split(strokes)))
    ((image, labels),) = seen
    assert np.array_equal(image, foreign.picture.normalised)
    assert (labels[back] == -1).all() and np.array_equal(labels[~back], coded[~back])
    assert found.pixels == back.sum() and (found.strokes, found.held) == (24, 6)
    membrane, cell = back & (coded == 0), back & (coded == 1)
    for name, values, at in (("ann", foreign.ann, foreign.settings.ann_at),
                             ("unet", found.maps["unet"], 0.5),
                             ("rbf", found.maps["rbf"], 0.5)):  # fmt: skip
        wanted = ((values[membrane] >= at).mean() + (values[cell] < at).mean()) / 2
        assert found.errors[name] == pytest.approx(wanted)
    assert max(found.errors["rbf"], found.errors["unet"]) < 0.3 < 0.7 < found.errors["ann"]
    assert found.errors[found.best] == min(found.errors["rbf"], found.errors["unet"])
    assert found.wrong("rbf", 0.5) == found.errors["rbf"]


def test_too_few_strokes_are_one_sentence(foreign):
    strokes = painted(foreign.picture.labels, 3)
    with pytest.raises(LabError, match="two strokes of membrane and two of cell"):
        lab.learn(foreign, strokes)
