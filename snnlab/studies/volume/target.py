"""Writing a volume of probabilities: an OME-Zarr that many may write to, or a TIFF stack.

An OME-Zarr is written chunk by chunk, by whoever has computed one. A TIFF
can only be written in order: it is put together in the end from a Zarr array.
"""

from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.studies.volume.source import Source

CHUNK = 512  # pixels; a tile's core is a multiple, so that no two tiles share a chunk
ARRAY = "0"
DTYPES = ("uint8", "float32")


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
    raise LabError(f"{path} names no kind of volume; end it in .tif or in .ome.zarr.")


def create(path: Path, source: Source, dtype: str) -> None:
    """Make an empty OME-Zarr 0.5 image of one resolution.

    Raises
    ------
    LabError
        If it cannot be written.
    """
    import zarr
    from ome_zarr_models.v05.image import Image

    unit = {"unit": source.unit} if source.unit else {}
    axes = [{"name": name, "type": "space"} | unit for name in "zyx"]
    scale = {"type": "scale", "scale": list(source.scale or (1.0, 1.0, 1.0))}
    multiscale = {
        "name": "probability of cell",
        "axes": axes,
        "datasets": [{"path": ARRAY, "coordinateTransformations": [scale]}],
    }
    try:
        group = zarr.create_group(
            path, attributes={"ome": {"version": "0.5", "multiscales": [multiscale]}}
        )
        group.create_array(
            ARRAY,
            shape=source.shape,
            chunks=(1, min(CHUNK, source.shape[1]), min(CHUNK, source.shape[2])),
            dtype=dtype,
            dimension_names=list("zyx"),
        )
    except OSError as error:
        reason = (error.strerror or "no room or no right").lower()
        raise LabError(f"{path} cannot be written: {reason}; name another OUT.") from error
    Image.from_zarr(group)  # the standard's own check of what was written


def write(path: Path, section: int, rows: slice, columns: slice, probability: np.ndarray) -> None:
    """Put a window of probabilities into its place, rounded to 1/255 if it holds bytes."""
    import zarr

    array = zarr.open_array(path, path=ARRAY, mode="r+")
    if array.dtype == np.uint8:
        probability = np.rint(probability * 255)
    array[section, rows, columns] = probability.astype(array.dtype)


def to_tiff(zarr_path: Path, path: Path, progress=None, cancel=None) -> None:
    """Write the array as a TIFF stack, a page at a time; BigTIFF if it has to be."""
    import tifffile
    import zarr

    from snnlab.errors import Cancelled

    array = zarr.open_array(zarr_path, path=ARRAY, mode="r")
    part = path.with_name(path.name + ".part")
    big = array.nbytes > 3_900_000_000
    with tifffile.TiffWriter(part, bigtiff=big) as tiff:
        for section in range(array.shape[0]):
            if cancel and cancel():
                raise Cancelled
            # one page after the other in one block, as Fiji maps it
            tiff.write(
                np.asarray(array[section]),
                photometric="minisblack",
                metadata=None,
                software="SNN Lab",
            )
            if progress:
                progress((section + 1) / array.shape[0], "TIFF")
    part.replace(path)
