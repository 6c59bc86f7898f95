"""Numbers and texts of an HDF5 file that may be anybody's.

Only hard links are followed: others could name files of this machine. Numbers are read when their
type, shape and filters are known to be as Keras writes them, which packs nothing.
"""

import math

import h5py
import numpy as np

from snnlab.images.limits import fit
from snnlab.nets.keras_files.limits import CONFIG, FILE, LARGEST, refused

AGAIN = "save the model again"
_FILTERS = {h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
_TEXTS = 20_000  # of one list


class Unread(ValueError):
    """What is wrong with something of the file, as the end of a sentence."""


def member(group: h5py.Group, path: str) -> h5py.Group | h5py.Dataset | None:
    """What hard links lead to; None if there is nothing.

    Raises
    ------
    Unread
        If another link is on the way.
    """
    here = group
    for name in path.split("/"):
        if not isinstance(here, h5py.Group) or not name or name == "." or name not in here:
            return None
        if not isinstance(here.get(name, getlink=True), h5py.HardLink):
            raise Unread("are in another place or another file, which is not looked into")
        if here.get(name, getclass=True) not in (h5py.Group, h5py.Dataset):
            return None
        here = here[name]
    return here


def numbers(found, shape: tuple[int, ...], layer: str) -> np.ndarray:
    """An array of weights, float32.

    Parameters
    ----------
    found : h5py.Dataset
        Or whatever there is in its place.
    shape : tuple of int
        That it must have.
    layer : str
        Its layer, for the errors.

    Raises
    ------
    LabError
    """
    try:
        return _numbers(found, shape)
    except Unread as error:
        do = _DO.get(str(error), AGAIN)
        raise refused(layer, f"has weights that {error}", do) from error


_HALF, _NAN = "are float16", "are not numbers (NaN)"
_DO = {
    _HALF: "build the model in float32, copy the weights into it and save that",
    _NAN: "train the net again, with a lower learning rate, since that training broke off",
}


def safe(found) -> h5py.Dataset:
    """What may be read of a data set, whatever it holds.

    Raises
    ------
    Unread
        If it is none, or in another place, or packed in a way that is not known.
    """
    if not isinstance(found, h5py.Dataset):
        raise Unread("are not in the file")
    why = _why_not(found)
    if why:
        raise Unread(why)
    if math.prod(found.chunks or ()) * found.dtype.itemsize > FILE:
        raise Unread("are stored in too large pieces")
    return found


def _numbers(found, shape) -> np.ndarray:
    safe(found)
    kind, many = found.dtype.kind, found.dtype.itemsize
    if kind == "f" and many == 2:
        raise Unread(_HALF)
    # `count` of Normalization is a whole number
    if (kind, many) != ("f", 4) and not (kind in "iu" and shape == ()):
        raise Unread(f"are {fit(found.dtype)}, not float32")
    if found.shape != shape:
        told, wanted = ("x".join(map(str, one)) or "one number" for one in (found.shape, shape))
        raise Unread(f"are {told}, where its settings ask for {wanted}")
    values = np.asarray(found[()]).astype(np.float32).reshape(shape)
    if np.isnan(values).any():
        raise Unread(_NAN)
    if not (np.abs(values) < LARGEST).all():
        raise Unread("are infinite, or too large")
    return values


def _why_not(found: h5py.Dataset) -> str:
    """Why an array must not be read; empty if it may be."""
    if found.shape is None:
        return "are empty"
    made_with = found.id.get_create_plist()
    if made_with.get_layout() == h5py.h5d.VIRTUAL or made_with.get_external_count():
        return "are in another place or another file, which is not looked into"
    for index in range(made_with.get_nfilters()):
        code, _, _, name = made_with.get_filter(index)
        if code not in _FILTERS:
            called = (name or b"").decode("ascii", "replace").strip("\0 ")
            return f"are packed in a way that is not read here ({fit(called) or code})"
    return ""


def text(thing, name: str) -> str | None:
    """A text among an object's attributes; None if there is none.

    Raises
    ------
    Unread
        If it is something else, or too long.
    """
    if name not in thing.attrs:
        return None
    about = thing.attrs.get_id(name)
    if about.shape != () or h5py.check_string_dtype(about.dtype) is None:
        raise Unread("is no text")
    if about.get_storage_size() > CONFIG:
        raise Unread("is too long")
    return _decoded(thing.attrs[name])


def texts(thing, name: str) -> list[str]:
    """A list of texts among an object's attributes, which Keras cuts into several if it is long.

    Raises
    ------
    Unread
    """
    if name in thing.attrs:
        return _texts(thing, name)
    found: list[str] = []
    for number in range(_TEXTS):
        if f"{name}{number}" not in thing.attrs or len(found) > _TEXTS:
            break
        found += _texts(thing, f"{name}{number}")
    return found


def _texts(thing, name: str) -> list[str]:
    about = thing.attrs.get_id(name)
    if about.shape == (0,):
        return []
    if about.shape is None or len(about.shape) != 1 or about.shape[0] > _TEXTS:
        raise Unread("is no list of texts")
    if h5py.check_string_dtype(about.dtype) is None or about.get_storage_size() > CONFIG:
        raise Unread("is no list of texts")
    return [_decoded(one) for one in thing.attrs[name]]


def _decoded(value) -> str:
    value = value.decode("utf-8") if isinstance(value, bytes) else value
    if not isinstance(value, str) or len(value) > CONFIG:
        raise Unread("is no text, or too long")
    return value
