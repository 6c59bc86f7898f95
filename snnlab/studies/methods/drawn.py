"""One picture a method: its own neuron type on the smallest case that shows what it is about.

Nothing is painted: each curve is what the neurons of `snnlab.simulation` send,
step by step, given the input that the picture names.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from nengo.dists import Choice

from snnlab.conversion import bistable, multi_threshold, qcfs
from snnlab.errors import many
from snnlab.simulation.chance import Poisson
from snnlab.simulation.graded import Bistable, MultiThreshold
from snnlab.simulation.neurons import IntegrateAndFire

DT = 0.001
POINTS = 601  # of a curve
# of the surrogate derivative: what the shipped model was trained with, and the paper's
ALPHA, PAPERS_ALPHA = 4.0, 10.0


@dataclass(frozen=True)
class Line:
    """One curve, or one row of bars.

    Attributes
    ----------
    name : str
    x, y : numpy.ndarray
    role : {"right", "method", "other"}
        What it should be, what the method gives, what it is held against.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    role: str


@dataclass(frozen=True)
class Drawing:
    """A method's picture.

    Attributes
    ----------
    lines : tuple of Line
    across, up : str
        Titles of the axes.
    steps : bool
        Rows of bars over timesteps, one below the other; else curves on one axis.
    """

    lines: tuple[Line, ...]
    across: str
    up: str
    steps: bool = False


def sent(neuron, drive: np.ndarray) -> np.ndarray:
    """What neurons send in each step.

    Parameters
    ----------
    neuron : nengo.neurons.NeuronType
        Of amplitude 1.
    drive : numpy.ndarray
        ``(steps, neurons)``, thresholds a step.

    Returns
    -------
    numpy.ndarray
        ``(steps, neurons)``, thresholds.
    """
    drive = np.asarray(drive, float)
    out, output = np.zeros_like(drive), np.zeros(drive.shape[1])
    state = neuron.make_state(drive.shape[1], rng=np.random.RandomState(0), dtype=float)
    for step, current in enumerate(drive):
        neuron.step(DT, current / DT, output, **state)
        out[step] = output * DT
    return out


def told(neuron, z: np.ndarray, steps: int) -> np.ndarray:
    """Mean that neurons send of a steady input ``z``, both in thresholds a step."""
    return sent(neuron, np.tile(z, (steps, 1))).mean(axis=0)


def _integrate(reset: str = "subtraction", start: float = 0.5) -> IntegrateAndFire:
    lower = 0 if reset == "zero" else -np.inf
    return IntegrateAndFire(reset, 1, lower, {"voltage": Choice([start])})


def rate_scaling() -> Drawing:
    """Fast and slow rates for the same activation, after as many steps."""
    z, steps = np.linspace(0, 1.1, POINTS), 32
    lines = [Line("exact", z, z, "right")]
    for hertz, role in ((125, "other"), (1000, "method")):
        share = hertz / 1000  # thresholds a step for an activation of 1
        lines.append(
            Line(f"{hertz} Hz for 1", z, told(_integrate(), z * share, steps) / share, role)
        )
    return Drawing(tuple(lines), "activation", f"told in {many(steps, 'step')}")


def data_normalisation() -> Drawing:
    """Reset by subtraction and to zero, beyond one spike a step too."""
    z, steps = np.linspace(0, 1.2, POINTS), 32
    return Drawing(
        (
            Line("exact", z, z, "right"),
            Line("reset to zero", z, told(_integrate("zero", 0.0), z, steps), "other"),
            Line("by subtraction", z, told(_integrate(), z, steps), "method"),
        ),
        "activation / λ",
        f"told in {many(steps, 'step')}, / λ",
    )


def poisson() -> Drawing:
    """A grey value as random spikes, against the same as a current."""
    z, steps = np.linspace(0, 1, 151), 32
    return Drawing(
        (
            Line("exact", z, z, "right"),
            Line("random spikes", z, told(Poisson(0, 1), z, steps), "method"),
            Line("constant current", z, told(_integrate(), z, steps), "other"),
        ),
        "grey value",
        f"told in {many(steps, 'step')}",
    )


def ecc() -> Drawing:
    """From half a threshold, and from none."""
    z, steps = np.linspace(0, 1.1, POINTS), 8
    return Drawing(
        (
            Line("exact", z, z, "right"),
            Line("from 0", z, told(_integrate(start=0.0), z, steps), "other"),
            Line("from half a threshold", z, told(_integrate(), z, steps), "method"),
        ),
        "activation / largest",
        f"told in {many(steps, 'step')}",
    )


def bistable_course() -> Drawing:
    """Excitation before inhibition: who sends what should not be sent."""
    cycle = 4
    late = [0.9, 0.5, -0.7, -1.1]  # adds up to less than nothing
    some = [0.9, 0.5, -0.3, 1.3]  # to 2.4 of 4: six tenths
    drive = np.array(2 * late + 2 * some + cycle * [0.0])[:, None]
    neuron = Bistable(bistable.sizes(cycle), 0, amplitude=1)
    steps = np.arange(1, len(drive) + 1)
    # its sizes add up to 1 a cycle, where the sum of its input is up to one a step
    listening = sent(neuron, drive / cycle)[:, 0]
    return Drawing(
        (
            Line("input", steps, drive[:, 0], "right"),
            Line("integrate-and-fire sends", steps, sent(_integrate(), drive)[:, 0], "other"),
            Line("bistable sends", steps, listening, "method"),
        ),
        "timestep",
        "",
        True,
    )


def several_thresholds() -> Drawing:
    """One threshold and four, after few steps."""
    z, steps = np.linspace(0, 1.2, POINTS), 4
    sizes, reach = multi_threshold.SIZES, multi_threshold.REACH
    graded = MultiThreshold(sizes, 1, {"voltage": Choice([sizes[-1] / 2])})
    return Drawing(
        (
            Line("exact", z, z, "right"),
            Line("one threshold", z, told(_integrate(), z, steps), "other"),
            Line("four thresholds", z, told(graded, z * reach, steps) / reach, "method"),
        ),
        "activation / λ",
        f"told in {many(steps, 'step')}, / λ",
    )


def authors_thresholds() -> Drawing:
    """Four thresholds, the largest one only and all together, after few steps."""
    z, steps = np.linspace(0, 1.2, POINTS), 4
    sizes, reach = multi_threshold.SIZES, multi_threshold.REACH
    alone = MultiThreshold(sizes, 1, {"voltage": Choice([sizes[-1] / 2])})
    together = MultiThreshold(sizes, 1, {"voltage": Choice([0.0])}, together=True)
    return Drawing(
        (
            Line("exact", z, z, "right"),
            Line("the largest only", z, told(alone, z * reach, steps) / reach, "other"),
            Line("the authors' rule", z, told(together, z, steps), "method"),
        ),
        "activation / λ",
        f"told in {many(steps, 'step')}, / λ",
    )


def trained_levels() -> Drawing:
    """The trained activation, and what neurons count."""
    z, levels = np.linspace(0, 1.2, POINTS), 4
    return Drawing(
        (
            Line("trained, 4 levels", z, qcfs.activation(z, 1.0, levels), "right"),
            Line("8 steps", z, told(_integrate(start=qcfs.SHIFT), z, 8), "other"),
            Line("4 steps", z, told(_integrate(start=qcfs.SHIFT), z, levels), "method"),
        ),
        "input / λ",
        "told / λ",
    )


def surrogate_slope() -> Drawing:
    """What eight steps send, and the slope that training takes for it."""
    z, steps = np.linspace(-0.2, 1.2, POINTS), 8
    out = sent(_integrate(), np.tile(z, (steps, 1)))
    # potentials before the reset: the sum of the input, less what was sent before
    before = 0.5 + np.cumsum(np.tile(z, (steps, 1)), axis=0) - np.cumsum(out, axis=0) + out
    here, paper = (
        (1 / (1 + alpha * np.abs(before - 1)) ** 2).mean(axis=0) for alpha in (ALPHA, PAPERS_ALPHA)
    )
    return Drawing(
        (
            Line("sent", z, out.mean(axis=0), "right"),
            Line("surrogate derivative, mean", z, here, "method"),
            Line(f"the paper's, α = {PAPERS_ALPHA:g}", z, paper, "other"),
        ),
        "input (thresholds per step)",
        f"mean over {many(steps, 'step')}",
    )


DRAWINGS: dict[str, Callable[[], Drawing]] = {
    "rate-scaling": rate_scaling,
    "data-normalisation": data_normalisation,
    "poisson": poisson,
    "ecc": ecc,
    "bistable": bistable_course,
    "multi-threshold": several_thresholds,
    "spiking-unet": authors_thresholds,
    "qcfs": trained_levels,
    "surrogate": surrogate_slope,
}
