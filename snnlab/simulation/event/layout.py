"""The named tuples that carry a stage's arrays into the kernels.

Fields are arrays unless said otherwise; "real" is float32 or float64, one of
them throughout a run. Sizes in elements.
"""

from typing import NamedTuple

import numpy as np

GROUP = 64  # steps a word, and so a chunk


class Shape(NamedTuple):
    """A population and how it is cut; integers."""

    height: int
    width: int
    channels: int
    halo: int  # columns that an event may reach beyond a tile, on either side
    lead: int  # elements before a tile's first neuron, enough for the columns beyond
    pitch: int  # from the currents of one step to those of the next


class Tile(NamedTuple):
    """First and last row and column; integers."""

    top: int
    bottom: int
    left: int
    right: int


# columns of `Inputs.table`
(
    ADDRESS,  # of the source's words of the first chunk
    NEURONS,  # of the source: words a chunk
    DEPTH,  # channels of the source
    WIDTH,  # columns of the source
    FILTER,  # which currents it adds to
    WEIGHTS,  # first weight of this input
    LEVEL,  # weights a kernel row
    COLUMNS,  # first entry in `reach` and `klass`
    ROWS,  # first entry in `row_start`
    CLASSES,  # number of column classes
    CLASS,  # first row in `classes`
    RING,  # lists of events kept
    SLOT,  # first of them
    EVENTS,  # first event
    CAPACITY,  # events a list
    MORE,  # first row in `More.start`, or -1
    TOGETHER,  # channels of the source that are one event, 1, 4 or 8
) = range(17)


class Inputs(NamedTuple):
    """All convolutions that feed a population; see `tables`."""

    table: np.ndarray  # int64 (inputs, 17)
    weights: np.ndarray  # real
    reach: np.ndarray  # int32, a source column each: the first output column reached
    klass: np.ndarray  # int32, a source column each
    classes: np.ndarray  # int64 (classes, 2): first weight in a kernel row, row length
    row_start: np.ndarray  # int32, an output row each
    row_of: np.ndarray  # int32: source rows that it meets
    level_of: np.ndarray  # int32: and through which kernel rows


class Wires(NamedTuple):
    """All sparse matrices that feed a population, by target neuron."""

    table: np.ndarray  # int64 (inputs, 4): address, neurons of the source, filter, first start
    start: np.ndarray  # int64, a target neuron each: first entry
    source: np.ndarray  # int64: source neuron
    weight: np.ndarray  # real


class More(NamedTuple):
    """Spikes beyond the first in a step: of the sources, and their effect through `Wires`."""

    entries: np.ndarray  # int64 (n, 3): source neuron, step, how many more
    start: np.ndarray  # int64, a source row each: first entry
    wired: np.ndarray  # int64 (n, 3): target neuron, step, filter; by target neuron
    amount: np.ndarray  # real: what it adds


class Constants(NamedTuple):
    """Bias and gain, either of one tile's row (all rows alike) or of all neurons."""

    base: np.ndarray  # real: bias, then what is constant behind each filter
    start: np.ndarray  # int64 (1 + filters,): where in `base`
    whole: np.ndarray  # bool (1 + filters,): of all neurons
    gain: np.ndarray  # real
    gain_whole: bool
    decay: np.ndarray  # real (filters, 2): y <- decay y + gain x; decay -1 for no filter


class Rule(NamedTuple):
    """What a neuron does with its current; reals and booleans.

    ``c = max(J, least) dt``, ``v <- max(v + c, lower)``; a spike if
    ``v >= threshold``, then ``v <- v - 1``, or 0 if ``to_zero``; if
    ``v >= many``, as many spikes as ``floor(v)``.
    """

    least: float
    lower: float
    threshold: float
    many: float
    to_zero: bool
    scaled: bool  # gain and dt are in the weights and the base already
    plain: bool  # scaled, and all else at its default: nothing but subtraction
    graded: int  # 0: spikes; 1: amplitude max(J, 0); 2: J
    amplitude: float
    dt: float
    half: float  # 0.5
    doubt: float  # how near to its threshold a potential is looked at again; 0 for never


# kinds of neurons, `Special.kind`
INTEGRATE, MULTI_THRESHOLD, BISTABLE, GATE, POISSON, SOFTMAX, LEAKY = range(7)


class Leak(NamedTuple):
    """What a leaky neuron's potential and synaptic current do in a step; see `leaky`."""

    tau_rc: float  # s
    tau_ref: float  # s
    tau_syn: float  # s; 0 for no synaptic current
    shrink: float  # real: ``expm1(-dt / tau_rc)``
    shrink_syn: float  # real: ``expm1(-dt / tau_syn)``
    carry: float  # real: what a current of 1 that decays adds in a step
    soft: bool  # reset by subtraction
    clipped: bool  # a spike's time lies within its step, and none comes while a neuron rests


class Special(NamedTuple):
    """What the neurons do that do more than `Rule` says; see `special`."""

    kind: int
    sizes: np.ndarray  # real: of a graded neuron's spikes
    exact: np.ndarray  # float64: the same, not rounded
    together: bool  # all thresholds that are passed are sent in one step, not only the largest
    start: int  # first step of a bistable neuron's first cycle
    inputs: int  # of a gate; classes of a softmax
    share: float  # of the steps in which a softmax spikes
    seed: int
    slots: int  # numbers that a neuron keeps beside its potential
    leak: Leak | None  # None of others: kernels for them are compiled without


class Fixed(NamedTuple):
    """Potentials of a stage as whole multiples of one small number; see `fixed`."""

    threshold: int
    factors: np.ndarray  # int32 (planes,): what a sum of levels is multiplied with
    bias: np.ndarray  # int32: of one tile's row (all rows alike) or of all neurons
    fraction: np.ndarray  # int32: what is left of it, in `fixed.PARTS`
    whole: bool  # of all neurons
    drift: int  # what a spike should take away less, in `fixed.PARTS`
    scale: float  # the threshold, not rounded
    doubt: int  # how near to the threshold a potential is looked at again


class Exact(NamedTuple):
    """What `settle` needs in double precision, in the layout of its namesakes."""

    weights: np.ndarray  # float64
    wires: np.ndarray  # float64
    amount: np.ndarray  # float64
    constants: Constants
    rule: Rule


class State(NamedTuple):
    """Potentials and filters before and after a run; empty arrays where not wanted.

    In double precision, so that a run may start where nothing is rounded.
    """

    voltage: float  # of all neurons, where `voltage_in` is empty
    voltage_in: np.ndarray  # float64 (neurons,)
    voltage_out: np.ndarray
    filtered_in: np.ndarray  # float64 (filters * neurons,)
    filtered_out: np.ndarray
    extra_in: np.ndarray  # float64 (slots * neurons,)
    extra_out: np.ndarray
    clock: int  # steps run before


class Trace(NamedTuple):
    """Neurons whose current, potential and refractory time are wanted step by step."""

    neurons: np.ndarray  # int64, ascending
    current: np.ndarray  # real (steps, n)
    voltage: np.ndarray  # real (steps, n)
    rest: np.ndarray  # the same, of leaky neurons; else of no step


class Result(NamedTuple):
    """Where a stage's output goes."""

    words: np.ndarray  # uint64 (planes * chunks, neurons)
    more: np.ndarray  # int64 (room, 3)
    values: np.ndarray  # real (steps, neurons), of graded stages


class WholeScratch(NamedTuple):
    """Memory of one thread for whole numbers; the rest is as in `Scratch`."""

    currents: np.ndarray  # int16, [plane][step][column, channel]
    events: np.ndarray
    held: np.ndarray  # int32: potentials of the tile
    rests: np.ndarray  # int32: what these are too low by, in `fixed.PARTS`
    deep: np.ndarray  # int32: 1 for those that were below all bounds
    packed: np.ndarray
    lanes: np.ndarray  # int32 (lanes,)
    lists: np.ndarray
    doubts: np.ndarray
    alone: np.ndarray
    alone_filtered: np.ndarray
    alone_words: np.ndarray


class Scratch(NamedTuple):
    """Memory of one thread."""

    currents: np.ndarray  # real, [filter][step][column, channel]
    events: np.ndarray  # int64
    held: np.ndarray  # real: potentials of the tile
    filtered: np.ndarray  # real: filters of the tile
    extra: np.ndarray  # real: what neurons keep beside their potentials
    marks: np.ndarray  # uint32 (planes * 2 * lanes,): words of a group, in halves
    packed: np.ndarray  # uint64 (lanes,)
    lanes: np.ndarray  # real (lanes,)
    lists: np.ndarray  # int64 (slots, 2 + most classes): row, where its classes begin and end
    doubts: np.ndarray  # int64: how many, then neurons of a tile's row to look at again
    alone: np.ndarray  # float64 (filters * 64,): currents of one neuron
    alone_filtered: np.ndarray  # float64 (filters,)
    alone_words: np.ndarray  # uint64 (planes,): words of one neuron
