"""The directories of a TIFF, bounded with nothing but ``struct`` before a library reads them.

References
----------
TIFF, revision 6.0, Adobe (1992).
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from snnlab.errors import LabError
from snnlab.images.limits import Limits, damaged, shown, too_many_pages
from snnlab.images.origin import Origin

_TYPE_BYTES = dict(enumerate((1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4), start=1))
_TYPE_BYTES |= {16: 8, 17: 8, 18: 8}
_SEGMENT_TAGS = (273, 279, 324, 325)  # offsets and byte counts of strips and of tiles
_DESCRIPTION, _LONGEST = 270, 32 << 20  # bytes; an OME description of a large file has some
# NewSubfileType, and the older SubfileType, where 2 is a reduced page
_KINDS = {254: int, 255: lambda value: int(value == 2)}
# what decides how a page is read, but for where its pieces are: sides, bits, colours, packing
_LAYOUT = {
    *(255, 256, 257, 258, 259, 262, 266, 277, 278, 284, 317, 320, 322, 323, 338, 339),
    *(32996, 32997, 32998),
}


@dataclass(frozen=True, slots=True)
class Directory:
    """Where a page is described.

    Attributes
    ----------
    offset : int
        In the file.
    kind : int
        NewSubfileType: bits for reduced pages and masks.
    layout : bytes
        Entries that say how it is read; pages of the same bytes here differ only in where
        their pieces lie, and in what is said of them.
    """

    offset: int
    kind: int
    layout: bytes


def listed(origin: Origin, name: str, limits: Limits) -> tuple[Directory, ...]:
    """List the page directories of the main chain, bounding what a decoder would read of them.

    Returns
    -------
    tuple of Directory
        The levels of pyramids hang below them and are not listed.

    Raises
    ------
    LabError
        If there are too many, if they form a ring or leave the file, or if their
        tags claim more than the file could hold.
    """
    try:
        return _listed(origin, name, limits)
    except (struct.error, EOFError) as error:
        raise damaged(name) from error


def _listed(origin: Origin, name: str, limits: Limits) -> tuple[Directory, ...]:
    with origin.open() as stream:
        return _walked(stream, origin.size, name, limits)


def _walked(stream: BinaryIO, size: int, name: str, limits: Limits) -> tuple[Directory, ...]:
    def read(start: int, count: int) -> bytes:
        stream.seek(start)
        return stream.read(count)  # what is missing, struct finds out

    head = read(0, 16)
    order = "<" if head[:2] == b"II" else ">"
    big = 43 in head[2:4]
    start, entry_bytes = (8, 20) if big else (4, 12)
    count_format, offset_format, entry = ("Q", "Q", "HHQ") if big else ("H", "I", "HHI")
    count_bytes, offset_bytes = (struct.calcsize(order + f) for f in (count_format, offset_format))
    seen: dict[int, Directory] = {}  # in order
    layouts: dict[bytes, bytes] = {}  # each held once
    entries = tag_bytes = 0
    (offset,) = struct.unpack_from(order + offset_format, head, start)
    while offset:
        if offset in seen or not 8 <= offset < size:
            raise damaged(name)
        if len(seen) >= limits.pages:
            raise too_many_pages(name, limits)
        (tags,) = struct.unpack(order + count_format, read(offset, count_bytes))
        at, kind, layout = offset, 0, b""
        offset += count_bytes
        entries += tags
        # directories that lie over each other could list far more than the file holds
        if tags * entry_bytes > size - offset or entries * entry_bytes > size:
            raise damaged(name)
        block = read(offset, tags * entry_bytes + offset_bytes)
        for place in range(0, tags * entry_bytes, entry_bytes):
            code, form, values = struct.unpack_from(order + entry, block, place)
            if code in _SEGMENT_TAGS and values > limits.segments:
                raise LabError(
                    f"{shown(name)} is cut into {values} pieces per page; save it with larger"
                    " strips or tiles."
                )
            if code == _DESCRIPTION and values > _LONGEST:
                raise damaged(name)
            tag_bytes += values * _TYPE_BYTES.get(form, 1)
            if code in _LAYOUT:
                layout += block[place : place + entry_bytes]
            elif code in _SEGMENT_TAGS:
                layout += block[place : place + entry_bytes - offset_bytes]  # how many there are
            if code in _KINDS and form in (3, 4):
                at_value = place + entry_bytes - offset_bytes
                (value,) = struct.unpack_from(order + " HI"[form - 2], block, at_value)
                kind |= _KINDS[code](value)
        if tag_bytes > size + limits.tag_bytes:
            raise damaged(name)
        seen[at] = Directory(at, kind, layouts.setdefault(layout, layout))
        (offset,) = struct.unpack_from(order + offset_format, block, tags * entry_bytes)
    if not seen:
        raise damaged(name)
    return tuple(seen.values())
