"""What a search costs: counts of a run, and joules by published constants."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from snnlab.conversion.graphs.network import GraphNetwork
from snnlab.energy.devices import device, devices
from snnlab.energy.estimate import estimate
from snnlab.energy.graphs import work
from snnlab.energy.work import Work
from snnlab.nets.detector.model import Detector
from snnlab.simulation.recording import Recording

# that make no difference between a neuron's updates, and need no map of cores; see `energy.graphs`
DEVICES = ("cpu-online", "gpu-online", "ann-45nm-int", "loihi-keras", "spinnaker2", "snn-45nm-int")


@dataclass(frozen=True)
class Counted:
    """What the spiking network did for a part of an image.

    Attributes
    ----------
    shape : tuple of int
        Of what it was given.
    timesteps : int
    neurons, spikes, events : dict of str to int
        By population; events are the synapses that its spikes reached.
    """

    shape: tuple[int, int]
    timesteps: int
    neurons: dict[str, int]
    spikes: dict[str, int]
    events: dict[str, float]


def counted(network: GraphNetwork, recording: Recording) -> Counted:
    """Count a run."""
    names = [one.name for one in network.populations]
    events = dict.fromkeys(names, 0.0)
    for (source, _), reached in (recording.synaptic_events() if recording.synapses else {}).items():
        events[source] += reached
    return Counted(
        network.graph.image_shape[:2],
        recording.timesteps,
        {one.name: int(np.prod(one.shape)) for one in network.populations},
        {name: recording[name].total() for name in names},
        events,
    )


def work_of(net: Detector, counts: Sequence[Counted]) -> Work:
    """What ANN and SNN do for an image, whose parts are looked at one after the other.

    Multiply-accumulates are counted by a forward pass of ones, which takes a moment.
    """
    works = [
        work(net.graph(*one.shape), one.neurons, one.spikes.values(), one.events.values(),
             one.timesteps)
        for one in counts
    ]  # fmt: skip
    whole, *more = works
    for one in more:
        layers = tuple(
            replace(
                a,
                **{
                    name: getattr(a, name) + getattr(b, name)
                    for name in ("neurons", "macs", "spikes", "events", "active", "messages")
                },
            )
            for a, b in zip(whole.layers, one.layers, strict=True)
        )
        whole = replace(
            whole, pixels=whole.pixels + one.pixels, layers=layers,
            readout_macs=whole.readout_macs + one.readout_macs,
        )  # fmt: skip
    return whole


def energy(done: Work) -> list[dict]:
    """Joules an image by device, as plain numbers, with the sources of the constants."""
    every, found = devices(), []
    for name in DEVICES:
        made = estimate(device(name, every), done)
        low, joules, high = made.band
        network = "SNN" if made.device.network == "snn" else "ANN"
        found.append(
            {"device": name, "title": made.device.title, "network": network,
             "joules_per_image": joules, "low": low, "high": high,
             "source": "; ".join(made.sources)}
        )  # fmt: skip
    return found
