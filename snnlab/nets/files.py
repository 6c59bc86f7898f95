"""A model as one file to take away, and the reader that trusts nothing in it.

The file is what `snnlab.nets.model.save` writes, an ``.npz`` without pickles, with the
card inside as a further array. Whoever loads one may have it from anybody, so
before anything is unpacked its size, the names in it and what each would unpack
to are checked; then each array's type and shape against the layers that the file
itself describes, and those against what a U-Net of this lab can be. Of the card
only what is known is kept, as plain text and finite numbers.
"""

import io
import json
import math
import re
from dataclasses import asdict, fields, replace

import numpy as np

from snnlab.data import seen
from snnlab.errors import LabError
from snnlab.images.resampling import COARSEST, FINEST
from snnlab.nets.architecture import IMAGE, Layer, channels, weight_shape
from snnlab.nets.familiarity import AT, LIMIT
from snnlab.nets.model import BOUNDS, LEVELS, PERCENTILES, TOLD, Model
from snnlab.settings import Settings
from snnlab.work import stored
from snnlab.work.stored import Damaged

LARGEST = 16 * 1024 * 1024  # bytes of a file; one of the shipped models has 1.2 million
WEIGHTS = 2_000_000
LAYERS = 64
MOST_CLASSES = 3  # membrane, cell, mitochondria
CHANNELS = 512
KERNELS = (1, 2, 3, 5, 7)
TEXT = 200_000  # characters of the layers or of the card
HERTZ = 1e-3, 1e6  # of a firing rate
# of any other number but 0: with those beyond, float32 overflows or has no digits left
SMALLEST, LARGEST_NUMBER = 1e-12, 1e9
SENTENCE = 400  # characters of a text in a card
KINDS = 8  # of tissue that a card describes

_UNKNOWABLE = "has a card whose familiarity is out of range"
_KINDS = ("conv", "conv_transpose", "up")
_ACTIVATIONS = ("relu", "loihi", "linear")
_PARTS = ("levels", "step", "bias", "rate_hz", "quantiles", "floats")
_TEXTS = ("summary", "not", seen.TEXT, seen.TEXT_BEFORE, "chosen_on", "validation", "starts_from",
          "licence_of_the_data", "citation", "command")  # fmt: skip
_SIZES = ("nm", "finest_nm", "coarsest_nm")
_NUMBERS = ("weights", "bits", "minutes", "seed", *_SIZES)


def pack(model: Model) -> bytes:
    """The model and its card as one file."""
    arrays = {
        "layers": np.array(json.dumps([asdict(layer) for layer in model.layers])),
        "card": np.array(json.dumps(card_of(model.card | {"name": model.name}))),
    }
    for layer in model.layers:
        key = layer.name
        arrays[f"{key}/levels"] = model.levels[key]
        arrays[f"{key}/step"] = np.float64(model.steps[key])
        arrays[f"{key}/bias"] = model.biases[key]
        if key in model.rate_hz:
            arrays[f"{key}/rate_hz"] = np.float64(model.rate_hz[key])
        for part in ("quantiles", "floats"):
            if key in getattr(model, part):
                arrays[f"{key}/{part}"] = getattr(model, part)[key]
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def unpack(data: bytes, name: str, card: str | None = None) -> Model:
    """Read a model that somebody hands in.

    Parameters
    ----------
    data : bytes
    name : str
        That the model gets.
    card : str, optional
        The card as JSON, where it is a file of its own.

    Raises
    ------
    LabError
        If anything in the file is not as this lab writes it.
    """
    with stored.as_one_sentence(
        "this model file is damaged, or was not made by this lab; download it again from where it"
        " came."
    ):
        try:
            return _read(data, name, card)
        except Damaged as error:
            raise LabError(
                f"this model file {error}; choose one that this lab has written."
            ) from error


def _read(data: bytes, name: str, card: str | None) -> Model:
    if len(data) > LARGEST:
        raise Damaged(f"has more than {LARGEST >> 20} MB")
    with stored.archive(data, (len(_PARTS) + 1) * LAYERS) as opened:
        there = {item.filename.removesuffix(".npy") for item in opened.infolist()}
        layers = layers_of(text(opened, "layers"))
        if "card" in there:
            card = text(opened, "card")
        found = {}
        for key, (dtype, shape, needed) in _expected(layers).items():
            if key in there:
                found[key] = _array(opened, key, dtype, shape)
            elif needed:
                raise Damaged(f"lacks {key}")
        if there - {"layers", "card", *found}:
            raise Damaged("holds arrays that no model has")
    made = _assembled(name, layers, found)
    return replace(made, card=card_of(stored.parsed(card or "{}")))


# ---- arrays -----------------------------------------------------------------


def _expected(layers: tuple[Layer, ...]) -> dict[str, tuple[str, tuple[int, ...], bool]]:
    """Type and shape of each array, and whether it must be there."""
    found: dict[str, tuple[str, tuple[int, ...], bool]] = {}
    for layer in layers:
        key, shape = layer.name, weight_shape(layer, layers)
        found[f"{key}/levels"] = "|i1", shape, True
        found[f"{key}/step"] = "<f8", (), True
        found[f"{key}/bias"] = "<f4", (layer.channels,), True
        found[f"{key}/floats"] = "<f4", shape, False
        if layer.activation != "linear":
            found[f"{key}/rate_hz"] = "<f8", (), True
            found[f"{key}/quantiles"] = "<f4", PERCENTILES.shape, True
    return found


def _array(opened, key: str, dtype: str, shape: tuple[int, ...]) -> np.ndarray:
    values = stored.array(opened, key, math.prod(shape) * np.dtype(dtype).itemsize)
    if values.dtype.str != dtype or values.shape != shape:
        raise Damaged(f"holds a {key} of another type or shape")
    stored.usable(values, key)
    return values


def text(opened, key: str) -> str:
    """A text of an archive, of no more than `TEXT` characters."""
    values = stored.array(opened, key, 4 * TEXT)
    if values.dtype.kind != "U" or values.shape != () or values.dtype.byteorder not in "<=|":
        raise Damaged(f"holds no text in {key}")
    return values.tobytes().decode("utf-32-le")


def _assembled(name: str, layers: tuple[Layer, ...], found: dict[str, np.ndarray]) -> Model:
    def of(part: str) -> dict:
        return {
            layer.name: found[f"{layer.name}/{part}"]
            for layer in layers
            if f"{layer.name}/{part}" in found
        }

    steps = {key: float(value) for key, value in of("step").items()}
    rates = {key: float(value) for key, value in of("rate_hz").items()}
    for key, levels in of("levels").items():
        if np.abs(levels.astype(int)).max() > LEVELS:
            raise Damaged(f"has a level of {key} below -{LEVELS}")
        if steps[key] <= 0:
            raise Damaged(f"has a step of {key} that is not above 0")
    if any(not HERTZ[0] <= rate <= HERTZ[1] for rate in rates.values()):
        raise Damaged("has a firing rate out of range")
    for key, values in found.items():
        sizes = np.abs(values[values != 0]) if values.dtype.kind == "f" else values[:0]
        # of many weights some may be as small as they like: with a few digits lost nothing is
        least = SMALLEST if key.endswith(("/step", "/quantiles")) else 0.0
        if (sizes < least).any() or (sizes > LARGEST_NUMBER).any():
            raise Damaged(f"has numbers in {key} with which nothing can be computed")
    for key, values in of("quantiles").items():
        if values[0] < 0 or (np.diff(values) < 0).any():
            raise Damaged(f"has percentiles of {key} that fall")
    return Model(
        name, layers, of("levels"), steps, of("bias"), rates, {}, of("quantiles"), of("floats")
    )


# ---- layers -----------------------------------------------------------------


def layers_of(text: str) -> tuple[Layer, ...]:
    """Layers from JSON: a net that this lab can run, or a refusal."""
    described = stored.parsed(text)
    if not isinstance(described, list) or not 2 <= len(described) <= LAYERS:
        raise Damaged(f"describes no net of 2 to {LAYERS} layers")
    layers: list[Layer] = []
    size = {IMAGE: 1.0}  # of each output against the image's
    for item in described:
        layer = _layer(item, size)
        layers.append(layer)
        size[layer.name] = _size(layer, size)
    made = tuple(layers)
    if [layer.activation == "linear" for layer in made] != [False] * (len(made) - 1) + [True]:
        raise Damaged("describes a net whose readout is not its last layer")
    if size[made[-1].name] != 1 or made[-1].channels > MOST_CLASSES or made[-1].kind != "conv":
        raise Damaged("describes a net that gives no segmentation")
    width = channels(made)
    if sum(math.prod(weight_shape(layer, made)) for layer in made) > WEIGHTS or not width:
        raise Damaged(f"describes a net of more than {WEIGHTS} weights")
    return made


def _layer(item, size: dict[str, float]) -> Layer:
    names = {field.name for field in fields(Layer)}
    if not isinstance(item, dict) or not {"name", "kind", "inputs"} <= set(item) <= names:
        raise Damaged("describes a layer that this lab does not have")
    layer = Layer(**(item | {"inputs": tuple(item["inputs"])}))
    whole = (layer.channels, layer.kernel, layer.stride, layer.pool)
    fits = (
        isinstance(layer.name, str)
        and re.fullmatch(r"[a-z][a-z0-9_]{0,31}", layer.name)
        and layer.name not in size
        and layer.kind in _KINDS
        and 1 <= len(layer.inputs) <= 4
        and all(isinstance(one, str) and one in size for one in layer.inputs)
        and all(type(number) is int for number in whole)
        and 1 <= layer.channels <= CHANNELS
        and layer.kernel in KERNELS
        and layer.stride in (1, 2)
        and layer.pool in (1, 2)
        and layer.activation in _ACTIVATIONS
        and type(layer.on_chip) is bool
    )
    if not fits:
        raise Damaged("describes a layer that this lab does not have")
    return layer


def _size(layer: Layer, size: dict[str, float]) -> float:
    """Size of the layer's output against the image's; inputs must fit each other."""
    first, *rest = (size[name] for name in layer.inputs)
    if layer.pool > 1 and (layer.kind != "conv" or rest):
        raise Damaged("pools where this lab does not")
    out = first / (layer.stride * layer.pool) if layer.kind == "conv" else first * layer.stride
    beside = out if layer.kind == "up" else first
    if any(one != beside for one in rest) or not 1 / 64 <= out <= 1:
        raise Damaged("describes layers that do not fit each other")
    return out


# ---- the card ---------------------------------------------------------------


def card_of(card) -> dict:
    """What is known of a card: texts without markup, finite numbers, valid settings."""
    if not isinstance(card, dict):
        raise Damaged("has a card that is none")
    kept: dict = {key: plain(card[key]) for key in _TEXTS if isinstance(card.get(key), str)}
    kept |= {key: card[key] for key in _NUMBERS if _is_number(card.get(key))}
    if any(kept.get(key, 0.0) != 0 and not FINEST <= kept[key] <= COARSEST for key in _SIZES):
        raise Damaged("has a card whose pixel size is out of range")
    kept["settings"] = _settings(card.get("settings", {}))
    asked = card.get("range")
    if isinstance(asked, dict) and all(_is_number(asked.get(key)) for key in BOUNDS):
        kept["range"] = _settings({key: float(asked[key]) for key in BOUNDS})
    kept |= {key: card[key] for key in (seen.OWN, seen.BEFORE) if _seen(card.get(key))}
    kept |= _scores(card.get("scores"))
    return kept | _familiarity(card.get("familiarity"))


def _seen(told) -> bool:
    """Whether there is an entry of what it was trained on."""
    if told is not None and not seen.fits(told):
        raise Damaged("has a card whose sections are none")
    return bool(told)


def _familiarity(told) -> dict:
    """The entry of what the training sections look like, if there is one that can be computed with.

    Whether it fits the layers is seen where it is used; see `snnlab.nets.familiarity.from_card`.
    """
    if not isinstance(told, dict):
        return {}
    others = told.get("others", [])
    if not isinstance(others, list) or len(others) >= KINDS:
        raise Damaged(_UNKNOWABLE)
    kept = _kind(told) | ({"others": [_kind(one) for one in others]} if others else {})
    return {"familiarity": kept}


def _kind(told) -> dict:
    """What one kind of training section looks like."""
    if not isinstance(told, dict):
        raise Damaged(_UNKNOWABLE)
    counts = {key: told.get(key) for key in ("window", "windows", "pixels")}
    distances = told.get("distances")
    parts = {key: told.get(key) for key in ("mean", "spread")}
    fits = (
        all(isinstance(told.get(key), str) for key in ("of", "held_against"))
        and all(type(count) is int and 0 < count <= LARGEST_NUMBER for count in counts.values())
        and _are_numbers(distances, {str(at) for at in AT})
        and distances[LIMIT] > 0
        and all(
            isinstance(part, dict)
            and len(part) <= LAYERS
            and all(isinstance(one, list) and _are_numbers(dict(enumerate(one))) for one in
                    part.values())
            for part in parts.values()
        )
    )  # fmt: skip
    if not fits:
        raise Damaged(_UNKNOWABLE)
    said = {key: plain(told[key]) for key in ("of", "held_against")}
    return {**said, **counts, "distances": distances, **parts}


def _are_numbers(values, keys: set[str] | None = None) -> bool:
    """Whether it is a dict of numbers from 0 on."""
    return (
        isinstance(values, dict)
        and (keys is None or set(values) == keys)
        and len(values) <= CHANNELS
        and all(_is_number(value) and value >= 0 for value in values.values())
    )


def _scores(scores) -> dict:
    """The entry of scores, if there is one."""
    kept: dict = {}
    if isinstance(scores, dict):
        shares = [v for part in scores.values() if isinstance(part, dict) for v in part.values()]
        if any(_is_number(share) and not -1 <= share <= 1 for share in shares):
            raise Damaged("has a card whose scores are out of range")
        kept["scores"] = {
            key: {name: float(part[name]) for name in TOLD if _is_number(part.get(name))}
            for key, part in scores.items()
            if key in ("ann", "snn") and isinstance(part, dict)
        }
        if isinstance(scores.get("sections"), str):
            kept["scores"]["sections"] = plain(scores["sections"])
        inside = scores.get("in_range")
        if isinstance(inside, dict) and all(_is_number(v) for v in inside.values()):
            kept["scores"]["in_range"] = {plain(str(k)): float(v) for k, v in inside.items()}
    return kept


def _is_number(value) -> bool:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return known and abs(value) <= LARGEST_NUMBER  # nor is NaN


def _settings(stored) -> dict:
    if not isinstance(stored, dict):
        raise Damaged("has a card whose settings are none")
    known = {item.name for item in fields(Settings)} - {"model", "source", "section"}
    chosen = {key: value for key, value in stored.items() if key in known}
    try:
        Settings(**chosen)
    except LabError as error:
        raise Damaged("has a card whose settings are out of range") from error
    return chosen


def plain(text: str) -> str:
    """A sentence or two without line breaks and without what Markdown takes for its own."""
    words = re.sub(r"[\[\]<>*_`#|\\!~$]", " ", "".join(c if c.isprintable() else " " for c in text))
    return re.sub(r"\s+", " ", words).strip()[:SENTENCE]
