"""A trained U-Net as plain arrays, its model card, and how both are stored.

A model is one ``.npz`` (no pickles) beside one ``.json`` card of the same
name. Kernels are stored as signed 8-bit levels and one float scale a layer,
which is how every simulator and the shown ANN use them.
"""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.nets.architecture import IMAGE, Layer, weight_shape
from snnlab.work import stored

ASSETS = Path(__file__).parents[2] / "assets" / "models"
LEVELS = 127
# what cards and tables say of how good a net is: fields of `snnlab.results.metrics.Scores`
SCORES = ("pixel_accuracy", "dice", "iou", "v_rand", "v_info")
# at the threshold in use; and at 0.5, where ANN and SNN can be compared though each has its own
TOLD = (*SCORES, "pixel_accuracy_at_half", "v_rand_at_half")
BOUNDS = ("percentile", "lower_hz", "upper_hz")  # what a card says of firing-rate bounds
_OPTIONAL = ("quantiles", "floats")  # arrays by layer that a model may lack
# dense where the percentile slider is used
PERCENTILES = np.array([50, 60, 70, 80, 90, 95, 97, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.99, 100])


@dataclass(frozen=True)
class Model:
    """Weights of a U-Net and what is known about it.

    Attributes
    ----------
    name : str
    layers : tuple of Layer
    levels : dict of str to numpy.ndarray
        int8, ``(rows, columns, in, out)``, by layer; -127..127.
    steps : dict of str to float
        Weight of one level: the kernel is ``levels * step``.
    biases : dict of str to numpy.ndarray
        float32, ``(out,)``; in units of activation.
    rate_hz : dict of str to float
        Firing rate (Hz) that stands for an activation of 1, by layer.
    card : dict
        The model card: data, sections, seeds, command, minutes, scores.
    quantiles : dict of str to numpy.ndarray
        float32, by layer: the activations at the percentiles `PERCENTILES`,
        over all neurons, on the training data.
    floats : dict of str to numpy.ndarray
        float32 kernels before rounding, to compare with; nothing runs on them.
    """

    name: str
    layers: tuple[Layer, ...]
    levels: dict[str, np.ndarray]
    steps: dict[str, float]
    biases: dict[str, np.ndarray]
    rate_hz: dict[str, float]
    card: dict = field(default_factory=dict)
    quantiles: dict[str, np.ndarray] = field(default_factory=dict)
    floats: dict[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def kernels(self) -> dict[str, np.ndarray]:
        """Float32 kernels ``(rows, columns, in, out)``, by layer."""
        return {
            name: levels.astype(np.float32) * np.float32(self.steps[name])
            for name, levels in self.levels.items()
        }

    @cached_property
    def digest(self) -> str:
        """sha256 of all that the model computes and that a conversion reads of it."""
        digest = hashlib.sha256(repr(self.layers).encode())
        for layer in self.layers:
            key = layer.name
            digest.update(self.levels[key].tobytes() + self.biases[key].tobytes())
            digest.update(repr((self.steps[key], self.rate_hz.get(key))).encode())
            digest.update(np.asarray(self.quantiles.get(key, ()), np.float32).tobytes())
        return digest.hexdigest()

    def activation_at(self, layer: str, percentile: float) -> float:
        """A percentile (50..100) of a layer's activations on the training data.

        Raises
        ------
        LabError
            If the model has no quantiles.
        """
        if layer not in self.quantiles:
            raise LabError(
                f"the model {self.name} does not say how active its layers are; finish it."
            )
        return float(np.interp(percentile, PERCENTILES, self.quantiles[layer]))

    @property
    def weights(self) -> int:
        """Number of weights, biases not counted."""
        return sum(levels.size for levels in self.levels.values())

    @property
    def nbytes(self) -> int:
        """Memory that it takes, its float kernels counted whether they were asked for or not."""
        parts = (self.levels, self.biases, self.quantiles, self.floats)
        kernels = 4 * sum(levels.size for levels in self.levels.values())
        return kernels + sum(values.nbytes for part in parts for values in part.values())

    def populations(self) -> tuple[Layer, ...]:
        """The layers that are neurons: all but the readout."""
        return tuple(layer for layer in self.layers if layer.activation != "linear")


def quantise(kernel: np.ndarray, most: int = LEVELS) -> tuple[np.ndarray, float]:
    """Round a kernel to signed levels, symmetric, one scale a layer.

    Parameters
    ----------
    most : int
        Levels on either side of zero: 127 of 8 bits, ``2**(bits - 1) - 1`` of fewer.

    Returns
    -------
    levels : numpy.ndarray
        int8, the kernel's shape, ``-most..most``.
    step : float
        ``max |kernel| / most``; 1 for a kernel of zeros.
    """
    largest = float(np.abs(kernel).max(initial=0.0))
    step = largest / most if largest > 0 else 1.0
    return np.clip(np.rint(kernel / step), -most, most).astype(np.int8), step


def from_float(name, layers, kernels, biases, rate_hz, card=None, most: int = LEVELS) -> Model:
    """Make a Model from float kernels, rounding them to 8 bits or to ``most`` levels."""
    rounded = {key: quantise(np.asarray(kernel), most) for key, kernel in kernels.items()}
    return Model(
        name,
        tuple(layers),
        {key: levels for key, (levels, _) in rounded.items()},
        {key: step for key, (_, step) in rounded.items()},
        {key: np.asarray(bias, np.float32) for key, bias in biases.items()},
        dict(rate_hz),
        card or {},
        {},
        {key: np.asarray(kernel, np.float32) for key, kernel in kernels.items()},
    )


def save(model: Model, folder: Path) -> Path:
    """Write ``<name>.npz`` and ``<name>.json``; returns the path of the first."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {"layers": np.array(json.dumps([asdict(layer) for layer in model.layers]))}
    for layer in model.layers:
        key = layer.name
        arrays[f"{key}/levels"] = model.levels[key]
        arrays[f"{key}/step"] = np.float64(model.steps[key])
        arrays[f"{key}/bias"] = model.biases[key]
        if key in model.rate_hz:
            arrays[f"{key}/rate_hz"] = np.float64(model.rate_hz[key])
        for part in _OPTIONAL:
            if key in getattr(model, part):
                arrays[f"{key}/{part}"] = getattr(model, part)[key]
    path = folder / f"{model.name}.npz"
    card = written(model.card)
    # the card first: weights without one would be in all lists
    stored.write(path.with_suffix(".json"), lambda stream: stream.write(card.encode()))
    stored.write(path, lambda stream: np.savez_compressed(stream, **arrays))
    return path


def written(card: dict) -> str:
    """A card as its file has it: lists of numbers are a line each, however long."""
    text = json.dumps(card, indent=2) + "\n"
    return re.sub(r"\[([-+.\deE,\s]+)\]", lambda found: f"[{' '.join(found[1].split())}]", text)


def load(name: str, folder: Path = ASSETS) -> Model:
    """Read a model by name.

    Raises
    ------
    LabError
        If there is no such model, or the file is damaged.
    """
    path = Path(folder) / f"{name}.npz"
    if name not in available(folder):
        raise LabError(f"there is no model {name!r}; choose one of {', '.join(available(folder))}.")
    with stored.as_one_sentence(f"the model file {path.name} is damaged; restore it or retrain."):
        arrays = stored.arrays(stored.content(path))
        described = stored.parsed(str(arrays["layers"]))
        layers = tuple(Layer(**(item | {"inputs": tuple(item["inputs"])})) for item in described)
        model = Model(
            name,
            layers,
            {layer.name: arrays[f"{layer.name}/levels"] for layer in layers},
            {layer.name: float(arrays[f"{layer.name}/step"]) for layer in layers},
            {layer.name: arrays[f"{layer.name}/bias"] for layer in layers},
            {
                layer.name: float(arrays[f"{layer.name}/rate_hz"])
                for layer in layers
                if f"{layer.name}/rate_hz" in arrays
            },
            stored.parsed(stored.content(path.with_suffix(".json"))),
            *(
                {
                    layer.name: arrays[f"{layer.name}/{part}"]
                    for layer in layers
                    if f"{layer.name}/{part}" in arrays
                }
                for part in _OPTIONAL
            ),
        )
        _check(model)
    return model


def _check(model: Model) -> None:
    """Raise ValueError or KeyError if arrays are missing or do not fit the layers."""
    names = {IMAGE}
    for layer in model.layers:
        key = layer.name
        expected = {
            "levels": weight_shape(layer, model.layers),
            "biases": (layer.channels,),
            "quantiles": PERCENTILES.shape,
            "floats": weight_shape(layer, model.layers),
        }
        for part, shape in expected.items():
            arrays = getattr(model, part)
            if part in _OPTIONAL and key not in arrays:
                continue
            if arrays[key].shape != shape or not np.isfinite(arrays[key]).all():
                raise ValueError(f"{part} of {key}")
        if model.levels[key].dtype != np.int8 or not names.issuperset(layer.inputs):
            raise ValueError(key)
        if not model.steps[key] > 0:
            raise ValueError(f"step of {key}")
        if layer.activation != "linear" and not model.rate_hz[key] > 0:
            raise ValueError(f"rate of {key}")
        names.add(key)


def available(folder: Path = ASSETS) -> tuple[str, ...]:
    """Names of the models in a folder: those to begin with first, then by name."""
    shipped = ("generalist", "organelles", "regularised", "relu", "loihi", "phantom")
    # a name has no dot: NAME.detector.npz is another kind of net
    found = {path.stem for path in Path(folder).glob("*.npz") if "." not in path.stem}
    return tuple(name for name in shipped if name in found) + tuple(sorted(found - set(shipped)))


def with_card(model: Model, **entries) -> Model:
    """The same model with entries added to its card."""
    return replace(model, card=model.card | entries)
