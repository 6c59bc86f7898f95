"""Where an image to segment comes from: shipped samples, ISBI sections, an upload."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from snnlab.errors import LabError
from snnlab.result import Picture

SAMPLES = Path(__file__).parents[1] / "assets" / "samples"
SAMPLE_NM = 4.0  # what `snnlab.datasets.tissue` draws lengths in
ISBI_NM = 4.0  # Cardona et al. 2010: 4 x 4 x 50 nm


def samples() -> tuple[str, ...]:
    """Names of the shipped synthetic sections, the default first."""
    return tuple(
        sorted(path.stem for path in SAMPLES.glob("*.png") if not path.stem.endswith("-labels"))
    )


@lru_cache(maxsize=4)
def sample(index: int) -> Picture:
    """A shipped synthetic section with its exact labels.

    Raises
    ------
    LabError
        If there is no such section.
    """
    names = samples()
    if not 0 <= index < len(names):
        raise LabError(f"there are {len(names)} sample sections; choose 0 to {len(names) - 1}.")
    name = names[index]
    data = (SAMPLES / f"{name}.png").read_bytes()
    truth = (SAMPLES / f"{name}-labels.png").read_bytes()
    picture = upload(data, f"{name}.png", 0, truth, f"{name}-labels.png")
    return replace(
        picture,
        name=name.split("-", 1)[1].replace("-", " "),
        section=index,
        sections=len(names),
        nm=SAMPLE_NM,
        file=f"assets/samples/{name}.png",
        labels_file=f"assets/samples/{name}-labels.png",
    )


def isbi_sections(folder: str | None = None) -> int:
    """Number of labelled sections in an ISBI folder; 0 if none was named or found."""
    from snnlab import isbi

    found = isbi.find(folder)
    return _volume(found).sections if found else 0


def _volume(folder: Path):
    """The volumes in a folder, read once for as long as the files stay as they are."""
    from snnlab import isbi

    files = (folder / name for name in (isbi.IMAGES, isbi.LABELS))
    try:
        state = tuple((file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    except OSError as error:
        raise LabError(f"the data folder {folder} cannot be read any more; name it again.") from (
            error
        )
    return _read_volume(folder, state)


@lru_cache(maxsize=2)
def _read_volume(folder: Path, state: tuple):
    from snnlab import isbi

    return isbi.Isbi(folder)


def isbi_picture(folder: str | None, section: int) -> Picture:
    """A labelled ISBI 2012 section.

    Raises
    ------
    LabError
        If no folder was named, or it does not hold the volumes.
    """
    from snnlab import isbi

    found = isbi.find(folder)
    if found is None:
        raise LabError(
            "no ISBI folder is named; give the folder that holds train-volume.tif and"
            " train-labels.tif with --data, in SNNLAB_DATA or in the sidebar."
        )
    volume = _volume(found)
    image = volume.image(section)
    return Picture(
        image.pixels,
        volume.labels(section),
        f"ISBI 2012 section {section}",
        section,
        volume.sections,
        image.sha256,
        ISBI_NM,
        isbi.IMAGES,
        isbi.LABELS,
    )


def upload_sections(data: bytes, name: str) -> int:
    """Number of sections in a file.

    Raises
    ------
    LabError
    """
    from snnlab import images

    return images.open_stack(data, name).sections


def upload(
    data: bytes,
    name: str,
    section: int = 0,
    labels: bytes | None = None,
    labels_name: str = "labels",
    invert: bool = False,
) -> Picture:
    """A section of a visitor's file, with labels if there are any.

    Parameters
    ----------
    data, name : bytes, str
        The image file.
    section : int
    labels, labels_name : bytes, str
        A label file of the same size: 0 = membrane, else cell.
    invert : bool
        The labels are the other way round.

    Raises
    ------
    LabError
    """
    from snnlab import images, pixel_size

    stack = images.open_stack(data, name)
    image = stack.section(section)
    truth = None
    if labels is not None:
        truth = images.read_labels(labels, labels_name, image.pixels.shape, section, invert)
    return Picture(
        image.pixels,
        truth,
        name,
        section,
        stack.sections,
        image.sha256,
        pixel_size.of_file(data, name),
        name,
        labels_name if labels is not None else "",
        invert,
    )
