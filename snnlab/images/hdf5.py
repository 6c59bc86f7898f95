"""HDF5: one array of a file, as CREMI, ilastik, MATLAB and microscopes lay it out; read with h5py.

A file may point at others: by external links, by external storage, by virtual data
sets. None of them is followed, since a stranger's file could so name one of this
machine. Only hard links are walked along, each object once, and a data set is
opened only when its filters are known to unpack numbers.

References
----------
CREMI: https://cremi.org/data/, ``resolution`` and ``offset`` in nanometres, z, y, x.
ilastik: ``axistags``, a letter an axis as vigra has them. ``element_size_um``: z, y, x.
"""

import contextlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import h5py
import numpy as np

from snnlab.errors import LabError
from snnlab.images import arrays, forked
from snnlab.images.choice import Choice, named
from snnlab.images.limits import Limits, damaged, fit, guarded, shown
from snnlab.images.origin import Origin
from snnlab.images.pixel_size import NM, UNKNOWN, Calibration, doubted, made, unit_of
from snnlab.images.pixels import Stored
from snnlab.images.stack import Header

_FILTERS = {1, 2, 3, 4, 5, 6, 32000}  # deflate, shuffle, checksum, szip, n-bit, scale-offset, LZF
_OBJECTS, _DEPTH = 20_000, 32  # that are looked at
_SMALL = 4  # a last axis this short is colours or channels
_IMAGES = ("volumes/raw", "raw")  # what an image is called where there are labels beside it
_LABELS = ("volumes/labels/neuron_ids", "label", "labels", "gt", "segmentation", "ground_truth")


@dataclass
class _Found:
    """Data sets of a file, by path.

    Attributes
    ----------
    good : dict
        Path to shape and type, of what could be an image.
    bad : dict
        Path to why it is not read.
    also : dict
        Path of a soft link to what it names.
    """

    good: dict[str, tuple[tuple[int, ...], np.dtype]] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)
    also: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def _opened(origin: Origin) -> Iterator[h5py.File]:
    if origin.path is not None:
        with h5py.File(origin.path, "r", locking=False) as file:
            yield file
    else:
        with origin.open() as stream, h5py.File(stream, "r") as file:
            yield file


def _walk(file: h5py.File) -> _Found:
    """All data sets that hard links lead to."""
    found = _Found()
    seen: set[int] = set()
    waiting: list[tuple[h5py.Group, str, int]] = [(file, "", 0)]
    while waiting:
        group, place, depth = waiting.pop()
        for name in group:
            if len(seen) > _OBJECTS:
                return found
            path = f"{place}/{name}" if place else name
            link = group.get(name, getlink=True)
            if isinstance(link, h5py.ExternalLink):
                found.bad[path] = "is a link to another file"
                continue
            if isinstance(link, h5py.SoftLink):
                target = link.path if link.path.startswith("/") else f"{place}/{link.path}"
                found.also[path] = target.strip("/")
                continue
            kind = group.get(name, getclass=True)
            if kind not in (h5py.Group, h5py.Dataset):
                continue
            one = group[name]
            address = h5py.h5o.get_info(one.id).addr
            if address in seen:
                continue
            seen.add(address)
            if isinstance(one, h5py.Group):
                if depth < _DEPTH:
                    waiting.append((one, path, depth + 1))
                continue
            why = _why_not(one)
            if why:
                found.bad[path] = why
            elif _image(one):
                found.good[path] = (one.shape, one.dtype)
    return found


def _why_not(dataset: h5py.Dataset) -> str:
    """Why a data set must not be read; empty if it may be."""
    made_with = dataset.id.get_create_plist()
    if made_with.get_layout() == h5py.h5d.VIRTUAL:
        return "is virtual: its numbers are in other data sets, mostly of other files"
    if made_with.get_external_count():
        return "has its numbers in another file"
    for index in range(made_with.get_nfilters()):
        code, _, _, name = made_with.get_filter(index)
        if code not in _FILTERS or not h5py.h5z.filter_avail(code):
            called = (name or b"").decode("ascii", "replace").strip("\0 ")[:40]
            return (
                f"is packed with a filter that is not read here ({called or code}); save it with"
                " gzip"
            )
    return ""


def _image(dataset: h5py.Dataset) -> bool:
    """Whether it could be an image or a stack."""
    if dataset.dtype.kind not in "biuf" or dataset.shape is None:
        return False
    return 2 <= dataset.ndim <= 5 and sum(side >= 32 for side in dataset.shape) >= 2


class Hdf5Reader:
    """One data set of an HDF5 file.

    Parameters
    ----------
    origin : Origin
    name : str
    limits : Limits
    choice : Choice

    Raises
    ------
    Undecided, LabError
    """

    def __init__(self, origin: Origin, name: str, limits: Limits, choice: Choice):
        self._origin, self._name = origin, name
        self._tried: set[int] = set()  # sections
        if origin.path is not None:
            forked.tried(lambda: self._look(limits, choice), name)
        found, several, assumed, calibration = self._look(limits, choice)
        notes = [f"The data set {fit(self._path)} was read."] if several else []
        notes += [
            f"{fit(path)} {why}, and was left out." for path, why in list(found.bad.items())[:3]
        ]
        layout = self._layout
        self.header = Header(
            "HDF5",
            layout.sections,
            layout.shape,
            1 if self._dtype.kind == "b" else self._dtype.itemsize * 8,
            1,
            self._dtype.kind == "f" or self._dtype.itemsize > 2,
            layout.axes,
            calibration,
            tuple(notes + assumed),
            Choice(
                layout.choice.channel,
                layout.choice.frame,
                self._path if len(found.good) > 1 else None,
            ),
        )

    def _look(self, limits: Limits, choice: Choice) -> tuple[_Found, bool, list[str], Calibration]:
        """Find the data set; what there is, whether that is to be said, what was assumed, sizes."""
        name = self._name
        with guarded(name), _opened(self._origin) as file:
            found = _walk(file)
            self._path, several = _chosen(found, choice, name)
            dataset = file[self._path]
            names, assumed = _axes(dataset, self._path, name)
            self._layout = arrays.laid(names, dataset.shape, choice, name)
            self._dtype = dataset.dtype
            arrays.check(self._layout, self._dtype, name, limits)
            chunk = math.prod(dataset.chunks or (1,)) * self._dtype.itemsize
            if chunk > 4 * limits.section_bytes:
                raise LabError(
                    f"{shown(name)} is stored in chunks of {chunk >> 20} MiB; save it with smaller"
                    " ones."
                )
            calibration, more = _calibration(dataset, names, file, self._path)
        return found, several, assumed + more, calibration

    def window(self, section: int, rows: slice, columns: slice) -> Stored:
        """Decode a part of a section.

        Raises
        ------
        LabError
            If its pixels are damaged.
        """
        part = self._layout.part(section, rows, columns)
        if self._origin.path is not None and section not in self._tried:
            self._tried.add(section)
            forked.tried(lambda: self._read(part), self._name)
        values = self._layout.turned(self._read(part))
        values = values.astype(values.dtype.newbyteorder("="), copy=False)
        if values.dtype == np.float16:
            values = values.astype(np.float32)
        return Stored(values, self.header.bits)

    def _read(self, part: tuple[int | slice, ...]) -> np.ndarray:
        with guarded(self._name), _opened(self._origin) as file:
            dataset = file[self._path]
            if _why_not(dataset) or dataset.shape != self._layout.lengths:
                raise damaged(self._name)
            return np.asarray(dataset[part])


def _chosen(found: _Found, choice: Choice, name: str) -> tuple[str, bool]:
    """The path of the data set that is meant, and whether that should be said."""
    asked = choice.dataset.strip("/") if choice.dataset is not None else None
    known = _LABELS if choice.labels else _IMAGES
    if asked is not None:
        asked = found.also.get(asked, asked)
        if asked in found.bad:
            raise LabError(f"{fit(asked)} in {shown(name)} {found.bad[asked]}.")
        # something below a link to another file
        for path in found.bad:
            if asked.startswith(f"{path}/"):
                raise LabError(f"{fit(path)} in {shown(name)} {found.bad[path]}.")
    else:
        # the one that would be meant must not be passed over for another
        path = next((path for path in known if path in found.bad), None)
        if path is None and not found.good:
            path = next(iter(found.bad), None)
        if path is not None:
            raise LabError(f"{fit(path)} in {shown(name)} {found.bad[path]}.")
    if not found.good:
        raise LabError(
            f"{shown(name)} holds no array that could be an image; it needs two axes of 32 or more."
        )
    listed = [
        (path, f"{path} ({' x '.join(map(str, shape))})")
        for path, (shape, _) in sorted(found.good.items())
    ]
    best = [path for path in known if path in found.good]
    path = named(asked, listed, name, best[0] if best and len(found.good) > 1 else None)
    return path, asked is None and len(found.good) > 1


# ---- axes and sizes ------------------------------------------------------------


def _axes(dataset: h5py.Dataset, path: str, name: str) -> tuple[str, list[str]]:
    """A letter for each axis, and what was taken for granted."""
    count, shape = dataset.ndim, dataset.shape
    said = _tags(dataset) or _listed(dataset)
    if said:
        if len(said) == count == len(set(said)) and {"y", "x"} <= set(said) <= set("tczyx"):
            return "".join(said), []
        raise LabError(
            f"{fit(path)} in {shown(name)} has the axes {', '.join(said)[:60]}; t, c, z, y and x"
            " are read, each once."
        )
    if "MATLAB_class" in dataset.attrs and count in (2, 3):
        # MATLAB stores the first index fastest
        return "zxy"[-count:], ["MATLAB wrote it; its rows and columns were turned back."]
    parts = path.split("/")
    if parts[:2] == ["Data", "Image"] and parts[-1] == "Data" and count == 3:
        return "yxt", []  # Thermo Fisher's EMD (Velox)
    if count > 2 and shape[-1] <= _SMALL:
        names, words = "tzyxc"[-count:], "the last one as channels"
    elif count <= 3:
        names, words = "zyx"[-count:], ""
    else:
        raise LabError(
            f"{fit(path)} in {shown(name)} has {count} axes without names; save it with z, y, x"
            " only, or with ilastik's axistags."
        )
    order = ", ".join(names[:-1] if words else names) + (f" and {words}" if words else "")
    return names, [f"The data set says nothing of its axes; {order} were assumed."]


def _tags(dataset: h5py.Dataset) -> list[str]:
    """What ilastik and vigra say of the axes."""
    text = _text(dataset.attrs.get("axistags"))
    if not text:
        return []
    try:
        axes = json.loads(text)["axes"]
        return [str(axis["key"]).lower() for axis in axes]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def _listed(dataset: h5py.Dataset) -> list[str]:
    """Labels of the dimensions, or ``axis_names``."""
    labels = [dim.label for dim in dataset.dims]
    if not all(labels):
        names = dataset.attrs.get("axis_names")
        labels = [_text(one) for one in names] if isinstance(names, np.ndarray | list) else []
    labels = [str(label).strip().lower() for label in labels]
    return labels if all(labels) and set(labels) <= set("tczyx") else []


def _text(value) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _numbers(value, count: int) -> list[float] | None:
    """So many finite numbers."""
    if not isinstance(value, np.ndarray | list | tuple) or np.shape(value) != (count,):
        return None
    try:
        found = [float(one) for one in value]
    except (TypeError, ValueError):
        return None
    return found if all(map(math.isfinite, found)) else None


def _calibration(
    dataset: h5py.Dataset, names: str, file: h5py.File, path: str
) -> tuple[Calibration, list[str]]:
    """The size of a voxel, and what was taken for granted."""
    space = [axis for axis in names if axis in "zyx"]
    attributes = dataset.attrs
    microns = _numbers(attributes.get("element_size_um"), len(space))
    sizes = _numbers(attributes.get("resolution"), len(space))
    if microns is not None and (sizes is None or len(set(microns)) > 1 or microns[0] != 1):
        voxel = dict(zip(space, [1e3 * size for size in microns], strict=True))
        return made(tuple(voxel.get(axis) for axis in "zyx"), "element_size_um"), []
    if sizes is None:
        return _velox(file, path) if path.startswith("Data/Image/") else (UNKNOWN, [])
    unit = attributes.get("unit", attributes.get("units"))
    if isinstance(unit, np.ndarray | list) and len(unit):
        unit = unit[-1]
    unit = _text(unit).strip()
    known = unit_of(unit) if unit else ("nanometer", 1.0)
    if known is None:
        return doubted(UNKNOWN, f"its resolution is in {unit[:40]!r}, which is no length"), []
    factor = NM[known[0]] * known[1]
    voxel = dict(zip(space, [factor * size for size in sizes], strict=True))
    start = _numbers(attributes.get("offset"), len(space))
    moved = None
    if start is not None and any(start):
        place = dict(zip(space, [factor * value for value in start], strict=True))
        moved = tuple(place.get(axis, 0.0) for axis in "zyx")
    order = ", ".join(space)
    notes = (
        []
        if unit
        else [f"Its resolution was taken as nanometres in the order {order}, as CREMI has it."]
    )
    return made(tuple(voxel.get(axis) for axis in "zyx"), "the attribute resolution", moved), notes


def _velox(file: h5py.File, path: str) -> tuple[Calibration, list[str]]:
    """Thermo Fisher's EMD: JSON beside the image, one text a frame, sizes in metres."""
    place = path.rsplit("/", 1)[0] + "/Metadata"
    if file.get(place, getlink=True, default=None) is None:
        return UNKNOWN, []
    texts = file.get(place)
    if not isinstance(texts, h5py.Dataset) or _why_not(texts) or texts.ndim != 2:
        return UNKNOWN, []
    if texts.dtype != np.uint8 or texts.shape[0] > 1 << 22:
        return UNKNOWN, []
    try:
        about = json.loads(bytes(texts[:, 0]).split(b"\0")[0])["BinaryResult"]
        sizes = [float(about["PixelSize"][key]) for key in ("height", "width")]
        units = [unit_of(str(about.get(f"PixelUnit{axis}", "m"))) for axis in "YX"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return UNKNOWN, []
    if None in units:
        return UNKNOWN, []
    sizes = [s * NM[unit[0]] * unit[1] for s, unit in zip(sizes, units, strict=True)]
    return made((None, *sizes), "the microscope's metadata (Velox)"), []
