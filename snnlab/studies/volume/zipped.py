"""A volume of probabilities as one file: a zipped OME-Zarr, made in memory."""

import io
import zipfile
from collections.abc import Iterable

import numpy as np

from snnlab.images.pixel_size import Calibration
from snnlab.studies.volume import target


def packed(
    pages: Iterable[np.ndarray], shape: tuple[int, int, int], calibration: Calibration, folder: str
) -> bytes:
    """Write an OME-Zarr, as `snnlab.studies.volume.target` does, and nothing to the disk.

    Parameters
    ----------
    pages : iterable of numpy.ndarray
        uint8 ``(height, width)``, as `target.encoded` makes them.
    shape : tuple of int
        ``(sections, height, width)``.
    calibration : Calibration
    folder : str
        That it lies in; ends in ``.ome.zarr``.
    """
    import zarr
    from zarr.storage import MemoryStore

    made: dict = {}
    store = MemoryStore(made)
    target.create(store, shape, calibration, "uint8")
    array = zarr.open_array(store, path=target.ARRAY, mode="r+")
    for section, page in enumerate(pages):
        array[section] = page
    out = io.BytesIO()
    # chunks are compressed already
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(made.items()):
            archive.writestr(f"{folder}/{name}", content.to_bytes())
    return out.getvalue()
