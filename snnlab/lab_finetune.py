"""Fine-tuning for the page and the command line: what is asked for, the run, the result."""

import shutil
import threading
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

from snnlab import lab, model_store
from snnlab.errors import LabError
from snnlab.owndata import OwnData
from snnlab.settings import Settings
from snnlab.sweep import store
from snnlab.unet import finetuning, finishing, inference, ranging, scoring, tuning_data
from snnlab.unet.architecture import multiple
from snnlab.unet.model import Model, with_card
from snnlab.unet.regulariser import RateRange

CURVES = {
    "relu": "ReLU",
    "loihi": "Loihi",
    "spiking": "Spiking",
}
DATA = {"synthetic": "Synthetic", "isbi": "ISBI", "own": "My own"}
BITS = tuple(finetuning.BITS)
MINUTES = 120.0
STEPS = 100_000
MARGIN = 0.25  # share of the bounds that training keeps clear at either end
OFF_CHIP = 5.0  # weight of the encoder's bound against the others'
LOOK = 256  # side of the preview, pixels
KEPT = 12  # runs whose checkpoints stay on disk
JUDGED = 2  # held-out sections on which neurons are counted, one by one
TRAINED = 0.9  # of the progress; the rest is finishing and scores


@dataclass(frozen=True)
class Wish:
    """What a fine-tuning is asked to do; checked when it is made.

    Attributes
    ----------
    model : str
        To start from.
    percentile : float
        50..100, of each neuron's rate.
    lower_hz, upper_hz : float
        Bounds of that, for all layers.
    layers : tuple of (str, float, float)
        Layers with bounds of their own: name, lower and upper (Hz).
    weight : float
        Of the regulariser: ``weight / 2 * sum_j (distance of neuron j from the bounds / upper)^2``
        is added to the loss. 0 only scales.
    curve : {"relu", "loihi", "spiking"}
    bits : int
        Of the weights, 2..8.
    seed : int
    minutes, steps : float, int
        The budget; steps, if given, rule.
    data : {"synthetic", "isbi", "own"}
    """

    model: str
    percentile: float = 99.9
    lower_hz: float = 75.0
    upper_hz: float = 150.0
    layers: tuple[tuple[str, float, float], ...] = ()
    weight: float = 0.3
    curve: str = "relu"
    bits: int = 8
    seed: int = 0
    minutes: float = 2.0
    steps: int | None = None
    data: str = "synthetic"

    def __post_init__(self):
        Settings(percentile=self.percentile, lower_hz=self.lower_hz, upper_hz=self.upper_hz,
                 seed=self.seed)  # fmt: skip
        names = [layer.name for layer in lab.model(self.model).populations()]
        for name, lower, upper in self.layers:
            if name not in names:
                raise LabError(
                    f"the model {self.model} has no layer {name!r}; choose of {', '.join(names)}."
                )
            try:
                Settings(lower_hz=lower, upper_hz=upper)
            except LabError as error:
                raise LabError(f"bounds of {name}: {error}") from error
        if len({name for name, _, _ in self.layers}) != len(self.layers):
            raise LabError("a layer can have one pair of bounds of its own; name it once.")
        if self.curve not in CURVES:
            raise LabError(f"there is no rate curve {self.curve!r}; choose of {', '.join(CURVES)}.")
        if self.data not in DATA:
            raise LabError(f"there are no data {self.data!r}; choose of {', '.join(DATA)}.")
        if self.bits not in BITS:
            raise LabError(f"weights have {BITS[0]} to {BITS[-1]} bits; choose one of those.")
        if not 0 <= self.weight <= 1000:
            raise LabError("the regulariser's weight must be from 0 to 1000.")
        if not 0 < self.minutes <= MINUTES:
            raise LabError(f"the budget must be above 0 and at most {MINUTES:g} minutes.")
        if self.steps is not None and not 1 <= self.steps <= STEPS:
            raise LabError(f"the number of steps must be from 1 to {STEPS}.")

    @property
    def rates(self) -> RateRange:
        """As the regulariser takes it."""
        weight = self.weight / self.upper_hz**2
        return RateRange(
            self.lower_hz, self.upper_hz, self.percentile, weight, OFF_CHIP * weight,
            margin=MARGIN, layers=self.layers,
        )  # fmt: skip

    @property
    def settings(self) -> dict:
        """Settings that suit the result: fewer spikes a second need more steps."""
        lows, highs = (
            [self.lower_hz, *(one[1] for one in self.layers)],
            [self.upper_hz, *(one[2] for one in self.layers)],
        )
        # what was measured of the shipped models: 64 steps at 900 Hz, 100 at 300, 200 at 75
        slow = min(highs) < 250
        suited = {
            "timesteps": int(min(1000, max(64, round(30000 / min(highs) / 4) * 4)))
            if slow
            else (100 if min(highs) < 700 else 64),
            "synapse_ms": 5.0 if slow else 0.0,
            "percentile": self.percentile,
            "lower_hz": min(lows),
            "upper_hz": max(highs),
        }
        if self.curve == "loihi":
            suited |= {"reset": "zero", "initial": 0.0}
        return suited

    def recipe(self, side: int) -> finetuning.TuneRecipe:
        """As the training takes it."""
        return finetuning.recipe_for(
            lab.model(self.model), self.rates, self.curve, self.bits, self.seed, self.minutes,
            self.steps, side,
        )  # fmt: skip


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
    if own is None:
        raise LabError("choose images with their labels to train on.")
    return tuning_data.from_own(own)


# ---- what can be watched -------------------------------------------------------


class Live:
    """What is seen of a run while it lasts; written by its thread, read by anybody.

    Attributes
    ----------
    shown : numpy.ndarray or None
        float32 ``(h, w)``, normalised: what is segmented again and again.
    """

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
        Scores on what was held out: ``ann``, ``snn`` (mean scores each) and ``in_range``
        (shares of neurons inside the new bounds: by layer, ``all`` of a tile, ``section``).
    held_out : str
    """

    model: Model
    before: dict
    after: dict
    held_out: str
    history: tuple[dict, ...] = field(repr=False, default=())


def place(wish: Wish, sections: tuning_data.Material) -> Path:
    """Folder of the run's checkpoint: the same wish on the same data goes on there."""
    name = store.key(
        start=lab.model(wish.model).digest,
        wish={k: v for k, v in asdict(wish).items() if k != "model"},
        data=sections.identity,
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
    folder = place(wish, sections)
    progress(0.0, "scaling into the bounds")
    try:
        tuner = finetuning.Finetuner(wish.recipe(sections.side), sections.data, start, folder)
        _tell_what_was(live, tuner)
        trained = tuner.run(
            lambda share, stage: progress(TRAINED * share, stage),
            cancel,
            lambda tuner, entry: _watched(live, tuner, entry),
        )
    except OSError as error:
        reason = (error.strerror or "no room or no right").lower()
        raise LabError(
            f"the checkpoint in {folder} cannot be written: {reason}; name another folder in"
            " SNNLAB_CACHE."
        ) from error
    progress(TRAINED, "finishing")
    trained = replace(tuner.finished(trained, *sections.finishing), name=name or name_of(wish))
    tuned = with_card(trained, **_card(wish, start, sections, tuner, trained))
    progress(0.93, "scores")
    before, after = (_judged(model, wish, sections, whole) for model in (start, tuned))
    scores = {"sections": sections.held_out_name} | after
    inside = {key: after["in_range"][key] for key in ("section", "all")}
    tuned = with_card(tuned, scores=scores | {"in_range": inside}, before=before)
    _prune(folder)
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


def _judged(model: Model, wish: Wish, sections: tuning_data.Material, whole: bool) -> dict:
    """Scores and counts on what was held out."""
    images, labels = sections.held_out
    ann, snn = scoring.both(model, images, labels, Settings(**(wish.settings | {"model": "x"})))
    # where too little is held out, what was trained on has to do; the card says so
    counted = images if min(images.shape[1:]) >= finishing.TILE // 2 else sections.finishing[0]
    if not whole:
        counted = counted[:: max(1, len(counted) // JUDGED)][:JUDGED]
    return {"ann": ann, "snn": snn, "in_range": ranging.kept(model, counted, wish.rates)}


def _card(wish: Wish, start: Model, sections, tuner, trained: Model) -> dict:
    bounds = f"{wish.lower_hz:g}..{wish.upper_hz:g} Hz"
    own = f", {len(wish.layers)} layers with bounds of their own" if wish.layers else ""
    return {
        "name": trained.name,
        "summary": f"Fine-tuned from {wish.model}: each neuron's {wish.percentile:g}th percentile"
        f" rate in {bounds}{own}; {CURVES[wish.curve]} rate curve, {wish.bits}-bit weights.",
        "not": "Tuned in minutes, rate-based; judge it by its scores.",
        "weights": trained.weights,
        "bits": wish.bits,
        "seed": wish.seed,
        "data": sections.data.name,
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


def _prune(newest: Path) -> None:
    """Keep the checkpoints of the last few runs."""
    folders = [path for path in newest.parent.iterdir() if path.is_dir() and path != newest]
    for old in sorted(folders, key=lambda path: path.stat().st_mtime)[: -(KEPT - 1)]:
        shutil.rmtree(old, ignore_errors=True)


def forget(wish: Wish, sections: tuning_data.Material) -> None:
    """Drop the run's checkpoint: the next one begins anew."""
    shutil.rmtree(place(wish, sections), ignore_errors=True)


def keep(owner: str, model: Model) -> Model:
    """Put a model into a visitor's own lists; see `snnlab.model_store.Shelf`."""
    return model_store.SHELF.put(owner, model)
