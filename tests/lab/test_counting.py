"""Counts of many sections are those of each, and labels that name no section are left out."""

import numpy as np
import pytest

from snnlab.errors import Cancelled
from snnlab.lab import counting, detecting
from snnlab.lab.counting import NO_SECTION, count
from tests import small_detector
from tests.lab.test_detecting import SETTINGS, _small, picture  # noqa: F401


def section(number: int):
    made = picture(small_detector.image(64, 96, number))
    return made if number != 2 else picture(made.pixels, tissue=np.zeros((64, 96), bool))


def test_each_section_is_counted_as_if_it_were_alone():
    told = []
    made, _ = count(
        section, (0, 2, 3), SETTINGS, as_is=True, progress=lambda share, stage: told.append(share)
    )
    assert [one.found is None for one in made] == [False, True, False]
    assert made[1].row(0.5) == {"section": 0, "ann": 0, "snn": 0}
    alone = detecting.detect(section(3), SETTINGS, as_is=True)
    row = made[2].row(0.5)
    assert (row["ann"], row["snn"]) == (len(alone.ann.above(0.5)), len(alone.snn.above(0.5)))
    assert row["ann"] > 0 and not made[2].found.kept and made[2].found.candidates is None
    assert told == sorted(told) and told[-1] == 1


def test_boxes_that_name_no_section_do_not_count():
    box = np.array([[0.0, 0, 9, 9]])
    made, notes = count(section, (0, 3), SETTINGS, as_is=True, truth=lambda _: box)
    assert NO_SECTION in notes and all(one.truth is None for one in made)
    boxes = iter((box, np.empty((0, 4))))
    made, notes = count(section, (0, 3), SETTINGS, as_is=True, truth=lambda _: next(boxes))
    assert [one.row(0.5)["there"] for one in made] == [1, 0] and NO_SECTION not in notes


def test_counting_can_be_stopped():
    with pytest.raises(Cancelled):
        counting.count(section, (0, 1), SETTINGS, cancel=lambda: True)
