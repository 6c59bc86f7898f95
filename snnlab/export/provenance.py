"""Where a result comes from: versions, hashes, and the command that gives it again."""

import hashlib
import platform
import shlex
from importlib import metadata

import numpy as np

from snnlab import __version__
from snnlab.images import pixel_size
from snnlab.results.segmentation import Segmentation

# by simulator, beside those that every run goes through
PACKAGES = ("nengo", "numpy", "scipy", "scikit-image", "tensorflow", "tf-keras")
OF_SIMULATOR = {
    "event": ("numba",),
    **dict.fromkeys(("loihi", "loihi-128", "loihi-256"), ("numba", "nengo-loihi")),
    "nengo-loihi": ("nengo-loihi",),
    "nengo-dl": ("nengo-dl",),
}


def versions(simulator: str) -> dict[str, str]:
    """Of everything that a run's numbers depend on."""
    names = sorted({*PACKAGES, *OF_SIMULATOR.get(simulator, ())})
    return {
        "SNN Lab": __version__,
        "Python": platform.python_version(),
        **{name: metadata.version(name) for name in names},
        "machine": f"{platform.system()} {platform.machine()}",
    }


def hashes(result: Segmentation, model_digest: str) -> dict[str, str]:
    """SHA-256 of what went in and what came out.

    Parameters
    ----------
    result : Segmentation
    model_digest : str
        `snnlab.nets.model.Model.digest` of its model.
    """
    found = {"image file": result.picture.sha256}
    if result.picture.labels is not None:
        found["labels (bool, row by row)"] = digest(result.picture.labels)
    return found | {
        "model (weights and scales)": model_digest,
        "ANN probability (float32)": digest(result.ann.astype("<f4")),
        "SNN probability (float32)": digest(result.snn().astype("<f4")),
        f"spikes{_part(result)} (packed, layer by layer)": digest(
            *(trains.words.astype("<u8", copy=False) for trains in result.recording.populations)
        ),
    }


def _part(result: Segmentation) -> str:
    if result.whole:
        return ""
    top, left, height, width = result.region
    return f" of {height} x {width} pixels from row {top}, column {left}"


def digest(*arrays: np.ndarray) -> str:
    """SHA-256 of the arrays' bytes, one after the other, row-major."""
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


def command(result: Segmentation) -> str:
    """The command line that computes the same, to be given in the lab's folder.

    An upload keeps the name that it had on the visitor's computer. A section of
    ISBI 2012 is found through the variable SNNLAB_DATA.
    """
    settings, picture = result.settings, result.picture
    isbi = settings.source == "isbi"

    def file(name: str) -> str:
        if isbi:
            return f'"$SNNLAB_DATA"/{name}'
        return shlex.quote(f"./{name}" if name.startswith("-") else name)

    section = picture.section if settings.source != "sample" else 0
    words = [".venv/bin/python -m snnlab segment", file(picture.file or "IMAGE")]
    if section:
        words.append(f"--section {section}")
    if picture.labels is not None:
        words.append(f"--labels {file(picture.labels_file or 'LABELS')}")
        if picture.inverted:
            words.append("--invert-labels")
        if picture.ignore:
            words.append(f"--ignore {','.join(map(_exact, picture.ignore))}")
        words += [shlex.quote(word) for word in picture.labels_options]
    words += ["--invert"] if picture.negative else []
    words += [shlex.quote(word) for word in picture.options]
    if picture.asked_nm is not None:
        words.append(f"--nm {pixel_size.written(picture.asked_nm)}")
    words += [
        f"--model {shlex.quote(settings.model)}",
        f"--method {shlex.quote(settings.method)}",
        f"--simulator {shlex.quote(settings.simulator)}",
        f"--timesteps {settings.timesteps}",
        f"--percentile {_exact(settings.percentile)}",
        f"--range {_exact(settings.lower_hz)} {_exact(settings.upper_hz)}",
        f"--reset {settings.reset}",
        f"--synapse {_exact(settings.synapse_ms)}",
        f"--initial {_exact(settings.initial)}",
        f"--input {settings.input}",
        f"--threshold {_exact(settings.threshold)}",
        f"--ann-threshold {_exact(settings.ann_at)}",
        f"--seed {settings.seed}",
        "--json",
    ]
    return " ".join(words)


def _exact(number: float) -> str:
    """So that it reads back the same; 75 rather than 75.0."""
    return str(int(number)) if float(number).is_integer() else repr(float(number))
