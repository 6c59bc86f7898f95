"""What a fine-tuning came to, in plain words: the rates, the segmentation, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from snnlab.errors import many

AIM = 0.99  # of the neurons in band
NOTABLE = 0.005  # of a score: less is not worth a word
BETTER = 0.01  # of V_Rand, from which the segmentation is said to be better
BATCHES = 2  # to each check, at least: of one alone, a loss is that of four crops, and says nothing
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
    short : str
        What is to be said before that, if the training was too short to judge; else nothing.
    """

    good: bool
    text: str
    short: str = ""

    @property
    def whole(self) -> str:
        """All of it."""
        return f"{self.short} {self.text}".strip()


def of(before: dict, after: dict, history: Sequence[dict] = ()) -> Verdict:
    """Compare a model with the one that it was made from.

    Parameters
    ----------
    before, after, history : dict, dict, sequence of dict
        See `snnlab.lab.finetuning.Tuned`.
    """
    short = too_short(history)
    inside = after["in_range"]["section"] >= AIM
    change = {key: {side: after[side][key] - before[side][key] for side in SIDES} for key in SCORES}
    fell = {key for key, by in change.items() if min(by.values()) <= -NOTABLE}
    better = _is_better(change)
    rates = f"{'At least' if inside else 'Fewer than'} {100 * AIM:g} % of the neurons are in band."
    said = [
        f"{_told('v_rand', 'the segmentation', change)} {_told('pixel_accuracy', 'it', change)}"
    ]
    said.insert(1 if better else 0, rates)
    if short:
        return Verdict(False, " ".join(said), short)
    if steps := _steps(history):
        said.insert(0, f"After {many(steps, 'step')}:")
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


def too_short(history: Sequence[dict]) -> str:
    """Two sentences on a training whose checks are of single batches; nothing on a longer one.

    The losses that training measures are means from check to check. Where there was one step to a
    check, they are those of four crops, and whether they fall is chance.
    """
    steps = _steps(history)
    checks = sum(entry["loss"] is not None for entry in history)
    if not history or (checks and steps >= BATCHES * checks):
        return ""
    seconds = history[-1]["seconds"]
    return (
        f"The time was too short to judge the training: it did {many(steps, 'step')} in"
        f" {seconds:.0f} s. What changed comes of scaling, rounding and chance; give it more"
        " minutes, or try again when the machine is less busy."
    )


def _steps(history: Sequence[dict]) -> int:
    return history[-1]["step"] if history else 0


def _told(key: str, what: str, change: dict[str, dict[str, float]]) -> str:
    """A sentence on one measure, for both networks."""
    by = change[key]
    rise = BETTER if key == "v_rand" else NOTABLE
    rose = [side for side in SIDES if by[side] >= rise]
    fell = [side for side in SIDES if by[side] <= -NOTABLE]
    parts = [
        f"{word}{'' if len(sides) == len(SIDES) else f' for the {SIDES[sides[0]]}'}"
        for word, sides in (("better", rose), ("worse", fell))
        if sides
    ]
    word = f"got {' and '.join(parts)}" if parts else "is as good as before"
    numbers = ", ".join(f"{points(by[side])} ({title})" for side, title in SIDES.items())
    return f"By {SCORES[key]} {what} {word}: {numbers}."


def points(change: float) -> str:
    """A difference of scores or shares in hundredths, with its sign."""
    rounded = round(100 * change, 1) + 0.0  # -0.0 is no fall
    return f"{rounded:+.1f} points".replace("-", "−") if rounded else "±0 points"
