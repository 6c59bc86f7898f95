"""What the browser is sent is what the result holds."""

import json
import struct
import zlib

import numpy as np
import pytest

from snnlab import lab
from snnlab.ui import scrubber


def unpacked(blob):
    """The format as the module's text gives it, read independently of how it is written."""
    (length,) = struct.unpack_from("<I", blob)
    about = json.loads(blob[4 : 4 + length])
    planes = np.frombuffer(zlib.decompress(blob[4 + length :]), np.uint8)
    planes = planes.reshape(-1, about["height"], about["width"])
    fixed = 3 if about["truth"] else 2
    frames = np.cumsum(planes[fixed:].astype(np.int64), axis=0) % 256
    return about, planes[:fixed], frames


def test_frames_are_the_snn_at_each_step():
    result = lab.default_result()
    about, (image, ann, *truth), frames = unpacked(scrubber.pack(result, "name"))
    assert about["name"] == "name"
    assert image.std() > 10
    assert np.abs(ann / 255 - result.ann).max() <= 0.5 / 255 + 1e-6
    assert np.array_equal(truth[0] > 0, result.picture.labels)
    assert len(frames) == len(about["steps"]) == len(about["agreement"])
    for place in (0, len(frames) // 2, len(frames) - 1):
        step = about["steps"][place]
        assert np.abs(frames[place] / 255 - result.snn(step)).max() <= 0.5 / 255 + 1e-6
        assert about["agreement"][place] == pytest.approx(result.agreement(step), abs=1e-6)


def test_a_picture_without_labels_has_no_labels():
    from dataclasses import replace

    result = lab.default_result()
    bare = replace(result, picture=replace(result.picture, labels=None))
    about, planes, frames = unpacked(scrubber.pack(bare, "n"))
    assert not about["truth"]
    assert len(planes) == 2
    assert len(frames) == len(about["steps"])


@pytest.mark.parametrize("last", [1, 5, 64, 65, 100, 200, 1000])
def test_moments_are_all_or_ever_sparser_and_end_at_the_end(last):
    steps = tuple(range(1, last + 1))
    found = scrubber.moments(steps, 64)
    assert found[0] == 1
    assert found[-1] == last
    assert len(found) == len(set(found)) <= 64
    assert found == tuple(sorted(found))
    if last <= 64:
        assert found == steps
    else:
        assert len(found) > 40
        assert found[:8] == tuple(range(1, 9))
        assert max(np.diff(found)) == np.diff(found)[-1] or last < 70
