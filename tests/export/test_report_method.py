"""The report names the method, and what it is not."""

import re
from dataclasses import replace

import pytest

from snnlab import conversion
from snnlab.export import report
from snnlab.lab import segmenting as lab
from snnlab.results.segmentation import window_start

UNET = lab.model(lab.default_result().settings.model)


@pytest.mark.parametrize("name", ["rate-scaling", "multi-threshold", "qcfs"])
def test_the_method_its_limits_and_what_it_does_not_read(name):
    shown = lab.default_result()
    text = report.html(replace(shown, settings=shown.settings.replace(method=name)), UNET).decode()
    method, usual = conversion.method(name), name == "rate-scaling"
    (first,) = re.findall(r"Model .* timesteps of 1 ms", text)
    assert (f"method {name}," in first) == (not usual)
    limits = text[text.index("What this is not") :]
    assert f"Method {name}: {method.limits}" in limits.replace("&#39;", "'")
    assert ("Loihi 1 cannot run" in limits) == (not method.loihi)
    assert text.count("(not read by this method)") == len(method.unread)
    assert ("held between" in text or "holds between" in text or "grey band" in text) == usual


def test_populations_that_the_ann_has_not_are_listed_without_an_error():
    """Gates, relays and pixels; of the default run, its first layer stands in for one."""
    shown = lab.default_result()
    gate, *layers = shown.layers
    text = report.html(
        replace(shown, sampled={layer.name: shown.sampled[layer.name] for layer in layers}), UNET
    ).decode()
    (row,) = re.findall(rf"<tr><td>{gate.name}</td>.*", text)
    assert row.endswith('<td class="n">–</td></tr>')


def test_rates_of_the_figure_are_those_of_the_steps_that_are_read():
    shown = lab.default_result()
    read = shown.timesteps - window_start(shown.timesteps, shown.settings)
    text = report.html(shown, UNET).decode()
    assert f"over the last {read} steps" in text and "over the whole run" in text
