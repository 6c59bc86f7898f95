"""Labelled sections in, an RBF network of 8 bits out, within seconds."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace

import numpy as np

from snnlab.nets.model import LEVELS, quantise
from snnlab.nets.rbf import Rbf
from snnlab.nets.rbf_kernels import cosine, euclid
from snnlab.training.rbf import centres as placing
from snnlab.training.rbf.descent import Parameters, Step, descend
from snnlab.training.rbf.pixels import Pixels, drawn

SPARE = 4  # see `Recipe.rounds`


@dataclass(frozen=True)
class Recipe:
    """How an RBF network is trained.

    Attributes
    ----------
    units : int
        Kernel units; fewer if there are not two labelled pixels for each.
    pixels : int
        Labelled pixels that are drawn, at most.
    steps : int
        Of the descent.
    mixture : tuple of float
        ``a1`` and ``a2`` to begin with.
    adaptive : bool
        Whether they are trained.
    seed : int
    rounds : int
        1, or 2: then a second network sees what the first made of the sections too. Only where
        the first has seen one labelled pixel in `SPARE` at most: what it makes of pixels that it
        learned by heart is no example of what it makes of others.
    """

    units: int = 300
    pixels: int = 30_000
    steps: int = 3000
    mixture: tuple[float, float] = (0.5, 0.5)
    adaptive: bool = True
    seed: int = 0
    rounds: int = 2


def make(
    sections: Iterable[tuple[np.ndarray, np.ndarray]],
    name: str,
    recipe: Recipe | None = None,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    heard: Callable[[Step], None] | None = None,
) -> Rbf:
    """Train one; parameters as of `drawn`, and these.

    Parameters
    ----------
    name : str
    progress : callable, optional
        ``progress(fraction, stage)``.
    heard : callable, optional
        Told the mixture while it is trained.

    Raises
    ------
    LabError
        If too little is labelled.
    Cancelled
    """
    recipe, tell = recipe or Recipe(), progress or (lambda fraction, stage: None)
    sections = list(sections)
    tell(0.0, "features")
    seen = drawn(sections, recipe.pixels, recipe.seed, None, cancel)
    again = recipe.rounds > 1 and seen.labelled >= SPARE * len(seen.cell)
    part = 0.4 if again else 1.0
    tell(0.2 * part, "features")
    first = fit(
        seen,
        name,
        recipe,
        lambda share, said: tell(part * (0.2 + 0.8 * share), said),
        cancel,
        heard,
    )
    if not again:
        return first
    # other pixels, most of which the first has not seen
    both = replace(first, first=first)
    more = drawn(
        sections, recipe.pixels, recipe.seed + 1,
        lambda share: tell(0.4 + 0.3 * share, "features of the second round"), cancel,
        lambda image: both.features(image, cancel), both.reach,
    )  # fmt: skip
    second = fit(
        more, name, recipe, lambda share, said: tell(0.7 + 0.3 * share, said), cancel, heard
    )
    card = second.card | {
        "minutes": second.card["minutes"] + first.card["minutes"],
        "weights": first.units + second.units,
        "rounds": 2,
    }
    return replace(second, first=first, card=card)


def fit(seen: Pixels, name: str, recipe: Recipe, progress=None, cancel=None, heard=None) -> Rbf:
    """As `make`, of pixels that were drawn already."""
    tell = progress or (lambda fraction, stage: None)
    begun = time.perf_counter()
    mean, spread = seen.features.mean(0), seen.features.std(0)
    # what never differs says nothing
    spread = np.where(spread > 1e-6, spread, 1).astype(np.float32)
    x = (seen.features - mean) / spread
    tell(0.0, "centres")
    places = placing.kmeans(x, max(2, min(recipe.units, len(x) // 2)), recipe.seed)
    levels, step = quantise(places)
    places = levels.astype(np.float32) * np.float32(step)
    width = placing.width_of(places)
    near, toward = euclid(x, places, width), cosine(x, places)
    history: list[Step] = []

    def listen(now: Step) -> None:
        history.append(now)
        tell(0.1 + 0.9 * now.step / recipe.steps, told(now))
        if heard:
            heard(now)

    tell(0.1, "descent")
    start = Parameters.begin(len(places), recipe.mixture, recipe.seed)
    found = descend(
        start, near, toward, seen.cell, recipe.steps, recipe.adaptive, seed=recipe.seed,
        rounded=rounded, heard=listen, cancel=cancel,
    )  # fmt: skip
    weights, weight_step = quantise(found.weights)
    card = {
        "name": name,
        "kind": "rbf",
        "units": len(places),
        "weights": len(places),
        "bits": 8,
        "labelled_pixels": seen.labelled,
        "pixels": len(seen.cell),
        "recipe": asdict(recipe),
        "minutes": round((time.perf_counter() - begun) / 60, 2),
        "mixture": [asdict(now) for now in history],
    }
    return Rbf(
        name, mean.astype(np.float32), spread, levels, step, width, found.mixture,
        weights, weight_step, found.bias, card,
    )  # fmt: skip


def rounded(weights: np.ndarray) -> np.ndarray:
    """Weights as 8 bits hold them."""
    levels, step = quantise(weights, LEVELS)
    return levels.astype(np.float32) * np.float32(step)


def told(now: Step) -> str:
    """The mixture in words, for a line of progress."""
    return (
        f"a1 {now.a1:.2f}, a2 {now.a2:.2f}: {100 * now.euclid:.0f} % of the output from the"
        f" Euclidean kernel, loss {now.loss:.3f}"
    )
