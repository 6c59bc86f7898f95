"""Small sections of a visitor's, and recipes that take a second."""

from functools import cache

from snnlab.data import own as owndata
from snnlab.training.recipe import Recipe
from snnlab.training.recipes import Plan
from snnlab.training.regulariser import RateRange
from tests.data.test_own import pair, sections

RATES = Recipe(
    minutes=3, steps=180, side=32, batch=2, widths=(3, 4), encoder=2, rate=3e-2, average=0.9,
    validate_every=0.25,
)  # fmt: skip
SPIKES = Recipe(
    minutes=1, steps=60, spiking="event", rates=RateRange(), side=400, batch=1, widths=(3, 4),
    encoder=2, rate=3e-2, timesteps=12, fast=0.5, fast_timesteps=8, validate_every=0.5,
)  # fmt: skip
PLANS = {
    "relu": Plan((RATES,), "isbi", settings={"timesteps": 16}, summary="Plain.", limits="Small."),
    "regularised": Plan((SPIKES,), "isbi", "relu", {"timesteps": 20, "lower_hz": 60.0}, "Spikes."),
    "phantom": Plan((RATES,), "synthetic"),
}


@cache
def own(count: int = 1, height: int = 400, width: int = 160) -> owndata.OwnData:
    """Synthetic sections, as a visitor would upload them."""
    return owndata.read([pair(*sections(count, (height, width)))])
