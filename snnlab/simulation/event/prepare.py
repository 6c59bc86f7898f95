"""A stage as the kernels take it: weights scaled, constants laid out, tiles cut."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from snnlab.simulation.event import layout as at
from snnlab.simulation.event.integers import Integers, integers, plain
from snnlab.simulation.event.layout import (
    GROUP,
    Constants,
    Exact,
    Inputs,
    Leak,
    Rule,
    Shape,
    Special,
    Tile,
    Wires,
)
from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.event.plan import Behaviour, Filter, Link, Stage
from snnlab.simulation.event.simd import LANES
from snnlab.simulation.event.tables import gather, lay_out, wire
from snnlab.simulation.leaky import carried

TILE_BYTES = 256 * 1024  # of currents, so that they stay in a core's second-level cache
TILE_ROWS = 32
TILES_A_THREAD = 4
# Potentials in single precision were off by up to 1.5e-5 after 64 steps of the
# lab's U-Nets, given the same input spikes.
DOUBT = 3e-5
LINE = 16  # elements; a cache line of single precision


@dataclass(frozen=True)
class Prepared:
    """A stage and all arrays of it that do not change between runs.

    Attributes
    ----------
    stage : Stage
    shape : Shape
    rule : Rule
    special : Special
    inputs : Inputs
    wires : Wires
    convolved, wired, added : tuple of Link
        Links in the order of ``inputs`` and ``wires``, and those from graded
        stages, which are added up outside of the kernels.
    filters : tuple of Filter or None
        One set of currents each.
    weight : numpy.ndarray
        What turns weighted input into currents; ``(1,)``, ``(channels,)`` or ``(neurons,)``.
    exact : Exact
        In double precision, with nothing multiplied into the weights.
    columns, rows : int
        Of a tile, at most.
    threads : int
    dtype : numpy.dtype
        Of currents and potentials.
    integers : Integers or None
        The same in whole numbers, if it can be.
    """

    stage: Stage
    shape: Shape
    rule: Rule
    special: Special
    inputs: Inputs
    wires: Wires
    convolved: tuple[Link, ...]
    wired: tuple[Link, ...]
    added: tuple[Link, ...]
    filters: tuple[Filter | None, ...]
    weight: np.ndarray
    exact: Exact
    columns: int
    rows: int
    threads: int
    dtype: np.dtype
    integers: Integers | None

    @cached_property
    def constants(self) -> Constants:
        """In floating point: a run in whole numbers does without."""
        dt = float(self.exact.rule.dt)
        rest = self.filters, self.rule.scaled, self.weight, dt, self.columns, self.dtype
        return _constants(self.stage, *rest)

    @property
    def span(self) -> int:
        """Neurons of a tile's row, rounded up to whole groups."""
        return -(-self.columns * self.shape.channels // LANES) * LANES

    def tiles(self, first: int, last: int) -> list[Tile]:
        """All tiles of rows ``first <= y < last``, row by row."""
        width = self.shape.width
        across = -(-width // self.columns)
        rows = min(self.rows, _rows(last - first, across, self.threads))
        return [
            Tile(top, min(top + rows, last), left, min(left + self.columns, width))
            for top in range(first, last, rows)
            for left in range(0, width, self.columns)
        ]


def prepare(stage: Stage, sources: list, dt: float, dtype: np.dtype, threads: int) -> Prepared:
    """Lay out a stage.

    In single precision gain, dt and a spike's amplitude are multiplied into
    the weights. In double precision every product is taken when and as Nengo
    takes it, so that sums differ from Nengo's by their order at most.

    Parameters
    ----------
    stage : Stage
    sources : list
        All earlier stages.
    dt : float
    dtype : numpy.dtype
        float32 or float64.
    threads : int
    """
    graded, kind = stage.behaviour.graded, stage.behaviour.kind
    if kind in (at.SOFTMAX, at.LEAKY):
        # a softmax whose draw falls near a border cannot be settled alone: it is a pixel's. When
        # a leaky neuron's next spike comes depends on where in its step the last one fell
        dtype = np.dtype(np.float64)
    by_neuron = stage.gain.size > max(1, stage.shape[2])
    scaled = dtype == np.float32 and not by_neuron and not graded
    weight = stage.gain * dt if scaled else np.ones(1)
    filters = _filters(stage)
    parts = _sort(stage, sources)

    def unit(link):
        source = sources[link.source].behaviour
        return source.amplitude / dt * (source.sizes[link.plane] if source.sizes else 1)

    def laid_out(weight, dtype):
        layouts = [
            lay_out(link.operator, link.operator.kernel * unit(link) * weight, dtype)
            for link in parts[0]
        ]
        groups = [filters.index(link.filter) for link in parts[0]]
        return layouts, gather(layouts, [link.operator for link in parts[0]], groups, dtype)

    def wired(weight, dtype):
        return wire(
            [link.operator for link in parts[1]],
            [unit(link) * spread(weight, stage) for link in parts[1]],
            [filters.index(link.filter) for link in parts[1]],
            dtype,
        )

    layouts, inputs = laid_out(weight, dtype)
    wires = wired(weight, dtype)
    halo = max((layout.taps - 1 for layout in layouts), default=0)
    # a tile's first neuron at the start of a cache line
    lead = -(-halo * stage.shape[2] // LINE) * LINE
    columns, rows = _cut(stage.shape, halo, dtype.itemsize * len(filters), threads)
    double, one = np.dtype(np.float64), np.ones(1)
    exact = Exact(
        laid_out(one, double)[1].weights,
        wired(one, double).weight,
        np.zeros(0),
        _constants(stage, filters, False, one, dt, columns, double),
        _rule(stage, False, 0.0, dt, double),
    )
    # values that come from graded stages are rounded already; a gate and a coin are exact
    doubted = not graded and not parts[2] and kind not in (at.GATE, at.POISSON)
    doubt = DOUBT if dtype == np.float32 and doubted else 0.0
    shape = Shape(*stage.shape, halo, lead, _pitch(columns, halo, stage.shape[2], lead))
    return Prepared(
        stage=stage,
        shape=shape,
        rule=_rule(stage, scaled, doubt, dt, dtype),
        special=_special(stage, dt, dtype),
        inputs=inputs,
        wires=wires,
        convolved=parts[0],
        wired=parts[1],
        added=parts[2],
        filters=filters,
        weight=weight,
        exact=exact,
        columns=columns,
        rows=rows,
        threads=threads,
        dtype=dtype,
        integers=_integers(stage, sources, parts, filters, unit, dt, shape, columns)
        if doubt
        else None,
    )


def _integers(stage, sources, parts, filters, unit, dt, shape, columns) -> Integers | None:
    """The stage in whole numbers, where its neurons and all that feeds them are of that kind."""
    fed = [sources[link.source].behaviour for link in parts[0]]
    if any(source.several or source.sizes for source in fed) or stage.gain.size > 1:
        return None
    if parts[1] or parts[2] or filters != (None,) or not plain(stage.behaviour):
        return None
    operators = [link.operator for link in parts[0]]
    weight = stage.gain * dt
    kernels = [link.operator.kernel * (unit(link) * weight) for link in parts[0]]
    return integers(operators, kernels, stage.bias * dt, shape, columns)


def spread(values: np.ndarray, stage: Stage) -> np.ndarray:
    """Values of channels as values of neurons; a single one stays so."""
    if values.size == 1 or values.size == stage.neurons:
        return values
    return np.tile(values, stage.neurons // values.size)


def _filters(stage: Stage) -> tuple[Filter | None, ...]:
    found = {item.filter for item in (*stage.links, *stage.steady)} or {None}
    return tuple(sorted(found, key=lambda item: (item is not None, str(item))))


def _sort(stage: Stage, sources) -> tuple[tuple[Link, ...], ...]:
    """Links by how they are run: convolutions of spikes, matrices of spikes, values.

    Spikes of each size are a link of their own.
    """
    convolved, wired, added = [], [], []
    for link in stage.links:
        source = sources[link.source]
        if not isinstance(source, Stage) or source.behaviour.graded:
            added.append(link)
            continue
        planes = [replace(link, plane=plane) for plane in range(source.behaviour.planes)]
        if isinstance(link.operator, Convolve) and link.operator.shape_out == stage.shape:
            convolved.extend(planes)
        else:
            wired.extend(planes)
    return tuple(convolved), tuple(wired), tuple(added)


def _rule(stage: Stage, scaled: bool, doubt: float, dt: float, dtype) -> Rule:
    behaviour, real = stage.behaviour, dtype.type
    one = real(1)
    plain = scaled and behaviour == Behaviour(
        amplitude=behaviour.amplitude, voltage=behaviour.voltage
    )
    return Rule(
        least=real(behaviour.least),
        lower=real(behaviour.lower),
        # above 1 is the same as at least the next number
        threshold=np.nextafter(one, real(2)) if behaviour.above else one,
        # a little early, so that who comes near to 2 from below is seen; what is
        # taken away is the whole number below, 1 or more
        many=real(1.75 if behaviour.several else np.inf),
        to_zero=real(behaviour.to_zero),
        scaled=scaled,
        plain=plain,
        graded=behaviour.graded,
        amplitude=real(behaviour.amplitude),
        dt=real(dt),
        half=real(0.5),
        doubt=real(doubt),
    )


def _special(stage: Stage, dt: float, dtype) -> Special:
    behaviour = stage.behaviour
    synapse = behaviour.leak[2] > 0
    slots = {at.BISTABLE: 1, at.GATE: behaviour.inputs, at.LEAKY: 2 if synapse else 1}
    return Special(
        kind=behaviour.kind,
        sizes=np.array(behaviour.sizes, dtype),
        exact=np.array(behaviour.sizes, np.float64),
        together=behaviour.together,
        start=behaviour.start,
        inputs=behaviour.inputs,
        share=float(behaviour.share),
        seed=np.uint64(behaviour.seed),
        slots=slots.get(behaviour.kind, 0),
        leak=_leak(behaviour, dt, dtype.type),
    )


def _leak(behaviour: Behaviour, dt: float, real) -> Leak | None:
    if behaviour.kind != at.LEAKY:
        return None
    tau_rc, tau_ref, tau_syn = behaviour.leak
    # by NumPy, whose last bit Nengo has
    return Leak(
        tau_rc,
        tau_ref,
        tau_syn,
        real(np.expm1(-dt / tau_rc)),
        real(np.expm1(-dt / tau_syn) if tau_syn else 0),
        real(carried(dt, tau_rc, tau_syn) if tau_syn else 0),
        not behaviour.to_zero,
        behaviour.clipped,
    )


def _constants(stage, filters, scaled, weight, dt, columns, dtype) -> Constants:
    channels = stage.shape[2]
    values = [stage.bias * dt if scaled else stage.bias]
    for group in filters:
        arriving = [item.values for item in stage.steady if item.filter == group]
        total = sum(arriving, np.zeros(1))
        values.append(total * spread(weight, stage) if total.size > 1 else total)
    rows = [_row(value, columns, channels, dtype) for value in values]
    gain, gain_whole = _row(stage.gain, columns, channels, dtype)
    return Constants(
        base=np.concatenate([row for row, _ in rows]),
        start=np.cumsum([0] + [row.size for row, _ in rows[:-1]]),
        whole=np.array([whole for _, whole in rows]),
        gain=gain,
        gain_whole=gain_whole,
        decay=np.array(
            [[-1, 0] if group is None else [group.decay, group.gain] for group in filters], dtype
        ),
    )


def _row(values, columns: int, channels: int, dtype) -> tuple[np.ndarray, bool]:
    """Values of a tile's row, or of all neurons, with room for a group beyond."""
    whole = values.size > channels
    if not whole:
        values = np.tile(np.broadcast_to(values, channels), columns)
    padded = np.zeros(values.size + LANES, dtype)
    padded[: values.size] = values
    return padded, whole


def _pitch(columns: int, halo: int, channels: int, lead: int) -> int:
    """Elements from one step's currents to the next: an odd number of cache lines.

    An even number would put the steps of a pixel into few sets of the cache.
    The last group of a row may reach beyond it.
    """
    lines = -(-(lead + (columns + halo) * channels + LANES) // LINE)
    return LINE * (lines + 1 - lines % 2)


def _cut(shape, halo: int, itemsize: int, threads: int) -> tuple[int, int]:
    """Columns and rows of a tile."""
    height, width, channels = shape
    most = TILE_BYTES // (GROUP * channels * itemsize) - 2 * halo
    across = -(-width // max(1, min(width, most)))
    columns = -(-width // across)
    return columns, _rows(height, across, threads)


def _rows(height: int, across: int, threads: int) -> int:
    """Rows of a tile, of so many rows in all and so many tiles beside each other."""
    down = max(-(-height // TILE_ROWS), min(height, -(-TILES_A_THREAD * threads // across)))
    return -(-height // down)


def rooms(prepared: Prepared, inputs: Inputs) -> np.ndarray:
    """The table of inputs, with the places of the lists of events filled in."""
    table = inputs.table.copy()
    filled = 0
    for row, link in zip(table, prepared.convolved, strict=True):
        stride = link.operator.strides[1]
        # a source column for each output column and stride, and those beside the tile
        reached = (prepared.columns + 2 * prepared.shape.halo + 1) * stride
        row[at.EVENTS] = filled
        row[at.CAPACITY] = GROUP * row[at.DEPTH] * min(row[at.WIDTH], reached) + 8
        filled += row[at.RING] * row[at.CAPACITY]
    return table
