"""Own sections are read as they were written."""

import json
from dataclasses import replace

import numpy as np

from snnlab.data import written
from tests.training.own import tiny


def test_sections_are_the_same_again():
    own = tiny.own(6)
    about, arrays = written.to_arrays(own)
    again = written.from_arrays(json.loads(json.dumps(about)), arrays)
    assert again.digest == own.digest
    assert (again.split, again.notes, again.held, again.nm, again.pixels) == (
        own.split, own.notes, own.held, own.nm, own.pixels,
    )  # fmt: skip
    assert again.seen == own.seen and len(own.seen) == len(own.train)
    for one, other in zip(again.train, own.train, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])
        assert one[1].dtype == bool


def test_what_does_not_count_does_not_count_again():
    own = tiny.own(6)
    image, labels = own.train[0]
    coded = labels.astype(np.int8)
    coded[:5] = -1
    own = replace(own, train=((image, coded), *own.train[1:]))
    again = written.from_arrays(*written.to_arrays(own))
    assert again.digest == own.digest
    np.testing.assert_array_equal(again.train[0][1], coded)
