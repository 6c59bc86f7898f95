"""What a sweep says: averages over sections, the Pareto front, how much each knob matters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from snnlab.results.metrics import CURVES
from snnlab.studies.sweep.grid import KNOBS

COUNTS = ("spikes", "synaptic_events", "neurons")
SETTINGS = ("model", "method", "percentile", "lower", "upper", "timesteps")


def over_sections(rows: Sequence[Mapping]) -> list[dict]:
    """One row a setting: all sections that have it, together.

    Numbers are means, but V_Rand and V_Info, whose means at each threshold come first and the
    largest of them then: one threshold for all sections (`snnlab.results.metrics.together`).

    Parameters
    ----------
    rows : sequence of mapping
        As of `snnlab.studies.sweep.running.run`.

    Returns
    -------
    list of dict
        In the order of first appearance, with ``sections``, the number of
        them, and ``mute``, whether the readout heard nothing in any; numbers that a
        section lacks (scores without labels) are dropped.
    """
    groups: dict[tuple, list[Mapping]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in SETTINGS), []).append(row)
    means = []
    for place, group in groups.items():
        common = set.intersection(*({k for k, v in row.items() if _number(v)} for row in group))
        numbers = {
            name: float(np.mean([row[name] for row in group]))
            for name in group[0]
            if name in common
            and name not in SETTINGS
            and name != "section"
            # a mean of each section's own best is no score of them together
            and not (name in CURVES and len(group) > 1)
        }
        numbers |= _best(group)
        about = {"sections": len(group), "mute": all(row.get("mute", False) for row in group)}
        means.append(dict(zip(SETTINGS, place, strict=True)) | about | numbers)
    return means


def _best(group: Sequence[Mapping]) -> dict[str, float]:
    """The largest mean of what is known at every threshold, if it is known of all."""
    curves = [row.get("curves", {}) for row in group]
    return {
        name: float(np.mean([curve[name] for curve in curves], axis=0).max())
        for name in CURVES
        if all(name in curve for curve in curves)
    }


def _number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def pareto(
    rows: Sequence[Mapping],
    maximise: Sequence[str] = ("v_rand",),
    minimise: Sequence[str] = ("synaptic_events", "spikes"),
) -> list[int]:
    """Rows that no other row beats, of those that are not mute if there are such.

    A row beats another that is nowhere better and somewhere worse.

    Returns
    -------
    list of int
        Indices, by the first of what is minimised. Of rows that are equal in
        everything all are listed.
    """
    if not rows:
        return []
    values = np.array(
        [[-row[name] for name in maximise] + [row[name] for name in minimise] for row in rows],
        float,
    )
    mute = np.array([bool(row.get("mute", False)) for row in rows])
    if not mute.all():  # a constant costs little and is worth nothing
        values[mute] = np.inf
    kept = [
        index
        for index, value in enumerate(values)
        if not np.any(np.all(values <= value, axis=1) & np.any(values < value, axis=1))
    ]
    return sorted(kept, key=lambda index: (rows[index][minimise[0]], index))


@dataclass(frozen=True)
class Sensitivity:
    """How much one knob decides of a measure, over a full grid.

    Attributes
    ----------
    knob : str
    alone : float
        Share of the measure's variance that the knob explains by itself, 0..1:
        the variance of its means, Sobol's first-order index of the grid.
    together : float
        Share that would vanish if everything but this knob were fixed, its
        interplay with the others included: Sobol's total index; >= alone.
    means : dict
        The measure's mean at each value of the knob.
    """

    knob: str
    alone: float
    together: float
    means: dict

    @property
    def span(self) -> float:
        """Difference of the largest and the smallest mean."""
        return max(self.means.values()) - min(self.means.values())


def sensitivity(rows: Sequence[Mapping], measure: str) -> list[Sensitivity]:
    """Rank the knobs that were turned.

    Parameters
    ----------
    rows : sequence of mapping
        A full grid, one row a point: see `over_sections`.
    measure : str
        Such as ``"v_rand"``.

    Returns
    -------
    list of Sensitivity
        The strongest first; knobs with one value are left out, and all are
        while points are missing.

    References
    ----------
    Saltelli et al. (2008), Global Sensitivity Analysis: The Primer, ch. 4.
    """
    axes = {knob: list(dict.fromkeys(row[knob] for row in rows)) for knob in KNOBS}
    shape = tuple(len(values) for values in axes.values())
    if not rows or len(rows) != int(np.prod(shape)):
        return []
    table = np.full(shape, np.nan)
    for row in rows:
        table[tuple(axes[knob].index(row[knob]) for knob in KNOBS)] = row[measure]
    if np.isnan(table).any():
        return []
    variance = float(table.var())
    found = []
    for axis, knob in enumerate(KNOBS):
        if shape[axis] < 2:
            continue
        others = tuple(other for other in range(len(KNOBS)) if other != axis)
        means = table.mean(others)
        # of a measure that never changes nothing is explained
        alone = float(means.var()) / variance if variance > 0 else 0.0
        together = float(table.var(axis).mean()) / variance if variance > 0 else 0.0
        found.append(
            Sensitivity(
                knob,
                alone,
                together,
                {value: float(mean) for value, mean in zip(axes[knob], means, strict=True)},
            )
        )
    return sorted(found, key=lambda item: -item.together)
