"""Spikes between cores, counted from recorded spike trains.

A spike is sent once to each core in which it reaches a neuron, however many
(Davies et al. 2018: an axon is a destination core and an axon there). Spikes
are counted by group: all neurons of a block that reach the same blocks.
Spike trains stay packed: a kernel walks the set bits of each word.
"""

import numpy as np
from scipy import sparse

from snnlab.chips.board import Edges, Traffic
from snnlab.chips.compiled import inner, kernel
from snnlab.chips.wiring import Cut
from snnlab.errors import LabError
from snnlab.simulation.recording import WORD, Recording, SpikeTrains


def measure(cut: Cut, recording: Recording) -> Traffic:
    """Count the spikes that the cores send each other.

    Parameters
    ----------
    cut : Cut
    recording : Recording
        Of the same layers.

    Raises
    ------
    LabError
        If the recording is not of these layers.
    """
    cores, steps = cut.cores, recording.timesteps
    reach = _reach(cut)
    parts: dict[bool, list] = {True: [], False: []}
    spiked = np.zeros((cores, steps), np.int32)
    events = np.zeros((cores, steps), np.int64)
    to_host = np.zeros(cores, np.int64)
    for layer in cut.layers:
        trains = recording[layer.name]
        if trains.shape != layer.shape:
            raise LabError("the recording is of another image size than the network's tile.")
        if layer.on_chip:
            block_of = cut.block_of(layer)
            spiked += by_group(trains, block_of.ravel(), cores)
        else:
            block_of = np.full((np.prod(layer.shape[:2]), layer.shape[2]), -1, np.int32)
        if layer.name not in reach:
            # nothing on the chip listens: the host reads it
            if layer.on_chip:
                to_host += np.bincount(block_of.ravel(), trains.counts().ravel(), cores).astype(
                    np.int64
                )
            continue
        pixels = by_group(
            trains, np.repeat(np.arange(len(block_of)), layer.shape[2]), len(block_of)
        )
        events += reach[layer.name].T @ pixels.astype(np.int64)
        parts[layer.on_chip].append(_groups(block_of, reach[layer.name], trains))
    edges, times = _joined(parts[True], steps)
    host_edges, host_times = _joined(parts[False], steps)
    pins, away = incidence(edges, cores), incidence(edges, cores, own=False)
    owner = _owner(edges, cores)
    fan = np.asarray(away.sum(axis=1)).ravel()
    weights = sparse.diags_array(edges.spikes, dtype=np.int64)
    return Traffic(
        sparse.csr_array(owner @ weights @ pins.astype(np.int64)),
        edges,
        host_edges,
        spiked,
        (owner @ (times * fan[:, None])).astype(np.int32),
        (away.T @ times).astype(np.int32),
        (incidence(host_edges, cores).T @ host_times).astype(np.int32),
        to_host,
        events,
    )


def incidence(edges: Edges, cores: int, own: bool = True) -> sparse.csr_array:
    """Which edges reach which blocks; int32 ``(edges, cores)`` of ones.

    Parameters
    ----------
    own : bool
        False to leave out the block from which an edge comes.
    """
    found = sparse.csr_array(
        (np.ones(len(edges.targets), np.int32), edges.targets, edges.first),
        shape=(len(edges), cores),
    )
    if own:
        return found
    source = np.repeat(edges.source, np.diff(edges.first))
    found.data = (edges.targets != source).astype(np.int32)
    found.eliminate_zeros()
    return found


def _owner(edges: Edges, cores: int) -> sparse.csr_array:
    """Of which block each edge is; int64 ``(cores, edges)`` of ones."""
    number = np.arange(len(edges))
    ones = np.ones(len(edges), np.int64)
    return sparse.csr_array(
        sparse.coo_array((ones, (edges.source, number)), shape=(cores, len(edges)))
    )


def _reach(cut: Cut) -> dict[str, sparse.csr_array]:
    """Neurons of each core that each pixel of a layer reaches, over all its connections."""
    found: dict[str, sparse.csr_array] = {}
    for source, _, reach in cut.links:
        found[source] = found[source] + reach if source in found else reach
    return {name: sparse.csr_array(reach) for name, reach in found.items()}


def _groups(block_of: np.ndarray, reach: sparse.csr_array, trains: SpikeTrains):
    """Hyperedges of one layer.

    Parameters
    ----------
    block_of : numpy.ndarray
        ``(pixels, channels)``.
    reach : scipy.sparse.csr_array
        ``(pixels, cores)``.

    Returns
    -------
    source : numpy.ndarray
        ``(edges,)``.
    targets : scipy.sparse.csr_array
        ``(edges, cores)``.
    times : numpy.ndarray
        int32 ``(edges, timesteps)``.
    """
    reach.sort_indices()
    # a set of blocks is named by a sum of random numbers: two of 10^5 sets are
    # taken for one with a probability below 10^-9
    names = np.random.default_rng(0).integers(0, 2**64, reach.shape[1], np.uint64, endpoint=False)
    sums = np.concatenate([[np.uint64(0)], np.cumsum(names[reach.indices], dtype=np.uint64)])
    name = sums[reach.indptr[1:]] - sums[reach.indptr[:-1]]
    _, pixel, sets = np.unique(name, return_index=True, return_inverse=True)
    keys = (block_of + np.int64(1)) * len(pixel) + sets[:, None]
    found, group = np.unique(keys.ravel(), return_inverse=True)
    times = by_group(trains, group, len(found))
    source, number = found // len(pixel) - 1, pixel[found % len(pixel)]
    targets = sparse.csr_array(reach[number])
    heard = np.diff(targets.indptr) > 0
    return source[heard].astype(np.int32), sparse.csr_array(targets[heard]), times[heard]


def _joined(parts: list, steps: int) -> tuple[Edges, np.ndarray]:
    if not parts:
        none = np.zeros(0, np.int32)
        empty = Edges(none, np.zeros(1, np.int64), none, np.zeros(0, np.int64))
        return empty, np.zeros((0, steps), np.int32)
    source = np.concatenate([part[0] for part in parts])
    targets = sparse.vstack([part[1] for part in parts], format="csr")
    times = np.concatenate([part[2] for part in parts])
    edges = Edges(
        source,
        targets.indptr.astype(np.int64),
        targets.indices.astype(np.int32),
        times.sum(axis=1, dtype=np.int64),
    )
    return edges, times


def by_group(trains: SpikeTrains, group: np.ndarray, groups: int) -> np.ndarray:
    """Spikes of groups of neurons in every step.

    Parameters
    ----------
    trains : SpikeTrains
    group : numpy.ndarray
        Integer ``(neurons,)``: 0 to ``groups - 1``.

    Returns
    -------
    numpy.ndarray
        int32 ``(groups, timesteps)``.
    """
    found = np.zeros((groups, trains.timesteps), np.int32)
    _walk(trains.words, np.ascontiguousarray(group, np.int64), found)
    if len(trains.extra):
        np.add.at(found, (group[trains.extra[:, 0]], trains.extra[:, 1]), trains.extra[:, 2])
    return found


@kernel
def _walk(words, group, found):
    for chunk in range(words.shape[0]):
        first = chunk * WORD
        for neuron in range(words.shape[1]):
            word = words[chunk, neuron]
            row = found[group[neuron]]
            while word != 0:
                low = word & (~word + np.uint64(1))
                row[first + _place(low)] += 1
                word ^= low


@inner
def _place(bit):
    """Number of the only bit that is set."""
    place = 0
    for half in (32, 16, 8, 4, 2, 1):
        if bit >> np.uint64(half):
            bit >>= np.uint64(half)
            place += half
    return place
