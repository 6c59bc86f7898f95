"""Settings worth starting from, worked out from what the models' cards say of themselves.

Nothing here names a model or a number of steps: a preset picks among the
settings that models were trained and scored for, so it stays right when models
are retrained or added.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from snnlab.settings import Settings

FEW = 4  # a few steps, of models not scored at fewer: so many times fewer than the card asks for
HOLDS = 0.005  # pixel accuracy below the ANN's that still counts as good: half a point
BOUNDED = "rate-scaling"  # the method that holds rates between the bounds
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
        Image, threshold and seed are as in the settings that it was made for.
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
        The models' cards by name; `snnlab.lab.cards`.
    now : Settings
        What is shown, whose image, threshold and seed are kept.
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
                          " Takes a while." if exact else "."),
                best.replace(simulator=HARDWARE) if exact else best,
            )
        )  # fmt: skip
    if suited:
        few, scored = _fewest(cards, suited, scores)
        slow = max(suited, key=lambda s: (s.timesteps / s.upper_hz, scores[s.model]))
        too_few = max(1, slow.timesteps // TOO_FEW)
        thrifty = min([*suited, *([few] if scored else [])],
                      key=lambda s: (_spikes(s), -scores[s.model]))  # fmt: skip
        found += [
            Preset(
                "Few steps",
                f"{few.timesteps} timesteps of *{few.model}*, "
                + (
                    "the fewest at which a model's pixel accuracy on held-out sections is within"
                    " half a point of its ANN's:"
                    if scored
                    else "a quarter of what it was trained for:"
                )
                + f" an answer in {few.timesteps} ms, from rates that have {few.timesteps + 1}"
                " values at most.",
                few,
            ),
            Preset(
                "Least energy",
                f"*{thrifty.model}*, {thrifty.timesteps} timesteps: of all settings that models"
                f" were scored with, the fewest spikes a neuron, at most {_spikes(thrifty):g}"
                + (", and so the same as few steps." if thrifty == few else ".")
                + " Spikes are what costs energy.",
                thrifty,
            ),
            Preset(
                "Too few steps: watch it fail",
                f"{too_few} of the {slow.timesteps} timesteps that *{slow.model}* was trained for,"
                f" at rates of {slow.upper_hz:g} Hz: hardly a spike has come through yet.",
                slow.replace(timesteps=too_few),
            ),
        ]
    return tuple(found)


def _suited(name: str, card: Mapping, now: Settings) -> Settings:
    own = dict(card.get("settings", {})) | {"model": name}
    return Settings(**own).replace(
        source=now.source, section=now.section, threshold=now.threshold, seed=now.seed
    )


def _fewest(
    cards: Mapping[str, Mapping], suited: Sequence[Settings], scores: Mapping[str, float]
) -> tuple[Settings, bool]:
    """The fewest timesteps that a card's scores speak for; if none does, a part of what is usual.

    Returns
    -------
    Settings
    bool
        Whether they were scored.
    """
    good = []
    for settings in suited:
        scored = cards[settings.model].get("scores", {})
        ann = scored.get("ann", {}).get("pixel_accuracy", 1.0)
        for steps, found in scored.get("snn_by_timesteps", {}).items():
            if found.get("pixel_accuracy", 0.0) >= ann - HOLDS:
                rand = float(found.get("v_rand", 0.0))
                good.append((int(steps), -rand, settings.replace(timesteps=int(steps))))
    if good:
        return min(good, key=lambda one: one[:2])[2], True
    quick = min(suited, key=lambda s: (s.timesteps, -scores[s.model]))
    return quick.replace(timesteps=max(1, quick.timesteps // FEW)), False


def _spikes(settings: Settings) -> float:
    """The most spikes that a neuron within the bounds sends in the run.

    Other methods than rate scaling know no bounds: there it is one a step.
    """
    most = settings.upper_hz * 0.001 if settings.method == BOUNDED else 1.0
    return round(most * settings.timesteps, 6)


def _score(card: Mapping) -> float:
    return float(card.get("scores", {}).get("snn", {}).get("v_rand", 0.0))
