"""A tissue that a net never saw, learned from one labelled section of it, in a few steps."""

import numpy as np
import pytest
import tifffile

from snnlab.data import own as owndata
from snnlab.lab import finetuning
from snnlab.lab import segmenting as lab
from snnlab.nets import inference
from snnlab.results import metrics
from snnlab.training import finetuning as tuning
from snnlab.training import tissues, tuning_data

SHOWN, JUDGED = 62, (161, 164)
STEPS = 60  # some ten seconds on two cores


@pytest.fixture(scope="module")
def volume(epfl_folder):
    return tissues.slices(str(epfl_folder))


def worth(model, volume) -> metrics.Scores:
    return metrics.together(
        [
            metrics.marks(inference.segment(model, image).probability, labels)
            for image, labels in (tissues.labelled(volume, number) for number in JUDGED)
        ]
    )


def test_one_labelled_section_is_worth_something_within_seconds(volume, tmp_path):
    tifffile.imwrite(tmp_path / "em.tif", np.round(255 * volume.image(SHOWN).pixels).astype("u1"))
    tifffile.imwrite(tmp_path / "labels.tif", tissues.labelled(volume, SHOWN)[1].astype("u1"))
    own = owndata.read(
        [tuple(owndata.File(tmp_path / name, name) for name in ("em.tif", "labels.tif"))]
    )
    wish = finetuning.Wish("relu", lower_hz=900.0, upper_hz=1000.0, data="own", steps=STEPS)
    sections = tuning_data.from_own(own)
    start = lab.model("relu")
    tuner = tuning.Finetuner(wish.recipe(sections.side), sections.data, start)
    learned = tuner.finished(tuner.run(), *sections.finishing)
    before, after = worth(start, volume), worth(learned, volume)
    assert after.v_rand > before.v_rand + 0.004
    assert "of the crops synthetic, as relu segments them" in tuner.data.name
