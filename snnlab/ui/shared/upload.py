"""A visitor's own image, and its labels: what it is, how large its pixels are, which section."""

import re

import streamlit as st

from snnlab.errors import LabError
from snnlab.images import resampling
from snnlab.images.choice import Choice
from snnlab.images.labels import named
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.ui.shared import files, pixel_sizes, words
from snnlab.ui.shared.picked import Picked, kept, within

LIGHT = (
    "For images whose membranes are light, as of back-scattered electrons or negative stain: the"
)
LIGHT += " models know dark ones."


def draw(section: int, generation: int, card: dict) -> Picked:
    """Draw the controls of an upload.

    Parameters
    ----------
    section : int
        That is wanted.
    generation : int
        A new one makes new controls.
    card : dict
        Of the model, which may have learned from pixels of another size.

    Raises
    ------
    LabError
    """
    file = files.take("EM image or stack", "upload", f"{files.FORMATS}, 32 to 4096 pixels a side.")
    if file is None:
        text = f"Choose a {files.FORMATS} to segment; it stays in this session."
        return Picked("upload", section, None, text)
    name, data = file
    seen = files.opened(name, data, "upload")
    if isinstance(seen, str):
        return Picked("upload", section, None, seen)
    files.tell(seen)
    chosen = 0
    if seen.sections > 1:
        chosen = st.number_input(
            f"Section (0 to {seen.sections - 1})",
            0,
            seen.sections - 1,
            within(section, seen.sections),
            key=f"upload-section-{generation}",
        )
    labels_name, truth, part, wrong = _labels()
    invert, ignore = (_polarity(), not_counted("ignore")) if truth is not None else (False, ())
    digest = files.digest(data)
    nm = pixel_sizes.asked(digest, seen)
    negative = st.session_state.get(f"negative-{digest}", False)
    named = truth and (files.digest(truth), part, invert, ignore)
    key = ("upload", name, digest, seen.choice, chosen, named, nm, negative)

    def load() -> tuple[Picture, str]:
        try:
            return lab.upload(
                data, name, chosen, truth, labels_name, invert, nm, seen.choice, ignore, negative,
                part,
            ), ""  # fmt: skip
        except LabError as error:
            if truth is None:
                raise
            # labels of the image before this one are no reason to refuse this one
            bare = lab.upload(data, name, chosen, nm=nm, choice=seen.choice, negative=negative)
            return bare, str(error)

    picture, trouble = kept(key, lambda: files.reading(name, data, load))
    if wrong or trouble:
        text = words.plain(on_page(wrong or trouble))
        st.warning(f"Without labels: {text}", icon=":material/label_off:")
    files.notes(on_page(note) for note in picture.notes if note not in seen.notes)
    _light(picture, digest)
    pixel_sizes.advise(picture, card.get("nm", resampling.MODEL_NM), digest)
    return Picked("upload", chosen, picture)


def _labels() -> tuple[str, bytes | None, Choice | None, str]:
    """Name and bytes of the labels, what of the file is meant, and why there are none after all."""
    about = "Of the same size; they are for scores only."
    file = files.take("Labels (optional)", "labels", about)
    if file is None:
        return "", None, None, ""
    try:
        meant = files.opened(*file, "labels", labels=True)
    except LabError as error:
        return "", None, None, str(error)
    if isinstance(meant, str):
        return "", None, None, meant
    return *file, meant.choice, ""


def _polarity() -> bool:
    """Whether black in the labels is cell."""
    st.session_state.setdefault("polarity", "membrane")
    black = st.segmented_control(
        "Black in the labels is",
        ("membrane", "cell"),
        required=True,
        key="polarity",
        persist_state="session",
        width="stretch",
    )
    return black == "cell"


def not_counted(key: str, width: int | str = "stretch") -> tuple[float, ...]:
    """A field for values of the labels that do not count; a mistake is said below it."""
    text = st.text_input(
        "Values that do not count (optional)",
        key=key,
        placeholder="those below 0",
        help="Numbers in the labels that stand for nothing, as 0 where most is not labelled. They"
        " are left out of scores and of training, as negative ones always are.",
        width=width,
        persist_state="session",
    )
    try:
        return named(text)
    except ValueError:
        st.error("Give a number, or several as 0, 3.", icon=":material/error:")
        return ()


def on_page(text: str) -> str:
    """A sentence with the page's names for options of the command line; no Markdown."""
    field = 'under "Values that do not count"'
    text = re.sub(r"--ignore (-?[\d.]*\d)", rf"\1 {field}", text).replace("with --ignore", field)
    text = text.replace("give --invert-labels", 'choose "Black in the labels is: cell"')
    turned = 'choose "Black in the labels is: membrane"'
    text = text.replace("leave --invert-labels out", turned)
    return text.replace("--invert-labels", '"Black in the labels is: cell"')


def _light(picture: Picture, digest: str) -> None:
    """A switch that turns dark and light, where membranes look light or it is on."""
    key = f"negative-{digest}"
    if not picture.light_membranes and not st.session_state.get(key):
        return
    st.toggle("Turn dark and light", key=key, persist_state="session", help=LIGHT)
    if picture.light_membranes:
        what = "Turned, the membranes" if picture.negative else "The membranes of this image"
        st.warning(
            f"{what} look light, and the models know dark ones.",
            icon=":material/invert_colors:",
        )
