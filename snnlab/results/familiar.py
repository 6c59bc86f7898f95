"""What is said of how familiar an image is to a model, and what to try where it is not.

How it is measured: `snnlab.nets.familiarity`. What it is worth: `benchmarks/familiarity.py`.
"""

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


def told(found: Familiarity, picture: Picture) -> str:
    """One sentence, and a second one with what to try, the likeliest first."""
    said = f"{found.word.capitalize()} ({found.value:.2f}): {MEANS[found.word]}."
    if found.word == "familiar":
        return said
    return f"{said} {tries(picture)}"


def tries(picture: Picture) -> str:
    """What may make an image more familiar: what looks wrong with it, or else a fine-tuning."""
    found = []
    if picture.light_membranes:
        found.append("invert it, since its membranes look light")
    if picture.nm is None:
        found.append("give the size of its pixels, which is not known")
    found.append("fine-tune the model on a labelled part of it")
    first, *rest = found
    return f"What to try: {first}{''.join(f'; then {one}' for one in rest)}."
