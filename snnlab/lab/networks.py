"""The front door for nets of any kind on a page: which there are, what they are, how they do."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from snnlab.conversion.graphs.scaling import METHODS
from snnlab.data import digits, examples
from snnlab.data.examples import Examples
from snnlab.energy.devices import device, devices
from snnlab.energy.estimate import estimate
from snnlab.errors import LabError
from snnlab.export import tables
from snnlab.lab import importing
from snnlab.lab import segmenting as lab
from snnlab.nets.graph import files
from snnlab.nets.graph.net import Graph
from snnlab.nets.graph.rewriting import spiking_form
from snnlab.nets.keras_files import apart
from snnlab.studies.classifying import storing
from snnlab.studies.classifying.measuring import Run, Tested
from snnlab.work import stored

__all__ = ["DEVICES", "METHODS", "Known", "Run", "Tested", "nets"]

DEMO = importing.DEMO
READY_MADE = lab.ASSETS / "digits.npz"
READY_STEPS = 32
READY_IMAGES = 100
SEED = 10_000_000  # of the digits that are drawn to look at; no training has drawn them
CALIBRATION = 9_000_000  # of those from which rates are chosen
TIMESTEPS = (8, 16, 32, 64, 128, 256)
IMAGES = (20, 50, 100, 200)
# that make no difference between updates with input and those without
DEVICES = {
    "ann": ("cpu-online", "gpu-online", "jetson", "ann-45nm-int"),
    "snn": ("loihi-keras", "spinnaker2", "snn-45nm-int"),
}


@dataclass(frozen=True)
class Known:
    """A net, and what of it would spike.

    Attributes
    ----------
    graph : Graph
    rows : tuple of snnlab.lab.importing.Row
    refused : tuple of str
        Why it cannot be converted; none, if it can.
    task : str
        ``classification``, ``segmentation`` or ``other``.
    """

    graph: Graph
    rows: tuple[importing.Row, ...]
    refused: tuple[str, ...]
    task: str


nets = importing.names


@lru_cache(maxsize=1)
def demo() -> Graph:
    """The classifier of drawn digits that ships."""
    return files.load(importing.SHIPPED / f"{DEMO}{files.ENDING}")


@lru_cache(maxsize=1)
def demo_card() -> dict:
    """What it is, and what it is worth.

    Raises
    ------
    LabError
        If the file is missing or damaged.
    """
    path = importing.SHIPPED / f"{DEMO}.json"
    with stored.as_one_sentence(f"{path.name} is missing or damaged; get it again."):
        card = stored.parsed(stored.content(path))
        if card["name"] != DEMO:
            raise LabError(f"{path.name} belongs to another net; get it again.")
        return card


def named(name: str, average: bool = False) -> Known:
    """One of `nets`, looked into.

    Raises
    ------
    LabError
    """
    if name not in nets():
        raise LabError("the net of that name is gone; choose another.")
    graph = demo() if name == DEMO else importing.graph_of(name)
    return known(graph, average)


def given(data: bytes, file: str, size: tuple[int, int] | None = None) -> Graph:
    """A Keras file that somebody hands in, read in a process of its own.

    Parameters
    ----------
    data : bytes
    file : str
        Its name.
    size : tuple of int, optional
        Height and width, for a net that takes images of any size.

    Raises
    ------
    LabError
    """
    return apart.read(data, importing.name_of(file.rsplit(".", 1)[0]), file, size)


def known(graph: Graph, average: bool = False) -> Known:
    """Look into a net.

    Parameters
    ----------
    average : bool
        Takes means in place of maxima.
    """
    rows, refused = importing.rows_of(graph, average)
    return Known(graph, tuple(rows), tuple(refused), importing.task_of(graph))


# ---- the test set ---------------------------------------------------------------------


def draws_digits(graph: Graph) -> bool:
    """Whether drawn digits are something that a net may know: it tells ten classes apart."""
    height, width, channels = graph.image_shape
    outputs = int(np.prod(graph.shapes[graph.output.name]))
    fits = digits.SMALLEST <= min(height, width) <= max(height, width) <= digits.LARGEST
    return fits and channels in (1, 3) and outputs == len(digits.CLASSES)


def drawn(graph: Graph, count: int, seed: int = SEED) -> Examples:
    """Digits in the range that a net takes."""
    made = digits.drawn(count, graph.image_shape, seed)
    if not importing.rescales(graph):
        return made
    return Examples(made.images * np.float32(255), made.labels, made.classes)


def examples_given(data: bytes, file: str, graph: Graph, count: int) -> Examples:
    """Images that somebody hands in: an ``.npz``, or a zip of class folders.

    Raises
    ------
    LabError
    """
    found = examples.unpacked(data, file, graph.image_shape, count)
    return examples.scaled(found, importing.rescales(graph))


# ---- the test -------------------------------------------------------------------------


def measure(
    graph: Graph,
    given: Examples | int,
    methods: Sequence[str] = METHODS,
    timesteps: int = READY_STEPS,
    percentile: float = 99.9,
    average: bool = False,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Tested:
    """Run a classifier on images by several methods.

    Parameters
    ----------
    given : Examples or int
        Or so many drawn digits.

    Raises
    ------
    LabError, Cancelled
    """
    from snnlab.studies.classifying.measuring import measured  # the engine's machine code

    calibration = None
    if isinstance(given, int):
        calibration = drawn(graph, 32, CALIBRATION).images
        given = drawn(graph, given)
    spiking = spiking_form(graph, average)
    return measured(spiking, given, methods, timesteps, percentile, calibration, progress, cancel)


@lru_cache(maxsize=1)
def ready_made() -> tuple[Tested, Known]:
    """The test of the shipped net that ships with it: on the page before anything is computed.

    Raises
    ------
    LabError
        If a file is missing or damaged.
    """
    graph = demo()
    tested, about = storing.load(READY_MADE, spiking_form(graph))
    rows = tuple(importing.Row(**row | {"shape": tuple(row["shape"])}) for row in about["rows"])
    return tested, Known(graph, rows, (), importing.task_of(graph))


def make_ready(path: Path = READY_MADE) -> Tested:
    """Test the shipped net, and keep that for `ready_made`."""
    found = known(demo())
    tested = measure(found.graph, READY_IMAGES, METHODS, READY_STEPS)
    storing.save(tested, {"rows": [asdict(row) for row in found.rows]}, path)
    ready_made.cache_clear()
    return tested


# ---- numbers --------------------------------------------------------------------------


def energy(tested: Tested, run: Run, timesteps: int) -> list[dict]:
    """Joules an image by device, by published constants; see `snnlab.energy`.

    Returns
    -------
    list of dict
        ``network``, ``device``, ``joules``, ``low``, ``high``.
    """
    work, every, found = tested.work(run, timesteps), devices(), []
    for network, names in DEVICES.items():
        for name in names:
            made = estimate(device(name, every), work)
            low, joules, high = made.band
            found.append(
                {"network": network.upper(), "device": made.device.title, "joules": joules,
                 "low": low, "high": high}
            )  # fmt: skip
    return found


def by_layer(known: Known, tested: Tested | None, run: Run | None) -> list[dict]:
    """A row a layer, as plain values; what a run tells is there with a run."""
    found = []
    places = {} if run is None else {name: at for at, name in enumerate(run.neurons)}
    for row in known.rows:
        one = asdict(row) | {"shape": " × ".join(map(str, row.shape))}
        one["spiking"] = {True: "yes", False: "on the host", None: ""}[row.spiking]
        if tested is not None:
            one["largest"], one["percentile"] = tested.reached.get(row.name, (None, None))
        if row.name in places:
            at = places[row.name]
            sent = run.spikes[:, :, at].sum() / len(run.spikes)
            one["mean_rate_hz"] = 1000 * sent / run.timesteps / run.neurons[row.name]
            one["p999_rate_hz"] = float(run.high[:, at].mean())
            one["correlation"] = _mean(run.correlation[:, at])
            one["error"] = _mean(run.error[:, at])
        found.append(one)
    return found


def _mean(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None


def by_image(tested: Tested, run: Run) -> list[dict]:
    """A row an image, as plain values."""
    names, labels = tested.classes, tested.examples.labels
    sent = run.spikes.sum(axis=(1, 2))
    return [
        {
            "image": at + 1,
            "label": "" if labels is None else _class(names, int(labels[at])),
            "ann": names[tested.ann[at]],
            "snn": names[run.classes[at, -1]],
            "settled_after": int(run.settled[at]),
            "spikes": int(sent[at]),
        }
        for at in range(len(sent))
    ]


def _class(names: Sequence[str], number: int) -> str:
    return names[number] if 0 <= number < len(names) else str(number)


def by_method(tested: Tested, timesteps: int) -> list[dict]:
    """A row a method after so many steps, as plain values."""
    found = []
    for run in tested.runs:
        work = tested.work(run, timesteps)
        now = run.classes[:, timesteps - 1]
        price = estimate(device("loihi-keras", devices()), work)
        found.append(
            {
                "method": run.method,
                "timesteps": timesteps,
                "snn_right": float(tested.right(now)),
                "ann_right": float(tested.right(tested.ann)),
                "as_the_ann": float((now == tested.ann).mean()),
                "settled_after": float(np.median(run.settled)),
                "spikes": work.spikes,
                "synaptic_events": work.events,
                "joules": price.joules,
            }
        )
    return found


def over_time(tested: Tested) -> list[dict]:
    """A row a method and number of steps: the share of right answers, and spikes so far."""
    found = []
    for run in tested.runs:
        spikes = run.spikes.sum(axis=2).cumsum(axis=1).mean(axis=0)
        for at, right in enumerate(tested.right(run.classes)):
            found.append(
                {
                    "method": run.method,
                    "timesteps": at + 1,
                    "snn_right": float(right),
                    "ann_right": float(tested.right(tested.ann)),
                    "as_the_ann": float((run.classes[:, at] == tested.ann).mean()),
                    "spikes": float(spikes[at]),
                }
            )
    return found


def csv_of(rows: Sequence[dict]) -> str:
    """Rows as a table."""
    return tables.of_rows(rows)
