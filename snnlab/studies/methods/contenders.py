"""Who takes part: each method with the weights and the settings that it is compared with.

Methods that convert any U-Net are given the same weights, so that they differ
in the method alone. A method that needs a training of its own has weights of
its own: those of the models whose card names it; it is then compared with the
ANN of these.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from snnlab import conversion
from snnlab.settings import Settings

CONVERTED = (
    "rate-scaling", "data-normalisation", "ecc", "bistable", "multi-threshold", "spiking-unet",
)  # fmt: skip
SIZED = ("bistable", "multi-threshold", "spiking-unet")  # whose spikes have sizes
GRADED, GATES, SUBTRACTION = "spikes with sizes", "max-pooling gates", "reset by subtraction"
# with 64 steps and fewer, rates must be as high as they can be
FAST = {"lower_hz": 900.0, "upper_hz": 1000.0, "synapse_ms": 0.0}
PLAIN = {"reset": "subtraction", "initial": 0.5, "input": "current"}
VARIANTS = (("data-normalisation", "Poisson input", {"input": "poisson"}),)


@dataclass(frozen=True)
class Contender:
    """A method, and what it is run with.

    Attributes
    ----------
    key : str
        Names it among the others.
    title : str
        For people.
    settings : Settings
        Of a run; its timesteps are not used.
    own : bool
        Whether its weights were trained for it.
    loihi : str
        Why Loihi 1 cannot run it; empty if it can.
    """

    key: str
    title: str
    settings: Settings
    own: bool
    loihi: str

    @property
    def loihi_2(self) -> str:
        """Why Loihi 2 cannot run it as far as is known; empty if it could."""
        return unfit_for_2(self.loihi)

    @property
    def method(self) -> str:
        """Its method's name."""
        return self.settings.method

    @property
    def model(self) -> str:
        """Its model's name."""
        return self.settings.model


def trained_for(card: Mapping) -> str | None:
    """The method that a model was trained for, from its card.

    None if any may convert it. Nengo's own way is that of Loihi 1 too: a model
    that was trained for neurons which reset to zero is of no use to the others.
    """
    settings = card.get("settings", {})
    method = settings.get("method", "rate-scaling")
    return None if method == "rate-scaling" and settings.get("reset") != "zero" else method


def convertible(cards: Mapping[str, Mapping]) -> tuple[str, ...]:
    """Models that any method may convert: those trained for none in particular."""
    return tuple(name for name, card in cards.items() if trained_for(card) is None)


def contenders(
    model: str, cards: Mapping[str, Mapping], pools: Mapping[str, bool], base: Settings
) -> tuple[Contender, ...]:
    """All that can be compared, those with weights of their own last.

    Parameters
    ----------
    model : str
        Whose weights the methods that need no training are given.
    cards : mapping of str to mapping
        Of all models, by name.
    pools : mapping of str to bool
        Whether a model has max-pooling.
    base : Settings
        Of which source, section and seed are used, and of the model that it shows the thresholds;
        other models have theirs.
    """
    same = {
        "source": base.source,
        "section": base.section,
        "seed": base.seed,
        "simulator": "event",
    }
    shown = {"threshold": base.threshold, "ann_threshold": base.ann_threshold}
    seen = {name: shown if name == base.model else {} for name in (*cards, model)}
    own = cards[model].get("settings", {}) | {"model": model}
    suited = own | same | FAST | PLAIN | seen[model]
    there = {item.name for item in conversion.METHODS}
    found = []
    for method in CONVERTED:
        if method not in there:
            continue
        settings = Settings(**(suited | {"method": method}))
        found.append(_contender(method, method, settings, False, pools[model]))
        for of, title, changes in VARIANTS:
            if of == method:
                key = f"{method}/{title.replace(' ', '-').lower()}"
                found.append(
                    _contender(
                        key, f"{method}, {title}", settings.replace(**changes), False, pools[model]
                    )
                )
    for name, card in cards.items():
        method = trained_for(card)
        if method in there:
            settings = Settings(
                **(card["settings"] | {"model": name, "method": method} | same | seen[name])
            )
            title = method if name == method else f"{method}, model {name}"
            found.append(_contender(f"{method}@{name}", title, settings, True, pools[name]))
    return tuple(found)


def _contender(key: str, title: str, settings: Settings, own: bool, pools: bool) -> Contender:
    return Contender(key, title, settings, own, unfit(settings, pools))


def unfit_for_2(loihi: str) -> str:
    """Why Loihi 2 cannot run a network as far as is known; empty if it could.

    Its neurons are programs and its spikes carry whole numbers of up to 32 bits (Intel's
    technology brief, as quoted in the place that `snnlab.simulation.loihi.core.LOIHI_2` names), so
    it can subtract a threshold, and send sizes as multiples of the smallest. A gate could be a
    program too, but nobody has published one.

    Parameters
    ----------
    loihi : str
        Why Loihi 1 cannot; see `unfit`.
    """
    return "" if loihi in (SUBTRACTION, GRADED) else loihi


def unfit(settings: Settings, pools: bool) -> str:
    """Why Loihi 1 cannot run a network; empty if it can."""
    if settings.method in SIZED:
        return GRADED
    if pools:
        return GATES
    # these set their neurons themselves, whatever the settings say
    if settings.reset == "subtraction" or settings.method in ("ecc", "qcfs"):
        return SUBTRACTION
    return ""
