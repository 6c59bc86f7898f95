"""What a training run depends on, but the data: the recipe."""

from dataclasses import dataclass, field
from typing import ClassVar

from snnlab.data.drawn import CROP
from snnlab.nets.architecture import Layer, unet
from snnlab.nets.pooled import pooled
from snnlab.training.augmentation import Jitter
from snnlab.training.regulariser import RateRange


@dataclass(frozen=True)
class Recipe:
    """Everything that a training run depends on, but the data.

    Attributes
    ----------
    neuron : {"relu", "loihi"}
        Rate curve.
    spiking : {"", "count", "event"}
        Spike-based: in the forward pass, spikes are counted for constant
        currents (`activations.spiking`), or the spiking network is simulated
        (`spiking_forward`, from a model that is trained already).
    reset, synapse_ms, initial : str, float, float
        Of that simulation; see `snnlab.settings.Settings`.
    fast : float
        Share of the batches that are simulated at `fast_rates` times the firing
        rates, for `fast_timesteps`, without the synapse: so that the net can
        be run in few steps at high rates as well as in many at low ones.
    fast_rates : tuple of float
        Range of that factor, drawn anew for each batch.
    fast_timesteps : int
    rates : RateRange or None
        The percentile regulariser, if any.
    rate_hz : float
        Firing rate that stands for an activation of 1.
    timesteps : int
        Over which spikes are counted, if spiking.
    minutes, steps : float, int
        The budget; steps, if given, rules.
    membrane_weight : float
        Weight of a membrane pixel in the loss against a cell pixel.
    side, batch : int
        Size and number of crops a step.
    rate : float
        Learning rate at the start (Adam).
    average : float
        Decay of the running average of the variables.
    taught : float
        Share of the labels that the models of the stages before give
        (`snnlab.training.teaching`).
    near : float
        Of the windows of a net that is to travel, the share whose pixels are drawn about as wide
        as the models' own (`snnlab.training.tissues`); the others are drawn from all widths.
    """

    trained_thresholds: ClassVar[bool] = False  # whether the rates are variables too

    neuron: str = "relu"
    spiking: str = ""
    reset: str = "subtraction"
    synapse_ms: float = 0.0
    initial: float = 0.5
    fast: float = 0.0
    fast_rates: tuple[float, float] = (3.0, 6.5)
    fast_timesteps: int = 64
    rates: RateRange | None = None
    rate_hz: float = 150.0
    timesteps: int = 64
    minutes: float = 30.0
    steps: int | None = None
    membrane_weight: float = 1.5
    side: int = CROP
    batch: int = 8
    rate: float = 3e-3
    average: float = 0.998
    validate_every: float = 0.04
    seed: int = 0
    encoder: int = 4
    widths: tuple[int, ...] = (8, 16, 32, 64, 64)
    jitter: Jitter = field(default_factory=Jitter)
    taught: float = 0.0
    near: float = 0.0

    def layers(self) -> tuple[Layer, ...]:
        """The net that is trained."""
        return unet(self.encoder, self.widths, self.neuron)


@dataclass(frozen=True)
class PooledRecipe(Recipe):
    """A recipe for the net with max-pooling; ``layout`` tells it from one for the other."""

    layout: str = "pooled"

    def layers(self) -> tuple[Layer, ...]:
        """The net that is trained."""
        return pooled(self.encoder, self.widths, self.neuron)
