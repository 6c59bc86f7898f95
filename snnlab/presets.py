"""Settings worth starting from, worked out from what the models' cards say of themselves.

Nothing here names a model or a number of steps: a preset picks among the
settings that models were trained and scored for, so it stays right when models
are retrained or added.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from snnlab.settings import Settings

FEW = 4  # a few steps: so many times fewer than the card asks for
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
        quick = min(suited, key=lambda s: (s.timesteps, -scores[s.model]))
        few = max(1, quick.timesteps // FEW)
        slow = max(suited, key=lambda s: (s.timesteps / s.upper_hz, scores[s.model]))
        too_few = max(1, slow.timesteps // TOO_FEW)
        thrifty = min(suited, key=lambda s: (_spikes(s), -scores[s.model]))
        found += [
            Preset(
                "Few steps",
                f"{few} timesteps, a quarter of what *{quick.model}* was trained for: an answer in"
                f" {few} ms, from rates that have {few + 1} values.",
                quick.replace(timesteps=few),
            ),
            Preset(
                "Least energy",
                f"*{thrifty.model}* as it was trained: of all models' own settings, the fewest"
                f" spikes a neuron, at most {_spikes(thrifty):g}. Spikes are what costs energy.",
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


def _spikes(settings: Settings) -> float:
    """Spikes of a neuron at the upper bound over the whole run."""
    return settings.upper_hz * settings.timesteps * 0.001


def _score(card: Mapping) -> float:
    return float(card.get("scores", {}).get("snn", {}).get("v_rand", 0.0))
