"""A sample of what `benchmarks.hostile` does with 5,000 files of each format: damaged volumes."""

import random
import re

import numpy as np
import pytest

from benchmarks import hostile
from snnlab.errors import LabError
from snnlab.images import reading as images
from snnlab.lab import segmenting as lab

SAMPLE = 120  # files a format


@pytest.fixture(scope="module")
def volumes():
    return hostile.volumes()


@pytest.mark.parametrize("form", ["MRC", "DM", "NRRD", "NIfTI", "HDF5", "OME-Zarr"])
def test_damaged_volumes_give_a_sentence_or_a_picture(volumes, form):
    known, chance, read = volumes[form], random.Random(form), 0
    for name, data in known.items():
        assert lab.upload(data, name).pixels.std() > 0
    for _ in range(SAMPLE):
        name = chance.choice(list(known))
        data = hostile.mutated(known[name], chance)
        try:
            stack = images.open_stack(data, name)
            found = stack.section(chance.randrange(stack.sections)).pixels
            assert found.shape == stack.shape and found.dtype == np.float32
            assert found.min() >= 0 and found.max() <= 1
            read += 1
            stack.labels(0)
        except LabError as error:
            assert re.fullmatch(r"[^\n]*\.", str(error))
    assert 0 < read < SAMPLE
