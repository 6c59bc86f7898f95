"""OME-Zarr, of version 0.1 to 0.5: a folder, or a folder in a zip.

Which array is the one of full resolution, along which axes it lies and how large its
voxels are; `snnlab.images.zarr_chunks` reads the numbers.

References
----------
Moore et al. (2023), doi:10.1007/s00418-023-02209-1; https://ngff.openmicroscopy.org/0.4/, /0.5/.
The scale and translation of the multiscales are applied after those of the data set.
"""

import math
from collections.abc import Iterator

import numpy as np

from snnlab.errors import LabError
from snnlab.images import arrays, zarr_chunks
from snnlab.images.choice import Choice, named
from snnlab.images.limits import Limits, damaged, guarded, shown
from snnlab.images.origin import Origin
from snnlab.images.pixel_size import UNKNOWN, Calibration, checked, doubted, unit_of
from snnlab.images.pixels import Stored
from snnlab.images.stack import Header
from snnlab.images.zarr_files import Files, opened

_NAMES = {"t", "c", "z", "y", "x"}
_DEPTH = 3  # of groups within groups that are looked into


class OmeZarrReader:
    """The image of full resolution in an OME-Zarr.

    Parameters
    ----------
    origin : Origin
        A folder, or a zip of one.
    name : str
    limits : Limits
    choice : Choice

    Raises
    ------
    Undecided, LabError
    """

    def __init__(self, origin: Origin, name: str, limits: Limits, choice: Choice):
        self._name, self._origin = name, origin
        with guarded(name), opened(origin, name, limits) as files:
            place, dataset = _image(files, "", name, choice)
            self._path, about = _array(files, place, name)
            array = zarr_chunks.described(files, self._path)
            dtype = array.dtype
            names, notes = _axes(about, array.shape, name)
            labels = tuple(str(c.get("label") or "") for c in _dicts(about.get("channels")))
            self._layout = arrays.laid(names, array.shape, choice, name, labels)
            arrays.check(self._layout, dtype, name, limits)
            chunk = math.prod(array.chunk) * dtype.itemsize
            if chunk > 4 * limits.section_bytes:
                raise LabError(
                    f"{shown(name)} is stored in chunks of {chunk >> 20} MiB; save it with smaller"
                    " ones."
                )
        layout = self._layout
        self.header = Header(
            "OME-Zarr",
            layout.sections,
            layout.shape,
            1 if dtype.kind == "b" else dtype.itemsize * 8,
            1,
            dtype.kind == "f" or dtype.itemsize > 2,
            layout.axes,
            _calibration(about, names),
            notes,
            Choice(layout.choice.channel, layout.choice.frame, dataset),
        )

    def window(self, section: int, rows: slice, columns: slice) -> Stored:
        """Decode a part of a section.

        Raises
        ------
        LabError
            If its pixels are damaged.
        """
        with guarded(self._name), opened(self._origin, self._name) as files:
            array = zarr_chunks.described(files, self._path)
            if array.shape != self._layout.lengths:
                raise damaged(self._name)
            values = zarr_chunks.read(files, array, self._layout.part(section, rows, columns))
        values = self._layout.turned(values)
        if values.dtype == np.float16:
            values = values.astype(np.float32)
        return Stored(values, self.header.bits)


# ---- which image -------------------------------------------------------------


def _attributes(files: Files, place: str) -> tuple[dict, str]:
    """Attributes of a node, and whether it is a ``"group"``, an ``"array"`` or ``""``."""
    node = files.json(_join(place, "zarr.json"))
    if node is not None:
        own = node.get("attributes")
        return (own if isinstance(own, dict) else {}), str(node.get("node_type", "group"))
    own = files.json(_join(place, ".zattrs")) or {}
    if files.has(_join(place, ".zarray")):
        return own, "array"
    return own, "group" if own or files.has(_join(place, ".zgroup")) else ""


def _ome(attributes: dict) -> dict:
    """What OME says: within "ome" since 0.5, at the top before."""
    inside = attributes.get("ome")
    return inside if isinstance(inside, dict) else attributes


def _image(files: Files, place: str, name: str, choice: Choice) -> tuple[str, str | None]:
    """The group (or bare array) of the image that is meant, and its name if it was chosen."""
    attributes, kind = _attributes(files, place)
    if not kind:
        if files.has("attributes.json"):
            raise LabError(f"{shown(name)} is an N5 container; save it as OME-Zarr.")
        raise LabError(f"{shown(name)} is not an OME-Zarr image; name the folder of one image.")
    ome = _ome(attributes)
    beside = _labels(files, place) if "multiscales" in ome else []
    if beside and (choice.labels or (choice.dataset or "").strip("/") in beside):
        chosen = named(choice.dataset, [(one, one) for one in beside], name)
        return chosen, chosen
    if "multiscales" in ome or kind == "array":
        if choice.dataset is not None and choice.dataset.strip("/") not in ("", place):
            named(choice.dataset, [(place or "/", "")], name)
        return place, None
    if "plate" in ome:
        wells = [str(well.get("path")) for well in _dicts(ome["plate"].get("wells"))]
        first = wells[0] if wells else "A/1"
        raise LabError(
            f"{shown(name)} is a plate of {len(wells)} wells; name the folder of one image in it,"
            f" such as {shown(name)}/{first}/0."
        )
    if "well" in ome:
        inside = [str(image.get("path")) for image in _dicts(ome["well"].get("images"))]
    elif "bioformats2raw.layout" in ome:
        inside = _series(files)
    else:
        inside = list(_arrays(files, "", _DEPTH))
    inside = [one for one in inside if _safe(one)]
    if not inside:
        raise LabError(f"{shown(name)} is not an OME-Zarr image; name the folder of one image.")
    chosen = named(choice.dataset, [(one, one) for one in inside], name)
    return chosen, chosen if len(inside) > 1 else None


def _labels(files: Files, place: str) -> list[str]:
    """Images of labels that lie beside an image, in its group ``labels``."""
    group = _join(place, "labels")
    listed = _ome(_attributes(files, group)[0]).get("labels")
    found = [str(one) for one in listed] if isinstance(listed, list) else files.folders(group)
    return [_join(group, one) for one in sorted(found) if _safe(one)]


def _series(files: Files) -> list[str]:
    """Images of bioformats2raw's layout: listed, or numbered from 0."""
    listed = _ome(_attributes(files, "OME")[0]).get("series")
    if isinstance(listed, list) and listed:
        return [str(one) for one in listed]
    found = []
    while _attributes(files, str(len(found)))[1] == "group":
        found.append(str(len(found)))
    return found


def _arrays(files: Files, place: str, depth: int) -> Iterator[str]:
    """Images and arrays below a group."""
    for child in sorted(files.folders(place)):
        inside = _join(place, child)
        attributes, kind = _attributes(files, inside)
        if kind == "array" or "multiscales" in _ome(attributes):
            yield inside
        elif depth > 1:
            yield from _arrays(files, inside, depth - 1)


def _join(place: str, key: str) -> str:
    return f"{place}/{key}" if place else key


def _safe(path: str) -> bool:
    """Whether a path stays where it is; a file may not name others of this machine."""
    return not path.startswith("/") and all(
        part not in ("", ".", "..") for part in path.replace("\\", "/").split("/")
    )


def _dicts(value) -> list[dict]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


# ---- which array, of which kind ----------------------------------------------


def _array(files: Files, place: str, name: str) -> tuple[str, dict]:
    """Path of the array of full resolution, and what is said of its axes."""
    attributes, kind = _attributes(files, place)
    if kind == "array":
        return place, {"bare": True} | attributes
    ome = _ome(attributes)
    scales = _dicts(ome.get("multiscales"))
    datasets = _dicts(scales[0].get("datasets")) if scales else []
    if not datasets or not isinstance(datasets[0].get("path"), str):
        raise damaged(name)
    path = datasets[0]["path"]
    if not _safe(path):
        raise damaged(name)
    omero = ome.get("omero") or attributes.get("omero")
    return _join(place, path), {
        "axes": scales[0].get("axes"),
        "transforms": [
            *_dicts(datasets[0].get("coordinateTransformations")),
            *_dicts(scales[0].get("coordinateTransformations")),
        ],
        "channels": omero.get("channels") if isinstance(omero, dict) else None,
    }


# ---- axes and sizes ------------------------------------------------------------


def _axes(about: dict, shape: tuple[int, ...], name: str) -> tuple[str, tuple[str, ...]]:
    """A letter for each axis, and what was taken for granted."""
    said = about.get("axes")
    count = len(shape)
    if isinstance(said, list) and said:
        names = [str(axis.get("name") if isinstance(axis, dict) else axis).lower() for axis in said]
    elif "bare" in about:
        if count > 3:
            raise LabError(
                f"{shown(name)} has {count} axes without names; save it as an OME-Zarr image."
            )
        order = "z, y, x" if count == 3 else "y, x"
        return "zyx"[-count:], (f"The array says nothing of its axes; {order} were assumed.",)
    else:
        names = list("tczyx"[-count:])  # before 0.3 they had no names, but an order
    if len(names) != count or not set(names) <= _NAMES or len(set(names)) != count:
        listed = ", ".join(names)[:60]
        raise LabError(f"{shown(name)} has the axes {listed}; t, c, z, y and x are read.")
    if not {"y", "x"} <= set(names):
        raise LabError(f"{shown(name)} has no axes y and x; save it as an image.")
    return "".join(names), ()


def _calibration(about: dict, names: str) -> Calibration:
    scale, moved, given = [1.0] * len(names), [0.0] * len(names), False
    for transform in about.get("transforms", ()):
        values = transform.get(transform.get("type"))
        if not (isinstance(values, list) and len(values) == len(names)):
            continue
        values = [float(value) for value in values]
        if transform["type"] == "scale":
            given = True
            scale = [old * new for old, new in zip(scale, values, strict=True)]
            moved = [old * new for old, new in zip(moved, values, strict=True)]
        elif transform["type"] == "translation":
            moved = [old + new for old, new in zip(moved, values, strict=True)]
    if not given or not all(math.isfinite(v) for v in (*scale, *moved)):
        return UNKNOWN
    said = about.get("axes")
    said = said if isinstance(said, list) and len(said) == len(names) else [{}] * len(names)
    units, sizes, shifts, wrong = [], [], [], ""
    for axis in "zyx":
        if axis not in names:
            units.append("")
            sizes.append(1.0)
            shifts.append(0.0)
            continue
        place = names.index(axis)
        unit = said[place].get("unit") if isinstance(said[place], dict) else None
        known = unit_of(unit) if isinstance(unit, str) and unit else None
        if unit and known is None and axis != "z":
            wrong = str(unit)[:40]
        units.append(known[0] if known else "")
        factor = known[1] if known else 1.0
        sizes.append(scale[place] * factor)
        shifts.append(moved[place] * factor)
    translation = tuple(shifts) if any(shifts) else None
    found = Calibration(tuple(sizes), tuple(units), translation, "OME-Zarr's scale and units")
    if wrong:
        return doubted(found, f"the axes are in {wrong!r}, which is no length")
    if "" in units[1:]:
        return found if set(sizes) == {1.0} else doubted(found, "its scale has no unit of length")
    return checked(found, "its scale")
