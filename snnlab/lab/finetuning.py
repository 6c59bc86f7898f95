"""Fine-tuning for the page and the command line: what is asked for, the run, the result."""

import shutil
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from snnlab.data import seen
from snnlab.data.own import OwnData
from snnlab.errors import Cancelled, LabError
from snnlab.images.resampling import MODEL_NM
from snnlab.lab import segmenting as lab
from snnlab.lab.finetune_wish import BITS, CURVES, DATA, Wish
from snnlab.nets import files as model_file
from snnlab.nets import inference
from snnlab.nets.architecture import multiple
from snnlab.nets.model import Model, with_card
from snnlab.settings import Settings
from snnlab.studies.sweep import store
from snnlab.training import (
    checkpoints,
    finetuning,
    ranging,
    remembering,
    scoring,
    tuning_data,
    worth,
)
from snnlab.work import tickets

__all__ = ["BITS", "CURVES", "DATA", "Live", "Tuned", "Wish", "begun", "forget", "job", "material",
           "packed", "place", "run", "where"]  # fmt: skip

LOOK = 256  # side of the preview, pixels
JUDGED = 4  # held-out sections on which neurons are counted, one by one
GENTLER = "Ask for less: wider or higher bounds, more bits or more minutes."
TRAINED = 0.9  # of the progress; the rest is finishing and scores


def material(
    wish: Wish, folder: str | None = None, own: OwnData | None = None, progress=None
) -> tuning_data.Material:
    """The sections to train on and to judge by.

    Raises
    ------
    LabError
        If the folder has no volumes, or no own sections were given.
    """
    if wish.data == "synthetic":
        return tuning_data.from_synthetic(progress)
    if wish.data == "isbi":
        return tuning_data.from_isbi(folder)
    tuning_data.identity("own", None, own)  # refuses none
    return tuning_data.from_own(own)


# ---- what can be watched -------------------------------------------------------


class Live:
    """What is seen of a run while it lasts; written by its thread, read by anybody.

    Attributes
    ----------
    shown : numpy.ndarray or None
        float32 ``(h, w)``, normalised: what is segmented again and again.
    place : Path or None
        Of the checkpoint, once the run has one.
    """

    place: Path | None = None

    def __init__(self, shown: np.ndarray | None = None):
        self.shown = None if shown is None else _middle(shown)
        self._guard = threading.Lock()
        self._entries: list[dict] = []
        self._previews: tuple[np.ndarray, ...] = ()

    def enter(self, entry: dict) -> None:
        """Add a check."""
        with self._guard:
            self._entries.append(entry)

    def show(self, preview: np.ndarray) -> None:
        """How the image is segmented now; the first is kept, to compare with."""
        with self._guard:
            self._previews = (*self._previews[:1], preview)

    @property
    def entries(self) -> tuple[dict, ...]:
        """All checks; the first is the model as it was, the second after scaling."""
        with self._guard:
            return tuple(self._entries)

    @property
    def previews(self) -> tuple[np.ndarray, ...]:
        """Cell probability at the start and now."""
        with self._guard:
            return self._previews


def _middle(image: np.ndarray) -> np.ndarray:
    """The middle of an image, `LOOK` pixels a side at most, sides multiples of 32."""
    sizes = [min(LOOK, size) // 32 * 32 for size in image.shape]
    tops = [(size - part) // 2 for size, part in zip(image.shape, sizes, strict=True)]
    (top, left), (tall, wide) = tops, sizes
    return image[top : top + tall, left : left + wide]


# ---- the run -------------------------------------------------------------------


@dataclass(frozen=True)
class Tuned:
    """A run that is done.

    Attributes
    ----------
    model : Model
        With its card.
    before, after : dict
        Of the model that was started from and of the new one, on what was held out: ``ann`` and
        ``snn`` (scores each, of all sections at one threshold), ``in_range`` (shares of neurons
        inside the new bounds: by layer, ``all`` of a tile, ``section``), and ``counted``, on what
        those were counted.
        Both spiking nets are run in the new way.
    held_out : str
    """

    model: Model
    before: dict
    after: dict
    held_out: str
    history: tuple[dict, ...] = field(repr=False, default=())


def place(wish: Wish, identity: str) -> Path:
    """Folder of the run's checkpoint: the same wish on the same data goes on there.

    Parameters
    ----------
    identity : str
        Of the data; `snnlab.training.tuning_data.identity`.
    """
    name = store.key(
        start=lab.model(wish.model).digest,
        wish={k: v for k, v in asdict(wish).items() if k != "model"},
        data=identity,
    )
    return store.folder().parent / "finetune" / name[:40]


def run(
    wish: Wish,
    sections: tuning_data.Material,
    live: Live | None = None,
    name: str = "",
    whole: bool = False,
    progress=None,
    cancel=None,
) -> Tuned:
    """Fine-tune, finish and judge; goes on from a checkpoint of the same wish and data.

    Parameters
    ----------
    live : Live, optional
        Is told every check.
    name : str
        Of the result; one that says what it is if not given.
    whole : bool
        Count neurons over everything held out, and not over `JUDGED` sections of it.
    progress, cancel : callable, optional

    Raises
    ------
    LabError
    Cancelled
        The checkpoint is kept.
    """
    progress = progress or (lambda fraction, stage: None)
    start = lab.model(wish.model)
    if sections.side < multiple(start.layers):
        raise LabError("these sections are too small for this model; choose larger ones.")
    folder = place(wish, sections.identity)
    if live is not None:
        live.place = folder
    progress(0.0, "scaling into the bounds")
    # nobody can be asked to delete what lies in the cache
    checkpoints.set_aside(folder)
    tuner = finetuning.Finetuner(wish.recipe(sections.side), sections.data, start, folder)
    _tell_what_was(live, tuner)
    trained = tuner.run(
        lambda share, stage: progress(TRAINED * share, stage),
        cancel,
        lambda tuner, entry: _watched(live, tuner, entry),
    )
    _between(progress, cancel, TRAINED, 0.0)
    progress(TRAINED, "finishing")
    trained = replace(tuner.finished(trained, *sections.finishing), name=name or name_of(wish))
    seen_by = remembering.Sections.plain
    tuned = remembering.remembered(
        with_card(trained, **_card(wish, start, sections, tuner, trained)),
        [
            (
                seen_by(sections.finishing[0], sections.data.name),
                seen_by(sections.held_out[0], sections.held_out_name),
            )
        ],
        partial(_between, progress, cancel, TRAINED),
    )
    before, after = (
        _judged(model, wish, sections, whole, partial(_between, progress, cancel, at), cancel)
        for model, at in ((start, 0.93), (tuned, 0.97))
    )
    constant = worth.constant(sections.held_out[1], cancel)
    inside = {key: after["in_range"][key] for key in ("section", "all")}
    scores = {"sections": sections.held_out_name} | after | {"in_range": inside}
    scores["warning"] = worth.warning(after["ann"], after["snn"], constant, GENTLER)
    tuned = replace(tuned, card=worth.marked(tuned.card | {"before": before}, scores))
    _prune(folder.parent)
    return Tuned(tuned, before, after, sections.held_out_name, tuple(tuner.history))


def name_of(wish: Wish) -> str:
    """A name that says what the model is."""
    stem = wish.model[:20].strip("-")
    bits = "" if wish.bits == 8 else f"-{wish.bits}bit"
    return f"{stem}-{wish.lower_hz:.0f}-{wish.upper_hz:.0f}{bits}"


def _tell_what_was(live: Live | None, tuner: finetuning.Finetuner) -> None:
    """Of a run that goes on, the checks so far."""
    if live is None:
        return
    for entry in tuner.history:
        live.enter(entry)
    if live.shown is not None:
        live.show(inference.segment(tuner.start, live.shown).probability)


def _watched(live: Live | None, tuner: finetuning.Finetuner, entry: dict) -> None:
    if live is None:
        return
    live.enter(entry)
    if live.shown is not None:
        live.show(tuner.preview(live.shown))


def _between(progress, cancel, at: float, share: float) -> None:
    """Between two parts of what is not training: say so, or stop."""
    if cancel and cancel():
        raise Cancelled
    progress(at + 0.03 * share, "scores")


def _judged(
    model: Model, wish: Wish, sections: tuning_data.Material, whole: bool, tell, cancel
) -> dict:
    """Scores and counts on what was held out."""
    images, labels = sections.held_out
    settings = Settings(**(wish.settings | {"model": "unnamed"}))
    ann, snn = scoring.both(
        model, images, labels, settings, cancel, lambda share: tell(0.5 * share)
    )
    tell(0.5)
    # where too little is held out, what was trained on has to do; the card says so
    enough = min(images.shape[1:]) >= ranging.TILE // 2
    counted = images if enough else sections.finishing[0]
    if not whole:
        counted = counted[:: max(1, len(counted) // JUDGED)][:JUDGED]
    return {
        "ann": ann,
        "snn": snn,
        "in_range": ranging.kept(model, counted, wish.rates),
        "counted": f"held-out {sections.held}" if enough else "what was trained on",
    }


def _card(wish: Wish, start: Model, sections, tuner, trained: Model) -> dict:
    bounds = f"{wish.lower_hz:g}..{wish.upper_hz:g} Hz"
    own = "".join(f", {name} in {low:g}..{high:g}" for name, low, high in wish.layers)
    return {
        "name": trained.name,
        "summary": f"Fine-tuned from {wish.model}: each neuron's {wish.percentile:g}th percentile"
        f" rate in {bounds}{own}; {CURVES[wish.curve]} rate curve, {wish.bits}-bit weights.",
        "not": "Tuned in minutes, rate-based; judge it by its scores.",
        "weights": trained.weights,
        "bits": wish.bits,
        "nm": start.card.get("nm", MODEL_NM),
        **{key: start.card[key] for key in ("finest_nm", "coarsest_nm") if key in start.card},
        "seed": wish.seed,
        "data": tuner.data.name,
        seen.OWN: seen.on_card(sections.seen),
        **seen.inherited(start.card),
        "validation": sections.held_out_name,
        "starts_from": f"{wish.model} ({start.digest[:12]})",
        "licence_of_the_data": sections.licence,
        "citation": sections.citation,
        "notes": list(sections.notes),
        "minutes": round(tuner.spent / 60, 2),
        "settings": wish.settings,
        "range": {
            "percentile": wish.percentile,
            "lower_hz": wish.lower_hz,
            "upper_hz": wish.upper_hz,
        },
        "wish": asdict(wish),
        "steps": tuner.done_steps,
        "history": tuner.history,
    }


def _prune(runs: Path) -> None:
    """Keep the checkpoints of the last few runs."""
    for old in tickets.outdated(runs.iterdir(), time.time()):
        shutil.rmtree(old, ignore_errors=True)


def where(wish: Wish, folder: str | None = None, own: OwnData | None = None) -> Path:
    """Folder of the checkpoint of a wish on data.

    Raises
    ------
    LabError
        If the data are not there.
    """
    return place(wish, tuning_data.identity(wish.data, folder, own))


def begun(wish: Wish, folder: str | None = None, own: OwnData | None = None) -> float:
    """Share of the budget that an earlier run of the same wish on the same data has spent.

    Raises
    ------
    LabError
        If the data are not there.
    """
    about = checkpoints.about(where(wish, folder, own))
    if about is None:
        return 0.0
    spent = about["steps"] / wish.steps if wish.steps else about["spent"] / 60 / wish.minutes
    return float(min(spent, 1.0))


def forget(folder: Path | None) -> None:
    """Drop a run's checkpoint: the next one begins anew."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def job(
    wish: Wish, folder: str | None, own: OwnData | None, live: Live, progress=None, cancel=None
) -> Tuned:
    """Fetch the sections and run; for a page's worker."""
    progress = progress or (lambda fraction, stage: None)
    sections = material(wish, folder, own, lambda share, stage: progress(0.01 * share, stage))
    return run(wish, sections, live, progress=progress, cancel=cancel)


def packed(model: Model) -> bytes:
    """The model and its card as one file to take away."""
    return model_file.pack(model)
