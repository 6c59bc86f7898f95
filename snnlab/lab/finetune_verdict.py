"""What a fine-tuning came to, in plain words: the rates, the segmentation, what to do."""

from dataclasses import dataclass

AIM = 0.99  # of the neurons in band
NOTABLE = 0.005  # of a score: less is not worth a word
BETTER = 0.01  # of V_Rand, from which the segmentation is said to be better
PRICE = 0.2  # of what V_Rand gains, that pixel accuracy may lose where it is better
SCORES = {"pixel_accuracy": "pixel accuracy", "v_rand": "V_Rand"}
SIDES = {"ann": "ANN", "snn": "SNN"}


@dataclass(frozen=True)
class Verdict:
    """Whether all is well, and what is said.

    Attributes
    ----------
    good : bool
        The segmentation got better, or is as good and the neurons are in band.
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
    better = _is_better(change)
    rates = f"{'At least' if inside else 'Fewer than'} {100 * AIM:g} % of the neurons are in band."
    told = " and ".join(_told(SCORES[key], change[key]) for key in sorted(fell | {"v_rand"}))
    word = "got better" if better else "got worse" if fell else "is as good as before"
    said = [rates, f"The segmentation {word}: {told}."]
    if better:
        said.reverse()
    lost = not better and any(change[key]["ann"] <= -NOTABLE for key in fell)
    if not inside and lost:
        said.append("Wider bounds or more minutes help both.")
    elif not inside:
        said.append("To get more in band: wider bounds, or more minutes.")
    elif lost:
        said.append("To lose less: a smaller weight, wider bounds, or more minutes.")
    if not better and any(
        change[key]["snn"] <= min(change[key]["ann"], 0) - NOTABLE for key in fell
    ):
        said.append(
            "The spiking net loses more than the ANN: give it more timesteps with a longer synapse,"
            " or higher bounds."
        )
    return Verdict(better or (inside and not fell), " ".join(said))


def _is_better(change: dict[str, dict[str, float]]) -> bool:
    """Whether V_Rand of one network rose, of none fell, and pixels did not pay for it."""
    rand, pixels = change["v_rand"], change["pixel_accuracy"]
    return (
        max(rand.values()) >= BETTER
        and min(rand.values()) > -NOTABLE
        and all(pixels[side] > -max(NOTABLE, PRICE * rand[side]) for side in SIDES)
    )


def _told(name: str, by: dict[str, float]) -> str:
    return f"{name} " + ", ".join(f"{points(by[side])} ({title})" for side, title in SIDES.items())


def points(change: float) -> str:
    """A difference of scores or shares in hundredths, with its sign."""
    rounded = round(100 * change, 1) + 0.0  # -0.0 is no fall
    return f"{rounded:+.1f} points".replace("-", "−") if rounded else "±0 points"
