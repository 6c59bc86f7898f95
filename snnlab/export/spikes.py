"""Spikes to take away: all of them bit-packed, or a list of events.

The ``.npz`` holds, for each layer in order, ``<layer>/words`` (uint64
``(ceil(timesteps / 64), neurons)``: bit ``t % 64`` of word ``t // 64`` is set
where the neuron spiked in step ``t``, counted from 0), ``<layer>/shape``
(height, width, channels; the neuron's index is row-major) and
``<layer>/extra`` (neuron, step, further spikes in that step), and ``about``,
JSON with settings, steps and layers. NumPy alone reads it; so does `read`.
"""

import io
import json
from dataclasses import asdict

import numpy as np

from snnlab.export import tables
from snnlab.results.segmentation import Segmentation
from snnlab.simulation.recording import Recording, SpikeTrains

EVENTS = 1_000_000  # rows of a list: what a spreadsheet still opens
COLUMNS = ("layer", "neuron", "row", "column", "channel", "time_ms", "spikes")


def npz(result: Segmentation) -> bytes:
    """Every recorded spike, bit-packed and compressed."""
    recording = result.recording
    about = {
        "settings": asdict(result.settings),
        "simulator": recording.simulator,
        "timesteps": recording.timesteps,
        "dt": recording.dt,
        "region": result.region,
        "layers": [trains.name for trains in recording.populations],
        "rate_hz": {layer.name: layer.rate_hz for layer in result.layers},
    }
    arrays = {"about": np.array(json.dumps(about))}
    for trains in recording.populations:
        arrays[f"{trains.name}/words"] = trains.words
        arrays[f"{trains.name}/shape"] = np.array(trains.shape)
        arrays[f"{trains.name}/extra"] = trains.extra
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def read(data: bytes) -> Recording:
    """Read what `npz` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as stored:
        about = json.loads(str(stored["about"]))
        trains = tuple(
            SpikeTrains(
                name,
                tuple(int(side) for side in stored[f"{name}/shape"]),
                stored[f"{name}/words"],
                about["timesteps"],
                about["dt"],
                stored[f"{name}/extra"],
            )
            for name in about["layers"]
        )
    return Recording(trains, about["simulator"], about["timesteps"], 0.0, about["dt"])


def listed(trains: SpikeTrains, limit: int = EVENTS, seed: int = 0) -> np.ndarray:
    """Neurons whose spikes make up a list of at most ``limit`` events.

    Returns
    -------
    numpy.ndarray
        Sorted indices: all neurons of the layer if they fit, or else as many as
        do, drawn at random. Each neuron's spikes are complete.
    """
    counts = trains.counts().ravel()
    if counts.sum(dtype=np.int64) <= limit:
        return np.arange(trains.neurons)
    order = np.random.default_rng(seed).permutation(trains.neurons)
    fit = int(np.searchsorted(np.cumsum(counts[order], dtype=np.int64), limit, side="right"))
    return np.sort(order[:fit])


def events_csv(trains: SpikeTrains, neurons: np.ndarray) -> bytes:
    """A line for each step in which a neuron spiked, in the order of time.

    Parameters
    ----------
    trains : SpikeTrains
    neurons : numpy.ndarray
        Sorted indices, as of `listed`.

    Returns
    -------
    bytes
        CSV with `COLUMNS`: the layer's name; the neuron's index, row, column
        and channel; the end of the step in ms; how many spikes it sent in it.
    """
    import pyarrow as arrow
    from pyarrow import csv

    words, found = trains.words[:, neurons], []
    for step in range(trains.timesteps):
        bit = np.uint64(1 << (step % 64))
        spiking = np.flatnonzero(words[step // 64] & bit)
        found.append(np.stack([np.full(len(spiking), step), neurons[spiking]], axis=1))
    step, neuron = np.concatenate(found).T if found else np.zeros((2, 0), np.int64)
    row, column, channel = np.unravel_index(neuron, trains.shape)
    spikes = np.ones(len(neuron), np.int64)
    if trains.together:
        spikes = trains.raster(neurons)[step, np.searchsorted(neurons, neuron)].astype(np.int64)
    if len(trains.extra):
        more = {(int(n), int(t)): int(count) for n, t, count in trains.extra}
        spikes += [more.get((int(n), int(t)), 0) for n, t in zip(neuron, step, strict=True)]
    time = (step + 1) * trains.dt * 1000
    columns = (neuron, row, column, channel, time, spikes)
    called = [tables.harmless(trains.name)]
    name = arrow.DictionaryArray.from_arrays(np.zeros(len(neuron), np.int8), called)
    table = arrow.table([name, *map(arrow.array, columns)], names=COLUMNS)
    file = io.BytesIO()
    csv.write_csv(table, file, csv.WriteOptions(quoting_style="needed"))
    return file.getvalue()
