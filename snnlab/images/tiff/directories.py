"""The directories of a TIFF, bounded with nothing but ``struct`` before a library reads them.

References
----------
TIFF, revision 6.0, Adobe (1992).
"""

import struct

from snnlab.errors import LabError
from snnlab.images.limits import Limits, damaged, shown, too_many_pages
from snnlab.images.origin import Origin

_TYPE_BYTES = dict(enumerate((1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4), start=1))
_TYPE_BYTES |= {16: 8, 17: 8, 18: 8}
_SEGMENT_TAGS = (273, 279, 324, 325)  # offsets and byte counts of strips and of tiles
_DESCRIPTION, _LONGEST = 270, 32 << 20  # bytes; an OME description of a large file has some


def listed(origin: Origin, name: str, limits: Limits) -> tuple[int, ...]:
    """List the page directories of the main chain, bounding what a decoder would read of them.

    Returns
    -------
    tuple of int
        Their offsets in the file; the levels of pyramids hang below them and are not listed.

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


def _listed(origin: Origin, name: str, limits: Limits) -> tuple[int, ...]:
    head, size = origin.read(0, min(16, origin.size)), origin.size
    order = "<" if head[:2] == b"II" else ">"
    big = 43 in head[2:4]
    start, entry_bytes = (8, 20) if big else (4, 12)
    count_format, offset_format, entry = ("Q", "Q", "HHQ") if big else ("H", "I", "HHI")
    count_bytes, offset_bytes = (struct.calcsize(order + f) for f in (count_format, offset_format))
    seen: dict[int, None] = {}  # in order
    entries = tag_bytes = 0
    (offset,) = struct.unpack_from(order + offset_format, head, start)
    while offset:
        if offset in seen or not 8 <= offset < size:
            raise damaged(name)
        seen[offset] = None
        if len(seen) > limits.pages:
            raise too_many_pages(name, limits)
        (tags,) = struct.unpack(order + count_format, origin.read(offset, count_bytes))
        offset += count_bytes
        entries += tags
        # directories that lie over each other could list far more than the file holds
        if tags * entry_bytes > size - offset or entries * entry_bytes > size:
            raise damaged(name)
        block = origin.read(offset, tags * entry_bytes + offset_bytes)
        for place in range(0, tags * entry_bytes, entry_bytes):
            code, kind, values = struct.unpack_from(order + entry, block, place)
            if code in _SEGMENT_TAGS and values > limits.segments:
                raise LabError(
                    f"{shown(name)} is cut into {values} pieces a page; "
                    "save it with larger strips or tiles."
                )
            if code == _DESCRIPTION and values > _LONGEST:
                raise damaged(name)
            tag_bytes += values * _TYPE_BYTES.get(kind, 1)
        if tag_bytes > size + limits.tag_bytes:
            raise damaged(name)
        (offset,) = struct.unpack_from(order + offset_format, block, tags * entry_bytes)
    if not seen:
        raise damaged(name)
    return tuple(seen)
