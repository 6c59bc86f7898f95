"""What a model's training sections look like to it, kept in its card.

So that a run can say how familiar an image is; `snnlab.nets.familiarity` says how that is told.
Sections are shown in several of the eight ways that they can be turned and mirrored, as training
showed them: a membrane's direction is nothing new.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from snnlab.data import epfl, isbi
from snnlab.nets import familiarity, inference
from snnlab.nets.familiarity import Rows, Windows
from snnlab.nets.model import Model
from snnlab.training import choosing, recipes

SHOWN = 16  # runs of the net, about, over all sections
MOST = 48  # sections; of more, so many evenly
TURNS = 8
FEW = 4  # sections to hold against each other; of fewer each is cut in four

Section = tuple[np.ndarray, np.ndarray | None]  # image and tissue


@dataclass(frozen=True)
class Sections:
    """Sections to know.

    Attributes
    ----------
    each : sequence of (numpy.ndarray, numpy.ndarray or None)
        float32 ``(height, width)``, normalised, and where it is tissue; None: everywhere.
    called : str
        What they are.
    """

    each: Sequence[Section]
    called: str

    @classmethod
    def plain(cls, images: Sequence[np.ndarray], called: str) -> "Sections":
        """Images that are tissue all over."""
        return cls([(image, None) for image in images], called)


Kind = tuple[Sections, Sections | None]  # trained on, and held against


def kinds(kind: str, folder: str | None, epfl_folder: str | None = None) -> tuple[Kind, ...]:
    """Of each set that a plan trains on, sections of it, and those that checkpoints are chosen by.

    Parameters
    ----------
    kind : str
        A key of `snnlab.training.recipes.SETS`.
    folder, epfl_folder : str or None

    Raises
    ------
    LabError
        If real ones are needed and there is no folder.
    """
    first = recipes.FIRST_SEED
    names = {
        "isbi": isbi.named(isbi.TRAINING),
        "epfl": f"every 4th of {epfl.named(epfl.TRAINING)}",
        "synthetic": f"synthetic, seeds {first}..{first + 11}",
    }
    found = []
    for one in recipes.SETS[kind]:
        images, _ = recipes.finishing(one, folder, epfl_folder)
        apart, _ = recipes.choice(one, folder, epfl_folder)
        seen = Sections.plain(images, names[one])
        found.append((seen, Sections.plain(apart, recipes.named(one)[0])))
    return tuple(found)


def sections(model: Model, folder: str | None, epfl_folder: str | None = None) -> tuple[Kind, ...]:
    """As `kinds`, of a shipped model."""
    return kinds(choosing.kind(model), folder, epfl_folder)


def remembered(
    model: Model,
    known: Sequence[Kind],
    progress: Callable[[float], None] | None = None,
) -> Model:
    """The model with the statistics of sections in its card.

    Parameters
    ----------
    known : sequence of (Sections, Sections or None)
        Of each kind of tissue, sections that it was trained on, and some that it was not: how far
        from the others these lie is the measure.
    progress : callable, optional
        Given the share that is done.

    Returns
    -------
    Model
        Without such an entry, if there is too little of a kind to hold against each other.
    """

    def told(index: int, share: float) -> None:
        if progress:
            progress((index + share) / len(known))

    found = [_known(model, *kind, partial(told, index)) for index, kind in enumerate(known)]
    card = {key: value for key, value in model.card.items() if key != "familiarity"}
    if found and None not in found:
        card["familiarity"] = familiarity.Kinds(tuple(found)).on_card(model.layers)
    return replace(model, card=card)


def _known(
    model: Model, seen: Sections, apart: Sections | None, progress: Callable[[float], None]
) -> familiarity.Known | None:
    """Of one kind."""
    both = [part for part in (seen, apart) if part is not None and len(part.each)]
    if apart is None and 0 < len(seen.each) < FEW:
        both = [Sections([piece for one in seen.each for piece in _quarters(*one)], seen.called)]
    found = [
        _rows(model, part, lambda share, done=index: progress((done + share) / len(both)))
        for index, part in enumerate(both)
    ]
    return familiarity.known(*found) if len(seen.each) else None


def _rows(model: Model, shown: Sections, progress: Callable[[float], None]) -> Rows:
    values, sections, pixels = [], [], []
    turned = _turned(shown.each)
    for done, (section, image, tissue) in enumerate(turned, start=1):
        windows = Windows(image.shape, tissue)
        inference.segment(model, image, seen=windows)
        values.append(windows.rows(model.layers))
        sections += [section] * len(values[-1])
        pixels += windows.pixels.values()
        progress(done / len(turned))
    return Rows(np.concatenate(values), np.array(sections), np.array(pixels), shown.called)


def _turned(shown: Sequence[Section]) -> list[tuple[int, np.ndarray, np.ndarray | None]]:
    """Which section, and image and tissue as they are shown, one after the other."""
    if len(shown) > MOST:
        shown = [shown[at] for at in np.linspace(0, len(shown) - 1, MOST).round().astype(int)]
    each = min(TURNS, -(-SHOWN // max(len(shown), 1)))
    found = []
    for index, (image, tissue) in enumerate(shown):
        for turn in range(index, index + each):
            parts = [None if part is None else _turn(part, turn) for part in (image, tissue)]
            found.append((index, *parts))
    return found


def _turn(values: np.ndarray, turn: int) -> np.ndarray:
    """One of the eight ways to lay a section down."""
    turned = np.rot90(values, turn % 4)
    return np.ascontiguousarray(turned[:, ::-1] if turn % TURNS >= 4 else turned)


def _quarters(image: np.ndarray, tissue: np.ndarray | None) -> list[Section]:
    height, width = (side // 2 for side in image.shape)
    boxes = [
        (slice(top, top + height), slice(left, left + width))
        for top in (0, height)
        for left in (0, width)
    ]
    return [(image[box], None if tissue is None else tissue[box]) for box in boxes]
