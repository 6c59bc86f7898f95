"""The front door: both networks, any size, caches by content, looking into a result."""

import io
import json
import shutil
from collections import OrderedDict
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from snnlab import conversion, simulation
from snnlab.conversion import rate_scaling
from snnlab.data.synthetic import synthetic
from snnlab.errors import Cancelled, LabError
from snnlab.images import pictures
from snnlab.images.tiles import pad
from snnlab.lab import large, parts
from snnlab.lab import segmenting as lab
from snnlab.nets import inference, library
from snnlab.nets.architecture import halo
from snnlab.nets.model import save
from snnlab.results import agreement, approach, metrics, mute, read_rates, summary
from snnlab.results import agreement as layer_agreement
from snnlab.settings import Settings
from snnlab.simulation import nengo_reference
from snnlab.simulation.cutting import cut
from snnlab.simulation.event import bands
from tests import small_models

SETTINGS = Settings(model="small", timesteps=24)
MODELS = {"small": small_models.model(6), "other": small_models.model(8)}


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """Small models by name, and nothing remembered from another test."""

    def by_name(name):
        if name not in MODELS:
            raise LabError(f"there is no model {name!r}.")
        return MODELS[name]

    monkeypatch.setattr(lab, "model", by_name)
    monkeypatch.setattr(lab, "_results", OrderedDict())
    monkeypatch.setattr(lab, "_ann", OrderedDict())


@pytest.fixture
def runs(monkeypatch):
    """Names of the simulators that ran, one entry a run."""
    ran, plain = [], simulation.simulator

    def watched(name):
        entry = plain(name)

        class Watched:
            def run(self, *arguments):
                ran.append(name)
                return entry.run(*arguments)

        return Watched()

    monkeypatch.setattr(simulation, "simulator", watched)
    return ran


def picture(height=37, width=50, seed=1, change=None, labels=True):
    """An upload, with its labels; ``change`` alters the pixels."""
    made = synthetic((height, width), seed)
    grey = np.rint(made.image * 255).astype(np.uint8)
    if change:
        change(grey)

    def png(pixels):
        file = io.BytesIO()
        Image.fromarray(pixels).save(file, "PNG")
        return file.getvalue()

    truth = png(made.labels.astype(np.uint8) * 255) if labels else None
    return pictures.upload(png(grey), "mine.png", 0, truth)


# ---- both networks ---------------------------------------------------------


@pytest.mark.parametrize("synapse_ms", [0.0, 4.0])
def test_a_segmentation_is_the_two_networks_own(synapse_ms):
    """By hand: normalise, pad, Keras, convert, Nengo, read out, crop."""
    settings = SETTINGS.replace(synapse_ms=synapse_ms, simulator="nengo")
    shown, model = picture(), MODELS["small"]
    found = lab.segment(shown, settings)
    np.testing.assert_array_equal(found.image, shown.normalised)
    expected = inference.segment(model, shown.normalised).probability
    np.testing.assert_array_equal(found.ann, expected)
    network = rate_scaling.convert(model, pad(shown.normalised, 4), settings)
    recording = nengo_reference.run(network, 24)
    start = 16 if synapse_ms else 12
    np.testing.assert_array_equal(found.snn(), network.probability(recording, start, 24)[:37, :50])
    assert found.spikes == recording.spikes() and found.whole
    assert found.region == (0, 0, 37, 50)
    for layer, trains in zip(found.layers, recording.populations, strict=True):
        assert (layer.name, layer.shape) == (trains.name, trains.shape)
        counts = trains.counts()
        np.testing.assert_array_equal(layer.histogram, np.bincount(counts.ravel(), minlength=2))
        assert layer.percentile_hz(99) == pytest.approx(
            np.percentile(trains.rates_hz(), 99, method="inverted_cdf"), rel=1e-5
        )
    assert found.ann_scores == metrics.score(found.ann, shown.labels, 0.5)
    assert found.snn_scores == metrics.score(found.snn(), shown.labels, 0.5)


@pytest.mark.parametrize("reset", ["subtraction", "zero"])
def test_event_and_nengo_give_the_same(reset):
    """Single against double precision."""
    settings = SETTINGS.replace(timesteps=40, reset=reset, lower_hz=150, upper_hz=300)
    one, other = (lab.segment(picture(), settings.replace(simulator=x)) for x in ("event", "nengo"))
    assert (one.recording.simulator, other.recording.simulator) == ("event", "nengo")
    for ours, theirs in zip(one.recording.populations, other.recording.populations, strict=True):
        differ = ours.counts() != theirs.counts()
        assert theirs.total() > 100 and differ.mean() < 1e-3, ours.name
    near = np.isclose(one.snn(), other.snn(), atol=1e-5)
    assert near.mean() > 0.999 and other.snn().std() > 1e-3
    assert one.synaptic_events == pytest.approx(other.synaptic_events, rel=1e-4)


def test_nengo_dl_can_be_asked_for():
    found = lab.segment(picture(), SETTINGS.replace(simulator="nengo-dl", timesteps=10))
    expected = lab.segment(picture(), SETTINGS.replace(simulator="nengo", timesteps=10))
    assert np.isclose(found.snn(), expected.snn(), atol=1e-5).mean() > 0.99


def test_synaptic_events_are_counted_synapse_by_synapse():
    """Of every spike, the entries of the real transforms that it meets; the readout's one too."""
    found = lab.segment(picture(), SETTINGS.replace(simulator="nengo"))
    network = rate_scaling.convert(MODELS["small"], pad(found.image, 4), SETTINGS)
    sources = {p.ensemble.neurons: p for p in network.populations}
    expected = dict.fromkeys((p.name for p in network.populations), 0)
    for connection in network.network.all_connections:
        source = sources.get(connection.pre_obj)
        if source is None:
            continue
        # a transform of ones, fed with the spike counts, adds up what each target receives
        transform = connection.transform
        ones = type(transform)(
            1, *shapes_of(transform), kernel_size=transform.kernel_size,
            strides=transform.strides, padding="same",
            init=np.ones((*transform.kernel_size, transform.input_shape.n_channels, 1)),
        )  # fmt: skip
        counts = found.recording[source.name].counts().astype(float)
        expected[source.name] += received(ones, counts) * transform.output_shape.n_channels
    last = network.populations[-1].name
    expected[last] += found.recording[last].total()
    assert {layer.name: layer.synaptic_events for layer in found.layers} == expected
    assert all(expected.values())


def shapes_of(transform):
    import nengo

    if isinstance(transform, nengo.Convolution):
        return (transform.input_shape.shape,)
    return transform.input_shape.shape, (*transform.output_shape.spatial_shape, 1)


def received(transform, counts):
    """Sum over all targets of what they receive, by nengo.Simulator."""
    import nengo

    with nengo.Network() as network:
        node = nengo.Node(counts.ravel())
        target = nengo.Node(size_in=transform.size_out)
        nengo.Connection(node, target, transform=transform, synapse=None)
        probe = nengo.Probe(target)
    with nengo.Simulator(network, progress_bar=False) as simulator:
        simulator.step()
    return int(round(simulator.data[probe].sum()))


def test_the_event_simulators_own_count_agrees():
    found = lab.segment(picture(), SETTINGS)
    by_source = {}
    for (source, _), events in found.recording.synaptic_events().items():
        by_source[source] = by_source.get(source, 0) + events
    last = found.layers[-1].name
    by_source[last] = by_source.get(last, 0) + found.recording[last].total()
    assert {layer.name: layer.synaptic_events for layer in found.layers} == by_source


# ---- large images -------------------------------------------------------------


@pytest.mark.parametrize("shape", [(150, 101), (64, 180)])
@pytest.mark.parametrize("synapse_ms", [0.0, 3.0])
@pytest.mark.parametrize("way", ["bands", "bands, no room", "tiles"])
def test_a_large_image_in_parts_is_the_whole_one(shape, synapse_ms, way, monkeypatch):
    settings = SETTINGS.replace(synapse_ms=synapse_ms)
    shown = picture(*shape)
    whole = lab.segment(shown, settings)
    monkeypatch.setattr(lab, "_results", OrderedDict())
    monkeypatch.setattr(lab, "_ann", OrderedDict())
    monkeypatch.setattr(parts, "WHOLE", 1000)
    monkeypatch.setattr(large, "TILE", 32)
    monkeypatch.setattr(parts, "REGION", 32)
    monkeypatch.setattr(bands, "BAND_BYTES", 30_000)
    if way == "tiles":
        monkeypatch.setattr(simulation.SimulatorEntry, "in_bands", lambda *_: False)
    if way == "bands, no room":
        monkeypatch.setattr(large, "ROOM", 1000)
    # tiles that do not see the whole image, or nothing is tested
    assert 32 + 2 * halo(MODELS["small"].layers) < max(shape)
    tiled = lab.segment(shown, settings)
    assert whole.whole and not tiled.whole
    if way == "bands":
        # every step, to the last digit
        assert not tiled.moments and tiled.steps_shown == whole.steps_shown
        for step in (1, 7, 24):
            np.testing.assert_array_equal(tiled.snn(step), whole.snn(step))
        assert tiled.nbytes > tiled.last.nbytes > tiled.recording.nbytes
    else:
        assert len(tiled.moments) == large.MOMENTS and max(tiled.moments) == 24
        for step, probability in tiled.moments.items():
            assert probability.shape == shape
            np.testing.assert_array_equal(probability, whole.snn(step).astype(np.float16))
    np.testing.assert_array_equal(tiled.ann, whole.ann)
    for ours, theirs in zip(tiled.layers, whole.layers, strict=True):
        assert ours.shape == theirs.shape
        assert ours.synaptic_events == theirs.synaptic_events
        longest = max(len(ours.histogram), len(theirs.histogram))
        np.testing.assert_array_equal(
            *(np.pad(x.histogram, (0, longest - len(x.histogram))) for x in (ours, theirs))
        )
        assert (ours.name, ours.on_chip, ours.rate_hz) == (
            theirs.name,
            theirs.on_chip,
            theirs.rate_hz,
        )
    assert tiled.spikes == whole.spikes
    # what is looked into at first: the middle, as it is in the whole
    top, left, height, width = tiled.region
    assert (height, width) == (32, 32) and top % 4 == left % 4 == 0
    assert abs(top + 16 - shape[0] / 2) <= 4 and abs(left + 16 - shape[1] / 2) <= 4
    padded = pad(whole.image, 4)
    expected = cut(whole.recording, padded.shape, (top, top + 32), (left, left + 32))
    assert tiled.anywhere and expected.spikes() > 0
    for trains in expected.populations:
        np.testing.assert_array_equal(tiled.recording[trains.name].words, trains.words)
    activations = inference.activations(MODELS["small"], padded)
    for name, sampled in tiled.sampled.items():
        factor = padded.shape[0] // activations[name].shape[0]
        part = activations[name][top // factor :, left // factor :][: 32 // factor, : 32 // factor]
        np.testing.assert_array_equal(sampled.activation, part.ravel()[sampled.neurons])


@pytest.mark.parametrize(
    ("method", "chosen", "steps"),
    [
        ("bistable", {}, 30),
        ("multi-threshold", {}, 6),
        ("data-normalisation", {"input": "poisson"}, 6),
    ],
)
def test_relays_sizes_and_pixels_go_through_tiles(method, chosen, steps, monkeypatch):
    """Populations that are no layers of the ANN are cut with the others."""
    settings = SETTINGS.replace(method=method, timesteps=steps, **chosen)
    shown = picture(70, 100, labels=False)
    whole = lab.segment(shown, settings)
    for name in ("_results", "_ann"):
        monkeypatch.setattr(lab, name, OrderedDict())
    for name, value in (("WHOLE", 1000), ("REGION", 32)):
        monkeypatch.setattr(parts, name, value)
    monkeypatch.setattr(large, "TILE", 32)
    tiled = lab.segment(shown, settings)
    assert not tiled.whole
    for ours, theirs in zip(tiled.layers, whole.layers, strict=True):
        assert (ours.name, ours.shape) == (theirs.name, theirs.shape)
    if "input" not in chosen:  # random spikes are drawn anew in each tile
        kept = whole.snn().astype(np.float16) if tiled.moments else whole.snn()
        np.testing.assert_array_equal(tiled.snn(), kept)
        assert [one.spikes for one in tiled.layers] == [one.spikes for one in whole.layers]
        assert tiled.synaptic_events == whole.synaptic_events
    found = {one.name for one in agreement.layers(tiled)}
    assert found == set(tiled.sampled)
    told = {one.name: one.error for one in summary.of(tiled).layers}
    assert {name for name, error in told.items() if error == error} <= found
    assert set(told) == {layer.name for layer in tiled.layers}


def test_counts_without_times_are_read_out_whole_and_once(monkeypatch):
    """The closed form, of an image that is computed whole and of the same one in tiles."""
    settings = SETTINGS.replace(method="ecc", simulator="closed-form")
    shown, model = picture(70, 100), MODELS["small"]
    whole = lab.segment(shown, settings)
    network = conversion.method("ecc").convert(model, pad(shown.normalised, 4), settings)
    last = network.populations[-1]
    counts = simulation.closed_form.run(network, 24)[last.name].counts()
    told = network.readout.probability((counts / 0.024 / last.rate_hz).astype(np.float32))
    np.testing.assert_allclose(whole.snn(), told[:70, :100], atol=1e-6)
    assert whole.whole and whole.steps_shown == (24,)
    assert whole.snn_scores == metrics.score(whole.snn(), shown.labels, 0.5)
    assert not mute.is_mute(whole)
    rates = read_rates.of(whole, last.name)
    assert (rates.timesteps, rates.histogram.sum()) == (24, counts.size)
    assert len(summary.of(whole).course["step"]) == 1
    with pytest.raises(LabError, match="choose another simulator"):
        lab.traces(whole, last.name, np.arange(3))
    for name in ("_results", "_ann"):
        monkeypatch.setattr(lab, name, OrderedDict())
    for name, value in (("WHOLE", 1000), ("REGION", 32)):
        monkeypatch.setattr(parts, name, value)
    monkeypatch.setattr(large, "TILE", 32)
    tiled = lab.segment(shown, settings)
    assert not tiled.whole and tiled.steps_shown == (24,)
    np.testing.assert_array_equal(tiled.snn(), whole.snn().astype(np.float16))


@pytest.mark.parametrize("way", ["bands", "tiles"])
def test_a_large_image_can_be_cancelled_on_the_way(way, monkeypatch):
    monkeypatch.setattr(parts, "WHOLE", 1000)
    monkeypatch.setattr(large, "TILE", 32)
    monkeypatch.setattr(parts, "REGION", 32)
    monkeypatch.setattr(bands, "BAND_BYTES", 30_000)
    if way == "tiles":
        monkeypatch.setattr(simulation.SimulatorEntry, "in_bands", lambda *_: False)
    shares = []
    with pytest.raises(Cancelled):
        lab.segment(
            picture(100, 101), SETTINGS, lambda share, stage: shares.append(share),
            lambda: bool(shares) and shares[-1] > 0.5,
        )  # fmt: skip
    assert 0.5 < max(shares) < 0.7  # it went on for a moment, not to the end
    assert lab.remembered(picture(100, 101), SETTINGS) is None


# ---- caches ---------------------------------------------------------------------


def test_the_same_is_not_computed_twice(runs):
    first = lab.segment(picture(), SETTINGS)
    again = lab.segment(picture(), SETTINGS)
    assert runs == ["event"]
    assert again.recording is first.recording
    assert lab.remembered(picture(), SETTINGS).recording is first.recording
    assert lab.remembered(picture(), SETTINGS.replace(timesteps=25)) is None


def test_each_network_is_scored_at_its_own_threshold():
    found = lab.segment(picture(), SETTINGS.replace(threshold=0.3, ann_threshold=0.7))
    labels = found.picture.labels
    assert found.ann_scores == metrics.score(found.ann, labels, 0.7)
    assert found.snn_scores == metrics.score(found.snn(), labels, 0.3)
    # and both are compared at the SNN's
    assert found.agreement() == np.mean((found.snn() >= 0.3) == (found.ann >= 0.3))


def test_a_threshold_is_applied_to_what_is_remembered(runs):
    low, high = (lab.segment(picture(), SETTINGS.replace(threshold=x)) for x in (0.3, 0.7))
    assert runs == ["event"]
    assert (low.settings.threshold, high.settings.threshold) == (0.3, 0.7)
    assert low.snn_scores == metrics.score(low.snn(), low.picture.labels, 0.3)
    assert high.snn_scores == metrics.score(low.snn(), low.picture.labels, 0.7)
    assert low.snn_scores != high.snn_scores


def test_labels_may_come_later(runs):
    bare = lab.segment(picture(labels=False), SETTINGS)
    assert bare.snn_scores is None and approach.score_at(bare, 5) is None
    assert lab.segment(picture(), SETTINGS).snn_scores is not None
    assert runs == ["event"]


@pytest.mark.parametrize(
    "change",
    [
        {"timesteps": 23}, {"percentile": 95.0}, {"upper_hz": 200.0}, {"lower_hz": 90.0},
        {"reset": "zero"}, {"synapse_ms": 2.0}, {"initial": 0.1}, {"seed": 1},
        {"model": "other"}, {"method": "nengo-dl-converter"}, {"simulator": "nengo"},
    ],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_any_other_setting_is_another_run(change, runs):
    lab.segment(picture(), SETTINGS)
    lab.segment(picture(), SETTINGS.replace(**change))
    assert len(runs) == 2


def test_one_pixel_makes_another_result(runs):
    """Of two images of one name and shape."""

    def change(grey):
        grey[20, 20] = 255 - grey[20, 20]

    one, other = lab.segment(picture(), SETTINGS), lab.segment(picture(change=change), SETTINGS)
    assert len(runs) == 2
    assert np.abs(one.ann - other.ann).max() > 1e-3
    assert np.abs(one.snn() - other.snn()).max() > 1e-3
    assert lab.segment(picture(), SETTINGS).recording is one.recording


def test_a_model_of_the_same_name_and_other_weights_is_another(runs, monkeypatch):
    one = lab.segment(picture(), SETTINGS)
    altered = small_models.altered(MODELS["small"], "readout", 1.5)
    monkeypatch.setitem(MODELS, "small", altered)
    other = lab.segment(picture(), SETTINGS)
    assert len(runs) == 2 and np.abs(one.ann - other.ann).max() > 1e-3


def test_the_ann_is_not_run_again_for_another_snn(monkeypatch):
    calls, plain = [], inference.segment

    def counted(*arguments, **named):
        calls.append(1)
        return plain(*arguments, **named)

    monkeypatch.setattr(inference, "segment", counted)
    for timesteps in (10, 11, 12):
        lab.segment(picture(), SETTINGS.replace(timesteps=timesteps))
    assert len(calls) == 1


def test_the_least_recently_used_result_is_forgotten(monkeypatch):
    monkeypatch.setattr(lab, "REMEMBERED", 2)
    runs_of = [SETTINGS.replace(timesteps=steps) for steps in (5, 6, 7)]
    lab.segment(picture(), runs_of[0])
    lab.segment(picture(), runs_of[1])
    lab.segment(picture(), runs_of[0])
    lab.segment(picture(), runs_of[2])
    known = [lab.remembered(picture(), settings) is not None for settings in runs_of]
    assert known == [True, False, True]


def test_what_is_remembered_is_bounded_in_bytes(monkeypatch):
    one = lab.segment(picture(), SETTINGS)
    monkeypatch.setattr(lab, "MEMORY", int(one.nbytes * 2.5))
    for timesteps in (20, 21, 22, 23):
        lab.segment(picture(), SETTINGS.replace(timesteps=timesteps))
    assert len(lab._results) == 2
    monkeypatch.setattr(lab, "MEMORY", 1)
    lab.segment(picture(), SETTINGS.replace(timesteps=12))
    assert len(lab._results) == 1  # the newest always stays


# ---- progress, cancel, mistakes ---------------------------------------------------


def test_progress_goes_from_nothing_to_done():
    told = []
    lab.segment(picture(), SETTINGS, lambda share, stage: told.append((share, stage)))
    shares = [share for share, _ in told]
    assert shares[0] == 0 and (np.diff(shares) > -1e-9).all() and shares[-1] == 1
    assert told[-1][1] == "done" and all(stage for _, stage in told)


@pytest.mark.parametrize("stage", ["ANN", "conversion", "down0"])
def test_cancel_stops_and_leaves_nothing_behind(stage):
    told = []
    with pytest.raises(Cancelled):
        lab.segment(
            picture(), SETTINGS, lambda share, now: told.append(now),
            lambda: any(stage in now for now in told),
        )  # fmt: skip
    assert lab.remembered(picture(), SETTINGS) is None
    assert lab.segment(picture(), SETTINGS).snn_scores is not None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": "ghost"}, "no model 'ghost'"),
        ({"method": "ghost"}, "no conversion method 'ghost'; choose one of"),
        ({"simulator": "ghost"}, "no simulator 'ghost'; choose one of"),
    ],
)
def test_unknown_names_are_refused(change, message):
    settings = SETTINGS.replace(**change)
    for function in (lambda: lab.check(settings), lambda: lab.segment(picture(), settings)):
        with pytest.raises(LabError, match=message):
            function()


def test_names_that_exist_pass():
    lab.check(SETTINGS)


# ---- looking into a result ----------------------------------------------------------


def test_score_at_scores_the_readout_at_a_step():
    found = lab.segment(picture(), SETTINGS.replace(threshold=0.4))
    for step in (3, 24):
        assert approach.score_at(found, step) == metrics.score(
            found.snn(step), found.picture.labels, 0.4
        )
    assert approach.score_at(found, 24) == found.snn_scores


def test_the_error_curve_by_hand():
    found = lab.segment(picture(), SETTINGS.replace(timesteps=50, threshold=0.45))
    curve = approach.error_curve(found, points=7)
    assert curve["step"][0] == 1 and curve["step"][-1] == 50 and len(curve["step"]) == 7
    for index, step in enumerate(curve["step"]):
        snn = found.snn(int(step)).astype(float)
        assert curve["error"][index] == pytest.approx(np.abs(snn - found.ann).mean(), rel=1e-5)
        cell = snn >= np.float32(0.45)
        assert curve["agreement"][index] == pytest.approx(np.mean(cell == (found.ann >= 0.45)))
        expected = np.mean(cell == found.picture.labels)
        assert curve["pixel_accuracy"][index] == pytest.approx(expected)
    more = approach.error_curve(found, points=7, also=(2, 50))
    assert list(more["step"]) == sorted({*curve["step"], 2})
    assert (
        approach.error_curve(lab.segment(picture(labels=False), SETTINGS))["pixel_accuracy"] is None
    )


def test_the_snn_approaches_the_ann():
    found = lab.segment(picture(), SETTINGS.replace(timesteps=400))
    curve = approach.error_curve(found, points=9)
    assert curve["error"][-1] < 0.3 * curve["error"][1]
    assert found.agreement() > 0.9


def test_rate_pairs_are_of_the_same_neurons():
    settings = SETTINGS.replace(timesteps=300, lower_hz=200, upper_hz=300)
    found = lab.segment(picture(), settings)
    every = inference.activations(MODELS["small"], pad(found.image, 4))
    for layer in found.layers:
        ann, snn = layer_agreement.rate_pairs(found, layer.name)
        neurons = found.sampled[layer.name].neurons
        assert len(neurons) == min(parts.SAMPLES, layer.neurons)
        np.testing.assert_array_equal(ann, every[layer.name].ravel()[neurons])
        spikes = found.recording[layer.name].raster(neurons)[150:].sum(0)
        np.testing.assert_allclose(snn, spikes / 0.15 / layer.rate_hz, rtol=1e-5)
        assert np.corrcoef(ann, snn)[0, 1] > 0.9, layer.name
    with pytest.raises(LabError, match="no layer 'x'; choose one of encoder"):
        layer_agreement.rate_pairs(found, "x")


def test_traces_follow_recorded_neurons():
    found = lab.segment(picture(), SETTINGS.replace(simulator="nengo", synapse_ms=3))
    traces = lab.traces(found, "stride1", np.array([5, 77]))
    np.testing.assert_array_equal(
        traces.spikes, found.recording["stride1"].raster(np.array([5, 77]))
    )
    network = rate_scaling.convert(MODELS["small"], pad(found.image, 4), found.settings)
    import nengo

    population = network.populations[2]
    with network.network:
        probe = nengo.Probe(population.ensemble.neurons[[5, 77]], "voltage")
    with nengo.Simulator(network.network, progress_bar=False) as simulator:
        simulator.run_steps(24)
    np.testing.assert_allclose(traces.potential, simulator.data[probe], atol=1e-7)
    with pytest.raises(LabError, match="no layer 'x'"):
        lab.traces(found, "x", np.array([0]))


# ---- models and the result on screen at the start ------------------------------------


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder of models, read as the shipped ones are."""
    card = {"summary": "Small.", "not": "Trained.", "settings": {"timesteps": 33}}
    save(replace(MODELS["small"], name="small", card=card), tmp_path)
    monkeypatch.undo()
    real = lab.models
    monkeypatch.setattr(real.load, "__defaults__", (tmp_path,))
    monkeypatch.setattr(real.available, "__defaults__", (tmp_path,))
    library.LIBRARY.clear()
    yield tmp_path
    library.LIBRARY.clear()


def test_models_are_listed_with_what_they_are_and_are_not(shelf):
    assert lab.models_listed() == (("small", "Small.", "Trained."),)


def test_a_models_settings_are_on_its_card(shelf):
    assert lab.defaults("small") == Settings(model="small", timesteps=33)
    with pytest.raises(LabError, match="no model 'ghost'; choose one of small"):
        lab.model("ghost")


def test_the_first_result_is_of_another_model_where_the_defaults_is_damaged(shelf, caplog):
    for name in (Settings().model, "relu"):
        for kind in (".npz", ".json"):
            shutil.copy(lab.ASSETS / "models" / f"{name}{kind}", shelf)
    whole = lab.default_result()
    assert whole.settings.model == Settings().model
    assert lab.default_result().recording is whole.recording  # run once
    lab._results.clear()
    (shelf / f"{Settings().model}.npz").write_bytes(b"PK")
    library.LIBRARY.clear()
    found = lab.default_result()
    assert "The lab opens with relu." in caplog.text
    assert found.settings.model == "relu" and found.whole


def test_the_first_result_is_what_its_settings_say(monkeypatch):
    """Whole, scored, of a shipped sample and a shipped model."""
    monkeypatch.undo()
    shown = lab.default_result()
    assert shown.whole and shown.snn_scores is not None and shown.ann_scores is not None
    assert shown.settings.model in lab.models.available()
    samples = {pictures.sample(index).sha256 for index in range(len(pictures.samples()))}
    assert shown.picture.sha256 in samples
    for kept, said, at in (
        (shown.snn_scores, shown.snn(), shown.settings.threshold),
        (shown.ann_scores, shown.ann, shown.settings.ann_at),
    ):
        scored = metrics.score(said, shown.picture.labels, at)
        # of V_Rand and V_Info the last digits depend on the order in which segments are summed
        assert kept.as_dict() == pytest.approx(scored.as_dict(), rel=1e-12)
    assert shown.settings == lab.defaults(shown.settings.model)
    assert json.dumps(shown.settings.to_query())
