"""TIFF: single images, stacks of pages, Fiji's hyperstacks, OME-TIFF; read with tifffile.

Pages are checked by their directories and decoded a window at a time. Two passes
look at the directories: `directories.listed` bounds their number and the size of
what they list, with nothing but ``struct``; then tifffile interprets them and
`pages.check` holds the result against the limits and the end of the file. Levels of a
pyramid hang below a page (SubIFDs) or are marked as reduced: both are passed over.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import tifffile

from snnlab.errors import LabError
from snnlab.images.choice import COLOURS, SECTIONS, Choice, numbered
from snnlab.images.limits import Limits, check_decoded, damaged, guarded, shown
from snnlab.images.origin import Origin
from snnlab.images.pixel_size import UNKNOWN, Calibration
from snnlab.images.pixels import Stored
from snnlab.images.stack import Header
from snnlab.images.tiff import axes, directories, ome, pages, sizes

_REDUCED, _MASK = 1, 4  # bits of NewSubfileType
_UNSAID = "The TIFF does not say what 0 is; it was taken for black."


@dataclass(frozen=True)
class _File:
    """One file of a set, mostly the only one.

    Attributes
    ----------
    origin : Origin
    directories : tuple of Directory
    """

    origin: Origin
    directories: tuple[directories.Directory, ...]

    @contextlib.contextmanager
    def opened(self) -> Iterator[tuple[Callable, BinaryIO]]:
        """A function that gives the page of a directory, and the stream that it is read from."""
        # the special treatment of microscope makers' files moves offsets and pages about
        with (
            self.origin.open() as stream,
            tifffile.TiffFile(stream, is_lsm=False, is_ndpi=False, is_scanimage=False) as tiff,
        ):

            def page(index: int) -> tifffile.TiffPage:
                # by its offset: tifffile would walk along the chain from the first one
                tiff.filehandle.seek(self.directories[index].offset)
                return tifffile.TiffPage(tiff, index=index)

            yield page, stream

    def again(self, like: tifffile.TiffPage, index: int) -> bool:
        """Whether the pieces of a page with the layout of another, of the open file, are there."""
        offset = self.directories[index].offset
        one = tifffile.TiffFrame(like.parent, index, offset=offset)
        return pages.within(like, one.dataoffsets, one.databytecounts, self.origin.size)


@dataclass(frozen=True)
class _Place:
    """Where a plane is: file, directory, which of the planes behind that, which of its colours."""

    file: int
    directory: int
    nth: int = 0
    sample: int | None = None


class TiffReader:
    """A TIFF, its pages numbered as sections.

    Parameters
    ----------
    origin : Origin
    name : str
        For errors.
    limits : Limits
    choice : Choice

    Attributes
    ----------
    header : Header

    Raises
    ------
    Undecided
        If it has several channels, times or images, and none was chosen.
    LabError
        If a directory breaks a limit, is damaged, or describes what is not supported.
    """

    def __init__(self, origin: Origin, name: str, limits: Limits, choice: Choice):
        self._name, self._limits, self._channel = name, limits, 0
        self._files = [_File(origin, directories.listed(origin, name, limits))]
        with guarded(name):
            with self._files[0].opened() as (page, _):
                first = page(0)
                channels = pages.channels(first)
                alone = len(self._files[0].directories) == 1
                planes = axes.may_be_sections(first) if alone and channels == 1 else 0
                taken_apart = self._apart(planes, choice) if planes else None
                if planes:
                    choice = replace(choice, channel=None)
                if channels > 1:
                    self._channel = numbered("channel", choice.channel, channels, name, (), False)
                    choice = replace(choice, channel=None)
                text = first.description
                find = self._described if ome.is_ome(text) else self._own
                places, numbering, calibration = find(page, text, choice)
            self._places = [places(plane) for plane in numbering.planes]
            if taken_apart not in (None, COLOURS):
                each = range(planes) if taken_apart == SECTIONS else (taken_apart,)
                self._places = [replace(self._places[0], sample=sample) for sample in each]
            first, own = self._check(text.startswith("ImageJ="))
            calibration = own if calibration is UNKNOWN else calibration
        shape = (first.imagelength, first.imagewidth)
        taken, inside = numbering.choice, ()
        counted = numbering.axes
        if taken_apart is not None:
            taken = replace(taken, channel=taken_apart)
            if taken_apart != COLOURS:
                counted = (("section" if taken_apart == SECTIONS else "channel", planes),)
        if channels > 1:
            taken, inside = replace(taken, channel=self._channel), (("channel", channels),)
        self.header = Header(
            "TIFF",
            len(self._places),
            shape,
            int(first.bitspersample),
            pages.colours(first) if taken_apart in (None, COLOURS) else 1,
            first.dtype.kind == "f" or first.bitspersample > 16,
            (*counted, ("y", shape[0]), ("x", shape[1]), *inside),
            calibration,
            numbering.notes if 262 in first.tags else (*numbering.notes, _UNSAID),
            taken,
        )

    def _apart(self, planes: int, choice: Choice) -> int | str:
        """Which of a colour picture's planes is meant, as they may be sections, or all of them."""
        return numbered("channel", choice.channel, planes, self._name, (), True, coloured=True)

    # ---- which planes there are ------------------------------------------------

    def _own(self, page: Callable, text: str, choice: Choice):
        """Number pages by what ImageJ or tifffile says of them, or as they come."""
        listed = self._files[0].directories
        count = len(listed)
        kept = [i for i, one in enumerate(listed) if not one.kind & (_REDUCED | _MASK)]
        kept = kept or list(range(count))
        first, said = page(kept[0]), axes.described(text)
        fiji = text.startswith("ImageJ=")
        behind = axes.behind(text, said, first) if count == 1 else 1
        planes = behind if behind > 1 else len(kept)
        if fiji:
            numbering = axes.fiji(text, planes, choice, self._name)
        elif said is not None:
            numbering = axes.tifffiles(said, planes, choice, self._name)
        else:
            numbering = axes.plain(planes, choice, self._name)
        # mostly nothing is said of the later pages, of which the first in use may be one
        calibration = sizes.of_page(first, fiji)
        if behind > 1:
            return (lambda n: _Place(0, kept[0], n)), numbering, calibration
        return (lambda n: _Place(0, kept[n])), numbering, calibration

    def _described(self, page: Callable, text: str, choice: Choice):
        """Number planes by OME's TiffData, through all files of the set."""
        described = ome.read(text, choice, self._name, self._beside)
        numbering = ome.numbering(
            described, len(self._files[0].directories), choice, self._name, self._sibling
        )
        return (lambda n: _Place(*ome.split(n))), numbering, ome.calibration(described)

    def _beside(self, file: str) -> str | None:
        """Text of the file that describes the set, if it is in the same folder."""
        found = self._files[0].origin.sibling(file)
        if found is None or found.size > self._limits.tag_bytes:
            return None
        return found.whole().decode("utf-8", "replace")

    def _sibling(self, file: str) -> int | None:
        """Directories of another file of the set, or None if it is not there."""
        found = self._files[0].origin.sibling(file)
        if found is None:
            return None
        self._files.append(_File(found, directories.listed(found, file, self._limits)))
        return len(self._files[-1].directories)

    def _check(self, fiji: bool) -> tuple[tifffile.TiffPage, Calibration]:
        """Hold all pages in use against the limits and each other.

        Returns
        -------
        page : tifffile.TiffPage
            The first of them.
        calibration : Calibration
            By its own tags.
        """
        name, limits = self._name, self._limits
        first, largest, calibration = None, 0, UNKNOWN
        behind: dict[tuple[int, int], int] = {}
        for place in self._places:
            key = (place.file, place.directory)
            behind[key] = max(behind.get(key, 0), place.nth)
        for number, file in enumerate(self._files):
            seen: dict[bytes, tifffile.TiffPage] = {}
            with file.opened() as (page, _):
                for directory in sorted(d for f, d in behind if f == number):
                    like = seen.get(file.directories[directory].layout)
                    if like is not None and file.again(like, directory):
                        continue  # whole pages of a long stack take seconds to interpret
                    one = page(directory)
                    pages.check(one, file.origin.size, name, limits)
                    seen[file.directories[directory].layout] = one
                    if first is None:
                        # long values are read while the file is open
                        first, calibration = one, sizes.of_page(one, fiji)
                    if (one.imagelength, one.imagewidth, pages.channels(one)) != (
                        first.imagelength, first.imagewidth, pages.channels(first)
                    ):  # fmt: skip
                        raise LabError(
                            f"page {directory} of {shown(name)} differs in size from the first; "
                            "save a stack whose pages all have one size."
                        )
                    size = pages.decoded_bytes(one)
                    largest = max(largest, size)
                    after = behind[number, directory]
                    if after and one.dataoffsets[0] + (after + 1) * size > file.origin.size:
                        raise LabError(
                            f"{shown(name)} declares {after + 1} sections but ends before the last;"
                            " save it again from Fiji."
                        )
        if first is None:
            raise damaged(name)
        size = sum(file.origin.size for file in self._files)
        check_decoded(largest, len(self._places), size, name, limits)
        return first, calibration

    # ---- pixels ----------------------------------------------------------------

    def window(self, section: int, rows: slice, columns: slice) -> Stored:
        """Decode a part of a section.

        Raises
        ------
        LabError
            If its pixels are damaged.
        """
        place = self._places[section]
        file = self._files[place.file]
        with guarded(self._name), file.opened() as (page, stream):
            one = page(place.directory)
            # the file may have changed since
            pages.check(one, file.origin.size, self._name, self._limits)
            if (one.imagelength, one.imagewidth) != self.header.shape:
                raise damaged(self._name)
            grey = place.sample is not None
            channel = place.sample if grey else self._channel
            return pages.window(one, file.origin, stream, rows, columns, channel, place.nth, grey)
