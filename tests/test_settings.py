"""Settings: limits, addresses that come back, addresses that make no sense, keys."""

import dataclasses
import hashlib
import json
import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from snnlab.errors import LabError
from snnlab.settings import Settings

names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True)
hertz = st.floats(0, 1000, exclude_min=True)


@st.composite
def valid(draw):
    low, high = sorted((draw(hertz), draw(hertz)))
    return Settings(
        source=draw(st.sampled_from(["sample", "isbi", "upload"])),
        section=draw(st.integers(0, 9999)),
        model=draw(names),
        method=draw(names),
        simulator=draw(names),
        timesteps=draw(st.integers(1, 1000)),
        percentile=draw(st.floats(50, 100)),
        lower_hz=low,
        upper_hz=high,
        reset=draw(st.sampled_from(["subtraction", "zero"])),
        synapse_ms=draw(st.floats(0, 50)),
        initial=draw(st.floats(0, 1)),
        input=draw(st.sampled_from(["current", "poisson"])),
        threshold=draw(st.sampled_from([0.0, 0.5, 0.7]) | st.floats(0, 1)),
        ann_threshold=draw(st.none() | st.sampled_from([0.0, 0.5, 0.7]) | st.floats(0, 1)),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def test_defaults_are_those_of_the_lab():
    assert dataclasses.asdict(Settings()) == {
        "source": "sample",
        "section": 0,
        "model": "generalist",
        "method": "rate-scaling",
        "simulator": "event",
        "timesteps": 64,
        "percentile": 99.9,
        "lower_hz": 75,
        "upper_hz": 150,
        "reset": "subtraction",
        "synapse_ms": 0,
        "initial": 0.5,
        "input": "current",
        "threshold": 0.5,
        "ann_threshold": None,
        "seed": 0,
    }


GOOD = [
    ("section", 9999),
    ("timesteps", 1),
    ("timesteps", 1000),
    ("percentile", 50),
    ("percentile", 100),
    ("lower_hz", 150),
    ("lower_hz", 5e-324),
    ("upper_hz", 75),
    ("upper_hz", 1000),
    ("reset", "zero"),
    ("synapse_ms", 50),
    ("initial", 0),
    ("initial", 1),
    ("input", "poisson"),
    ("threshold", 0),
    ("threshold", 1),
    ("seed", 2**32 - 1),
    ("model", "a-model-of-2031"),
    ("timesteps", np.int64(5)),
    ("percentile", np.float32(75.5)),
    ("percentile", Fraction(151, 2)),
]

BAD = [
    ("source", "paper"),
    ("source", None),
    ("source", "ISBI"),
    ("section", -1),
    ("section", 10_000),
    ("section", 1.0),
    ("model", ""),
    ("model", "../../etc/passwd"),
    ("model", "relu\n"),
    ("model", "a" * 41),
    ("model", 3),
    ("method", "Rate scaling"),
    ("simulator", b"event"),
    ("timesteps", 0),
    ("timesteps", 1001),
    ("timesteps", 64.0),
    ("timesteps", "64"),
    ("timesteps", True),
    ("timesteps", None),
    ("timesteps", 10**400),
    ("percentile", 49.9),
    ("percentile", 100.1),
    ("percentile", math.nan),
    ("percentile", "99.9"),
    ("percentile", True),
    ("percentile", [99.9]),
    ("percentile", 99.9j),
    ("percentile", 10**400),
    ("lower_hz", 0),
    ("lower_hz", -1),
    ("lower_hz", 151),
    ("lower_hz", math.nan),
    ("upper_hz", 0),
    ("upper_hz", 74),
    ("upper_hz", 1001),
    ("upper_hz", math.inf),
    ("reset", "none"),
    ("reset", False),
    ("synapse_ms", -0.1),
    ("synapse_ms", 51),
    ("initial", 1.01),
    ("initial", -1),
    ("input", "spikes"),
    ("threshold", 1.01),
    ("threshold", -math.inf),
    ("threshold", True),
    ("ann_threshold", -0.1),
    ("ann_threshold", "0.5"),
    ("initial", False),
    ("seed", -1),
    ("seed", 2**32),
    ("seed", 0.5),
    ("seed", np.bool_(True)),
]


@pytest.mark.parametrize(("field", "value"), GOOD)
def test_good_values(field, value):
    kept = getattr(Settings(**{field: value}), field)
    assert kept == value
    # plain Python, so that JSON and hashing do not depend on who made the value
    assert type(kept) is type(getattr(Settings(), field))


@pytest.mark.parametrize(("field", "value"), BAD)
def test_bad_values_are_one_sentence_that_names_the_field(field, value):
    with pytest.raises(LabError) as caught:
        Settings(**{field: value})
    message = str(caught.value)
    assert field in message
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 200


def test_every_field_has_good_and_bad_cases():
    fields = {field.name for field in dataclasses.fields(Settings)}
    assert {field for field, _ in BAD} == fields


def _shorts():
    """Field to short name, found by asking: one field changed, one name in the address."""
    changed = {
        "source": "isbi",
        "section": 1,
        "model": "relu",
        "method": "ecc",
        "simulator": "nengo",
        "timesteps": 1,
        "percentile": 50,
        "lower_hz": 1,
        "upper_hz": 1000,
        "reset": "zero",
        "synapse_ms": 1,
        "initial": 0,
        "input": "poisson",
        "threshold": 0,
        "seed": 1,
    }
    shorts = {}
    for field, value in changed.items():
        (shorts[field],) = Settings(**{field: value}).to_query()
    # a threshold of the ANN's own is written beside the SNN's
    shorts["threshold"], shorts["ann_threshold"] = Settings(ann_threshold=0).to_query()
    return shorts


def test_short_names_are_stable():
    # links that people keep depend on these
    assert _shorts() == {
        "source": "source",
        "section": "section",
        "model": "model",
        "method": "method",
        "simulator": "sim",
        "timesteps": "steps",
        "percentile": "p",
        "lower_hz": "lo",
        "upper_hz": "hi",
        "reset": "reset",
        "synapse_ms": "tau",
        "initial": "v0",
        "input": "in",
        "threshold": "th",
        "ann_threshold": "tha",
        "seed": "seed",
    }


def test_an_address_is_short_and_readable():
    chosen = Settings(source="isbi", section=18, timesteps=32, upper_hz=200, percentile=99.5)
    assert urlencode(chosen.to_query()) == "source=isbi&section=18&steps=32&p=99.5&hi=200"
    assert Settings().to_query() == {}


def test_a_threshold_alone_is_that_of_both_networks():
    both = Settings(threshold=0.6, ann_threshold=0.7)
    assert (both.ann_at, both.replace(timesteps=8).ann_at) == (0.7, 0.7)
    assert both.replace(threshold=0.3).ann_at == Settings(threshold=0.3).ann_at == 0.3
    assert both.replace(threshold=0.3, ann_threshold=0.7).ann_at == 0.7
    # one that is the same is none of its own, so that equal settings are equal
    assert Settings(threshold=0.6, ann_threshold=0.6) == Settings(threshold=0.6)


def test_an_address_that_names_a_threshold_overrides_both_of_the_model():
    suited = Settings(threshold=0.6, ann_threshold=0.7)
    read = lambda query: Settings.from_query(query, suited=lambda model: suited)[0]  # noqa: E731
    assert read({}) == suited
    assert (read({"th": "0.2"}).threshold, read({"th": "0.2"}).ann_at) == (0.2, 0.2)
    assert (read({"tha": "0.2"}).threshold, read({"tha": "0.2"}).ann_at) == (0.6, 0.2)
    told = Settings.from_query({"tha": "x"}, suited=lambda model: suited.replace(threshold=0.6))[1]
    assert told == ["tha in the address is not a number from 0 to 1; 0.6 is used instead."]


@settings(deadline=None)
@given(valid(), valid())
def test_there_and_back_beside_what_suits_a_model(chosen, suited):
    suited = suited.replace(model=chosen.model)
    query = chosen.to_query(suited)
    assert Settings.from_query(query, suited=lambda model: suited)[0] == chosen


@settings(deadline=None)
@given(valid())
@example(Settings(lower_hz=5e-324, upper_hz=5e-324, initial=1e-7, synapse_ms=-0.0))
def test_there_and_back_through_an_address(chosen):
    query = dict(
        parse_qsl(urlencode(chosen.to_query()), strict_parsing=True) if chosen != Settings() else {}
    )
    assert Settings.from_query(query) == (chosen, [])


@settings(deadline=None)
@given(valid(), valid())
def test_equal_settings_and_only_they_share_a_key(one, other):
    assert (one.key() == other.key()) == (one == other)
    assert one.key() == one.replace().key()


@settings(deadline=None, max_examples=300)
@given(
    st.dictionaries(
        st.one_of(st.sampled_from(sorted(_shorts().values())), st.text(max_size=5)),
        st.one_of(st.text(), st.floats().map(str), st.integers().map(str), names),
    )
)
@example({"steps": "9" * 10_000, "p": "1" * 10_000, "lo": "1e999", "hi": "."})
@example({"steps": "١٢", "section": "1_0", "seed": " 7", "p": "nan", "tau": "-inf", "v0": ""})
def test_no_address_ever_raises(query):
    chosen, complaints = Settings.from_query(query)
    assert isinstance(chosen, Settings)
    assert len(complaints) <= len(query) + 1
    # what was not complained about was taken as it stands, the rest is default
    refused = {complaint.split(" ")[0] for complaint in complaints}
    if "lo" in refused:  # alone, or crossed with hi: both fall back
        refused.add("hi")
    for field, short in _shorts().items():
        # of the ANN's threshold what it comes to: if it is left out, the SNN's
        seen = "ann_at" if field == "ann_threshold" else field
        value, default = getattr(chosen, seen), getattr(Settings(), seen)
        if short == "tha" and short not in query:
            default = chosen.threshold
        if short not in query:
            assert value == default
        elif short not in refused:
            assert value == type(default)(query[short])
        elif short not in ("lo", "hi"):
            assert value == default


@given(
    st.dictionaries(
        st.sampled_from(["steps", "model", "p"]),
        st.one_of(st.none(), st.lists(st.text()), st.integers()),
    )
)
def test_values_that_are_not_text_are_named(query):
    chosen, complaints = Settings.from_query(query)
    assert chosen == Settings()
    assert len(complaints) == len(query)


def test_nonsense_falls_back_field_by_field():
    chosen, complaints = Settings.from_query(
        {"steps": "many", "p": "99", "reset": "maybe", "unknown": "x", "section": "3"}
    )
    assert chosen == Settings(percentile=99, section=3)
    assert complaints == [
        "steps in the address is not a whole number from 1 to 1000; 64 is used instead.",
        "reset in the address is not one of subtraction, zero; subtraction is used instead.",
    ]


@pytest.mark.parametrize("query", [{"lo": "300"}, {"hi": "20"}, {"lo": "400", "hi": "300"}])
def test_crossed_bounds_fall_back_together(query):
    chosen, complaints = Settings.from_query(query)
    assert chosen == Settings()
    assert complaints == ["lo in the address is above hi; 75 and 150 Hz are used instead."]


def test_complaints_do_not_repeat_what_the_address_holds():
    hostile = "![x](https://example.org/pixel.png)<script>"
    _, complaints = Settings.from_query(dict.fromkeys(_shorts().values(), hostile))
    assert len(complaints) == len(_shorts())
    assert not any("example" in complaint or "script" in complaint for complaint in complaints)


def test_names_can_be_checked_against_what_exists():
    known = {"model": ["generalist", "relu"]}
    assert Settings.from_query({"model": "relu"}, known)[0].model == "relu"
    chosen, complaints = Settings.from_query({"model": "ghost", "method": "any"}, known)
    assert (chosen.model, chosen.method) == ("generalist", "any")
    assert complaints == [
        "model in the address is not one of generalist, relu; generalist is used instead."
    ]


OWN = {"relu": {"timesteps": 200, "reset": "zero"}, "generalist": {"lower_hz": 100.0}}


def suited(model):
    return Settings(**(OWN[model] | {"model": model}))


def test_what_an_address_does_not_say_is_as_suits_the_model():
    assert Settings.from_query({}, suited=suited) == (suited("generalist"), [])
    found, complaints = Settings.from_query({"p": "99", "model": "relu"}, suited=suited)
    assert (found, complaints) == (suited("relu").replace(percentile=99), [])
    assert suited("relu").to_query(suited("relu")) == {"model": "relu"}
    assert suited("generalist").to_query(suited("generalist")) == {}
    # and so do the values that take the place of nonsense
    found, complaints = Settings.from_query(
        {"model": "relu", "steps": "x", "hi": "9"}, None, suited
    )
    assert found == suited("relu")
    assert "200 is used instead" in complaints[0] and "75 and 150 Hz" in complaints[1]


@settings(deadline=None)
@given(valid(), st.sampled_from(sorted(OWN)))
def test_there_and_back_where_models_have_settings_of_their_own(chosen, model):
    chosen = chosen.replace(model=model)
    query = {k: str(v) for k, v in chosen.to_query(suited(model)).items()}
    assert Settings.from_query(query, suited=suited) == (chosen, [])


def test_key_is_the_hash_of_canonical_json():
    chosen = Settings(timesteps=100, seed=7)
    plain = json.dumps(dataclasses.asdict(chosen), sort_keys=True, separators=(",", ":"))
    assert chosen.key() == hashlib.sha256(plain.encode()).hexdigest()


def test_key_is_the_same_in_another_process():
    program = "from snnlab.settings import Settings; print(Settings(timesteps=9).key())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    assert done.stdout.strip() == Settings(timesteps=9).key()


def test_key_ignores_the_kind_of_number():
    assert Settings(lower_hz=80).key() == Settings(lower_hz=80.0).key()
    assert Settings(synapse_ms=-0.0).key() == Settings().key()


def test_key_without_what_the_cached_thing_does_not_depend_on():
    one, other = Settings(threshold=0.4), Settings(threshold=0.6)
    assert one.key() != other.key()
    assert one.key(without=("threshold",)) == other.key(without=("threshold",))
    assert one.key(without=("threshold",)) != one.key()
    with pytest.raises(ValueError, match="treshold"):
        one.key(without=("treshold",))


def test_replace_checks_too():
    assert Settings().replace(timesteps=9) == Settings(timesteps=9)
    with pytest.raises(LabError, match="timesteps"):
        Settings().replace(timesteps=0)


def test_frozen_and_hashable():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().seed = 1
    assert len({Settings(), Settings(seed=0), Settings(seed=1)}) == 2
