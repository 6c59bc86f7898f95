"""What a fine-tuning is asked to do, checked, and what follows from it."""

from dataclasses import dataclass

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings
from snnlab.training import finetuning
from snnlab.training.regulariser import RateRange

CURVES = {
    "relu": "ReLU",
    "loihi": "Loihi",
    "spiking": "Spiking",
}
# Share of the target that the model itself gives. Labels of one's own are to be learnt, perhaps of
# tissue that the model does not know: there its word is taken for synthetic sections alone, which
# are shown now and then, so that it does not forget what it could do.
TAUGHT = {"synthetic": 0.8, "isbi": 0.7, "own": 0.0}
OWN = {"rehearsed": 0.35, "rate": 3e-3}
DATA = {"synthetic": "Synthetic", "isbi": "ISBI", "own": "My own"}
BITS = tuple(finetuning.BITS)
MINUTES = 120.0
STEPS = 100_000
MARGIN = 0.25  # share of the bounds that training keeps clear at either end
OFF_CHIP = 5.0  # weight of the encoder's bound against the others'


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
        is added to the loss. 0 only scales; much above 0.1 the segmentation suffers for no
        more neurons in band.
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
    weight: float = 0.03
    curve: str = "relu"
    bits: int = 8
    seed: int = 0
    minutes: float = 2.0
    steps: int | None = None
    data: str = "synthetic"

    def __post_init__(self):
        _check_order(self.lower_hz, self.upper_hz)
        Settings(percentile=self.percentile, lower_hz=self.lower_hz, upper_hz=self.upper_hz,
                 seed=self.seed)  # fmt: skip
        names = [layer.name for layer in lab.model(self.model).populations()]
        for name, lower, upper in self.layers:
            if name not in names:
                raise LabError(
                    f"the model {self.model} has no layer {name!r}; choose of {', '.join(names)}."
                )
            try:
                _check_order(lower, upper)
                Settings(lower_hz=lower, upper_hz=upper)
            except LabError as error:
                raise LabError(f"bounds of {name}: {error}") from error
        if len({name for name, _, _ in self.layers}) != len(self.layers):
            raise LabError("a layer can have one pair of bounds of its own; name it once.")
        RateRange(self.lower_hz, self.upper_hz, layers=self.layers)  # refuses what is too low
        if self.curve not in CURVES:
            raise LabError(f"there is no rate curve {self.curve!r}; choose of {', '.join(CURVES)}.")
        if self.data not in DATA:
            raise LabError(f"there are no data {self.data!r}; choose of {', '.join(DATA)}.")
        if self.bits not in BITS:
            raise LabError(
                f"weights have {BITS[0]} to {BITS[-1]} bits; choose a number in that range."
            )
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
        # measured: 64 steps at 900 Hz, 100 at 300; below, and wherever a reset to zero throws
        # part of the potential away, a synapse has to smooth, and the time to settle goes with it
        upper = min(highs)
        smooth = upper < 250 or self.curve == "loihi"
        longest = min(1000, max(200, round(30000 / upper / 4) * 4))
        suited = {
            "timesteps": longest if smooth else (100 if upper < 700 else 64),
            "synapse_ms": min(20.0, max(5.0, round(600 / upper, 1))) if smooth else 0.0,
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
            self.steps, side, TAUGHT[self.data], **(OWN if self.data == "own" else {}),
        )  # fmt: skip


def _check_order(lower: float, upper: float) -> None:
    """In a person's words, before `Settings` says it in its own."""
    if lower > upper:
        raise LabError(
            f"the lower bound ({lower:g} Hz) is above the upper one ({upper:g} Hz); swap them."
        )
