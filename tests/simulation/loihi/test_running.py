"""The Loihi emulator against NengoLoihi's, spike for spike, on every compartment and step."""

import warnings
from dataclasses import replace

import nengo
import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from snnlab import compat
from snnlab.conversion import rate_scaling
from snnlab.data.synthetic import synthetic
from snnlab.errors import Cancelled, LabError
from snnlab.images.contrast import normalise
from snnlab.nets import model as models
from snnlab.settings import Settings
from snnlab.simulation import SIMULATORS, nengo_loihi, simulator
from snnlab.simulation.loihi import cache, limits, shapes, tiling
from snnlab.simulation.loihi import running as loihi
from snnlab.simulation.loihi.assembling import assemble
from snnlab.simulation.loihi.emulator import Emulator
from snnlab.simulation.loihi.network import crop, describe
from snnlab.simulation.loihi.reading import read
from snnlab.simulation.loihi.rounding import round_again
from snnlab.simulation.network import Population, SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire
from tests.simulation.loihi.networks import READOUT, converted, random_networks, random_unet

tiling_cut = tiling.cut


@pytest.fixture(autouse=True)
def no_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path))


def nengo_loihi_spikes(network, steps, cut=None):
    """What Nengo's own probes see in NengoLoihi's own simulator, ``(steps, neurons)`` by name."""
    layers = describe(network)
    blocks = cut or shapes.block_shapes(layers)
    image = np.asarray(network.image.output)
    made, ensembles = assemble(layers, blocks, image)
    with made:
        probes = {name: nengo.Probe(ensemble.neurons) for name, ensemble in ensembles.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with compat.nengo_loihi().Simulator(made, target="sim", seed=0) as simulator:
            simulator.run_steps(steps)
            built = read(simulator.model, layers, ensembles)
    return {name: simulator.data[probe] != 0 for name, probe in probes.items()}, built, layers


def emulated(built, layers, image, steps, threads=1):
    found = {}

    def store(_, spikes):
        bits = np.arange(steps)
        for name, words in spikes.items():
            step = words[bits // 64] >> (bits % 64).astype(np.uint64)[:, None]
            found[name] = (step & np.uint64(1)).astype(bool)

    Emulator(built, layers, threads).run([image], steps, store)
    return found


def assert_same(found, wanted):
    assert found.keys() == wanted.keys()
    for name in wanted:
        assert found[name].shape == wanted[name].shape, name
        different = found[name] != wanted[name]
        assert not different.any(), (name, different.sum(), np.argwhere(different)[:3])


def without_numbers(built):
    """The wiring of a chip: all numbers zero."""
    return tuple(
        replace(
            layer,
            links=tuple(
                replace(link, kernels=np.zeros_like(link.kernels[:1])) for link in layer.links
            ),
            variants=np.zeros_like(layer.variants),
            bias=np.zeros_like(layer.bias),
            threshold=np.zeros_like(layer.threshold),
            decay=0,
            lowest=0,
            highest=0,
        )
        if layer.links
        else layer
        for layer in built
    )


def assert_same_chip(found, wanted):
    for layer, other in zip(found, wanted, strict=True):
        assert (layer.name, layer.shape, layer.block) == (other.name, other.shape, other.block)
        assert (layer.decay, layer.lowest, layer.highest) == (
            other.decay,
            other.lowest,
            other.highest,
        )
        for name in ("variants", "bias", "threshold", "cores"):
            np.testing.assert_array_equal(getattr(layer, name), getattr(other, name))
        for link, kept in zip(layer.links, other.links, strict=True):
            assert link.source == kept.source
            np.testing.assert_array_equal(link.kernels, kept.kernels)


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(random_networks(), st.sampled_from([1, 40, 64, 70, 130]), st.integers(1, 2), st.data())
def test_spikes_are_nengo_loihis(network, steps, threads, data):
    layers = describe(network)
    cut = shapes.block_shapes(layers)
    for layer in layers:
        # smaller blocks than need be: several a layer, and not all of one size
        if layer.on_chip and data.draw(st.booleans()):
            rows, columns, depth = cut[layer.name]
            cut[layer.name] = (
                data.draw(st.integers(1, rows)),
                data.draw(st.integers(1, columns)),
                data.draw(st.integers(1, depth)),
            )
    try:
        wanted, built, layers = nengo_loihi_spikes(network, steps, cut)
    except nengo.exceptions.BuildError as error:
        # smaller targets need more output axons, perhaps more than a core has
        assert cut != shapes.block_shapes(layers), error
        reject()
    image = np.asarray(network.image.output).reshape(layers[0].shape[:2])
    assert_same(emulated(built, layers, image, steps, threads), wanted)
    assert_same_chip(round_again(without_numbers(built), layers), built)


def test_cores_that_a_connection_does_not_reach():
    """With a stride above the kernel some neurons have no input, and some cores only those."""
    with nengo.Network() as network:
        image = nengo.Node(np.full(9, 1.0))
        populations, source = [], image
        for name, kind, shape in (
            ("encoder", nengo.Convolution, (3, 3, 1)),
            ("layer", nengo.transforms.ConvolutionTranspose, (6, 6, 2)),
        ):
            transform = {"kernel_size": (1, 1), "init": np.full((1, 1, 1, shape[2]), 300.0)}
            if name == "encoder":
                transform = kind(1, (3, 3, 1), **transform)
            else:
                transform = kind(2, (3, 3, 1), shape, strides=(2, 2), padding="same", **transform)
            ensemble = nengo.Ensemble(
                int(np.prod(shape)),
                1,
                neuron_type=IntegrateAndFire("zero", 0.01, 0),
                gain=nengo.dists.Choice([1.0]),
                bias=np.full(int(np.prod(shape)), 20.0),
                encoders=nengo.dists.Choice([[1.0]]),
            )
            nengo.Connection(source, ensemble.neurons, transform=transform, synapse=None)
            populations.append(Population(name, ensemble, shape, 100.0, name != "encoder"))
            source = ensemble.neurons
    network = SpikingNetwork(network, image, tuple(populations), READOUT, None, "zero")
    wanted, built, layers = nengo_loihi_spikes(network, 70, {"layer": (1, 1, 2)})
    assert wanted["layer"].any()
    assert_same(emulated(built, layers, np.ones((3, 3)), 70), wanted)
    assert_same_chip(round_again(without_numbers(built), layers), built)


def small_network(weights, encoder_bias, tau=None, size=6):
    """An encoder and one layer with a convolution of its own weights."""
    rows, columns, inputs, outputs = weights.shape
    with nengo.Network() as network:
        image = nengo.Node(np.zeros(size * size))
        names = []
        for name, channels in (("encoder", inputs), ("layer", outputs)):
            bias = np.full(size * size * channels, encoder_bias if name == "encoder" else 3.0)
            names.append(
                nengo.Ensemble(
                    len(bias),
                    1,
                    neuron_type=IntegrateAndFire("zero", 0.01, 0),
                    bias=bias,
                    gain=nengo.dists.Choice([1.0]),
                    encoders=nengo.dists.Choice([[1.0]]),
                    label=name,
                )
            )
        encoder, layer = names
        nengo.Connection(
            image,
            encoder.neurons,
            synapse=None,
            transform=nengo.Convolution(
                inputs,
                (size, size, 1),
                kernel_size=(1, 1),
                init=np.zeros((1, 1, 1, inputs)),
            ),
        )
        nengo.Connection(
            encoder.neurons,
            layer.neurons,
            synapse=tau,
            transform=nengo.Convolution(
                outputs,
                (size, size, inputs),
                kernel_size=(rows, columns),
                padding="same",
                init=weights,
            ),
        )
    populations = (
        Population("encoder", encoder, (size, size, inputs), 100.0, False),
        Population("layer", layer, (size, size, outputs), 100.0, True),
    )
    return SpikingNetwork(network, image, populations, READOUT, tau, "zero")


@pytest.mark.filterwarnings("ignore:Lost:UserWarning")
@pytest.mark.parametrize("tau, where", [(None, "q0"), (0.004, "q0"), (0.03, "current")])
@pytest.mark.parametrize("sign", [1, -1])
def test_sums_overflow_as_on_the_chip(tau, where, sign):
    """All inputs at once are more than a synaptic sum, or a filtered current, can hold."""
    weights = sign * np.random.default_rng(0).uniform(0.9, 1, (3, 3, 64, 4))
    network = small_network(weights, 990.0, tau)
    with pytest.warns(UserWarning, match=f"Overflow in {where}"):
        layers = describe(network)
        made, ensembles = assemble(layers, shapes.block_shapes(layers), network.image.output)
        with made:
            probe = nengo.Probe(ensembles["layer"].neurons)
        with compat.nengo_loihi().Simulator(made, target="sim", seed=0) as reference:
            reference.run_steps(80)
            built = read(reference.model, layers, ensembles)
    found = emulated(built, layers, np.zeros((6, 6)), 80)["layer"]
    wanted = reference.data[probe] != 0
    assert 0 < wanted.sum() < wanted.size
    assert (found == wanted).all()


@pytest.mark.parametrize("synapse_ms", [0, 5])
def test_unet_tile_is_nengo_loihis(synapse_ms):
    network = converted(random_unet(), 32, 32, synapse_ms)
    wanted, built, layers = nengo_loihi_spikes(network, 70)
    assert all(wanted[layer.name].any() for layer in layers)
    assert max(len(layer.cores) for layer in built if layer.links) > 4
    image = np.asarray(network.image.output).reshape(32, 32)
    assert_same(emulated(built, layers, image, 70), wanted)


def test_shipped_model_is_nengo_loihis():
    if "loihi" not in models.available():
        pytest.skip("the model loihi is not shipped yet")
    model = models.load("loihi")
    image = normalise(synthetic(64, 0).image)[:32, :32]
    options = Settings(reset="zero", synapse_ms=4.0)
    network = rate_scaling.convert(model, image, options, rates_hz=model.rate_hz)
    wanted, built, layers = nengo_loihi_spikes(network, 66)
    assert sum(spikes.any() for spikes in wanted.values()) > len(layers) / 2
    assert_same(emulated(built, layers, image, 66), wanted)


def test_both_simulators_record_the_same():
    network = converted(random_unet((8, 16)), 16, 16)
    ours = simulator("loihi").run(network, 70)
    theirs = simulator("nengo-loihi").run(network, 70)
    assert (ours.simulator, theirs.simulator) == ("loihi", "nengo-loihi")
    assert [t.name for t in ours.populations] == [p.name for p in network.populations]
    for mine, reference in zip(ours.populations, theirs.populations, strict=True):
        assert mine.shape == reference.shape
        assert (mine.words == reference.words).all()
    assert ours.synaptic_events() == theirs.synaptic_events()
    assert network.probability(ours).shape == (16, 16)


def test_recording_is_what_probes_see():
    network = converted(random_unet((8, 16)), 16, 32)
    wanted, _, _ = nengo_loihi_spikes(network, 65)
    recording = loihi.run(network, 65)
    for name, spikes in wanted.items():
        found = recording[name].raster(np.arange(spikes.shape[1]))
        assert (found.astype(bool) == spikes).all(), name


def test_tiles_are_runs_of_their_own():
    """Each tile of a batch gives what its chip gives for it alone, on its place in the whole."""
    network = converted(random_unet((8, 16)), 16, 32)
    whole = loihi.run(network, 66, tile=8, threads=2)
    layers = describe(network)
    small = crop(layers, 8, 8)
    chip = loihi.built(small)
    image = np.asarray(network.image.output).reshape(16, 32)
    covered = np.zeros((16, 32), int)
    for tile in tiling.cut((16, 32), (8, 8), 2):
        piece = image[tile.top : tile.top + 8, tile.left : tile.left + 8]
        alone = emulated(chip, small, piece, 66)
        covered[slice(*tile.rows), slice(*tile.columns)] += 1
        for layer in small:
            height, width, channels = layer.shape
            factor = 8 // height
            found = whole[layer.name].raster(np.arange(whole[layer.name].neurons))
            found = found.reshape(66, 16 // factor, 32 // factor, channels)
            rows, columns = (slice(a // factor, b // factor) for a, b in (tile.rows, tile.columns))
            top, left = tile.top // factor, tile.left // factor
            mine = alone[layer.name].reshape(66, height, width, channels)
            mine = mine[:, rows.start - top : rows.stop - top, columns.start - left :][
                :, :, : columns.stop - columns.start
            ]
            assert (found[:, rows, columns] == mine).all()
    assert (covered == 1).all()


@given(
    st.integers(4, 40),
    st.integers(4, 40),
    st.sampled_from([1, 2, 4, 8]),
    st.sampled_from([16, 32, 64]),
)
def test_tiles_cover_an_image_once(height, width, multiple, side):
    shape = height * multiple, width * multiple
    size = tiling.tile_shape(shape, side, multiple)
    covered = np.zeros(shape, int)
    for tile in tiling.cut(shape, size, multiple):
        covered[slice(*tile.rows), slice(*tile.columns)] += 1
        for start, whole, kept, length in zip(
            (tile.top, tile.left), shape, (tile.rows, tile.columns), size, strict=True
        ):
            assert start % multiple == kept[0] % multiple == 0
            assert 0 <= start <= kept[0] < kept[1] <= start + length <= whole
            # at a cut there is something around what is kept
            assert kept[0] == 0 or kept[0] >= start + multiple
            assert kept[1] == whole or kept[1] <= start + length - multiple
    assert (covered == 1).all()


def test_larger_tiles_are_simulators_of_their_own(monkeypatch):
    """Their chips are cut without NengoLoihi, into tiles of the size in the name."""
    network = converted(random_unet((4, 4)), 144, 80)
    monkeypatch.setattr(loihi.building, "build", None)
    cut = []
    monkeypatch.setattr(
        loihi.tiling, "cut", lambda *shapes: cut.append(shapes) or tiling_cut(*shapes)
    )
    ours = simulator("loihi-128").run(network, 12)
    assert ours.simulator == "loihi-128" and ours.spikes() > 0
    assert cut == [((144, 80), (128, 80), 2)]
    uncut = simulator("loihi-256").run(network, 12)
    assert cut[1:] == [((144, 80), (144, 80), 2)]
    # the same but at what is cut
    first, last = (run["encoder"].counts() for run in (ours, uncut))
    assert (first == last).all() and first.shape[:2] == (144, 80)
    names = {entry.name: entry.tile for entry in SIMULATORS if entry.tile}
    assert names == {"loihi": loihi.TILE, "loihi-128": 128, "loihi-256": 256}


def test_threads_do_not_matter():
    network = converted(random_unet((8, 16)), 32, 32)
    one, two = (loihi.run(network, 20, threads=threads) for threads in (1, 2))
    for mine, other in zip(one.populations, two.populations, strict=True):
        assert (mine.words == other.words).all()


def test_utilisation_is_nengo_loihis():
    """Every core takes what was computed before it was built, and is within its limits."""
    network = converted(random_unet((8, 16, 32)), 32, 32)
    _, built, layers = nengo_loihi_spikes(network, 1)
    cut = shapes.block_shapes(layers)
    for layer, chip in zip(layers, built, strict=True):
        if not layer.on_chip:
            continue
        out = sum(
            limits.out_axons(link.operator, cut[layer.name], cut[other.name])
            for other in layers
            for link in other.links
            if link.source == layer.name
        )
        axons = sum(limits.in_axons(link.operator, cut[layer.name]) for link in layer.links)
        bits = sum(limits.synapse_bits(link.operator, cut[layer.name]) for link in layer.links)
        assert chip.block == cut[layer.name]
        assert chip.cores[:, 0].max() == np.prod(cut[layer.name]) <= limits.COMPARTMENTS
        deep = layer.shape[2] // chip.block[2]
        for column, used in ((1, axons), (2, out), (3, bits)):
            wanted = np.repeat(np.ravel(used), deep) if np.ndim(used) else 0
            assert (chip.cores[:, column] == wanted).all(), (layer.name, column)


def test_chip_is_kept_on_disk(monkeypatch):
    network = converted(random_unet((8, 16)), 16, 16)
    layers = describe(network)
    first = loihi.built(layers)
    monkeypatch.setattr(loihi.building, "build", None)
    again = loihi.built(layers)
    assert_same_chip(again, first)
    assert_same(
        emulated(again, layers, np.asarray(network.image.output).reshape(16, 16), 30),
        emulated(first, layers, np.asarray(network.image.output).reshape(16, 16), 30),
    )


def test_damaged_file_is_built_anew():
    layers = describe(converted(random_unet((4, 4)), 8, 8))
    loihi.built(layers)
    paths = list(cache.folder().glob("*.npz"))
    for path in paths:
        path.write_bytes(path.read_bytes()[:200])
    assert loihi.built(layers)[1].links
    assert all(path.stat().st_size > 200 for path in paths)


def test_other_weights_on_the_same_wiring(monkeypatch):
    """Other weights, biases and rates are rounded without building, as if they had been built."""
    loihi.built(describe(converted(random_unet(), 32, 32)))
    layers = describe(converted(random_unet(seed=1), 32, 32))
    wanted = loihi.built(layers, keep=False)
    monkeypatch.setattr(loihi.building, "build", None)
    assert_same_chip(loihi.built(layers), wanted)
    assert_same_chip(loihi.built(layers), wanted)


def test_cancel():
    network = converted(random_unet((4, 4)), 32, 32)
    loihi.run(network, 1, tile=8)
    asked = []

    def cancel():
        asked.append(1)
        return len(asked) > 1

    with pytest.raises(Cancelled):
        loihi.run(network, 1000, tile=8, cancel=cancel)


@pytest.mark.parametrize("name", ["loihi", "nengo-loihi"])
def test_mistakes_are_named(name):
    assert name in [entry.name for entry in SIMULATORS]
    model = random_unet((4, 4))
    network = converted(model, 8, 8)
    with pytest.raises(LabError, match="1 or more"):
        simulator(name).run(network, 0)
    with network.network:
        twice = network.network.all_connections[-1]
        nengo.Connection(twice.pre, twice.post, transform=twice.transform, synapse=None)
    with pytest.raises(LabError, match="one connection"):
        simulator(name).run(network, 4)
    network.populations[1].ensemble.neuron_type = IntegrateAndFire("subtraction")
    network.network.connections.pop()
    with pytest.raises(LabError, match="reset to zero"):
        simulator(name).run(network, 4)


def test_nengo_loihi_refuses_large_images():
    with pytest.raises(LabError, match="choose loihi"):
        nengo_loihi.run(converted(random_unet((4, 4)), 80, 16), 4)
