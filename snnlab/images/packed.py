"""Files that were packed with gzip as a whole: ``.nii.gz``, ``.map.gz`` of EMDB.

They cannot be read in pieces, so they are unpacked into memory, within the limit of a
file, and then read as what they are.
"""

import zlib

from snnlab.errors import LabError
from snnlab.images.choice import Choice
from snnlab.images.limits import MIB, Limits, check_file, damaged, guarded, shown
from snnlab.images.origin import Origin
from snnlab.images.pixels import Stored

_PIECE = 1 << 20


class GzipReader:
    """What is in a gzip file.

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
        from snnlab.images import formats

        check_file(origin.size, name, limits)
        with guarded(name):
            inside = Origin(unpacked(origin.whole(), name, limits))
        reader = None if inside.head[:2] == b"\x1f\x8b" else formats.reader_of(inside)
        if reader is None or not inside.size:
            raise LabError(
                f"{shown(name)} is a gzip archive of {formats.what_it_is(inside.head)}; unpack it"
                " and choose an image."
            )
        self._reader = reader(inside, name, limits, choice)
        self.header = self._reader.header

    def window(self, section: int, rows: slice, columns: slice) -> Stored:
        """Decode a part of a section."""
        return self._reader.window(section, rows, columns)


def unpacked(data: bytes, name: str, limits: Limits) -> bytes:
    """Unpack gzip, of one member or several, as long as it stays within the limits.

    Raises
    ------
    LabError
    """
    parts: list[bytes] = []
    total = 0
    while data:
        stream = zlib.decompressobj(wbits=31)
        rest = data
        while rest and not stream.eof:
            part = stream.decompress(rest, _PIECE)
            rest = stream.unconsumed_tail
            total += len(part)
            parts.append(part)
            check_unpacked(total, len(data), name, limits)
            if not part and not rest:
                break
        if not stream.eof:
            raise damaged(name)
        # zeros may follow, as tapes had them
        data = stream.unused_data.lstrip(b"\0")
    return b"".join(parts)


def check_unpacked(total: int, packed: int, name: str, limits: Limits) -> None:
    """Stop unpacking what would become too large.

    Raises
    ------
    LabError
    """
    if total > limits.file_bytes or (
        total > limits.free_bytes and total > limits.ratio * max(packed, 1)
    ):
        raise LabError(
            f"{shown(name)} unpacks to more than {total // MIB} MiB, which is too much to hold;"
            " save it unpacked, so that it can be read in pieces."
        )
