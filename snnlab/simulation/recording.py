"""What a simulation leaves behind: spike trains, bit-packed, and their sums.

Bit ``t % 64`` of word ``t // 64`` of a neuron is set where the neuron spiked
in step ``t``. Counts, rates and events are asked of the words directly; a
train is unpacked only for the few neurons that a raster shows.

A neuron that sends more than one spike in a step (Nengo's
``SpikingRectifiedLinear`` may; Loihi's neurons never do) has the bit set once
and the further spikes listed in ``extra``. A neuron whose spikes are of
several sizes (graded spikes) has a word of each size beside those that say
when it spiked at all.

A formula that gives counts and no times (`closed_form`) leaves trains that are not
``timed``: as many bits are set as there are spikes, the first ones, and whoever asks when
they came is told that nobody knows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from snnlab.errors import LabError
from snnlab.simulation.away import LET_GO, Away

WORD = 64
NO_TIMES = (
    "the closed form gives how many spikes there are, not when; choose another simulator, such as"
    " event, to see them in time."
)
NO_EXTRA = np.zeros((0, 3), np.int64)
_NO_PLANES = np.zeros((0, 0, 0), np.uint64)


@dataclass(frozen=True)
class SpikeTrains:
    """Spike trains of one population.

    Attributes
    ----------
    name : str
    shape : tuple of int
        ``(height, width, channels)``; neuron index is row-major, channels last.
    words : numpy.ndarray
        uint64, ``(ceil(timesteps / 64), height * width * channels)``.
    timesteps : int
    dt : float
        Seconds a step.
    extra : numpy.ndarray
        int64, ``(n, 3)``: neuron, step, spikes beyond the first in that step.
    sizes : tuple of float
        What a spike counts in sums and rates, if there are several sizes.
    planes : numpy.ndarray
        uint64, ``(sizes, ceil(timesteps / 64), neurons)``: the spikes of each size.
    first : int
        Step from which rates are measured: before it the population only listens.
    cycle : int
        Rates are measured over a multiple of so many steps, counted from ``first``.
    timed : bool
        Whether bits say when; if not, they only count.
    together : bool
        Whether a neuron may send spikes of several sizes in one step; each is counted.
    """

    name: str
    shape: tuple[int, int, int]
    words: np.ndarray
    timesteps: int
    dt: float = 0.001
    extra: np.ndarray = field(default_factory=lambda: NO_EXTRA)
    sizes: tuple[float, ...] = ()
    planes: np.ndarray = field(default_factory=lambda: _NO_PLANES)
    first: int = 0
    cycle: int = 1
    timed: bool = True
    together: bool = False

    @classmethod
    def counted(cls, name, shape, counts, timesteps, dt) -> "SpikeTrains":
        """Spikes of which only the number is known.

        Parameters
        ----------
        counts : numpy.ndarray
            Whole numbers 0..``timesteps``, one a neuron.
        """
        counts, words = np.ravel(counts).astype(np.int64), []
        for first in range(0, timesteps, WORD):
            bits = np.clip(counts - first, 0, WORD).astype(np.uint64)
            below = (np.uint64(1) << np.minimum(bits, np.uint64(63))) - np.uint64(1)
            words.append(np.where(bits == WORD, ~np.uint64(0), below))
        return cls(name, shape, np.stack(words), timesteps, dt, timed=False)

    @classmethod
    def graded(cls, name, shape, planes, timesteps, dt, sizes, **more) -> "SpikeTrains":
        """Trains of graded spikes, from the words of each size."""
        words = np.bitwise_or.reduce(planes, axis=0)
        return cls(name, shape, words, timesteps, dt, sizes=tuple(sizes), planes=planes, **more)

    def window(self, start: int = 0, stop: int | None = None) -> tuple[int, int]:
        """The steps of ``start <= t < stop`` over which a rate means something.

        Whole cycles from ``first`` on; none, if ``stop`` is before the end of the first.
        All steps, if the spikes have no times.
        """
        if not self.timed:
            return 0, self.timesteps
        stop = self.timesteps if stop is None else min(stop, self.timesteps)
        start, first, cycle = max(start, self.first), self.first, self.cycle
        stop = first + (stop - first) // cycle * cycle
        # a window that begins within a cycle begins with it
        return min(first + (start - first) // cycle * cycle, stop), stop

    @property
    def marks(self) -> np.ndarray:
        """Words in which each spike is a bit: uint64 ``(n, neurons)``; `extra` comes on top."""
        return self.planes.reshape(-1, self.neurons) if self.together else self.words

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return self.words.shape[1]

    def counts(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Spikes of each neuron in steps ``start <= t < stop``.

        Returns
        -------
        numpy.ndarray
            uint16, ``(height, width, channels)``.

        Raises
        ------
        LabError
            If only a part is wanted of spikes that have no times.
        """
        stop = self.timesteps if stop is None else min(stop, self.timesteps)
        if not self.timed and (start, stop) != (0, self.timesteps):
            raise LabError(NO_TIMES)
        parts = self.planes if self.together else (self.words,)
        total = sum(_bits(words, start, stop) for words in parts)
        if len(self.extra):
            inside = (self.extra[:, 1] >= start) & (self.extra[:, 1] < stop)
            np.add.at(total, self.extra[inside, 0], self.extra[inside, 2].astype(np.uint16))
        return total.reshape(self.shape)

    def rates_hz(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Firing rate of each neuron (Hz), float32 ``(height, width, channels)``.

        A graded spike counts its size; see `window` for the steps that count.
        """
        start, stop = self.window(start, stop)
        return self.sums(start, stop) / np.float32(max(stop - start, 1) * self.dt)

    def sums(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """The sizes of each neuron's spikes, added up: their number, if they are not graded.

        Returns
        -------
        numpy.ndarray
            uint16, or float32 of graded spikes; ``(height, width, channels)``.
        """
        if not self.sizes:
            return self.counts(start, stop)
        stop = self.timesteps if stop is None else min(stop, self.timesteps)
        total = np.zeros(self.neurons, np.float32)
        for size, words in zip(self.sizes, self.planes, strict=True):
            total += np.float32(size) * _bits(words, start, stop)
        return total.reshape(self.shape)

    def raster(self, neurons: np.ndarray) -> np.ndarray:
        """Spikes of a few neurons, step by step.

        Parameters
        ----------
        neurons : numpy.ndarray
            Indices, ``(n,)``.

        Returns
        -------
        numpy.ndarray
            uint16 ``(timesteps, n)``: spikes in each step, mostly 0 or 1.

        Raises
        ------
        LabError
            If the spikes have no times.
        """
        if not self.timed:
            raise LabError(NO_TIMES)
        neurons = np.asarray(neurons)
        parts = self.planes if self.together else (self.words,)
        spikes = sum(_unpacked(words[:, neurons], self.timesteps) for words in parts)
        if len(self.extra):
            order = np.argsort(neurons, kind="stable")
            first = np.searchsorted(neurons[order], self.extra[:, 0])
            past = np.searchsorted(neurons[order], self.extra[:, 0], side="right")
            # a neuron that is asked for twice has two columns
            for shift in range(int((past - first).max(initial=0))):
                found = first + shift < past
                columns = order[first[found] + shift]
                spikes[self.extra[found, 1], columns] += self.extra[found, 2].astype(np.uint16)
        return spikes

    def values(self, neurons: np.ndarray) -> np.ndarray:
        """As `raster`, but the sizes of graded spikes: float64 ``(timesteps, n)``."""
        if not self.sizes:
            return self.raster(neurons).astype(float)
        parts = (_unpacked(words[:, neurons], self.timesteps) for words in self.planes)
        return sum(size * part for size, part in zip(self.sizes, parts, strict=True))

    def total(self, start: int = 0, stop: int | None = None) -> int:
        """Spikes of the whole population."""
        return int(self.counts(start, stop).sum(dtype=np.int64))


def _bits(words: np.ndarray, start: int, stop: int) -> np.ndarray:
    """Bits set in steps ``start <= t < stop``, uint16 ``(neurons,)``."""
    total = np.zeros(words.shape[1], np.uint16)
    for index in range(start // WORD, -(-stop // WORD)):
        low, high = max(start - index * WORD, 0), min(stop - index * WORD, WORD)
        if low >= high:
            continue
        bits = ((1 << high) - 1) & ~((1 << low) - 1)
        total += np.bitwise_count(words[index] & np.uint64(bits))
    return total


def _unpacked(words: np.ndarray, timesteps: int) -> np.ndarray:
    """Bits as numbers, uint16 ``(timesteps, n)``."""
    steps = np.arange(timesteps)
    bits = words[steps // WORD] >> (steps % WORD).astype(np.uint64)[:, None]
    return (bits & np.uint64(1)).astype(np.uint16)


def join(parts: list[SpikeTrains]) -> SpikeTrains:
    """One population's trains over several stretches of time, one after the other."""
    lengths = [part.timesteps for part in parts]
    words = _joined([part.words for part in parts], lengths)
    extra, first = [NO_EXTRA], 0
    for part in parts:
        extra.append(part.extra + np.array([0, first, 0]))
        first += part.timesteps
    extra = np.concatenate(extra)
    extra = extra[np.lexsort((extra[:, 1], extra[:, 0]))]
    last = parts[-1]
    planes = _NO_PLANES
    if last.sizes:
        sized = range(len(last.sizes))
        planes = np.stack([_joined([part.planes[k] for part in parts], lengths) for k in sized])
    return SpikeTrains(
        last.name,
        last.shape,
        words,
        sum(lengths),
        last.dt,
        extra,
        last.sizes,
        planes,
        last.first,
        last.cycle,
        together=last.together,
    )


def _joined(parts: list[np.ndarray], lengths: list[int]) -> np.ndarray:
    """Words of stretches of so many steps as the words of all."""
    words = np.zeros((-(-sum(lengths) // WORD), parts[0].shape[1]), np.uint64)
    first = 0
    for part, steps in zip(parts, lengths, strict=True):
        shift = np.uint64(first % WORD)
        for index, word in enumerate(part):
            place = first // WORD + index
            words[place] |= word << shift
            if shift and place + 1 < len(words):
                words[place + 1] |= word >> (np.uint64(WORD) - shift)
        first += steps
    return words


@dataclass(frozen=True)
class Synapses:
    """How many neurons each neuron of one population reaches in another.

    Attributes
    ----------
    source, target : str
        Names of the populations.
    rows, columns : numpy.ndarray
        int64; neuron ``n`` reaches ``rows[n // len(columns)] * columns[n % len(columns)]``.
        A convolution has one entry a row and one a column and channel,
        anything else one row. Synapses of weight zero count.
    """

    source: str
    target: str
    rows: np.ndarray
    columns: np.ndarray

    def events(self, counts: np.ndarray) -> int:
        """Synaptic events of the source's spike counts, an array of any shape."""
        counts = counts.reshape(len(self.rows), len(self.columns))
        total = 0
        for reached in np.unique(self.rows):
            columns = counts[self.rows == reached].sum(axis=0, dtype=np.int64)
            total += int(reached) * int(columns @ self.columns)
        return total


@dataclass(frozen=True)
class Recording:
    """Spike trains of every population of one run, with what made them.

    Attributes
    ----------
    populations : tuple of SpikeTrains
        In the order of the layers.
    simulator : str
    timesteps : int
    seconds : float
        Wall-clock time of the simulation alone.
    dt : float
    synapses : tuple of Synapses
        Of the simulators that say so.
    """

    populations: tuple[SpikeTrains, ...]
    simulator: str
    timesteps: int
    seconds: float
    dt: float = 0.001
    synapses: tuple[Synapses, ...] = ()

    def __getitem__(self, name: str) -> SpikeTrains:
        return self._by_name[name]

    @property
    def timed(self) -> bool:
        """Whether it says when neurons spiked; if not, it only counts."""
        return all(trains.timed for trains in self.populations)

    @cached_property
    def _by_name(self) -> dict[str, SpikeTrains]:
        return {trains.name: trains for trains in self.populations}

    @property
    def gone(self) -> bool:
        """Whether its spikes were let go: whoever asks for them then gets a `LabError`."""
        return self.populations is LET_GO

    @property
    def nbytes(self) -> int:
        """Memory that its spikes take."""
        if self.gone or self.away:
            return 0
        return sum(
            part.words.nbytes + part.planes.nbytes + part.extra.nbytes for part in self.populations
        )

    @property
    def away(self) -> bool:
        """Whether its spikes take no memory now, and are computed again when they are asked for."""
        return isinstance(self.populations, Away)

    def let_go(self) -> None:
        """Give up the memory of its spikes, whoever holds it; work that has them in hand ends."""
        object.__setattr__(self, "populations", LET_GO)
        self.__dict__.pop("_by_name", None)

    def put_away(self, again: Callable[[], tuple[SpikeTrains, ...]]) -> None:
        """Give up the memory of its spikes until somebody asks for them.

        Parameters
        ----------
        again : callable
            Computes the same spikes; what it raises, whoever asks is told.
        """
        if not (self.gone or self.away):
            object.__setattr__(self, "populations", Away(self, again))
            self.__dict__.pop("_by_name", None)

    def spikes(self) -> int:
        """All spikes of the run."""
        return sum(trains.total() for trains in self.populations)

    def synaptic_events(
        self, start: int = 0, stop: int | None = None
    ) -> dict[tuple[str, str], int]:
        """Spikes times the synapses that each reaches, by source and target, borders exact."""
        events: dict[tuple[str, str], int] = {}
        counts: dict[str, np.ndarray] = {}
        for link in self.synapses:
            if link.source not in counts:
                counts[link.source] = self[link.source].counts(start, stop)
            pair = link.source, link.target
            events[pair] = events.get(pair, 0) + link.events(counts[link.source])
        return events
