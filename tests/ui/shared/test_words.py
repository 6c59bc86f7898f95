"""What pages say of rates follows from the run."""

from dataclasses import replace

import pytest

from snnlab.lab import segmenting as lab
from snnlab.results import read_rates
from snnlab.settings import DEFAULT_MODEL, Settings
from snnlab.ui.shared import words


@pytest.fixture(scope="module")
def result():
    return lab.default_result()


def test_one_spike_is_as_much_in_words_as_in_the_figure(result):
    read = read_rates.of(result, result.layers[-1].name)
    assert f"one spike ({read.apart_hz:.4g} Hz here)" in words.rates_rule(result)
    counted = words.rates_counted(result)
    assert f"last {read.timesteps} of {result.timesteps} steps" in counted
    assert f"is {read.apart_hz:.4g} Hz." in counted


def test_what_is_as_usual_goes_without_saying():
    usual = lab.defaults(Settings().model)
    assert words.unusual(usual) == ()
    # one threshold for both is not what the model comes with
    assert words.unusual(Settings()) == ("cell above 0.5",)
    other = usual.replace(
        method="data-normalisation", reset="zero", percentile=99.0, synapse_ms=5.0, lower_hz=10.0
    )
    assert words.unusual(other) == (
        "method data-normalisation", "99th percentile", "reset to zero", "synapse of 5 ms"
    )  # fmt: skip
    assert words.unusual(other, ("synapse_ms",)) == ("synapse of 5 ms",)
    # what a method does not read makes no difference
    assert words.unusual(usual.replace(method="qcfs", percentile=99.0)) == ("method qcfs",)


def test_layers_that_speak_in_cycles_and_parts_of_an_image_are_named(result):
    first, *others = result.recording.populations
    recording = replace(result.recording, populations=(replace(first, cycle=4), *others))
    assert "whole cycles" in words.rates_counted(replace(result, recording=recording))
    large = replace(result, moments={8: result.ann}, region=(0, 0, 128, 128))
    assert "for the neurons in rows 0 to 127, columns 0 to 127" in words.rates_counted(large)
    assert "run by itself" in words.part(large) and "Click" not in words.part(large)
    told = words.part(replace(large, anywhere=True))
    assert "the same as in a run of the whole image" in told and "Click or tap anywhere" in told


def test_who_learned_several_kinds_of_section_reaches_the_band_on_one_of_them(result):
    told = words.rates_rule(result)
    several = {name: bool(card["familiarity"].get("others")) for name, card in lab.cards().items()}
    assert several[DEFAULT_MODEL] and not several["regularised"]
    for name, expected in several.items():
        other = replace(result, settings=result.settings.replace(model=name))
        assert ("several kinds" in words.rates_rule(other)) == expected
    assert "several kinds" in told
    # a method without bounds has no band
    other = replace(result, settings=result.settings.replace(method="qcfs"))
    assert "several kinds" not in words.rates_rule(other)


def test_methods_without_bounds_have_no_band_to_lie_in(result):
    other = replace(result, settings=result.settings.replace(method="qcfs"))
    assert "grey band" not in words.rates_rule(other)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("em_[1]*.tif", r"em\_\[1\]\*.tif"),
        ("a.b, c; d's", "a.b, c; d's"),  # a backslash would show, or is of no use
        ("1. one", r"1\. one"),
        ("12. one", r"12\. one"),
        ("www.evil.org", "www\u2060.evil.org"),  # Streamlit makes links of what is left as text
        ("HTTP://x", "HTTP\u2060\\:\\/\\/x"),
        ("a@b.c", "a\\@\u2060b.c"),
        (":streamlit:", "\\:\u2060streamlit\\:"),
        ("a -> b >= c", "a \\-\u2060\\> b \\>\u2060\\= c"),
        ("  a\r\n\r\n# b\tc ", r"a \# b c"),
        ("fdp\u202ekcatta.\udc80", "fdp\ufffdkcatta.\ufffd"),  # turned round, and not UTF-8
        ("नमस्\u200dते", "नमस्\u200dते"),
    ],
)
def test_a_name_is_shown_as_it_is(name, told):
    assert words.plain(name) == told


def test_every_shipped_model_says_in_a_few_words_what_it_is_for():
    told = {name: words.model(name) for name, _, _ in lab.models_listed()}
    assert all(line.startswith(f"{name}: ") and len(line) < 27 for name, line in told.items())
    assert [name for name, line in told.items() if "start here" in line] == [Settings().model]
    assert words.model("mine-0a1b2c") == "mine-0a1b2c"
