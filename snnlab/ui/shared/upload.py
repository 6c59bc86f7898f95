"""A visitor's own image, and its labels: what it is, how large its pixels are, which section."""

import re

import streamlit as st

from snnlab.errors import LabError
from snnlab.images.choice import Choice
from snnlab.images.labels import named
from snnlab.images.pictures import Picture
from snnlab.ui.shared import files, pixel_sizes, scribbled, specimen, words
from snnlab.ui.shared import kept as keeping
from snnlab.ui.shared.picked import Picked, kept, within
from snnlab.ui.shared.specimen import Specimen

_LABELS = "labels-"  # and the sha256 of their image: key of what was uploaded
SWAP = "Swap dark and light"
LIGHT = (
    "For images with light membranes, such as those from back-scattered electrons or negative"
    " stain: the models were trained on dark membranes."
)


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
    specimen.put(None)
    file = files.take(
        "EM image or stack", "upload", f"{files.FORMATS}, 32 to 4096 pixels per side."
    )
    if file is None:
        text = f"Choose a {files.FORMATS} to segment; it stays in this session."
        if keeping.awaited():
            text = keeping.BACK
        return Picked("upload", section, None, text)
    name, data = file
    digest = files.digest(data)
    files.only(_LABELS, digest)
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
    labels_name, truth, part, wrong = _labels(digest)
    invert, ignore = False, ()
    if truth is not None:
        invert, ignore = _polarity(digest), not_counted(f"ignore-{digest}")
    nm = pixel_sizes.asked(digest, seen, card)
    negative = st.session_state.get(f"negative-{digest}", False)
    made = Specimen(digest, name, data, seen.choice, seen.sections, labels_name, truth, part,
                    invert, ignore, nm, negative)  # fmt: skip
    specimen.put(scribbled.specimen(made))

    def load() -> tuple[Picture, str]:
        try:
            return made.section(chosen), ""
        except LabError as error:
            if truth is None:
                raise
            # labels that do not fit are no reason to refuse the image
            return made.section(chosen, labelled=False), str(error)

    picture, trouble = kept(("upload", made, chosen), lambda: files.reading(name, data, load))
    if wrong or trouble:
        text = words.plain(on_page(wrong or trouble))
        st.warning(f"Without labels: {text}", icon=":material/label_off:")
    files.notes(on_page(note) for note in picture.notes if note not in seen.notes)
    _light(picture, digest)
    pixel_sizes.advise(picture, card, digest)
    if trouble := keeping.trouble():  # a reload would lose it
        st.caption(f":material/save: {words.plain(trouble)}")
    return Picked("upload", chosen, picture)


def _labels(digest: str) -> tuple[str, bytes | None, Choice | None, str]:
    """Name and bytes of the labels, what of the file is meant, and why there are none after all.

    They are of this image and of no other: the field is another one for each.
    """
    about = "They must have the image's size. They are for scores only, and belong to this image."
    key = f"{_LABELS}{digest}"
    file = files.take("Labels (optional)", key, about)
    if file is None:
        return "", None, None, ""
    try:
        meant = files.opened(*file, key, labels=True)
    except LabError as error:
        return "", None, None, str(error)
    if isinstance(meant, str):
        return "", None, None, meant
    return *file, meant.choice, ""


def _polarity(digest: str) -> bool:
    """Whether black in the labels is cell."""
    key = f"polarity-{digest}"
    st.session_state.setdefault(key, "membrane")
    black = st.segmented_control(
        "Black in the labels is",
        ("membrane", "cell"),
        required=True,
        key=key,
        persist_state="session",
        width="stretch",
    )
    return black == "cell"


def turn(digest: str) -> None:
    """Take black in an image's labels for the other class."""
    key, state = f"polarity-{digest}", st.session_state
    state[key] = "membrane" if state.get(key) == "cell" else "cell"


def not_counted(key: str, width: int | str = "stretch") -> tuple[float, ...]:
    """A field for values of the labels that do not count; a mistake is said below it."""
    text = st.text_input(
        "Values that do not count (optional)",
        key=key,
        placeholder="those below 0",
        help="Numbers in the labels that stand for nothing, such as 0 where most of the image is"
        " not labelled. They are left out of scores and training, as negative numbers always are.",
        width=width,
        persist_state="session",
    )
    try:
        return named(text)
    except ValueError:
        st.error("Give one number, or several: 0, 3.", icon=":material/error:")
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
    st.toggle(SWAP, key=key, persist_state="session", help=LIGHT)
    if picture.light_membranes:
        what, way = "The membranes of this image", "on"
        if picture.negative:
            what, way = "Swapped, the membranes", "off again"
        st.warning(
            f"{what} look light. The models were trained on dark membranes; switch {way} *{SWAP}*.",
            icon=":material/invert_colors:",
        )
