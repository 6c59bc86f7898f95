"""A part of a large image: every spike as in the run of the whole, wherever the part lies."""

from collections import OrderedDict
from contextlib import contextmanager
from types import SimpleNamespace

import nengo
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from snnlab import conversion
from snnlab.errors import LabError
from snnlab.images.pictures import Picture
from snnlab.images.tiles import pad
from snnlab.lab import large, looking, parts
from snnlab.lab import segmenting as lab
from snnlab.lab import viewing as lab_viewer
from snnlab.nets import inference
from snnlab.nets.architecture import halo
from snnlab.settings import Settings
from snnlab.simulation.chance import Poisson
from snnlab.simulation.cutting import cut
from snnlab.simulation.neurons import IntegrateAndFire
from snnlab.simulation.softmax import SpikingSoftmax
from tests import small_models

MODEL = small_models.model(6)
SETTINGS = Settings(model="small", timesteps=70)  # more than a word
SHAPE = 150, 101  # no multiples of what the net needs
SIDE = 32
OTHERS = "spiking-softmax", "nengo-dl-converter", "surrogate", "qcfs"  # take other models
KINDS = {
    "by rates": SETTINGS.replace(timesteps=24),
    "two words": SETTINGS,
    "filtered, to zero": SETTINGS.replace(synapse_ms=3.0, reset="zero", timesteps=24),
    "graded": SETTINGS.replace(method="multi-threshold", timesteps=6),
    "bistable": SETTINGS.replace(method="bistable", timesteps=30),
}


@contextmanager
def fresh():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab, "model", lambda name: MODEL)
        for name in ("_results", "_ann"):
            patch.setattr(lab, name, OrderedDict())
        yield patch


def segmented(patch, chosen, limit):
    patch.setattr(parts, "WHOLE", limit)
    patch.setattr(parts, "REGION", SIDE)
    for name in ("_results", "_ann"):
        patch.setattr(lab, name, OrderedDict())
    pixels = small_models.image(*SHAPE)
    return lab.segment(Picture(pixels, None, "p", 0, 1, "f" * 64), chosen)


@pytest.fixture(scope="module", params=KINDS.values(), ids=KINDS)
def pair(request):
    """The same image, as one of which all spikes are kept, and as a large one."""
    with fresh() as patch:
        both = segmented(patch, request.param, 10**9), segmented(patch, request.param, 1000)
        # a part with its surroundings is not the whole image, or nothing is tested
        assert SIDE + 2 * halo(MODEL.layers) < max(SHAPE)
        assert both[0].whole and both[1].anywhere
        yield both


def expected(whole, region):
    """Spikes of a part, cut out of those of the whole."""
    top, left, height, width = region
    shape = pad(whole.image, 4).shape
    rows, columns = (top, top + -(-height // 4) * 4), (left, left + -(-width // 4) * 4)
    return cut(whole.recording, shape, rows, columns)


def assert_same(found, wanted):
    assert [one.name for one in found.populations] == [one.name for one in wanted.populations]
    assert wanted.spikes() > 0
    for mine, other in zip(found.populations, wanted.populations, strict=True):
        assert mine.shape == other.shape and mine.sizes == other.sizes
        np.testing.assert_array_equal(mine.words, other.words)
        np.testing.assert_array_equal(mine.planes, other.planes)
        np.testing.assert_array_equal(mine.extra, other.extra)


@settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.integers(0, SHAPE[0] - 1), st.integers(0, SHAPE[1] - 1))
@example(0, 0)
@example(SHAPE[0] - 1, SHAPE[1] - 1)
@example(0, SHAPE[1] - 1)
@example(70, 0)
@example(75, 50)
def test_its_spikes_are_those_of_the_whole(pair, row, column):
    whole, result = pair
    seen = looking.at(result, (row, column))
    top, left, height, width = seen.region
    assert looking.holds(seen, (row, column)) and top % 4 == left % 4 == 0
    assert SIDE - 4 < height <= SIDE and SIDE - 4 < width <= SIDE
    wanted = expected(whole, seen.region)
    assert_same(seen.recording, wanted)
    # what is true of the whole image stays as it was
    assert seen.layers is result.layers and seen.last is result.last
    np.testing.assert_array_equal(seen.snn(), whole.snn())
    # and synapses that lead out of the part are counted
    assert seen.recording.synaptic_events() == wanted.synaptic_events()


def test_the_middle_comes_first(pair):
    whole, result = pair
    assert_same(result.recording, expected(whole, result.region))
    assert result.sampled.keys() == whole.sampled.keys()


@pytest.mark.parametrize("place", [(0, 0), (149, 100), (80, 37)])
def test_a_column_may_be_anywhere(pair, place):
    whole, result = pair
    found, wanted = lab_viewer.column(result, *place), lab_viewer.column(whole, *place)
    top, left = (at // 4 * 4 for at in place)
    for mine, other in zip(found, wanted, strict=True):
        assert (mine.name, mine.field) == (other.name, other.field)
        np.testing.assert_array_equal(mine.spikes, other.spikes)
        np.testing.assert_array_equal(mine.rate_hz, other.rate_hz)
        np.testing.assert_allclose(mine.potential, other.potential, atol=1e-5)
        assert mine.sent is None or (mine.sent == other.sent).all()
    mine, other = (lab_viewer.column_activations(one, *place) for one in pair[::-1])
    for name in other:
        np.testing.assert_allclose(mine[name], other[name], atol=1e-5)
    assert (top, left) <= place


@pytest.mark.parametrize("place", [(0, 0), (149, 100), (80, 37)])
def test_potentials_at_the_rim_of_a_part(pair, place):
    """What drives a neuron there was sent outside the part."""
    whole, result = pair
    seen = looking.at(result, place)
    top, left = seen.region[:2]
    for trains in seen.recording.populations:
        if trains.name not in result.sampled:
            continue
        height, width, channels = trains.shape
        all_of_it = whole.recording[trains.name].shape
        factor = pad(whole.image, 4).shape[0] // all_of_it[0]
        corners = np.array([(0, 0), (0, width - 1), (height - 1, 0), (height - 1, width - 1)])
        here = [np.ravel_multi_index((*at, channels - 1), trains.shape) for at in corners]
        there = corners + np.array([top, left]) // factor
        there = [np.ravel_multi_index((*at, channels - 1), all_of_it) for at in there]
        mine, other = lab.traces(seen, trains.name, here), lab.traces(whole, trains.name, there)
        np.testing.assert_array_equal(mine.neurons, here)
        np.testing.assert_array_equal(mine.spikes, other.spikes)
        np.testing.assert_allclose(mine.current, other.current, atol=1e-6)
        np.testing.assert_allclose(mine.potential, other.potential, atol=1e-6)
    with pytest.raises(LabError, match="neurons here"):
        lab.traces(seen, seen.layers[0].name, np.array([10**6]))


def test_the_ann_there_is_that_of_the_whole(pair):
    whole, result = pair
    seen = looking.at(result, (140, 3))
    assert seen.sampled == {} and looking.with_ann(result) is result
    top, left, height, width = seen.region
    values = inference.activations(MODEL, pad(whole.image, 4))
    sampled = looking.with_ann(seen).sampled
    assert sampled.keys() == values.keys()
    for name, some in sampled.items():
        factor = pad(whole.image, 4).shape[0] // values[name].shape[0]
        rows, columns = (
            slice(first // factor, -(-(first + length) // 4) * 4 // factor)
            for first, length in ((top, height), (left, width))
        )
        np.testing.assert_allclose(
            some.activation, values[name][rows, columns].ravel()[some.neurons], atol=1e-5
        )


def test_longer_runs_have_smaller_parts(monkeypatch):
    monkeypatch.setattr(parts, "REGION", 128)
    monkeypatch.setattr(parts, "WHOLE", 768 * 768)
    shape, long = (1000, 2000), SETTINGS.replace(timesteps=parts.SHORT + 1)
    short = SETTINGS.replace(timesteps=parts.SHORT)
    assert parts.region_at(shape, MODEL, short)[2:] == (parts.REGION, parts.REGION)
    assert parts.region_at(shape, MODEL, long) == (468, 968, 64, 64)
    assert parts.region_at(shape, MODEL, long, (999, 0)) == (936, 0, 64, 64)
    assert parts.region_at((998, 2000), MODEL, long, (997, 1999)) == (936, 1936, 62, 64)
    assert parts.region_at((500, 500), MODEL, long, (3, 3)) == (0, 0, 500, 500)


def test_places_that_are_not_there():
    with fresh() as patch:
        result = segmented(patch, SETTINGS.replace(timesteps=4), 1000)
        for place in ((-1, 0), (150, 0), (0, 101)):
            with pytest.raises(LabError, match="rows 0 to 149 and columns 0 to 100"):
                looking.at(result, place)
            with pytest.raises(LabError, match="rows 0 to 149 and columns 0 to 100"):
                lab_viewer.column(result, *place)


@pytest.mark.parametrize(
    "chosen",
    [
        {"method": "data-normalisation", "input": "poisson"},
        {"simulator": "nengo"},
    ],
)
def test_what_cannot_be_run_again_is_looked_into_in_the_middle_alone(chosen):
    with fresh() as patch:
        result = segmented(patch, SETTINGS.replace(timesteps=4, **chosen), 1000)
        assert not result.anywhere and result.region[2:] == (SIDE, SIDE)
        with pytest.raises(LabError, match="only one part"):
            looking.at(result, (3, 3))
        with pytest.raises(LabError, match="you can look into rows"):
            lab_viewer.column(result, 3, 3)
        top, left = result.region[:2]
        assert len(lab_viewer.column(result, top, left)) == len(result.layers)
        # by itself, as nothing else is known of what was drawn
        part = result.image[top : top + SIDE, left : left + SIDE]
        values = inference.activations(MODEL, part)
        for name, some in result.sampled.items():
            np.testing.assert_array_equal(some.activation, values[name].ravel()[some.neurons])


@pytest.mark.parametrize("name", [one.name for one in conversion.METHODS if one.name not in OTHERS])
def test_which_networks_can_be_run_again(name):
    network = conversion.method(name).convert(MODEL, np.zeros((32, 32), np.float32), SETTINGS)
    assert parts.repeatable(network)
    # of a class drawn at random, or a potential, the neuron's number decides
    first, *others = network.populations
    for kind in (
        SpikingSoftmax(2),
        Poisson(3),
        IntegrateAndFire(initial_state={"voltage": nengo.dists.Uniform(0, 1)}),
    ):
        ensemble = SimpleNamespace(neuron_type=kind)
        drawn = SimpleNamespace(populations=[SimpleNamespace(ensemble=ensemble), *others])
        assert not parts.repeatable(drawn), kind


def test_all_spikes_of_a_result_together_have_little_room():
    with fresh() as patch:
        result = segmented(patch, SETTINGS, 1000)
        assert result.last is not None
        # room for the last layer's, but not for two parts' beside them
        patch.setattr(large, "ROOM", result.last.nbytes + 2 * result.recording.nbytes - 1)
        assert segmented(patch, SETTINGS, 1000).last is None
        patch.setattr(large, "ROOM", result.last.nbytes + 2 * result.recording.nbytes)
        again = segmented(patch, SETTINGS, 1000)
        assert again.last is not None
        seen = looking.at(again, (0, 0))
        assert again.nbytes + seen.recording.nbytes - again.ann.nbytes <= large.ROOM
