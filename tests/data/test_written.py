"""Own sections are read as they were written."""

import json

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
    for one, other in zip(again.train, own.train, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
        np.testing.assert_array_equal(one[1], other[1])
        assert one[1].dtype == bool
