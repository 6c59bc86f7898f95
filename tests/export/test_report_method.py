"""The report names the method, and what it is not."""

import re
from dataclasses import replace

import pytest

from snnlab import conversion, lab
from snnlab.export import report


@pytest.mark.parametrize("name", ["rate-scaling", "multi-threshold", "qcfs"])
def test_the_method_its_limits_and_what_it_does_not_read(name):
    shown = lab.default_result()
    text = report.html(replace(shown, settings=shown.settings.replace(method=name))).decode()
    method, usual = conversion.method(name), name == "rate-scaling"
    (first,) = re.findall(r"Model .* timesteps of 1 ms", text)
    assert (f"method {name}," in first) == (not usual)
    limits = text[text.index("What this is not") :]
    assert f"Method {name}: {method.limits}" in limits.replace("&#39;", "'")
    assert ("Loihi 1 cannot run" in limits) == (not method.loihi)
    assert text.count("(not read by this method)") == len(method.unread)
    assert ("held between" in text or "holds between" in text or "grey band" in text) == usual
