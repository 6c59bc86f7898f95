"""The lab's front door to the methods side by side: what the page and its tool call."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from snnlab.conversion.errors import PARTS
from snnlab.energy.constants import Device
from snnlab.energy.devices import device, devices
from snnlab.energy.estimate import estimate
from snnlab.errors import Cancelled, LabError
from snnlab.export import tables
from snnlab.images import tiles
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.nets.architecture import multiple
from snnlab.settings import Settings
from snnlab.studies.methods import measuring, storing
from snnlab.studies.methods.contenders import Contender, contenders, convertible
from snnlab.studies.methods.measuring import SCORES, TIMESTEPS, Cell, Compared

__all__ = [
    "CHIP",
    "MOST",
    "PARTS",
    "SCORES",
    "TIMESTEPS",
    "Cell",
    "Compared",
    "Contender",
    "compare",
    "csv_of",
    "entries",
    "entrants",
    "joules",
    "make_ready",
    "models",
    "outdated",
    "parts",
    "ready_made",
    "remembered",
    "rows",
]

READY_MADE = lab.ASSETS / "methods.npz"
MODEL = "relu"  # trained for the task alone, so for no method more than for another
MOST = 512  # pixels a side of what is compared; of a larger image the middle
KEPT = 96  # contenders on images that are remembered
CHIP = "loihi-davies"  # whose energy a table tells

_known: OrderedDict[tuple, Compared] = OrderedDict()
_guard = threading.Lock()


def models() -> tuple[str, ...]:
    """Models whose weights any method may convert; the usual one first."""
    found = convertible(lab.cards())
    if not found:
        raise LabError("there is no model for the methods to convert; train one (relu).")
    return tuple(sorted(found, key=lambda name: (name != MODEL, found.index(name))))


def entrants(model: str | None = None, base: Settings | None = None) -> tuple[Contender, ...]:
    """All contenders there are.

    Parameters
    ----------
    model : str, optional
        Converted by the methods that need no training of their own; the first
        of `models` if not given.
    base : Settings, optional
        Of which source, section, threshold and seed are used.
    """
    cards = lab.cards()
    pools = {name: any(layer.pool > 1 for layer in lab.about(name).layers) for name in cards}
    return contenders(model or models()[0], cards, pools, base or Settings())


def remembered(contender: Contender, picture: Picture) -> Compared | None:
    """What `compare` gave for a contender on an image, or None."""
    key = _key(contender, picture)
    with _guard:
        if key in _known:
            _known.move_to_end(key)
            # titles, and where the picture is in its stack, may be others
            return replace(_known[key], contender=contender)
    return None


def compare(
    chosen: Sequence[Contender],
    picture: Picture,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    found: Callable[[Compared], None] | None = None,
) -> tuple[Compared, ...]:
    """Run contenders one after the other on an image, after `TIMESTEPS` steps each.

    Parameters
    ----------
    chosen : sequence of Contender
    picture : Picture
        Of one larger than `MOST` pixels a side the middle is taken.
    found : callable, optional
        Given each as soon as it is done.

    Returns
    -------
    tuple of Compared
        One that refuses its model says why, and keeps no other from being run.

    Raises
    ------
    Cancelled
        What was finished by then is remembered.
    """
    progress, found = progress or (lambda share, stage: None), found or (lambda one: None)
    done = []
    for index, contender in enumerate(chosen):
        one = remembered(contender, picture)
        if one is None:
            if cancel and cancel():
                raise Cancelled

            def told(share: float, stage: str, index=index, title=contender.title) -> None:
                progress((index + share) / len(chosen), title)

            told(0.0, "")
            one = _measured(contender, picture, told, cancel)
            if not one.error:
                with _guard:
                    _known[_key(contender, picture)] = one
                    while len(_known) > KEPT:
                        _known.popitem(last=False)
        done.append(one)
        found(one)
    progress(1.0, "done")
    return tuple(done)


def _measured(contender: Contender, picture: Picture, progress, cancel) -> Compared:
    model = lab.model(contender.model)
    cut = measuring.middle(picture, MOST)
    ann, activations = _ann(contender.model, cut)
    try:
        return measuring.measure(
            contender, model, cut, ann, activations, TIMESTEPS, progress, cancel
        )
    except LabError as error:
        return Compared(contender, measuring.small(ann), {}, {}, (), str(error))


_anns: OrderedDict[tuple, tuple] = OrderedDict()


def _ann(name: str, picture: Picture) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Probability and activations; kept of two models, as contenders of one model follow."""
    from snnlab.nets import inference

    model = lab.model(name)
    key = model.digest, picture.content, picture.section, picture.pixels.shape
    if key not in _anns:
        image = picture.normalised
        padded = tiles.pad(image, multiple(model.layers))
        _anns[key] = (
            inference.segment(model, image).probability,
            inference.activations(model, padded),
        )
        while len(_anns) > 2:
            _anns.popitem(last=False)
    return _anns[key]


def _key(contender: Contender, picture: Picture) -> tuple:
    settings = replace(contender.settings, source="sample", section=0, timesteps=1)
    return (
        picture.content,
        picture.section,
        hashlib.sha256(picture.truth).hexdigest(),
        lab.model(contender.model).digest,
        settings.key(),
    )


# ---- what is shipped ------------------------------------------------------------


@lru_cache(maxsize=1)
def ready_made() -> tuple[tuple[Compared, ...], dict]:
    """The shipped comparison: on the page before anything is computed.

    Returns
    -------
    compared : tuple of Compared
    about : dict
        ``image``, ``shape``, ``section`` and ``models``, the digests of the weights.

    Raises
    ------
    LabError
        If the file is missing or damaged.
    """
    return storing.load(READY_MADE)


def make_ready(path: Path = READY_MADE, progress=None) -> tuple[Compared, ...]:
    """Compare all contenders on the default sample, and keep that for `ready_made`."""
    picture = lab.sample(0)
    chosen = entrants()
    made = compare(chosen, picture, progress)
    kept = tuple(one for one in made if not one.error)
    about = {
        "image": picture.name,
        "section": picture.section,
        "shape": list(picture.pixels.shape),
        "models": {
            name: lab.model(name).digest for name in sorted({one.contender.model for one in kept})
        },
    }
    storing.save(kept, about, path)
    ready_made.cache_clear()
    return made


def outdated(about: dict) -> bool:
    """Whether a shipped comparison is of other weights than the lab has now."""
    there = lab.cards()
    return any(
        name not in there or lab.about(name).digest != digest
        for name, digest in about["models"].items()
    )


# ---- numbers --------------------------------------------------------------------


def entries(kind: str) -> tuple[Device, ...]:
    """Devices that run a kind of network: ``"snn"`` or ``"ann"``."""
    return tuple(one for one in devices() if one.network == kind)


def joules(cell: Cell, name: str = CHIP) -> float:
    """Energy of an image on a device, by published constants; see `snnlab.energy`."""
    return estimate(device(name, devices()), cell.work).joules


def parts(compared: Compared, cell: Cell, relative: bool = True) -> dict[str, dict[str, float]]:
    """Each layer's error by where it comes from, root mean squares.

    Parameters
    ----------
    relative : bool
        As a share of the root mean square of the layer's ANN activations, else
        in their units. Layers that the ANN leaves silent are then left out.

    Returns
    -------
    dict of str to dict
        By layer: `PARTS` and ``total``. Parts have signs that partly cancel, so
        they do not add up to the total.
    """
    found = {}
    for layer in cell.errors:
        scale = compared.activation.get(layer.name, 0.0) if relative else 1.0
        if scale > 0:
            names = (*PARTS, "total")
            found[layer.name] = {name: getattr(layer, name) / scale for name in names}
    return found


def rows(compared: Sequence[Compared]) -> list[dict]:
    """A row a contender and number of steps, as plain values."""
    chip = device(CHIP, devices())
    out = []
    for one in compared:
        for cell in one.cells:
            mean = parts(one, cell).values()
            out.append(
                {
                    "method": one.contender.title,
                    "model": one.contender.model,
                    "timesteps": cell.timesteps,
                }
                | cell.scores
                | {f"ann_{name}": value for name, value in one.ann_scores.items()}
                | {
                    f"{name}_from_ann": value - one.ann_scores[name]
                    for name, value in cell.scores.items()
                }
                | {
                    "agreement_with_ann": cell.agreement,
                    "mean_difference": cell.difference,
                    "spikes": round(cell.work.spikes),
                    "synaptic_events": round(cell.work.events),
                    "spikes_per_neuron": cell.work.spikes_per_neuron,
                    "joules": estimate(chip, cell.work).joules,
                    "loihi_1": f"no: {one.contender.loihi}" if one.contender.loihi else "yes",
                    "loihi_2": f"no: {one.contender.loihi_2}"
                    if one.contender.loihi_2
                    else "possible",
                    "wrong_share": cell.wrong_share,
                    "wrong_spikes": cell.wrong_spikes,
                    "readout_silent": cell.silent,
                }
                | {
                    f"error_{name}": float(np.mean([layer[name] for layer in mean]))
                    for name in (*PARTS, "total")
                    if mean
                }
            )
    return out


def csv_of(compared: Sequence[Compared]) -> str:
    """`rows` as a table."""
    return tables.of_rows(rows(compared))
