"""What a fine-tuning came to, in plain words: the rates, the segmentation, what to do."""

from dataclasses import dataclass

AIM = 0.99  # of the neurons in band
NOTABLE = 0.005  # of a score: less is not worth a word
SCORES = {"pixel_accuracy": "pixel accuracy", "v_rand": "V_Rand"}
SIDES = {"ann": "ANN", "snn": "SNN"}


@dataclass(frozen=True)
class Verdict:
    """Whether all is well, and what is said.

    Attributes
    ----------
    good : bool
        The neurons are in band, and no score fell by more than `NOTABLE`.
    text : str
        A few sentences: rates, segmentation, and what would help where it is needed.
    """

    good: bool
    text: str


def of(before: dict, after: dict) -> Verdict:
    """Compare a model with the one that it was made from.

    Parameters
    ----------
    before, after : dict
        See `snnlab.lab.finetuning.Tuned`.
    """
    inside = after["in_range"]["section"] >= AIM
    change = {key: {side: after[side][key] - before[side][key] for side in SIDES} for key in SCORES}
    fell = {key for key, by in change.items() if min(by.values()) <= -NOTABLE}
    said = [f"{'At least' if inside else 'Fewer than'} {100 * AIM:g} % of the neurons are in band."]
    told = " and ".join(_told(SCORES[key], change[key]) for key in sorted(fell | {"v_rand"}))
    said.append(f"The segmentation {'got worse' if fell else 'is as good as before'}: {told}.")
    lost = any(change[key]["ann"] <= -NOTABLE for key in fell)
    if not inside and lost:
        said.append("Wider bounds or more minutes help both.")
    elif not inside:
        said.append("For more in band: wider bounds, or more minutes.")
    elif lost:
        said.append("To lose less: a smaller weight, wider bounds, or more minutes.")
    if any(change[key]["snn"] <= min(change[key]["ann"], 0) - NOTABLE for key in fell):
        said.append(
            "The spiking net loses more than the ANN: give it more timesteps with a longer synapse,"
            " or higher bounds."
        )
    return Verdict(inside and not fell, " ".join(said))


def _told(name: str, by: dict[str, float]) -> str:
    return f"{name} " + ", ".join(f"{points(by[side])} ({title})" for side, title in SIDES.items())


def points(change: float) -> str:
    """A difference of scores or shares in hundredths, with its sign."""
    rounded = round(100 * change, 1) + 0.0  # -0.0 is no fall
    return f"{rounded:+.1f} points".replace("-", "−") if rounded else "±0 points"
