"""Whether an image would be more familiar to a model with light and dark turned, or resampled.

Only what may help is tried: see `helpful`. And whether there is another model that knows it.
"""

from dataclasses import dataclass

from snnlab.errors import LabError
from snnlab.images.contrast import normalise
from snnlab.images.pictures import Picture
from snnlab.images.resampling import MODEL_NM, alike, resampled
from snnlab.lab import segmenting as lab
from snnlab.nets import inference
from snnlab.nets.familiarity import Familiarity

PIECE = 384  # side of the middle that is tried, pixels
FACTORS = (0.5, 0.75, 1.5, 2.0)  # of the number of pixels a side
ASKED = 4  # other models that are asked whether they know an image: each is loaded for it
CLEARLY = 0.1  # more familiar than as it is, by so much at least: less may be chance


@dataclass(frozen=True)
class Tried:
    """One way to show the image.

    Attributes
    ----------
    way : str
        What was done to it.
    found : Familiarity
    """

    way: str
    found: Familiarity


def helpful(picture: Picture, model: str) -> tuple[str, ...]:
    """Of ``"inverted"`` and ``"resampled"``, what may help an image, as far as is known of it.

    One with dark membranes is as the nets want it, and so is one of their size of pixels.

    Raises
    ------
    LabError
        If there is no such model any more.
    """
    learned = lab.about(model).card.get("nm") or MODEL_NM
    sized = picture.nm is not None and alike(picture.nm, learned)
    return (*["inverted"] * picture.light_membranes, *["resampled"] * (not sized))


def ways(picture: Picture, model: str) -> tuple[Tried, ...]:
    """How familiar the middle of an image is as it is, first, and in other ways that may help.

    None at all if the model's card does not say what it knows, or the middle has no tissue.

    Raises
    ------
    LabError
        If there is no such model any more.
    """
    net = lab.model(model)
    learned = net.card.get("nm") or MODEL_NM
    pixels, tissue = _middle(picture)
    may = helpful(picture, model)
    shown = {"as it is": (pixels, tissue)}
    if "inverted" in may:
        shown["inverted"] = 1 - pixels, tissue
    for factor in FACTORS if "resampled" in may else ():
        shape = tuple(max(32, round(side * factor)) for side in pixels.shape)
        mask = None if tissue is None else resampled(tissue, shape) > 0.5
        shown[_resampled(picture.nm, learned, factor)] = resampled(pixels, shape), mask
    found = []
    for way, (image, mask) in shown.items():
        told = inference.looked_at(net, normalise(image, mask), mask).familiarity
        if told is not None:
            found.append(Tried(way, told))
    return tuple(found)


def known_to(picture: Picture, model: str) -> tuple[Tried, ...]:
    """Other models to which the middle of an image is familiar, as it is; the most familiar first.

    ``way`` is a model's name. A few are asked, in the order of the list. Of models that learned
    from the same sections, the first listed answers for all, and for those that learned from the
    same ones as the model named. None at all for an image whose membranes look light: it is to be
    turned first, and a model that has seen many looks may not notice.
    """
    if picture.light_membranes:
        return ()
    cards, pixels = lab.cards(), None
    asked = {_learned_from(cards.get(model, {}))}
    found = []
    for name, card in cards.items():
        sections = _learned_from(card)
        if sections in asked or sections is None:
            continue
        if len(asked) > ASKED:
            break
        asked.add(sections)
        if pixels is None:
            pixels, tissue = _middle(picture)
            pixels = normalise(pixels, tissue)
        try:
            told = inference.looked_at(lab.model(name), pixels, tissue).familiarity
        except LabError:  # its file is there no more, or is damaged
            continue
        if told is not None and told.word == "familiar":
            found.append(Tried(name, told))
    return tuple(sorted(found, key=lambda one: one.found.value))


def _learned_from(card: dict) -> str | None:
    return card.get("familiarity", {}).get("of")


def _middle(picture: Picture):
    """What is tried of an image, and where in it there is tissue."""
    box = tuple(slice(max(side - PIECE, 0) // 2, None) for side in picture.pixels.shape)
    tissue = None if picture.tissue is None else picture.tissue[box][:PIECE, :PIECE]
    return picture.pixels[box][:PIECE, :PIECE], tissue


def _resampled(nm: float | None, learned: float, factor: float) -> str:
    if nm is None:  # then this is what the field for their size makes of it
        return f"as if its pixels were {learned * factor:g} nm wide"
    return f"resampled to {nm / factor:.3g} nm"


def sentence(tried: tuple[Tried, ...]) -> str:
    """What came of it."""
    if not tried:
        return "The middle of this image has no tissue to try it with."
    asit, *others = tried
    best = min(others, key=lambda one: one.found.value)
    values = ", ".join(f"{one.way} {one.found.value:.2f}" for one in tried)
    if best.found.value > asit.found.value - CLEARLY:
        said = "None of these is clearly more familiar than the image as it is"
    else:
        said = f"Most familiar: {best.way}, {best.found.word}"
    return f"{said} (its middle: {values})."
