"""A visitor's image and all that belongs to it: labels, pixel size, polarity.

They come and go together: whatever page takes the image takes these with it, and nothing that
was said of one image is taken for another.
"""

from dataclasses import dataclass

import streamlit as st

from snnlab.errors import LabError
from snnlab.images import reading, scribbles
from snnlab.images.choice import Choice
from snnlab.images.pictures import Picture
from snnlab.images.pixel_size import Size
from snnlab.images.scribbles import Strokes
from snnlab.lab import segmenting as lab


@dataclass(frozen=True)
class Specimen:
    """An uploaded file, its labels, and what was said of both.

    Attributes
    ----------
    digest : str
        sha256 of the image's file.
    name, data : str, bytes
        The image's file.
    choice : Choice
        Which part of it.
    sections : int
    labels_name, labels : str, (bytes or None)
        The labels' file; None: none, or none that can be used.
    labels_choice : Choice or None
        Which part of that.
    inverted : bool
        Whether 0 means cell in the labels.
    ignore : tuple of float
        Values of the labels that do not count.
    nm : float, (float, float) or None
        What was said of the image's pixels.
    negative : bool
        Whether dark and light are turned.
    scribbles : tuple of (int, tuple of Stroke)
        By section, what was painted on it; labels in place of those of the file, if there is any.
    """

    digest: str
    name: str
    data: bytes
    choice: Choice
    sections: int
    labels_name: str = ""
    labels: bytes | None = None
    labels_choice: Choice | None = None
    inverted: bool = False
    ignore: tuple[float, ...] = ()
    nm: Size | None = None
    negative: bool = False
    scribbles: tuple[tuple[int, Strokes], ...] = ()

    @property
    def labelled(self) -> bool:
        """Whether there are labels, of whatever kind."""
        return self.labels is not None or bool(self.scribbles)

    def truth(self) -> tuple[str, bytes]:
        """The labels as a file: its name and bytes.

        Raises
        ------
        LabError
            If there are none, or the stack is too large to write what was painted.
        """
        if not self.scribbles:
            if self.labels is None:
                raise LabError("this image has no labels.")
            return self.labels_name, self.labels
        stack = reading.open_stack(self.data, self.name, choice=self.choice)
        made = scribbles.tiff(dict(self.scribbles), stack.sections, stack.shape)
        return scribbles.FILE, made

    def section(self, index: int, labelled: bool = True) -> Picture:
        """A section, with its labels if there are any and they are wanted.

        Raises
        ------
        LabError
        """
        if not labelled or self.labels is None or self.scribbles:
            made = lab.upload(
                self.data, self.name, index, nm=self.nm, choice=self.choice, negative=self.negative
            )
            painted = dict(self.scribbles).get(index, ()) if labelled else ()
            return scribbles.onto(made, painted) if painted else made
        return lab.upload(
            self.data, self.name, index, self.labels, self.labels_name, self.inverted, self.nm,
            self.choice, self.ignore, self.negative, self.labels_choice,
        )  # fmt: skip

    def holds(self, picture: Picture) -> bool:
        """Whether a picture is of this image."""
        return (self.digest, self.choice.options) == (picture.sha256, picture.options)


def put(specimen: Specimen | None) -> None:
    """Keep what the sidebar holds; None if there is no image that can be used."""
    st.session_state["specimen"] = specimen


def here() -> Specimen | None:
    """What the sidebar holds, or held when an upload was chosen last."""
    return st.session_state.get("specimen")


def on_screen() -> Specimen | None:
    """The same if an upload is what is on screen, or about to be."""
    return here() if st.session_state.settings.source == "upload" else None
