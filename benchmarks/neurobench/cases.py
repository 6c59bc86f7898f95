"""Nets with spikes that the lab and NeuroBench both count, and the file in which one goes across.

`MADE` are small nets of random weights with random spikes: nothing is simulated, so that they are
the same on every machine, and tests/energy/test_neurobench.py counts them too. `RUNS` are runs of
the lab.
"""

import json
from dataclasses import asdict, dataclass
from types import SimpleNamespace

import numpy as np

from snnlab import conversion
from snnlab.conversion.building import POOLED
from snnlab.energy import neurobench
from snnlab.lab import segmenting
from snnlab.nets.architecture import IMAGE, multiple, shapes, wires
from snnlab.nets.model import Model
from snnlab.nets.pooled import pooled
from snnlab.settings import Settings
from snnlab.simulation.event import run
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire
from snnlab.simulation.packing import pack
from snnlab.simulation.recording import Recording, SpikeTrains
from tests import small_models

STEPS = 70  # more than a word of bits
SIDE = 64  # of the runs, pixels
SIZES = (2.0, 1.0, 0.5)


@dataclass(frozen=True)
class Case:
    """A net with a run of it.

    Attributes
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``.
    recording : Recording
    network : SpikingNetwork or None
        Whose spikes it is; None if they were made up.
    """

    model: Model
    image: np.ndarray
    recording: Recording
    network: SpikingNetwork | None = None

    def metrics(self) -> neurobench.Metrics:
        """By the lab."""
        populations = self.recording.populations
        result = SimpleNamespace(
            image=self.image,
            recording=self.recording,
            timesteps=self.recording.timesteps,
            layers=[
                SimpleNamespace(name=one.name, neurons=one.neurons, spikes=one.total())
                for one in populations
            ],
        )
        return neurobench.metrics(result, self.model)


# ---- made up ------------------------------------------------------------------


def made(name: str) -> Case:
    """One of `MADE`."""
    random = np.random.default_rng(MADE.index(name))
    binary = name == "black and white"
    model = small_models.untuned(3, layout=pooled) if name == "gates" else small_models.untuned(3)
    # zeros at some taps and not at others, which a kernel the wrong way round would show
    for levels in model.levels.values():
        levels[random.random(levels.shape) < 0.3] = 0
    height, width = (multiple(model.layers) * n for n in (3, 5))
    image = random.random((height, width), np.float32)
    image = np.where(random.random(image.shape) < 0.2, 0, np.rint(image) if binary else image)
    shape_of = shapes(model.layers, height, width)
    trains = []
    if name == "spikes for pixels":
        trains.append(_trains(IMAGE, (height, width, 1), random, ""))
    for layer in model.populations():
        for wire in wires(layer, model.layers):
            tall, wide, channels = shape_of[layer.name]
            if wire.pool > 1:
                shape = (tall, wide, shape_of[wire.source][2])
                trains.append(_trains(f"{POOLED}{layer.name}", shape, random, name))
            elif name == "relays" and wire.kind == "conv" and layer.kind == "up":
                relay = f"{wire.source}-to-{layer.name}"
                trains.append(_trains(relay, shape_of[wire.source], random, name))
        trains.append(_trains(layer.name, shape_of[layer.name], random, name))
    return Case(model, image.astype(np.float32), Recording(tuple(trains), "made up", STEPS, 0.0))


MADE = (
    "plain", "black and white", "spikes for pixels", "gates", "relays", "sizes",
    "several sizes at once", "several spikes per step",
)  # fmt: skip


def _trains(name: str, shape, random, kind: str) -> SpikeTrains:
    neurons = int(np.prod(shape))
    # some rows and channels fire more than others, and some steps are silent
    likely = np.broadcast_to(random.random((1, *shape)), (STEPS, *shape)) * 0.5
    spikes = (random.random(likely.shape) < likely).reshape(STEPS, neurons)
    if "sizes" not in kind:
        several = spikes * 1
        if kind == "several spikes per step":
            several[40:42] *= random.integers(1, 4, (2, neurons))
        words, extra = pack(several)
        return SpikeTrains(name, tuple(shape), words, STEPS, extra=extra)
    together = "at once" in kind
    drawn = [random.random(spikes.shape) < 0.4 for _ in SIZES]
    if not together:
        first = np.cumsum(drawn, 0) == 1
        drawn = [one & is_first for one, is_first in zip(drawn, first, strict=True)]
    for index, size in enumerate(SIZES):
        if size != 1:
            drawn[index][::3] = False  # every third step has spikes of 1 alone
    planes = np.stack([pack((one & spikes) * 1)[0] for one in drawn])
    return SpikeTrains.graded(name, tuple(shape), planes, STEPS, 0.001, SIZES, together=together)


# ---- runs ----------------------------------------------------------------------


RUNS = (
    Settings(model="regularised"),
    Settings(model="regularised", reset="zero"),
    Settings(model="relu", method="data-normalisation", input="poisson"),
    Settings(model="pooled", method="data-normalisation"),
    Settings(model="pooled", method="spiking-softmax"),
    Settings(model="qcfs", method="qcfs", timesteps=8),
    Settings(model="surrogate", method="surrogate", timesteps=8),
    Settings(model="relu", method="multi-threshold", timesteps=16),
    Settings(model="relu", method="spiking-unet", timesteps=16),
    Settings(model="relu", method="bistable", timesteps=60),
)


def ran(settings: Settings) -> Case:
    """A run of a shipped model, for the top left of the sample image."""
    model = segmenting.model(settings.model)
    image = segmenting.sample(0).normalised[:SIDE, :SIDE]
    network = conversion.method(settings.method).convert(model, image, settings)
    return Case(model, image, run(network, settings.timesteps, settings.seed), network)


# ---- across --------------------------------------------------------------------


def written(case: Case, path) -> None:
    """What `count.py` reads."""
    trains = {one.name: one for one in case.recording.populations}
    arrays, layers = {}, []
    rates, amplitudes = _scales(case)
    for layer in case.model.layers:
        found = []
        rate = rates.get(layer.name, 1.0)
        for number, wire in enumerate(wires(layer, case.model.layers)):
            source = f"{wire.source}-to-{layer.name}"
            source = source if source in trains else wire.source
            source = f"{POOLED}{layer.name}" if wire.pool > 1 else source
            found.append({"source": source} | asdict(wire))
            found[-1]["source"] = source
            levels = case.model.levels[layer.name][:, :, wire.first : wire.last].astype(float)
            step = float(np.float32(case.model.steps[layer.name])) * rate
            arrays[f"weight/{layer.name}/{number}"] = levels * step * amplitudes.get(source, 1.0)
        bias = case.model.biases[layer.name].astype(float) * rate
        arrays[f"bias/{layer.name}"] = bias * amplitudes.get(IMAGE, 1.0)
        layers.append({"name": layer.name, "wires": found})
    rules = _rules(case)
    populations = []
    for name, one in trains.items():
        values = one.values(np.arange(one.neurons)).reshape(one.timesteps, *one.shape)
        if name == IMAGE:
            shown = values
            continue
        arrays[f"spikes/{name}"] = values.astype(np.float32)
        populations.append({"name": name, "rule": rules.get(name)})
    if IMAGE not in trains:
        shown = np.repeat(case.image[None, :, :, None], case.recording.timesteps, 0)
    about = json.dumps({"layers": layers, "populations": populations})
    np.savez(path, about=np.array(about), shown=np.moveaxis(shown, 3, 1), **arrays)


def _scales(case: Case) -> tuple[dict[str, float], dict[str, float]]:
    """Rate of each layer, and what a spike of each population counts, in thresholds."""
    if case.network is None:
        return {}, {}
    populations = {one.name: one for one in case.network.populations}
    rates = {name: one.rate_hz for name, one in populations.items()}
    counts = {name: one.ensemble.neuron_type.amplitude for name, one in populations.items()}
    return rates, {IMAGE: 0.001} | counts


def _rules(case: Case) -> dict[str, dict]:
    """Of neurons that integrate and fire, driven by spikes that nothing filters."""
    if case.network is None or case.network.synapse is not None:
        return {}
    names, found = {layer.name for layer in case.model.layers}, {}
    for one in case.network.populations:
        neuron = one.ensemble.neuron_type
        if type(neuron) is IntegrateAndFire and one.name in names:
            start = neuron.initial_state["voltage"] if neuron.initial_state else None
            initial = float(np.ravel(start.sample(1))[0]) if start is not None else 0.5
            found[one.name] = {"reset": neuron.reset, "lower": neuron.lower, "initial": initial}
    return found
