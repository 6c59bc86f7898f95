"""What a method says that it does not read, it does not read."""

import numpy as np
import pytest

from snnlab import conversion
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings

HELD = {"percentile", "lower_hz", "upper_hz"}
TRAINED = {"qcfs": "qcfs", "surrogate": "surrogate", "spiking-softmax": "pooled"}


class Spy:
    """Settings that remember which of them were looked at."""

    def __init__(self, settings):
        self.settings, self.seen = settings, set()

    def __getattr__(self, name):
        self.seen.add(name)
        return getattr(self.settings, name)


# the reference needs TensorFlow to convert; it takes its rates from rate-scaling
@pytest.mark.parametrize(
    "method",
    [m for m in conversion.METHODS if m.name != "nengo-dl-converter"],
    ids=lambda method: method.name,
)
def test_the_flags_are_what_converting_looks_at(method):
    spy = Spy(lab.defaults(TRAINED.get(method.name, "relu")).replace(method=method.name))
    method.convert(lab.model(spy.settings.model), np.full((32, 32), 0.5, np.float32), spy)
    assert set(method.unread) == HELD - spy.seen
    assert method.percentile == ("percentile" in spy.seen)
    assert method.bounds == ("lower_hz" in spy.seen)


def test_settings_that_differ_in_nothing_that_is_read_are_one():
    some = Settings(lower_hz=10.0, upper_hz=20.0, percentile=90.0)
    other = some.replace(lower_hz=30.0, upper_hz=40.0, percentile=95.0)
    assert conversion.heeded(some) == some != conversion.heeded(other)
    for name, same in (("qcfs", True), ("surrogate", True), ("multi-threshold", False)):
        one, two = (conversion.heeded(s.replace(method=name)) for s in (some, other))
        assert (one == two) is same
        assert conversion.bounds_hz(some.replace(method=name)) == (None, None)
    assert conversion.bounds_hz(some) == (10.0, 20.0)
    assert conversion.unread("no-such-method") == ()
