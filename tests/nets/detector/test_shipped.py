"""The detector that ships: its card holds, on slices that nothing of it was made from."""

import numpy as np
import pytest

from snnlab.data import epfl
from snnlab.nets.detector import model
from snnlab.nets.detector.inference import detect
from snnlab.results import detection
from snnlab.settings import Settings
from snnlab.training.detector import scoring
from snnlab.training.detector.fitting import boxes
from snnlab.training.detector.making import LIMITS, NAME, SUMMARY, sections


@pytest.fixture(scope="module")
def shipped():
    return model.load(NAME)


def test_its_card_says_what_it_is(shipped):
    card = shipped.card
    assert (card["summary"], card["not"]) == (SUMMARY, LIMITS)
    assert card["weights"] == shipped.weights
    assert card["data"] == epfl.named(epfl.TRAINING)
    assert (card["chosen_on"], card["validation"]) == (
        epfl.named(epfl.CHOICE), epfl.named(epfl.REPORT),
    )  # fmt: skip
    assert set(shipped.active) == {step.name for step in shipped.plan.steps() if step.neurons}
    assert Settings(**card["settings"]).timesteps == 64


def test_the_ann_is_as_good_as_its_card_says(shipped, epfl_folder):
    report = sections(epfl.volume(epfl_folder), epfl.REPORT)
    truth = [boxes(things) for things in report.things]
    found = [detect(shipped, image) for image in report.images]
    made = detection.scores(found, truth, shipped.card["settings"]["threshold"])
    told = shipped.card["scores"]["ann"]
    assert made.average_precision_50 == pytest.approx(told["average_precision_50"], abs=0.003)
    assert made.average_precision_75 == pytest.approx(told["average_precision_75"], abs=0.003)
    assert made.average_precision_50 >= 0.7


def test_the_snn_finds_what_the_ann_finds(shipped, epfl_folder):
    image = sections(epfl.volume(epfl_folder), range(161, 162)).images[0][:384, :512]
    ann = detect(shipped, image)
    snn = scoring.spiking(shipped, image, Settings(**shipped.card["settings"]))
    wanted = ann.above(shipped.card["settings"]["threshold"]).boxes
    assert len(wanted) >= 2
    assert detection.curve([snn], [wanted], 0.75).average_precision > 0.9


def test_on_noise_there_is_hardly_anything(shipped):
    noise = np.random.default_rng(0).random((256, 256)).astype(np.float32)
    assert len(detect(shipped, noise).above(shipped.card["settings"]["threshold"])) <= 3
