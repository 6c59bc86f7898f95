"""Writing a volume of probabilities: an OME-Zarr that many may write to, or a TIFF stack.

An OME-Zarr is written chunk by chunk, by whoever has computed one. A TIFF
can only be written in order: it is put together in the end from a Zarr array.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.images import calibrated, resampling
from snnlab.images.pixel_size import Calibration

CHUNK = 512  # pixels; a tile's core is a multiple, so that no two tiles share a chunk
ARRAY = "0"
NOT_TISSUE = {"uint8": 0, "float32": np.nan}
DTYPES = tuple(NOT_TISSUE)
MEANS = {  # what the numbers of a volume mean, for whoever opens it
    "uint8": "probability of cell = (value - 1) / 254; 0 = not tissue",
    "float32": "probability of cell; NaN = not tissue",
}


def is_tiff(path: Path) -> bool:
    """Whether the name asks for a TIFF; anything else must end in ``.zarr``.

    Raises
    ------
    LabError
    """
    name = path.name.lower()
    if name.endswith((".tif", ".tiff")):
        return True
    if name.endswith(".zarr"):
        return False
    raise LabError(f"{path} does not say what kind of volume it is; end it in .tif or .ome.zarr.")


def create(path, shape: tuple[int, int, int], calibration: Calibration, dtype: str) -> None:
    """Make an empty OME-Zarr 0.5 image of one resolution.

    Parameters
    ----------
    path : path or zarr store
    shape : tuple of int
        ``(sections, height, width)``.
    calibration : Calibration
        Of the input, which is the output's.
    dtype : str

    Raises
    ------
    LabError
        If it cannot be written.
    """
    import zarr
    from ome_zarr_models.v05.image import Image

    axes = [
        {"name": name, "type": "space"} | ({"unit": unit} if unit else {})
        for name, unit in zip("zyx", calibration.units, strict=True)
    ]
    transforms = [{"type": "scale", "scale": list(calibration.scale or (1.0, 1.0, 1.0))}]
    if calibration.translation is not None:
        moved = {"type": "translation", "translation": list(calibration.translation)}
        transforms.append(moved)
    multiscale = {
        "name": "probability of cell",
        "axes": axes,
        "datasets": [{"path": ARRAY, "coordinateTransformations": transforms}],
    }
    try:
        group = zarr.create_group(
            path,
            attributes={
                "ome": {"version": "0.5", "multiscales": [multiscale]},
                "snnlab": {"values": MEANS[dtype]},
            },
        )
        group.create_array(
            ARRAY,
            shape=shape,
            chunks=(1, min(CHUNK, shape[1]), min(CHUNK, shape[2])),
            dtype=dtype,
            fill_value=NOT_TISSUE[dtype],
            dimension_names=list("zyx"),
        )
    except OSError as error:
        reason = (error.strerror or "no space or no permission").lower()
        raise LabError(f"{path} cannot be written: {reason}; name another OUT.") from error
    Image.from_zarr(group)  # the standard's own check of what was written


def write(
    path: Path,
    section: int,
    rows: slice,
    columns: slice,
    probability: np.ndarray,
    tissue: np.ndarray | None = None,
) -> None:
    """Put a window of probabilities into its place; see `encoded`."""
    import zarr

    array = zarr.open_array(path, path=ARRAY, mode="r+")
    array[section, rows, columns] = encoded(probability, tissue, array.dtype)
    _sync(path, section, rows, columns, array.chunks)


def _sync(path: Path, section: int, rows: slice, columns: slice, chunks) -> None:
    """Have the chunks of a window on the disk, before it is noted that they are."""
    down, across = (
        range(part.start // side, -(-part.stop // side))
        for part, side in zip((rows, columns), chunks[1:], strict=True)
    )
    folder = path / ARRAY / "c" / str(section)
    places = {folder / str(row) for row in down}
    files = [place / str(column) for place in places for column in across]
    for place in (*files, *places, folder, folder.parent):
        if place.exists():  # of a chunk of nothing but its fill value there is no file
            handle = os.open(place, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


class Lost(Exception):
    """What was computed of a section cannot be read back from the disk.

    Attributes
    ----------
    section : int
    """

    def __init__(self, section: int):
        super().__init__(section)
        self.section = section


@contextlib.contextmanager
def _reading(section: int) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # a damaged chunk makes decoders raise anything at all
        raise Lost(section) from error


def encoded(probability: np.ndarray, tissue: np.ndarray | None, dtype) -> np.ndarray:
    """Probabilities as they are stored.

    Parameters
    ----------
    probability : numpy.ndarray
        ``(height, width)``, 0..1.
    tissue : numpy.ndarray or None
        bool; None: all of it is.
    dtype : {"uint8", "float32"}

    Returns
    -------
    numpy.ndarray
        Bytes run from 1 (membrane) to 255 (cell), in steps of 1/254, and 0 is not tissue;
        float32 is the probability itself, and NaN.
    """
    dtype = np.dtype(dtype)
    if dtype == np.uint8:
        probability = 1 + np.rint(probability * 254)
    made = probability.astype(dtype)
    if tissue is not None:
        made[~tissue] = NOT_TISSUE[str(dtype)]
    return made


def in_file_pixels(
    computed: Path,
    final: Path,
    tissue: Callable[[int, slice, slice], np.ndarray | None],
    cancel=None,
) -> None:
    """Resample what was computed to the pixels of the file, window by window.

    Parameters
    ----------
    tissue : callable
        Of a section and a window of the file: where it is tissue; None: everywhere.

    Raises
    ------
    Lost, Cancelled, OSError
    """
    import zarr

    from snnlab.errors import Cancelled

    source = zarr.open_array(computed, path=ARRAY, mode="r")
    shape = zarr.open_array(final, path=ARRAY, mode="r").shape
    for section in range(shape[0]):
        for top in range(0, shape[1], CHUNK):
            for left in range(0, shape[2], CHUNK):
                if cancel and cancel():
                    raise Cancelled
                rows = slice(top, min(top + CHUNK, shape[1]))
                columns = slice(left, min(left + CHUNK, shape[2]))
                with _reading(section):
                    made = resampling.window(
                        lambda r, c, z=section: np.asarray(source[z, r, c]),
                        source.shape[1:],
                        shape[1:],
                        rows,
                        columns,
                    )
                write(final, section, rows, columns, made, tissue(section, rows, columns))


def to_tiff(
    zarr_path: Path, path: Path, calibration: Calibration, progress=None, cancel=None
) -> None:
    """Write the array as a TIFF stack, a page at a time; BigTIFF if it has to be.

    Raises
    ------
    Lost, Cancelled, OSError
        Then nothing is left of it.
    """
    import zarr

    from snnlab.errors import Cancelled

    array = zarr.open_array(zarr_path, path=ARRAY, mode="r")
    part = path.with_name(path.name + ".part")

    def pages() -> Iterator[np.ndarray]:
        for section in range(array.shape[0]):
            if cancel and cancel():
                raise Cancelled
            with _reading(section):
                page = np.asarray(array[section])
            yield page
            if progress:
                progress((section + 1) / array.shape[0], "TIFF")

    means = MEANS[str(array.dtype)]
    try:
        calibrated.write(part, pages(), array.shape, array.dtype, calibration, "ZYX", values=means)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)  # on a full disk it is in the way
        raise
