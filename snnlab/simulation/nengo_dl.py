"""NengoDL: the network as a TensorFlow graph, float32, every synapse in every step."""

import time
from functools import cache

import numpy as np

from snnlab import compat
from snnlab.errors import Cancelled, LabError
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire
from snnlab.simulation.packing import Collector
from snnlab.simulation.recording import Recording

CHUNK = 8  # steps a call: between calls a run can be cancelled


@cache
def _register_neuron() -> None:
    """Give NengoDL a TensorFlow version of `IntegrateAndFire`.

    Without it NengoDL would call the NumPy step function out of its graph.
    """
    builders = compat.nengo_dl().neuron_builders
    tf = compat.tensorflow()

    class IntegrateAndFireBuilder(builders.TFNeuronBuilder):
        """Build a group of `IntegrateAndFire` neuron operators."""

        spiking = True

        def build_pre(self, signals, config):
            super().build_pre(signals, config)
            neurons = [op.neurons for op in self.ops]
            sizes = [op.J.shape[0] for op in self.ops]
            self.lower = signals.op_constant(neurons, sizes, "lower", signals.dtype)
            subtract = np.concatenate(
                [
                    np.full(size, type_.reset == "subtraction")
                    for type_, size in zip(neurons, sizes, strict=True)
                ]
            )
            self.subtract = tf.constant(subtract)

        def step(self, J, dt, voltage):
            voltage = tf.maximum(voltage + J * dt, self.lower)
            spiked = voltage >= 1
            after = tf.where(self.subtract, voltage - 1, tf.zeros_like(voltage))
            return tf.cast(spiked, voltage.dtype) * self.alpha, tf.where(spiked, after, voltage)

        def training_step(self, J, dt, **state):
            out = tf.nn.relu(J)
            return out if self.amplitude is None else out * self.amplitude

    builders.SimNeuronsBuilder.TF_NEURON_IMPL[IntegrateAndFire] = IntegrateAndFireBuilder


def run(
    network: SpikingNetwork, timesteps: int, seed: int = 0, progress=None, cancel=None
) -> Recording:
    """Simulate and keep the spikes of every population.

    As `snnlab.simulation.nengo_reference.run`; the last chunk of steps may run
    past ``timesteps``, what it adds is dropped.

    Raises
    ------
    LabError
        If ``timesteps`` is below 1.
    Cancelled
    """
    if timesteps < 1:
        raise LabError("the number of timesteps must be 1 or more.")
    import nengo

    _register_neuron()
    nengo_dl = compat.nengo_dl()
    with network.network as net:
        nengo_dl.configure_settings(
            keep_history=True, stateful=True, inference_only=True, trainable=False
        )
        known = {probe.target: probe for probe in net.all_probes}
        probes = {}
        for population in network.populations:
            target = population.ensemble.neurons
            probes[population.name] = known.get(target) or nengo.Probe(target, synapse=None)
    size = min(CHUNK, timesteps)
    with nengo_dl.Simulator(net, seed=seed, progress_bar=False) as simulator:
        dt = simulator.dt
        collectors = {p.name: Collector(p, timesteps, dt) for p in network.populations}
        begun = time.perf_counter()
        for first in range(0, timesteps, size):
            if cancel and cancel():
                raise Cancelled
            simulator.run_steps(size, progress_bar=False)
            for population in network.populations:
                spikes = simulator.data[probes[population.name]][-size:]
                for step in range(min(size, timesteps - first)):
                    collectors[population.name].add(spikes[step])
            for probe in probes.values():  # what was packed need not be kept
                simulator.model.params[probe].clear()
            if progress:
                done = min(first + size, timesteps)
                progress(done / timesteps, f"nengo-dl: step {done} of {timesteps}")
        seconds = time.perf_counter() - begun
    trains = tuple(collector.trains() for collector in collectors.values())
    return Recording(trains, "nengo-dl", timesteps, seconds, dt)
