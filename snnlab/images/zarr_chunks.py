"""Chunks of a Zarr array, of version 2 and 3: metadata checked, codecs by numcodecs.

zarr-python takes longer to be imported than a section takes to be read, and lets a file
choose its codecs, of which one runs what the file says; so what is read here goes to
numcodecs directly, from a list of those that only unpack numbers. The tests hold it
against zarr-python. Volumes are written by zarr-python.

References
----------
https://zarr-specs.readthedocs.io/en/latest/v2/v2.0.html, /v3/core/index.html and
/v3/codecs/sharding-indexed/index.html.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from snnlab.errors import LabError
from snnlab.images.limits import damaged, fit, shown
from snnlab.images.zarr_files import Files

# codecs of bytes, by the name of version 2 (and 3, with or without "numcodecs.")
_PACKING = {"blosc", "bz2", "gzip", "lz4", "lzma", "shuffle", "zlib", "zstd"}
_FILTERS = _PACKING | {"bitround", "delta", "fixedscaleoffset"}  # of version 2, of arrays too
_TYPES = {"bool", "float16", "float32", "float64"} | {
    f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)
}
_MISSING = 2**64 - 1  # a chunk that a shard does not have


@dataclass(frozen=True)
class Array:
    """What the metadata say.

    Attributes
    ----------
    path : str
    shape : tuple of int
    dtype : numpy.dtype
    chunk : tuple of int
        What is decoded at once.
    fill : float or int or bool
        Where a chunk is not there.
    key : callable
        Of a chunk's (or a shard's) indices, its file within `path`.
    unpack : tuple of callable
        From the bytes of a file to those of numbers, in this order.
    order : tuple of int
        Axes of a chunk as they lie in it, slowest first.
    shard : tuple of int or None
        Chunks are together in files of this shape.
    index : tuple of callable
        As `unpack`, for a shard's list of its chunks.
    index_first : bool
        Whether that list is at the beginning and not at the end.
    """

    path: str
    shape: tuple[int, ...]
    dtype: np.dtype
    chunk: tuple[int, ...]
    fill: float
    key: Callable[[tuple[int, ...]], str]
    unpack: tuple[Callable[[bytes], bytes], ...]
    order: tuple[int, ...]
    shard: tuple[int, ...] | None = None
    index: tuple[Callable[[bytes], bytes], ...] = field(default=())
    index_first: bool = False


def described(files: Files, path: str) -> Array:
    """Read the metadata of an array.

    Raises
    ------
    LabError
        If they are damaged, or need what is not read here.
    """
    name = files.name
    new = files.json(_join(path, "zarr.json"))
    old = None if new is not None else files.json(_join(path, ".zarray"))
    try:
        found = _third(new, path, name) if new is not None else _second(old, path, name)
    except LabError:
        raise
    except Exception as error:  # whatever is missing or of another type
        raise damaged(name) from error
    good = 1 <= len(found.shape) == len(found.chunk) <= 5 and min(*found.shape, *found.chunk) >= 1
    if not good or (found.shard is not None and any(
        side < 1 or side % part for side, part in zip(found.shard, found.chunk, strict=True)
    )):  # fmt: skip
        raise damaged(name)
    return found


def _join(place: str, key: str) -> str:
    return f"{place}/{key}" if place else key


def _sides(values) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


def _second(about: dict | None, path: str, name: str) -> Array:
    if about is None or not isinstance(about["dtype"], str):
        raise _no_numbers(name) if about is not None else damaged(name)
    dtype = np.dtype(about["dtype"])
    separator = about.get("dimension_separator", ".")
    packing = [about.get("compressor"), *reversed(about.get("filters") or [])]
    unpack = [_codec(one.get("id"), one, _FILTERS, name) for one in packing if one is not None]
    if dtype.kind not in "biuf":
        raise _no_numbers(name)
    axes = range(len(about["shape"]))
    return Array(
        path,
        _sides(about["shape"]),
        dtype,
        _sides(about["chunks"]),
        _fill(about.get("fill_value"), dtype),
        lambda index: separator.join(map(str, index)),
        tuple(unpack),
        tuple(axes) if about.get("order", "C") == "C" else tuple(reversed(axes)),
    )


def _third(about: dict, path: str, name: str) -> Array:
    kind = about["data_type"]
    if kind not in _TYPES:
        raise _no_numbers(name)
    if about.get("storage_transformers") or about["chunk_grid"]["name"] != "regular":
        raise damaged(name)
    shape = _sides(about["shape"])
    whole = _sides(about["chunk_grid"]["configuration"]["chunk_shape"])
    codecs = about["codecs"]
    first = [codec["name"] for codec in codecs]
    shard, inside, chunk = None, codecs, whole
    if "sharding_indexed" in first:
        if len(codecs) != 1:
            raise _unknown("a shard that is packed as a whole", name)
        shard, inside = codecs[0]["configuration"], codecs[0]["configuration"]["codecs"]
        chunk = _sides(shard["chunk_shape"])
    dtype, order, unpack = _chain(inside, np.dtype(kind), len(shape), name)
    encoding = about["chunk_key_encoding"]
    separator = encoding.get("configuration", {}).get("separator")
    if encoding["name"] == "v2":
        separator, start = separator or ".", ""
    else:
        separator = separator or "/"
        start = f"c{separator}"
    more = {}
    if shard is not None:
        kinds = _chain(shard["index_codecs"], np.dtype("u8"), len(shape) + 1, name)
        more = {
            "shard": whole,
            "index": kinds[2],
            "index_first": shard.get("index_location", "end") == "start",
        }
        if kinds[0] != np.dtype("<u8") or kinds[1] != tuple(range(len(shape) + 1)):
            raise damaged(name)
    return Array(
        path,
        shape,
        dtype,
        chunk,
        _fill(about.get("fill_value"), dtype),
        lambda index: start + separator.join(map(str, index)),
        unpack,
        order,
        **more,
    )


def _chain(codecs: list, dtype: np.dtype, count: int, name: str) -> tuple:
    """Version 3's codecs, as they were applied: type, order of axes, and how to unpack."""
    order, unpack = tuple(range(count)), []
    for codec in codecs:
        kind, about = codec["name"], codec.get("configuration") or {}
        if kind == "transpose":
            turned = _sides(about["order"])
            if sorted(turned) != list(range(count)):
                raise damaged(name)
            order = tuple(order[axis] for axis in turned)
        elif kind == "bytes":
            little = about.get("endian", "little") == "little"
            dtype = dtype.newbyteorder("<" if little else ">")
        elif kind == "crc32c":
            unpack.append(_checked)
        else:
            bare = str(kind).removeprefix("numcodecs.")
            # by name: blosc's and zstd's settings are for packing, and are spelled otherwise
            about = about if bare in ("lzma", "shuffle") else {}
            unpack.append(_codec(bare, about, _PACKING, name))
    return dtype, order, tuple(reversed(unpack))


def _codec(kind, about: dict, known: set[str], name: str) -> Callable[[bytes], bytes]:
    import numcodecs

    kind = str(kind)
    if kind not in known:
        raise _unknown(kind, name)
    settings = {key: value for key, value in about.items() if key != "id"}
    codec = numcodecs.registry.codec_registry[kind].from_config(settings)
    return codec.decode


def _checked(data: bytes) -> bytes:
    """Without the sum at its end, which must be right."""
    import google_crc32c

    data = bytes(data)
    if google_crc32c.value(data[:-4]) != int.from_bytes(data[-4:], "little"):
        raise ValueError("checksum")
    return data[:-4]


def _fill(value, dtype: np.dtype):
    if value is None:
        return 0
    if isinstance(value, str) and value.startswith("0x"):
        return np.frombuffer(bytes.fromhex(value[2:]), dtype.newbyteorder(">"))[0]
    return np.array(value if dtype.kind != "f" else float(value), dtype)[()]


def _unknown(kind: str, name: str) -> LabError:
    return LabError(
        f"{shown(name)} is packed with {fit(kind)}, which is not read here; save it with blosc,"
        " zstd or gzip."
    )


def _no_numbers(name: str) -> LabError:
    return LabError(f"{shown(name)} holds no plain numbers; save it as 8- or 16-bit grey.")


# ---- reading -----------------------------------------------------------------


def read(files: Files, array: Array, part: tuple[int | slice, ...]) -> np.ndarray:
    """A part of an array.

    Parameters
    ----------
    files : Files
    array : Array
    part : tuple of int or slice
        One an axis, slices with a step of 1, all within the array; a number drops its axis.

    Returns
    -------
    numpy.ndarray
        In native byte order.

    Raises
    ------
    LabError, ValueError
        If a chunk is damaged.
    """
    spans = [slice(p, p + 1) if isinstance(p, int) else slice(p.start, p.stop) for p in part]
    lengths = [span.stop - span.start for span in spans]
    found = np.full(lengths, array.fill, array.dtype.newbyteorder("="))
    touched = (
        range(span.start // side, math.ceil(span.stop / side))
        for span, side in zip(spans, array.chunk, strict=True)
    )
    listed: dict[tuple[int, ...], np.ndarray | None] = {}
    for place in itertools.product(*touched):
        data = _bytes(files, array, place, listed)
        if data is None:
            continue
        values = _decoded(array, data)
        into, inside = [], []
        for index, side, span in zip(place, array.chunk, spans, strict=True):
            low, high = max(index * side, span.start), min((index + 1) * side, span.stop)
            into.append(slice(low - span.start, high - span.start))
            inside.append(slice(low - index * side, high - index * side))
        found[tuple(into)] = values[tuple(inside)]
    return found[tuple(0 if isinstance(p, int) else slice(None) for p in part)]


def _decoded(array: Array, data: bytes) -> np.ndarray:
    for unpack in array.unpack:
        data = unpack(data)
    values = np.frombuffer(data, array.dtype)
    lying = tuple(array.chunk[axis] for axis in array.order)
    return values.reshape(lying).transpose(np.argsort(array.order))


def _bytes(files: Files, array: Array, place: tuple[int, ...], listed: dict) -> bytes | None:
    """Of one chunk, as stored; None if it is not there."""
    if array.shard is None:
        return files.read(_join(array.path, array.key(place)))
    sides = tuple(whole // part for whole, part in zip(array.shard, array.chunk, strict=True))
    shard = tuple(index // side for index, side in zip(place, sides, strict=True))
    key = _join(array.path, array.key(shard))
    if shard not in listed:
        listed[shard] = _list(files, array, key, sides)
    if listed[shard] is None:
        return None
    inside = tuple(index % side for index, side in zip(place, sides, strict=True))
    start, length = (int(value) for value in listed[shard][inside])
    if start == length == _MISSING:
        return None
    return files.read(key, start, length)


def _list(files: Files, array: Array, key: str, sides: tuple[int, ...]) -> np.ndarray | None:
    """Where the chunks of a shard are: offset and length of each."""
    size = files.size(key)
    if size is None:
        return None
    # the list is never packed, but may have a sum behind it
    length = 16 * math.prod(sides) + 4 * len(array.index)
    data = files.read(key, 0 if array.index_first else size - length, length)
    for unpack in array.index:
        data = unpack(data)
    return np.frombuffer(data, "<u8").reshape(*sides, 2)
