"""What is doubtful about a visitor's labelled sections, a sentence each."""

from collections.abc import Sequence

import numpy as np

from snnlab.data.drawn import CROP
from snnlab.images import matching, resampling
from snnlab.images.limits import shown

LITTLE = 1024 * 1024  # pixels, below which a net of this size learns its sections by heart
SPARSE = 0.5  # share of the pixels, below which labels are not whole cells any more
GAP = 16  # rows between what is trained on and what is validated on


def counted(labels: np.ndarray) -> int:
    """Pixels that count: all of bool labels, those from 0 on of others."""
    return labels.size if labels.dtype == bool else int(np.count_nonzero(labels >= 0))


def once(heard: dict[str, list[str]]) -> list[str]:
    """What was said of many sections, once, and of how many more."""
    told = []
    for notes in heard.values():
        more = len(set(notes)) - 1
        told.append(notes[0] + (f" ({more} more alike.)" if more else ""))
    return told


def other_pixels(said: Sequence[tuple[str, float | None]]) -> tuple[str, ...]:
    """A sentence, if files say that their pixels are not those of the shipped models."""
    other = [(name, nm) for name, nm in said if nm is not None and not resampling.alike(nm)]
    if not other:
        return ()
    name, nm = other[0]
    return (
        f"{shown(name)} says that its pixels are {nm:g} nm wide, and the shipped models learned"
        f" from {resampling.MODEL_NM:g} nm. To fine-tune one of them, give the pixel size, so that"
        " the sections are resampled. A net trained from scratch can learn either: give the size"
        " both here and where the net is used, or in neither place.",
    )


def about_order(sections, called: Sequence[str]) -> tuple[str, ...]:
    """A sentence, if labels would fit the images better in another order, or hardly fit at all.

    Parameters
    ----------
    sections : sequence of (numpy.ndarray, numpy.ndarray)
    called : sequence of str
        What each is called.
    """
    order = matching.other_order(*zip(*sections, strict=True))
    if order:
        return (
            f"The labels fit the edges of the images better {order} than as they were paired: check"
            " that each image has the labels of its own section.",
        )
    hardly = [
        place
        for place, (image, labels) in enumerate(sections)
        if abs(matching.fit(image, labels > 0, labels < 0)) < matching.HARDLY
    ]
    if not hardly:
        return ()
    which = called[hardly[0]] if len(hardly) == 1 else f"{len(hardly)} sections"
    which = "the images" if len(hardly) == len(sections) else which
    among = f" (the first is {called[hardly[0]]})" if 1 < len(hardly) < len(sections) else ""
    return (
        f"The labels of {which}{among} hardly follow their edges: check that each image has the"
        " labels of its own section.",
    )


def about_copies(train, validation, called: Sequence[str]) -> tuple[str, ...]:
    """A sentence, if what is held out was nearly seen in training.

    Parameters
    ----------
    train, validation : sequence of (numpy.ndarray, numpy.ndarray)
    called : sequence of str
        What each is called, those that are trained on first.
    """
    copies = matching.near_copies([image for image, _ in validation], [x for x, _ in train])
    if not copies:
        return ()
    index, other = copies[0]
    return (
        f"{len(copies)} of {len(validation)} held-out sections are nearly the same picture as one"
        f" in training ({called[len(train) + index]}, held out, and {called[other]}, trained on):"
        " their scores are flattering. Leave copies out of the file, or trust the scores of a stack"
        " that lies further away.",
    )


def notes(sections, pixels: int) -> tuple[str, ...]:
    """What is unusual about images and labels, or too little."""
    notes = []
    counts = np.sum([[np.count_nonzero(x > 0), counted(x)] for _, x in sections], axis=0)
    cell = float(counts[0] / counts[1])
    fits = [matching.fit(image, labels > 0, labels < 0) for image, labels in sections]
    darker = float(np.nanmean(fits)) if np.isfinite(fits).any() else 0.0
    # in stained EM membranes are dark, and thin
    if darker < 0:
        notes.append(
            f"What the labels call cell ({100 * cell:.0f} % of the pixels) is darker than what they"
            " call membrane, which is unusual for stained sections: check what black in the labels"
            " stands for."
        )
    elif cell < 0.5:
        notes.append(
            f"Only {100 * cell:.0f} % of the pixels are labelled cell: check what black in the"
            " labels stands for."
        )
    if pixels < LITTLE:
        notes.append(
            f"{pixels / 1e6:.2f} million labelled pixels are not many for 257 thousand weights: a"
            " net trained from scratch will simply memorise them; fine-tuning a trained net runs"
            " less risk of that."
        )
    labelled = counts[1] / sum(labels.size for _, labels in sections)
    if labelled < SPARSE:
        notes.append(
            f"Only {100 * labelled:.0f} % of the pixels are labelled, as by scribbles: pixel"
            " accuracy is over these alone, and V_Rand, which takes each scribble for a cell of its"
            " own, says little."
        )
    smallest = min(min(image.shape) for image, _ in sections)
    if smallest < CROP + GAP:
        notes.append(
            f"The smallest section has {smallest} pixels per side, so crops are smaller than the"
            f" {CROP} pixels that the shipped models were trained with."
        )
    return tuple(notes)
