"""What is said of a volume when it is done: sections that are blank, light membranes, silence."""

import numpy as np

from snnlab.images import polarity
from snnlab.results import mute
from snnlab.studies.volume.exposure import Exposure

NAMED = 8  # sections that a sentence lists


def said(plan, silent: bool) -> tuple[str, ...]:
    """What a volume's run leaves to be said, a sentence each.

    Parameters
    ----------
    plan : snnlab.studies.volume.running.Plan
        Whose exposures are all there.
    silent : bool
        Whether no tile's readout heard a spike.
    """
    known = [plan.exposure(section) for section in range(plan.source.shape[0])]
    notes = [*_beside_tissue(known)]
    filled = [index for index, one in enumerate(known) if not one.blank]
    if not filled:
        return tuple(notes)
    middle = filled[len(filled) // 2]
    image, tissue = _middle(plan, known[middle], middle)
    if polarity.light_membranes(image, tissue):
        what = "leave --invert out" if plan.source.negative else "--invert turns them dark"
        notes.append(f"The membranes look light, and the models know dark ones: {what}.")
    if silent:
        notes.append(mute.told(plan.model, image, plan.settings))
    return tuple(notes)


def _beside_tissue(known: list[Exposure]) -> list[str]:
    notes = []
    blank = [index for index, one in enumerate(known) if one.blank]
    if blank:
        named = ", ".join(map(str, blank[:NAMED])) + (", ..." if len(blank) > NAMED else "")
        one = len(blank) == 1
        notes.append(
            f"Section{'' if one else 's'} {named} {'is' if one else 'are'} blank and left empty."
        )
    some = [one for one in known if one.packed is not None]
    if some:
        share = np.mean([1 - one.pixels / np.prod(one.file_shape) for one in some])
        notes.append(
            f"{len(some)} of {len(known)} sections are not all tissue ({100 * share:.2g} % of them"
            " is one value along the edge, an info bar or no number); that is left out."
        )
    return notes


def _middle(plan, known: Exposure, section: int) -> tuple[np.ndarray, np.ndarray | None]:
    """The middle of a section, normalised, and where it is tissue."""
    part = tuple(
        slice(max(side - polarity.PIECE, 0) // 2, min((side + polarity.PIECE) // 2, side))
        for side in known.shape
    )
    return known.window(plan.source, section, *part), known.tissue(*part)
