"""What is said of how familiar an image is to a model, and what to try where it is not.

How it is measured: `snnlab.nets.familiarity`. What it is worth: `benchmarks/familiarity.py`.
"""

from dataclasses import dataclass

from snnlab.images.pictures import Picture
from snnlab.nets.familiarity import UNKNOWN, Familiarity

MEANS = {
    "familiar": "it looks to this model like what it was trained on",
    "unusual": "this model has hardly seen anything like it, so look for errors",
    "foreign": "this model has seen nothing like it, so do not trust the segmentation",
}
SCALE = (
    "How far the activations in its layers stray from those on the sections that the model was"
    " trained on; 1 is as far as they do on other sections of the same kind. It misses whatever"
    " changes them little: a slight blur, or a pixel size that is off by less than half."
)
NOT_KNOWN = (
    "How familiar this image is to the model is not known: its card does not say what its training"
    " sections look like to it."
)


def on_json(found: Familiarity | None) -> dict:
    """As the command line has it: word and value, ``"not known"`` and None if neither is there."""
    if found is None:
        return {"word": UNKNOWN, "value": None}
    return {"word": found.word, "value": found.value}


@dataclass(frozen=True)
class Ways:
    """What to do, as it is called where it is read."""

    invert: str
    size: str
    learn: str


ON_PAGE = Ways(
    "switch on *Swap dark and light* in the sidebar, since its membranes look light",
    "give the size of its pixels in the sidebar, and compare: that helps some tissue, and harms"
    " other",
    "paint what is right with *Brush*, on *Segment*, and train on that; or fine-tune the model on a"
    " labelled part of it, on *Tune*",
)
IN_COMMANDS = Ways(
    "invert it with --invert, since its membranes look light",
    "give the size of its pixels with --nm, and compare: that helps some tissue, and harms other",
    "fine-tune the model on a labelled part of it",
)


def told(found: Familiarity, picture: Picture, ways: Ways = IN_COMMANDS) -> str:
    """One sentence, and a second one with what to try."""
    said = f"{found.word.capitalize()} ({found.value:.2f}): {MEANS[found.word]}."
    if found.word == "familiar":
        return said
    return f"{said} {tries(picture, ways)}"


def known_to(name: str, value: float) -> str:
    """A sentence on another model, which knows an image that this one does not."""
    return f"It is familiar to the model {name} ({value:.2f})."


def tries(picture: Picture, ways: Ways) -> str:
    """What may help an image: what looks wrong with it, and in any case to learn it."""
    found = []
    if picture.light_membranes:
        found.append(ways.invert)
    if picture.nm is None:
        found.append(ways.size)
    found.append(ways.learn)
    first, *rest = found
    return f"What to try: {first}{''.join(f'; then {one}' for one in rest)}."
