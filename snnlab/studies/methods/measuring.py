"""One contender on one image: what it segments after each number of steps, and where it errs."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from snnlab import conversion, simulation
from snnlab.conversion.errors import LayerError, WrongSpikes, layer_errors, wrong_spikes
from snnlab.energy.profile import profile
from snnlab.energy.work import Work
from snnlab.errors import Cancelled
from snnlab.images import tiles
from snnlab.images.pictures import Picture
from snnlab.nets.architecture import multiple
from snnlab.nets.model import SCORES, Model
from snnlab.results import counted, judging, metrics, mute
from snnlab.results.activity import activity
from snnlab.results.segmentation import Segmentation, window_start
from snnlab.settings import Settings
from snnlab.simulation.network import SpikingNetwork
from snnlab.simulation.recording import Recording
from snnlab.studies.methods.contenders import Contender
from snnlab.studies.sweep.measuring import plans_ahead, prefix

TIMESTEPS = (4, 8, 16, 32, 64)
SIDE = 192  # pixels of the longer side of a small picture
LEVELS = 15  # of grey in it, besides black


@dataclass(frozen=True)
class Cell:
    """A contender after so many timesteps.

    Attributes
    ----------
    timesteps : int
    small : numpy.ndarray
        uint8 ``(height, width)``, 0..15: the probability of cell, made small.
    silent : bool
        No spike reached the readout in its window: the picture says nothing.
    scores : dict of str to float
        See `SCORES`; empty without labels.
    agreement : float
        Share of pixels on the ANN's side of the threshold, 0..1.
    difference : float
        Mean absolute difference of the probability from its ANN's.
    work : Work
        Spikes, synaptic events, neuron updates; see `snnlab.energy`.
    wrong : tuple of WrongSpikes
        Spikes of inactivated neurons, by layer of the ANN.
    errors : tuple of LayerError
        Where each layer's error comes from, over the readout window; without
        the layers that cannot have spiked yet.
    """

    timesteps: int
    small: np.ndarray
    silent: bool
    scores: dict[str, float]
    agreement: float
    difference: float
    work: Work
    wrong: tuple[WrongSpikes, ...]
    errors: tuple[LayerError, ...]

    @property
    def wrong_share(self) -> float:
        """Share of the neurons whose ANN activation is 0 that spiked nevertheless, 0..1."""
        inactive = sum(part.inactive for part in self.wrong)
        return sum(part.neurons for part in self.wrong) / inactive if inactive else 0.0

    @property
    def wrong_spikes(self) -> int:
        """Spikes of inactivated neurons."""
        return sum(part.spikes for part in self.wrong)


@dataclass(frozen=True)
class Compared:
    """A contender, its ANN, and the SNN after each number of timesteps.

    Attributes
    ----------
    contender : Contender
    ann : numpy.ndarray
        As `Cell.small`, by the ANN with the same weights.
    ann_scores : dict of str to float
    activation : dict of str to float
        Root mean square of the ANN's activations, by layer.
    cells : tuple of Cell
    error : str
        One sentence if it could not be run; then there are no cells.
    """

    contender: Contender
    ann: np.ndarray
    ann_scores: dict[str, float]
    activation: dict[str, float]
    cells: tuple[Cell, ...]
    error: str = ""

    def cell(self, timesteps: int) -> Cell | None:
        """The one of so many timesteps."""
        return next((cell for cell in self.cells if cell.timesteps == timesteps), None)


def measure(
    contender: Contender,
    model: Model,
    picture: Picture,
    ann: np.ndarray,
    activations: dict[str, np.ndarray],
    timesteps: Sequence[int] = TIMESTEPS,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Compared:
    """Run a contender, and read it out after each number of timesteps.

    Parameters
    ----------
    picture : Picture
        Small enough to be computed whole.
    ann : numpy.ndarray
        Probability of cell by the ANN of the same model.
    activations : dict of str to numpy.ndarray
        Of the ANN, by layer, on the image padded to the model's sides.
    timesteps : sequence of int
        Ascending.

    Raises
    ------
    LabError
        If the method refuses the model.
    Cancelled
    """
    progress = progress or (lambda fraction, stage: None)
    settings = contender.settings
    image = tiles.pad(picture.normalised, multiple(model.layers))
    side = 4 * multiple(model.layers)
    several = plans_ahead(model, image[:side, :side], settings.replace(timesteps=timesteps[-1]))
    cells: list[Cell] = []
    for index, steps in enumerate(timesteps):
        share = index / len(timesteps)
        if cancel and cancel():
            raise Cancelled
        if several or not cells:
            length = steps if several else timesteps[-1]
            network, recording = _run(model, image, settings, length, progress, share, cancel)
        progress(share + 0.7 / len(timesteps), "scores")
        cells.append(
            _cell(
                model,
                picture,
                ann,
                activations,
                settings.replace(timesteps=steps),
                network,
                prefix(recording, steps),
                cancel,
            )
        )
    found = {name: float(np.sqrt(np.mean(np.square(v)))) for name, v in activations.items()}
    scores = _scores(ann, picture, settings.ann_at, cancel)
    shown = small(_beside_grey(ann, picture))
    return Compared(contender, shown, scores, found, tuple(cells))


def _run(model, image, settings: Settings, steps: int, progress, share: float, cancel):
    settings = settings.replace(timesteps=steps)
    network = conversion.method(settings.method).convert(model, image, settings)
    run = simulation.simulator(settings.simulator).run
    told = progress and (lambda part, stage: progress(share + 0.1 * part, stage))
    return network, run(network, steps, settings.seed, told, cancel)


def _cell(
    model: Model,
    picture: Picture,
    ann: np.ndarray,
    activations: dict[str, np.ndarray],
    settings: Settings,
    network: SpikingNetwork,
    recording: Recording,
    cancel: Callable[[], bool] | None,
) -> Cell:
    steps = settings.timesteps
    start = window_start(steps, settings)
    height, width = picture.pixels.shape
    probability = network.probability(recording, start, steps)[:height, :width]
    at = settings.threshold
    return Cell(
        steps,
        small(_beside_grey(probability, picture)),
        not mute.heard(network, recording, start, steps),
        _scores(probability, picture, at, cancel),
        counted.mean((probability >= at) == (ann >= at), picture.beside),
        counted.mean(np.abs(probability - ann), picture.beside),
        _work(model, picture, settings, network, recording),
        wrong_spikes(recording, activations),
        layer_errors(network, recording, activations, start, steps),
    )


def _beside_grey(probability: np.ndarray, picture: Picture) -> np.ndarray:
    """Grey where it is not tissue."""
    if picture.tissue is None:
        return probability
    return np.where(picture.tissue, probability, np.float32(0.5))


def _scores(
    probability: np.ndarray, picture: Picture, threshold: float, cancel
) -> dict[str, float]:
    if picture.labels is None:
        return {}
    scores = asdict(metrics.together([judging.marks(picture, probability, threshold, cancel)]))
    return {name: float(scores[name]) for name in SCORES}


def _work(model: Model, picture: Picture, settings, network, recording) -> Work:
    height, width = picture.pixels.shape
    result = Segmentation(
        settings,
        picture,
        picture.normalised,
        np.zeros(0),
        0.0,
        recording.seconds,
        activity(model, network, recording),
        recording,
        (0, 0, height, width),
        network.readout,
        {},
    )
    steps = recording.timesteps
    return profile(result, model.layers, (steps,)).at(steps)


def small(probability: np.ndarray) -> np.ndarray:
    """A picture of at most `SIDE` pixels a side, of 16 greys: uint8 ``(height, width)``, 0..15."""
    from PIL import Image

    height, width = probability.shape
    factor = min(SIDE / max(height, width), 1.0)
    size = max(round(width * factor), 1), max(round(height * factor), 1)
    grey = Image.fromarray(np.rint(np.clip(probability, 0, 1) * 255).astype(np.uint8))
    made = np.asarray(grey.resize(size, Image.Resampling.BOX), np.float32)
    return np.rint(made * (LEVELS / 255)).astype(np.uint8)


def middle(picture: Picture, most: int) -> Picture:
    """The middle of a picture, if it has more than ``most`` pixels a side; else itself.

    What the networks see of it is cut from the whole image, whose contrast was
    normalised before.
    """
    height, width = picture.pixels.shape
    tall, wide = min(height, most), min(width, most)
    if (tall, wide) == (height, width):
        return picture
    top, left = (height - tall) // 2, (width - wide) // 2
    part = slice(top, top + tall), slice(left, left + wide)
    cut = picture.cut(part)
    # a cached property: what is put there is what it says
    cut.__dict__["normalised"] = np.ascontiguousarray(picture.normalised[part])
    return cut
