"""``segment --model rbf:FILE``: one image by an RBF network; it has no spikes and no layers."""

from dataclasses import asdict
from pathlib import Path

from snnlab.commands import outputs
from snnlab.commands.images import notes_of, pictures_of, tell
from snnlab.errors import LabError
from snnlab.lab import rbf as lab
from snnlab.lab.rbf import ByPixels
from snnlab.nets.model import SCORES
from snnlab.results import familiar

WRITTEN = ("ann.tif", "ann-mask.png")
# what only a spiking network heeds
SPIKING = (
    *("method", "simulator", "timesteps", "percentile", "range", "reset", "synapse", "initial"),
    *("input", "seed"),
)
NO_SPIKES = (
    "An RBF network does not spike: ann is the network itself, snn is null, and layers is empty."
)


def run(arguments) -> dict:
    """Segment; scores if there are labels.

    Raises
    ------
    LabError
    """
    from snnlab.commands.cli import progress_line
    from snnlab.settings import Settings

    for name in SPIKING:
        if getattr(arguments, name) is not None:
            raise LabError(f"--{name} is for a spiking network; leave it out with an RBF network.")
    if arguments.out:
        outputs.folder(arguments.out, WRITTEN)
    model = lab.load(arguments.model)
    asked = arguments.threshold if arguments.ann_threshold is None else arguments.ann_threshold
    at = lab.threshold_of(model) if asked is None else Settings(threshold=asked).threshold
    (picture,) = pictures_of(arguments, [arguments.section], blank=True)
    found = lab.segment(picture, model, at, None if arguments.quiet else progress_line)
    tell([NO_SPIKES])
    if arguments.out:
        write(found, Path(arguments.out))
    ann = {"seconds": found.seconds}
    if found.scores is not None:
        ann |= {key: asdict(found.scores)[key] for key in SCORES}
    a1, a2 = model.mixture
    return {
        "image": described(picture, arguments.image),
        "notes": [*notes_of(picture), NO_SPIKES],
        "familiarity": familiar.on_json(None),
        "settings": {"model": arguments.model, "threshold": at},
        "ann": ann,
        "snn": None,
        "layers": [],
        "units": model.units,
        "mixture": {"a1": a1, "a2": a2},
    }


def described(picture, path: str) -> dict:
    """What the answer says of an image."""
    return {
        "path": path,
        "section": picture.section,
        "sections": picture.sections,
        "shape": list(picture.pixels.shape),
        "nm": picture.nm_in_file,
        "computed_nm": picture.nm,
        "resampled_from_nm": picture.file_nm,
    }


def write(found: ByPixels, folder: Path) -> None:
    """The probability as float32 TIFF and the mask at the threshold as PNG.

    Raises
    ------
    LabError
    """
    from snnlab.export import pictures

    picture = found.picture
    probability, tissue = picture.in_file(found.probability), picture.tissue_in_file
    tiff = pictures.probability_tiff(probability, picture.nm_in_file, tissue)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ann.tif").write_bytes(tiff)
        mask = pictures.mask_png(probability, found.threshold, tissue)
        (folder / "ann-mask.png").write_bytes(mask)
    except OSError as error:
        reason = (error.strerror or "no space or no permission").lower()
        raise LabError(f"{folder} cannot be written: {reason}; name another --out.") from error


def show(answer: dict) -> str:
    """For a person."""
    ann = answer["ann"]
    scores = ", ".join(f"{key} {ann[key]:.4f}" for key in SCORES if key in ann)
    mixture = answer["mixture"]
    return (
        f"{answer['image']['path']}, {answer['settings']['model']}\n"
        f"RBF network of {answer['units']} units, phi = {mixture['a1']:.2f} Euclid"
        f" + {mixture['a2']:.2f} cosine: {ann['seconds']:.2f} s" + (f", {scores}" if scores else "")
    )
