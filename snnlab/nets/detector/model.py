"""A trained detector as plain arrays with its card, and the file that keeps both.

As the U-Nets' (`snnlab.nets.model`): kernels as signed levels of 8 bits with one step a layer. The
file's ending is none of theirs, so that both may lie in one folder.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.nets.detector.graph import detector_graph
from snnlab.nets.detector.plan import Plan
from snnlab.nets.graph.net import Graph
from snnlab.nets.model import ASSETS, LEVELS, PERCENTILES, quantise, written
from snnlab.work import stored
from snnlab.work.stored import Damaged

ENDING = ".detector.npz"
CARD = ".detector.json"
LARGEST = 64 << 20  # bytes of a file
WIDEST = 20_000_000  # weights


@dataclass(frozen=True)
class Detector:
    """Weights of a detector and what is known about it.

    Attributes
    ----------
    name : str
    plan : Plan
    levels : dict of str to numpy.ndarray
        int8 ``(rows, columns, in, out)``, by weights; -127..127.
    steps : dict of str to float
        Weight of one level.
    biases : dict of str to numpy.ndarray
        float32 ``(out,)``.
    card : dict
    active : dict of str to numpy.ndarray
        float32 ``(2, n)`` by population: activations on the training data at the percentiles
        `snnlab.nets.model.PERCENTILES`, of all of them, and of those above zero.
    floats : dict of str to numpy.ndarray
        float32 kernels before rounding, to compare with; nothing runs on them.
    """

    name: str
    plan: Plan
    levels: dict[str, np.ndarray]
    steps: dict[str, float]
    biases: dict[str, np.ndarray]
    card: dict = field(default_factory=dict)
    active: dict[str, np.ndarray] = field(default_factory=dict)
    floats: dict[str, np.ndarray] = field(default_factory=dict)

    @cached_property
    def kernels(self) -> dict[str, np.ndarray]:
        """float32 kernels, by weights."""
        return {
            name: levels.astype(np.float32) * np.float32(self.steps[name])
            for name, levels in self.levels.items()
        }

    @cached_property
    def digest(self) -> str:
        """sha256 of all that it computes and that a conversion reads of it."""
        digest = hashlib.sha256(repr(self.plan).encode())
        for one in self.plan.weights():
            digest.update(self.levels[one.name].tobytes() + self.biases[one.name].tobytes())
            digest.update(repr(self.steps[one.name]).encode())
        for name, values in sorted(self.active.items()):
            digest.update(name.encode() + np.asarray(values, np.float32).tobytes())
        return digest.hexdigest()

    @property
    def weights(self) -> int:
        """Their number, biases not counted; those that levels share count once."""
        return sum(levels.size for levels in self.levels.values())

    def graph(self, height: int, width: int, rounded: bool = True) -> Graph:
        """The net for one size of image.

        Parameters
        ----------
        height, width : int
            Multiples of `snnlab.nets.detector.plan.MULTIPLE`.
        rounded : bool
            With its 8 bits; else with the kernels before rounding.
        """
        kernels = self.kernels if rounded else self.floats
        return detector_graph(self.name, self.plan, kernels, self.biases, height, width)


def from_float(
    name: str, plan: Plan, kernels: Mapping, biases: Mapping, card: dict | None = None
) -> Detector:
    """Make a detector from float kernels, rounding them to 8 bits."""
    kernels = {key: np.asarray(kernel, np.float32) for key, kernel in kernels.items()}
    rounded = {key: quantise(kernel) for key, kernel in kernels.items()}
    return Detector(
        name,
        plan,
        {key: levels for key, (levels, _) in rounded.items()},
        {key: step for key, (_, step) in rounded.items()},
        {key: np.asarray(bias, np.float32) for key, bias in biases.items()},
        card or {},
        {},
        kernels,
    )


def save(detector: Detector, folder: Path) -> Path:
    """Write weights and card; returns the path of the weights. The folder is made if need be."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {"plan": np.array(json.dumps(asdict(detector.plan)))}
    for one in detector.plan.weights():
        arrays[f"{one.name}/levels"] = detector.levels[one.name]
        arrays[f"{one.name}/step"] = np.float64(detector.steps[one.name])
        arrays[f"{one.name}/bias"] = detector.biases[one.name]
        if one.name in detector.floats:
            arrays[f"{one.name}/floats"] = detector.floats[one.name]
    for name, values in detector.active.items():
        arrays[f"active/{name}"] = np.asarray(values, np.float32)
    card = written(detector.card).encode()
    # the card first: weights without one would be in all lists
    stored.write(folder / f"{detector.name}{CARD}", lambda stream: stream.write(card))
    path = folder / f"{detector.name}{ENDING}"
    stored.write(path, lambda stream: np.savez_compressed(stream, **arrays))
    return path


def available(folder: Path = ASSETS) -> tuple[str, ...]:
    """Names of the detectors in a folder."""
    return tuple(sorted(path.name.removesuffix(ENDING) for path in folder.glob(f"*{ENDING}")))


def load(name: str, folder: Path = ASSETS) -> Detector:
    """Read a detector by name.

    Raises
    ------
    LabError
        If there is none of that name, or the file is damaged.
    """
    there = available(folder)
    if name not in there:
        known = f"choose one of {', '.join(there)}" if there else "there is none yet; train one"
        raise LabError(f"there is no detector {name!r}; {known}.")
    with stored.as_one_sentence(f"the file {name}{ENDING} is damaged; restore it or retrain."):
        arrays = stored.arrays(stored.content(folder / f"{name}{ENDING}", LARGEST), LARGEST * 4)
        told = stored.parsed(str(arrays.pop("plan")))
        plan = Plan(**{key: _setting(value) for key, value in told.items()})
        card = stored.parsed(stored.content(folder / f"{name}{CARD}"))
        return _assembled(name, plan, arrays, card)


def _setting(value):
    if isinstance(value, list):
        return tuple(_setting(one) for one in value)
    if not isinstance(value, bool | int):
        raise Damaged("has a number that is none")
    return value


def _assembled(name: str, plan: Plan, arrays: dict, card: dict) -> Detector:
    expected = plan.weights()
    if sum(int(np.prod(one.shape)) for one in expected) > WIDEST or not isinstance(card, dict):
        raise Damaged("is too large")
    parts: dict[str, dict] = {part: {} for part in ("levels", "step", "bias", "floats")}
    for one in expected:
        for part, shape in (("levels", one.shape), ("step", ()), ("bias", one.shape[3:])):
            values = arrays[f"{one.name}/{part}"]
            if values.shape != shape or (values.dtype == np.int8) != (part == "levels"):
                raise Damaged(f"has {part} that do not fit")
            parts[part][one.name] = values
        if np.abs(parts["levels"][one.name].astype(int)).max(initial=0) > LEVELS:
            raise Damaged("has levels that no 8 bits give")
        if not parts["step"][one.name] > 0:
            raise Damaged("has a step that is none")
        floats = arrays.get(f"{one.name}/floats")
        if floats is not None:
            if floats.shape != one.shape:
                raise Damaged("has weights that do not fit")
            parts["floats"][one.name] = floats.astype(np.float32)
    neurons = {step.name for step in plan.steps() if step.neurons}
    active = {
        key.removeprefix("active/"): values.astype(np.float32)
        for key, values in arrays.items()
        if key.startswith("active/")
    }
    if active.keys() - neurons or any(v.shape != (2, len(PERCENTILES)) for v in active.values()):
        raise Damaged("has activations that do not fit")
    return Detector(
        name,
        plan,
        parts["levels"],
        {key: float(step) for key, step in parts["step"].items()},
        {key: bias.astype(np.float32) for key, bias in parts["bias"].items()},
        card,
        active,
        parts["floats"],
    )
