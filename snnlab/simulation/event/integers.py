"""A stage in whole numbers, where that is proved to give the spikes of double precision.

What a source sends in a step is a whole number of levels times one scale, if its
kernel has levels: one sum for each scale (a *plane*), at most two. This module finds
the levels, makes sure that no sum can leave 16 bits, chooses the number of which
potentials are multiples (`layout.Fixed`), and bounds how far these can be from those
of double precision (`Integers.margin`). What cannot be bounded stays in floating
point: kernels without levels, filters, graded spikes, several spikes a step, other
ways to reset.
"""

from dataclasses import dataclass

import numpy as np

from snnlab.simulation.event.compiled import kernel
from snnlab.simulation.event.fixed import BLOCK, LIMIT, PARTS
from snnlab.simulation.event.layout import GROUP, Fixed, Inputs, Shape
from snnlab.simulation.event.levels import SAME, laid_out, levels_of
from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.event.plan import Behaviour
from snnlab.simulation.event.simd import LANES

MOST_PLANES = 2
LARGEST = np.iinfo(np.int16).max  # of a sum of levels, and of a factor
A_STEP = LIMIT // BLOCK - LARGEST  # most by which a potential may change in a step
FINEST = 1 << 24  # most parts of a threshold: 64 of them stay within the limit
# units by which a potential is off at once: where it starts, what the bias lacks within a block
# and beyond it, and one to spare
ONCE = 0.5 + BLOCK / 2 + 1 + 1
WORTH = 1e-3  # thresholds: with a wider margin too many neurons are run again
EXACT = 2.0**-53  # relative rounding of double precision


@dataclass(frozen=True)
class Integers:
    """What `whole.run_whole` takes of a stage, and how exact it is.

    Attributes
    ----------
    inputs : Inputs
        Weights are levels; a plane each.
    shape : Shape
    fixed : Fixed
        For runs of no steps; see `for_steps`.
    once, step : float
        Bound of a potential's error, in units: at once, and more with every step.
    """

    inputs: Inputs
    shape: Shape
    fixed: Fixed
    once: float
    step: float

    def margin(self, steps: int) -> float:
        """How far a potential can be from double precision's, in thresholds."""
        return (self.once + steps * self.step) / self.fixed.scale

    def for_steps(self, steps: int) -> Fixed:
        """With the margin of a run."""
        return self.fixed._replace(doubt=int(np.ceil(self.once + steps * self.step)) + 1)


def plain(behaviour: Behaviour) -> bool:
    """Whether neurons only add up and take 1 away, one spike a step."""
    return behaviour == Behaviour(amplitude=behaviour.amplitude, voltage=behaviour.voltage)


def integers(
    operators: list[Convolve],
    weights: list[np.ndarray],
    bias: np.ndarray,
    shape: Shape,
    columns: int,
) -> Integers | None:
    """A stage in whole numbers; None if it cannot be, or not exactly enough.

    Parameters
    ----------
    operators : list of Convolve
        All that feeds it.
    weights : list of numpy.ndarray
        Their kernels, float64: what a spike adds to the potential, in thresholds.
    bias : numpy.ndarray
        float64, a step; ``(1,)``, ``(channels,)`` or ``(neurons,)``.
    shape : Shape
        As for single precision.
    columns : int
        Of a tile.
    """
    # of a million neurons it takes its time; a NaN is the largest and the least
    largest = float(np.maximum(bias.max(initial=0.0), -bias.min(initial=0.0)))
    if not np.isfinite(largest):
        return None
    found = [levels_of(part) for part in weights]
    if None in found:
        return None
    scales = sorted({scale for _, scale in found})
    scales = [one for n, one in enumerate(scales) if not n or one > scales[n - 1] * (1 + SAME)]
    planes = [int(np.argmin([abs(one - scale) for one in scales])) for _, scale in found]
    if len(scales) > MOST_PLANES:
        return None
    sums = [_largest_sum(found, planes, plane) for plane in range(len(scales))]
    if max(sums, default=0) > LARGEST:
        return None
    # the one whose sums are largest gets the exact factor
    order = sorted(range(len(scales)), key=lambda plane: -sums[plane])
    scales, sums = [scales[n] for n in order], [sums[n] for n in order]
    planes = [order.index(plane) for plane in planes]
    unit = _unit(scales, sums, largest)
    if unit is None:
        return None
    factors, scale = unit
    threshold = int(np.rint(scale))
    apart = abs(scale - threshold)
    once = ONCE + (GROUP + 1) * apart
    step = 2.0 ** (1 - PARTS)
    step += sum(
        size * abs(factor - one * scale)
        for size, factor, one in zip(sums, factors, scales, strict=True)
    )
    # of double precision itself, which has to bring the same
    drive = sum(size * one for size, one in zip(sums, scales, strict=True)) + largest
    arriving = sum(part.shape[0] * part.shape[1] * part.shape[2] for part in weights)
    step += EXACT * ((arriving + 4) * drive + LIMIT / scale + 1) * scale
    step += 4 * SAME * drive * scale
    inputs, halo = laid_out(operators, found, planes)
    result = Integers(
        inputs,
        _shape(shape._replace(halo=max(shape.halo, halo)), columns),
        _fixed(bias, threshold, scale, factors, shape.channels, columns),
        once,
        step,
    )
    return result if result.margin(GROUP) <= WORTH else None


def _largest_sum(found, planes, plane) -> int:
    """The largest magnitude of a sum of levels, whoever spikes."""
    up = down = np.zeros(1, np.int64)
    for (levels, _), of in zip(found, planes, strict=True):
        if of == plane:
            flat = levels.reshape(-1, levels.shape[-1]).astype(np.int64)
            up, down = up + flat.clip(0).sum(axis=0), down - flat.clip(None, 0).sum(axis=0)
    return int(max(up.max(), down.max()))


def _unit(scales, sums, bias: float) -> tuple[list[int], float] | None:
    """Factors of the planes and parts of a threshold, so that they err least.

    The first plane's factor is exact; among its possible values the one is
    taken for which the other's, and the threshold, are nearest to whole.
    """
    if not scales:
        return [], float(min(FINEST, max(1, int(A_STEP / max(bias, 1e-9)))))
    first = scales[0]
    change = sum(size * one / first for size, one in zip(sums, scales, strict=True))
    most = min(LARGEST, A_STEP / (change + bias / first), FINEST * first)
    most = int(min(most, *(LARGEST * first / one for one in scales)))
    if most < 1:
        return None
    factors = np.arange(1, most + 1)
    # of 64 steps, in units; what counts is their share of a threshold
    error = ONCE + (GROUP + 1) * np.abs(factors / first - np.rint(factors / first))
    if len(scales) > 1:
        other = factors * (scales[1] / first)
        error += GROUP * sums[1] * np.abs(other - np.rint(other))
    error /= factors
    factor = int(factors[np.argmin(error)])
    return [factor, *(int(np.rint(factor * one / first)) for one in scales[1:])], factor / first


def _shape(shape: Shape, columns: int) -> Shape:
    """With rows of 16-bit numbers that begin with cache lines, an odd number of them."""
    line = 32
    lead = -(-shape.halo * shape.channels // line) * line
    lines = -(-(lead + (columns + shape.halo) * shape.channels + LANES) // line)
    return shape._replace(lead=lead, pitch=line * (lines + 1 - lines % 2))


def _fixed(bias, threshold, scale, factors, channels: int, columns: int) -> Fixed:
    whole = bias.size > channels
    if not whole:
        bias = np.tile(np.broadcast_to(bias, channels), columns)
    nearest, fraction = np.zeros((2, bias.size + LANES), np.int32)
    part(bias, float(scale), 1 << PARTS, nearest, fraction)
    return Fixed(
        threshold=threshold,
        factors=np.array(factors, np.int32),
        bias=nearest,
        fraction=fraction,
        whole=whole,
        drift=int(np.rint((threshold - scale) * (1 << PARTS))),
        scale=float(scale),
        doubt=0,
    )


@kernel
def part(values, scale, parts, nearest, fraction):
    """Values times a scale as whole numbers, and what is left in parts; both rounded to even."""
    for index in range(values.size):
        value = values[index] * scale
        whole = np.rint(value)
        nearest[index] = np.int32(whole)
        fraction[index] = np.int32(np.rint((value - whole) * parts))
