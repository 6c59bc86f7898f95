"""Runs whose readout hears nothing, and settings under which it would.

A deep net at low rates and with few timesteps may send no spike as far as its last layer.
Every pixel then has the readout's bias for a value, and agreement and scores are those of a
constant. What would help is not guessed: settings near those in use are tried on a piece of
the same image, by the event-driven simulator.
"""

from collections.abc import Callable, Iterator

import numpy as np

from snnlab import conversion, simulation
from snnlab.errors import Cancelled, LabError, many
from snnlab.images import tiles
from snnlab.nets.architecture import multiple
from snnlab.nets.model import Model
from snnlab.results.segmentation import Segmentation, window_start
from snnlab.settings import Settings
from snnlab.simulation.network import Readout, SpikingNetwork
from snnlab.simulation.recording import Recording

PIECE = 128  # side of what is tried, pixels
LONGEST = 512  # timesteps that are tried
SPEAKS = 0.05  # of the last layer's neurons that must spike: one or two say nothing
FASTEST = 1000.0  # Hz: a spike a step
MUTE = "No spike reached the readout in its window: every pixel has the same value, and the scores"
MUTE += " are those of a constant"


def heard(network: SpikingNetwork, recording: Recording, start: int, stop: int) -> bool:
    """Whether a spike reached the readout in its window.

    Parameters
    ----------
    start, stop : int
        Of the window, in steps.
    """
    last = recording[network.populations[_before(network.readout)].name]
    return bool(last.counts(*last.window(start, stop)).any())


def is_mute(result: Segmentation) -> bool:
    """Whether no spike reached the readout of a run in its window."""
    if not result.whole:
        shown = result.snn()
        return float(shown.min()) == float(shown.max())
    last = result.recording[result.layers[_before(result.readout)].name]
    return not last.counts(*last.window(window_start(result.timesteps, result.settings))).any()


def _before(readout: Readout) -> int:
    """Place of the population that the readout hears: a softmax draws, whatever it hears."""
    return -2 if readout.shares else -1


def told(
    model: Model,
    image: np.ndarray,
    settings: Settings,
    cancel: Callable[[], bool] | None = None,
) -> str:
    """What is said of a mute run: a sentence, with settings that were tried and speak.

    Parameters
    ----------
    model : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised.
    settings : Settings
        Of the run.

    Raises
    ------
    Cancelled
    """
    piece = _middle(image, multiple(model.layers))

    def first(tried: Iterator[Settings]) -> Settings | None:
        return next((one for one in tried if _speaks(model, piece, one, cancel)), None)

    longer, faster = first(_longer(settings)), first(_faster(settings))
    own = Settings(**(model.card.get("settings", {}) | {"model": settings.model}))
    found = []
    if longer is not None:
        found.append(many(longer.timesteps, "timestep"))
    if faster is not None:
        found.append(f"bounds of {faster.lower_hz:.3g} to {faster.upper_hz:.3g} Hz")
    if not found and _speaks(model, piece, own, cancel):
        found.append(
            f"the model's own settings ({many(own.timesteps, 'timestep')}, {own.lower_hz:g} to"
            f" {own.upper_hz:g} Hz, synapse {own.synapse_ms:g} ms)"
        )
    if not found:
        return f"{MUTE}; neither more timesteps nor higher rates make it speak here."
    return f"{MUTE}; on the middle of this image it speaks with {' or '.join(found)}."


def _longer(settings: Settings) -> Iterator[Settings]:
    steps = 2 * settings.timesteps
    while steps <= LONGEST:
        yield settings.replace(timesteps=steps)
        steps *= 2


def _faster(settings: Settings) -> Iterator[Settings]:
    if not conversion.method(settings.method).bounds:
        return
    factor = 2.0
    while factor * settings.upper_hz <= FASTEST:
        yield settings.replace(
            lower_hz=factor * settings.lower_hz, upper_hz=factor * settings.upper_hz
        )
        factor *= 2


def _middle(image: np.ndarray, side: int) -> np.ndarray:
    part = tuple(slice(max(size - PIECE, 0) // 2, None) for size in image.shape)
    return tiles.pad(image[part][:PIECE, :PIECE], side)


def _speaks(model: Model, piece: np.ndarray, settings: Settings, cancel) -> bool:
    if cancel is not None and cancel():
        raise Cancelled
    start = window_start(settings.timesteps, settings)
    try:
        network = conversion.method(settings.method).convert(model, piece, settings)
        run = simulation.simulator("event").run
        recording = run(network, settings.timesteps, settings.seed)
    except LabError:  # a net that this simulator refuses
        return False
    heard_from = network.populations[_before(network.readout)].name
    counts = recording[heard_from].counts(start, settings.timesteps)
    return np.count_nonzero(counts) >= SPEAKS * counts.size
