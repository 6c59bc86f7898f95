"""Reading windows of a volume that need not fit into memory: TIFF stacks and OME-Zarr.

References
----------
OME-Zarr: Moore et al. (2023), doi:10.1007/s00418-023-02209-1; specification 0.4 and 0.5.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.images.pixels import Stored, grey

SMALLEST = 32  # pixels a side


@dataclass(frozen=True)
class Source:
    """Where a volume is; it is opened anew by whoever reads, so that this can travel.

    Attributes
    ----------
    path : str
    array : str
        Of an OME-Zarr, the array of full resolution within it; empty for a TIFF.
    shape : tuple of int
        ``(sections, height, width)``.
    dtype : str
    axes : int
        Leading axes of length 1 (time, channel) that the array has beside these.
    scale : tuple of float or None
        Size of a voxel along the three axes.
    unit : str
        Of the scale; empty if the file does not say.
    pages : bool
        Whether each section of a TIFF is a page that is described by itself.
    """

    path: str
    array: str
    shape: tuple[int, int, int]
    dtype: str
    axes: int = 0
    scale: tuple[float, float, float] | None = None
    unit: str = ""
    pages: bool = False

    def read(self, section: int, rows: slice, columns: slice) -> np.ndarray:
        """Decode a window of a section.

        Returns
        -------
        numpy.ndarray
            float32 ``(rows, columns)``: integers of up to 16 bits scaled to
            0..1, as `snnlab.images.reading` does it; other numbers as they are, which
            `snnlab.images.contrast` makes nothing of.

        Raises
        ------
        LabError
            If the pixels are damaged, or not finite.
        """
        try:
            values = self._window(section, rows, columns)
        except LabError:
            raise
        except Exception as error:  # a broken file makes decoders raise anything at all
            raise LabError(
                f"section {section} of {Path(self.path).name} is damaged or incomplete; export it"
                " again from the program that made it."
            ) from error
        kind, bits = values.dtype.kind, values.dtype.itemsize * 8
        if kind in "ui" and bits <= 16:
            return grey(Stored(values, bits))
        if not np.isfinite(values).all():
            raise LabError(
                f"section {section} of {Path(self.path).name} contains NaN or infinite values;"
                " replace them by numbers."
            )
        return values.astype(np.float32)

    def _window(self, section: int, rows: slice, columns: slice) -> np.ndarray:
        import zarr

        if self.array:
            found = zarr.open_array(self.path, path=self.array, mode="r")
            place = (0,) * self.axes + (section, rows, columns)
            return np.asarray(found[place[-found.ndim :]])
        import tifffile

        with tifffile.TiffFile(self.path) as tiff:
            part = tiff.pages[section] if self.pages else tiff.series[0]
            # reads only the strips or tiles that the window touches
            with part.aszarr() as store:
                found = zarr.open_array(store, mode="r")
                expected = self.shape[1:] if self.pages or self.shape[0] == 1 else self.shape
                if found.shape not in (expected, (1, *expected)):
                    raise ValueError(f"{found.shape} and no longer {expected}")
                if found.ndim == 2:
                    return np.asarray(found[rows, columns])
                return np.asarray(found[section, rows, columns])


def open_source(path: str | Path) -> Source:
    """Look at a volume's header.

    Raises
    ------
    LabError
        If there is no such file, it is of another kind, or it is too small.
    """
    path = Path(path)
    if not path.exists():
        raise LabError(f"{path} does not exist; name a TIFF stack or an OME-Zarr folder.")
    source = _zarr(path) if path.is_dir() else _tiff(path)
    if min(source.shape[1:]) < SMALLEST or source.shape[0] < 1:
        raise LabError(
            f"{path.name} is {source.shape[2]} pixels wide and {source.shape[1]} high; each side"
            f" needs {SMALLEST} or more."
        )
    if np.dtype(source.dtype).kind not in "uif":
        raise LabError(f"{path.name} holds {source.dtype}; save it as grey numbers.")
    return source


def _tiff(path: Path) -> Source:
    import tifffile

    try:
        with tifffile.TiffFile(path) as tiff:
            first = tiff.series[0]
            shape, dtype, axes = first.shape, str(first.dtype), first.axes
            # written page by page, every section is a series of its own
            pages = len(tiff.series) > 1
            if pages:
                kinds = {(one.shape, str(one.dtype)) for one in tiff.series}
                if len(kinds) > 1 or len(shape) != 2 or len(tiff.pages) != len(tiff.series):
                    raise LabError(
                        f"the pages of {path.name} differ in size or kind; save a stack whose pages"
                        " are all alike."
                    )
                shape, axes = (len(tiff.pages), *shape), "Z" + axes
    except LabError:
        raise
    except Exception as error:  # as above
        raise LabError(
            f"{path.name} is not a TIFF that can be read; choose a TIFF stack or an OME-Zarr"
            " folder."
        ) from error
    if len(shape) not in (2, 3) or "S" in axes:
        sides = " x ".join(map(str, shape))
        raise LabError(f"{path.name} is {sides} ({axes}); save it as a stack of grey pages.")
    return Source(str(path.resolve()), "", (1, *shape)[-3:], dtype, pages=pages)


def _zarr(path: Path) -> Source:
    import zarr
    from ome_zarr_models import open_ome_zarr

    try:
        group = zarr.open_group(path, mode="r")
        image = open_ome_zarr(group)
        # the attributes are those of the group in 0.4, and within "ome" in 0.5
        about = getattr(image, "ome_attributes", None) or image.attributes
        multiscale = about.multiscales[0]
        dataset = multiscale.datasets[0]
        array = group[dataset.path]
    except Exception as error:  # as above
        raise LabError(
            f"{path.name} is not an OME-Zarr image of version 0.4 or 0.5; name the folder of one"
            " image."
        ) from error
    names = [axis.name for axis in multiscale.axes]
    extra = array.ndim - 3
    if names[-2:] != ["y", "x"] or (array.ndim > 2 and names[-3] != "z"):
        raise LabError(f"{path.name} has the axes {', '.join(names)}; z, y, x are needed last.")
    if any(side != 1 for side in array.shape[: max(extra, 0)]):
        raise LabError(f"{path.name} has several times or channels; save one of them alone.")
    scale = [list(t.scale) for t in dataset.coordinateTransformations if t.type == "scale"]
    units = {axis.unit for axis in multiscale.axes if axis.name in "yx"}
    return Source(
        str(path.resolve()),
        dataset.path,
        (1, *array.shape)[-3:],
        str(array.dtype),
        max(extra, 0),
        tuple(([1.0] + scale[0])[-3:]) if scale else None,
        next(iter(units)) or "" if len(units) == 1 else "",
    )
