"""How many neurons keep their rate bounds, counted in spikes.

`snnlab.training.ranging` looks at what the ANN's activations stand for. Here the spiking network
is run, with the rates as they were trained and not scaled to others, as its training ran it:
reset, synapse and initial potential are its recipe's. The network of one tile is shown tile after
tile; once it has settled, the spikes of each neuron are counted over a window, and of these
windows each neuron's percentile is taken.

A window of `WINDOW` steps tells rates `1000 / WINDOW` Hz apart: a neuron whose rate lies close to a
bound falls to one side or the other by a single spike. A rate that is a bound lies inside.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from snnlab.conversion import rate_scaling
from snnlab.errors import Cancelled
from snnlab.nets.architecture import multiple
from snnlab.nets.model import Model
from snnlab.settings import Settings
from snnlab.simulation import simulator
from snnlab.training import ranging
from snnlab.training.regulariser import RateRange

SETTLED = 100  # steps after which spikes are counted
WINDOW = 200  # steps over which they are


@dataclass(frozen=True)
class Counted:
    """Neurons held against their bounds.

    Attributes
    ----------
    share : dict of str to float
        Inside: by layer, ``all`` of a tile's network, ``section`` of a whole section's; see
        `snnlab.training.ranging.kept`.
    neurons, windows : int
        Of the tile's network, and how many windows each neuron was counted in.
    """

    share: dict[str, float]
    neurons: int
    windows: int


def regime(model: Model) -> Settings:
    """How the model's last stage of training ran its spiking network, from its card."""
    stages = model.card.get("stages") or [{}]
    recipe = stages[-1].get("recipe", {})
    own = {key: recipe[key] for key in ("reset", "synapse_ms", "initial") if key in recipe}
    return Settings(**own).replace(timesteps=SETTLED + WINDOW)


def kept(
    model: Model,
    images: np.ndarray,
    bounds: RateRange,
    report: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Counted:
    """Count spikes of each neuron in each tile, and hold its percentile against the bounds.

    Parameters
    ----------
    images : numpy.ndarray
        ``(n, height, width)``, normalised.
    report : callable, optional
        Told the share of the windows that is done.

    Raises
    ------
    Cancelled
    """
    tiles = ranging.tiles_of(images, multiple(model.layers))
    settings = regime(model)
    run = simulator(settings.simulator).run

    def rates():
        for index, tile in enumerate(tiles):
            if cancel and cancel():
                raise Cancelled
            network = rate_scaling.convert(model, tile, settings, rates_hz=model.rate_hz)
            recording = run(network, settings.timesteps)
            yield {
                part.name: recording[part.name].rates_hz(SETTLED)[None]
                for part in network.populations
            }
            if report:
                report((index + 1) / len(tiles))

    reached = ranging.percentiles(rates(), len(tiles), bounds.percentile)
    # 75 Hz are 75, and not a rounding error less
    reached = {name: np.round(values, 3) for name, values in reached.items()}
    neurons = sum(values.size for values in reached.values())
    return Counted(ranging.inside(model, reached, bounds), neurons, len(tiles))
