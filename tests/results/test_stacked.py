"""Sections of a stack, and their cells linked as they come in."""

import numpy as np

from snnlab.results import stacked
from snnlab.results.stacked import Chain, Section


def section(place, cells):
    tissue = np.full(cells.shape, 255, np.uint8)
    each = {"ann": np.zeros_like(cells), "snn": cells}
    return Section(place, tissue, {"ann": tissue, "snn": tissue}, each, {}, 0.9, 12, 3.5)


def sections(places=(0, 1, 2, 4)):
    random = np.random.default_rng(0)
    return [section(place, random.integers(0, 4, (9, 9)).astype(np.uint16)) for place in places]


def test_what_comes_in_one_by_one_is_linked_as_all_at_once():
    given, chain = sections(), Chain("snn")
    for count in range(1, len(given) + 1):
        tables = chain.upto(given[:count])
    assert chain.version == 0
    whole = Chain("snn").upto(given)
    assert [*tables] == [*whole] == [0, 1, 2, 4]
    assert all((tables[place] == whole[place]).all() for place in whole)
    # behind the section that is missing all is new
    assert not set(whole[4][whole[4] > 0]) & set(whole[2])


def test_numbers_that_are_others_now_have_another_version():
    given, chain = sections(), Chain("snn")
    chain.upto(given)
    chain.upto(given[1:])
    assert chain.version == 1
    fresh = Chain("snn").upto(given[1:])
    assert all((fresh[p] == table).all() for p, table in chain.upto(given[1:]).items())
    assert chain.version == 1


def test_a_row_without_labels_has_no_scores():
    row = sections()[0].row()
    assert row == {
        "section": 0, "agreement_with_ann": 0.9, "ann_cells": 0, "snn_cells": 3, "spikes": 12,
        "mean_rate_hz": 3.5,
    }  # fmt: skip
    assert stacked.together(sections()) == {}
