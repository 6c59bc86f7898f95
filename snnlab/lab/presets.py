"""Settings worth starting from, worked out from what the models' cards say of themselves.

Nothing here names a model or a number of steps: a preset picks among the
settings that models were trained and scored for, so it stays right when models
are retrained or added.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from snnlab import conversion
from snnlab.errors import many
from snnlab.results.segmentation import window_start
from snnlab.settings import Settings

FEW = 4  # a few steps, of models not scored at fewer: so many times fewer than the card asks for
HOLDS = 0.005  # pixel accuracy below the ANN's that still counts as good: half a point
PASSES = 0.01  # and as acceptable, where it saves energy
TOO_FEW = 16
HARDWARE = "loihi"  # the simulator that computes in the chip's own integers


@dataclass(frozen=True)
class Preset:
    """Settings with a name.

    Attributes
    ----------
    name, summary : str
        For people; the summary says how they were chosen and what to expect.
    settings : Settings
        Image and seed are as in the settings that it was made for; thresholds are the model's.
    """

    name: str
    summary: str
    settings: Settings


def presets(
    cards: Mapping[str, Mapping], now: Settings, simulators: Collection[str] = ()
) -> tuple[Preset, ...]:
    """The presets that the models allow.

    Parameters
    ----------
    cards : mapping of str to mapping
        The models' cards by name; `snnlab.lab.segmenting.cards`.
    now : Settings
        What is shown, whose image and seed are kept.
    simulators : collection of str
        Names of those that there are.
    """
    suited = [_suited(name, card, now) for name, card in cards.items()]
    scores = {name: _score(card) for name, card in cards.items()}
    found = []
    on_chip = [s for s in suited if s.reset == "zero"]
    if on_chip:
        best = max(on_chip, key=lambda s: scores[s.model])
        exact = HARDWARE in simulators
        found.append(
            Preset(
                "Faithful to Loihi",
                f"The model *{best.model}*, trained for reset to zero, the only one that Loihi 1"
                " has" + (", in the chip's own integers: spike for spike what its emulator gives."
                          if exact else "."),
                best.replace(simulator=HARDWARE) if exact else best,
            )
        )  # fmt: skip
    if suited:
        good, passable = (_scored(cards, suited, least) for least in (HOLDS, PASSES))
        few = min(good, key=lambda one: (one.settings.timesteps, -one.v_rand), default=None)
        quick = few.settings if few else _quicker(suited, scores)
        slow = max(suited, key=lambda s: (s.timesteps / s.upper_hz, scores[s.model]))
        too_few = max(1, slow.timesteps // TOO_FEW)
        usual = [_Scored(s, None, scores[s.model]) for s in suited]
        thrifty = min(passable or usual, key=lambda one: (_spikes(one.settings), -one.v_rand))
        found += [
            Preset(
                "Few steps",
                f"{many(quick.timesteps, 'timestep')} of *{quick.model}*, "
                + (
                    "the fewest at which a model's pixel accuracy on held-out sections is within"
                    " half a point of its ANN's:"
                    if few
                    else "a quarter of what it was trained for:"
                )
                + f" an answer in {quick.timesteps} ms, read from rates of {_values(quick)} values"
                " at most.",
                quick,
            ),
            Preset("Least energy", _about_least(thrifty, quick), thrifty.settings),
            Preset(
                "Too few steps: watch it fail",
                f"{too_few} of the {many(slow.timesteps, 'timestep')} that *{slow.model}* was"
                f" trained for, at rates of {slow.upper_hz:g} Hz: hardly any spikes have come"
                " through yet.",
                slow.replace(timesteps=too_few),
            ),
        ]
    return tuple(found)


def _suited(name: str, card: Mapping, now: Settings) -> Settings:
    own = dict(card.get("settings", {})) | {"model": name}
    return Settings(**own).replace(source=now.source, section=now.section, seed=now.seed)


@dataclass(frozen=True)
class _Scored:
    """Settings that a card has scores for.

    Attributes
    ----------
    settings : Settings
    lost : tuple of float or None
        What the ANN has more of pixel accuracy and V_Rand; None if that is not known.
    v_rand : float
    """

    settings: Settings
    lost: tuple[float, float] | None
    v_rand: float


def _scored(
    cards: Mapping[str, Mapping], suited: Sequence[Settings], least: float
) -> list[_Scored]:
    """Numbers of timesteps at which a model lost at most so much pixel accuracy."""
    found = []
    for settings in suited:
        scores = cards[settings.model].get("scores", {})
        ann = scores.get("ann", {})
        own = {settings.timesteps: scores["snn"]} if "snn" in scores else {}
        for steps, snn in (own | scores.get("snn_by_timesteps", {})).items():
            lost = _accuracy(ann, 1.0) - _accuracy(snn, 0.0)
            if lost <= least:
                rand = float(snn.get("v_rand", 0.0))
                both = lost, ann.get("v_rand", rand) - rand
                found.append(_Scored(settings.replace(timesteps=int(steps)), both, rand))
    return found


def _accuracy(scores: Mapping, unknown: float) -> float:
    """Pixel accuracy at 0.5, if it is known: a card's networks have thresholds of their own."""
    return scores.get("pixel_accuracy_at_half", scores.get("pixel_accuracy", unknown))


def _quicker(suited: Sequence[Settings], scores: Mapping[str, float]) -> Settings:
    """A part of the fewest steps that are usual: where no card's scores speak for a number."""
    quick = min(suited, key=lambda s: (s.timesteps, -scores[s.model]))
    return quick.replace(timesteps=max(1, quick.timesteps // FEW))


def _values(settings: Settings) -> int:
    """How many rates the readout can tell apart: one more than it has steps."""
    return settings.timesteps - window_start(settings.timesteps, settings) + 1


def _about_least(thrifty: _Scored, quick: Settings) -> str:
    """How the preset of least energy was chosen, and what it costs."""
    settings, most = thrifty.settings, _spikes(thrifty.settings)
    told = (
        f"*{settings.model}*, {many(settings.timesteps, 'timestep')}: at most {most:g} spikes per"
        " neuron"
    )
    if most < _spikes(quick):
        told += f" (few steps: {_spikes(quick):g})"
    told += ", the fewest of all the settings that models were scored with"
    if thrifty.lost is not None:
        told += f" and that lose at most {100 * PASSES:g} point of pixel accuracy against their ANN"
    told += (
        ", and so the same as few steps" * (settings == quick) + ". Spikes are what costs energy."
    )
    if thrifty.lost is not None and max(thrifty.lost) > HOLDS:
        accuracy, rand = (100 * value for value in thrifty.lost)
        told += (
            f" The price, on held-out sections: {accuracy:.1f} points of pixel accuracy and"
            f" {rand:.1f} of V_Rand, gaps in thin membranes."
        )
    return told


def _spikes(settings: Settings) -> float:
    """The most spikes that a neuron within the bounds sends in the run.

    Of methods that know no bounds it is one a step.
    """
    most = settings.upper_hz * 0.001 if conversion.method(settings.method).bounds else 1.0
    return round(most * settings.timesteps, 6)


def _score(card: Mapping) -> float:
    return float(card.get("scores", {}).get("snn", {}).get("v_rand", 0.0))
