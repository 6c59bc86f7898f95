"""Choosing an image: a shipped sample, an ISBI section, or an upload."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from snnlab.errors import LabError
from snnlab.images import resampling
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings
from snnlab.ui.shared import bench, words

SOURCES = {"sample": "Sample", "isbi": "ISBI", "upload": "Upload"}
TRAINED = "ISBI 2012 sections 0..17"  # as a model's card says it
TYPES = ("png", "jpg", "jpeg", "tif", "tiff")


@dataclass(frozen=True)
class Picked:
    """What was chosen; see `snnlab.ui.shared.bench.Wanted`."""

    source: str
    section: int
    picture: Picture | None
    missing: str = ""
    wrong: bool = False


def draw(now: Settings, generation: int) -> Picked:
    """Draw the controls.

    Parameters
    ----------
    now : Settings
        That they start from.
    generation : int
        A new one makes new controls.
    """
    st.subheader("Image", anchor=False)
    source = st.segmented_control(
        "Source",
        list(SOURCES),
        default=now.source,
        required=True,
        format_func=SOURCES.get,
        key=f"source-{generation}",
        label_visibility="collapsed",
        width="stretch",
    )
    section = now.section if source == now.source else None
    try:
        if source == "sample":
            return _sample(section or 0, generation)
        # its control is further down
        model = st.session_state.get(f"model-{generation}", now.model)
        card = lab.cards().get(model, {})
        if source == "isbi":
            return _isbi(section, generation, model, card)
        return _upload(section or 0, generation, card)
    except LabError as error:
        st.error(str(error), icon=":material/error:")
        return Picked(source, section or 0, None, str(error), True)


def _sample(section: int, generation: int) -> Picked:
    names = lab.samples()
    chosen = st.selectbox(
        "Section",
        range(len(names)),
        _within(section, len(names)),
        key=f"sample-{generation}",
        format_func=lambda i: names[i].split("-", 1)[-1].replace("-", " ").capitalize(),
        help="Synthetic EM with exact labels, made by the lab itself.",
    )
    picture, _ = _kept(("sample", chosen), lambda: (lab.sample(chosen), ""))
    return Picked("sample", chosen, picture)


def _isbi(section: int | None, generation: int, model: str, card: dict) -> Picked:
    """A section of ISBI 2012; if none was asked for, the first that was held out of training."""
    from snnlab.data import isbi

    folder = (
        st.text_input(
            "Folder of the ISBI 2012 volumes",
            key="isbi-folder",
            persist_state="session",
            placeholder="empty: from SNNLAB_DATA",
            help="Holds train-volume.tif and train-labels.tif. The sections may not be shipped; the"
            " folder is on the computer that runs the lab, and not part of the address.",
        ).strip()
        or None
    )
    count = lab.isbi_sections(folder)
    if not count:
        text = "Name the folder that holds train-volume.tif and train-labels.tif."
        st.info(text, icon=":material/folder_open:")
        return Picked("isbi", section or 0, None, text)
    if section is None:
        section = isbi.VALIDATION[0] if count > isbi.VALIDATION[0] else 0
    chosen = st.number_input(
        f"Section (0 to {count - 1})",
        0,
        count - 1,
        _within(section, count),
        key=f"isbi-{generation}",
        help="The shipped models were trained on sections 0 to 17; 18 to 23 were held out.",
    )
    if chosen in isbi.TRAINING and card.get("data") == TRAINED:
        st.caption(
            f":material/warning: *{words.plain(model)}* was trained on this section, so its scores"
            " flatter. Sections 18 to 23 were held out."
        )
    picture, _ = _kept(("isbi", folder, chosen), lambda: (lab.isbi_picture(folder, chosen), ""))
    return Picked("isbi", chosen, picture)


def _upload(section: int, generation: int, card: dict) -> Picked:
    file = _file("EM image or stack", "upload", "PNG, JPEG or TIFF, 32 to 4096 pixels a side.")
    if file is None:
        text = "Choose a PNG, JPEG or TIFF file to segment; it stays in this session."
        return Picked("upload", section, None, text)
    name, data = file
    count = lab.upload_sections(data, name)
    chosen = 0
    if count > 1:
        chosen = st.number_input(
            f"Section (0 to {count - 1})",
            0,
            count - 1,
            _within(section, count),
            key=f"upload-section-{generation}",
        )
    labels = _file("Labels (optional)", "labels", "Of the same size; they are for scores only.")
    invert = False
    if labels is not None:
        st.session_state.setdefault("polarity", "membrane")
        black = st.segmented_control(
            "Black in the labels is",
            ("membrane", "cell"),
            required=True,
            key="polarity",
            persist_state="session",
            width="stretch",
        )
        invert = black == "cell"
    labels_name, truth = labels or ("", None)
    digest = _digest(data)
    nm = _pixel_size(digest)
    key = ("upload", name, digest, chosen, truth and _digest(truth), invert, nm)

    def load() -> tuple[Picture, str]:
        try:
            return lab.upload(data, name, chosen, truth, labels_name, invert, nm), ""
        except LabError as error:
            if truth is None:
                raise
            # labels of the image before this one are no reason to refuse this one
            return lab.upload(data, name, chosen, nm=nm), str(error)

    picture, trouble = _kept(key, load)
    if trouble:
        st.warning(f"Without labels: {trouble}", icon=":material/label_off:")
    _other_pixels(picture, card.get("nm", resampling.MODEL_NM), digest)
    return Picked("upload", chosen, picture)


def _other_pixels(picture: Picture, learned: float, digest: str) -> None:
    """Say that the net learned from pixels of another size; 0: from whatever it was given."""
    icon = ":material/straighten:"
    asked = picture.asked_nm is not None and picture.file_nm is not None
    if asked and not learned:
        st.warning(
            "This model learned from sections as they are, and the image was resampled: empty the"
            " field above.",
            icon=icon,
        )
    if not learned or picture.nm is None or resampling.alike(picture.nm, learned):
        return
    if asked:
        st.warning(
            f"This model learned from pixels of {learned:g} nm, and the image was resampled to"
            f" {picture.nm:g} nm: empty the field above.",
            icon=icon,
        )
        return
    st.warning(
        f"The file says {picture.nm:g} nm a pixel; this model learned from {learned:g} nm, and sees"
        " membranes of another width badly.",
        icon=icon,
    )
    if learned == resampling.MODEL_NM and picture.file_nm is None:
        st.button(
            f"Resample from {picture.nm:g} nm",
            icon=":material/photo_size_select_large:",
            on_click=_say_pixel_size,
            args=(digest, picture.nm),
            width="stretch",
        )


def _pixel_size(digest: str) -> float | None:
    return pixel_size(
        f"pixel-size-{digest}",
        "An image with pixels of another size is resampled to that, its labels too; masks are"
        " downloaded in the file's own pixels.",
    )


def pixel_size(key: str, about: str, width: int | str = "stretch") -> float | None:
    """A field for what a file's pixels measure (nm); None: they are taken as they are.

    Parameters
    ----------
    key : str
    about : str
        What is done with it.
    width : int or str
    """
    return st.number_input(
        "Pixel size (nm, optional)",
        resampling.FINEST,
        resampling.COARSEST,
        None,
        step=0.5,
        format="%g",
        key=key,
        placeholder="as it is",
        help=f"The shipped models learned from {resampling.MODEL_NM:g} nm. {about}",
        width=width,
        persist_state="session",
    )


def _say_pixel_size(digest: str, nm: float) -> None:
    st.session_state[f"pixel-size-{digest}"] = nm


def _file(label: str, key: str, about: str) -> tuple[str, bytes] | None:
    """A file to upload: its name and bytes.

    The browser's field forgets its file when another source is chosen, so that
    the file is kept here until it is removed or the session ends.
    """
    kept = st.session_state.setdefault("files", {})
    given = st.file_uploader(
        label, TYPES, key=key, help=about, on_change=_file_changed, args=(key,)
    )
    if given is not None:
        kept[key] = given.name, given.getvalue()
    elif key in kept:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Still here: {words.plain(kept[key][0])}")
            if st.button("Remove", key=f"remove-{key}", type="tertiary", icon=":material/close:"):
                del kept[key]
                st.rerun()
    return kept.get(key)


def _file_changed(key: str) -> None:
    if st.session_state.get(key) is None:
        st.session_state.get("files", {}).pop(key, None)


def _within(section: int, count: int) -> int:
    """The section, or the last if there is no such one."""
    state = st.session_state
    if section >= count and state.get("lost") != state.generation:
        state.lost = state.generation
        bench.note(f"There is no section {section} here; the last, {count - 1}, is shown.", False)
    return min(section, count - 1)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _kept(key: tuple, load: Callable[[], tuple[Picture, str]]) -> tuple[Picture, str]:
    """The visitor's picture, decoded once and not again on every draw; and what was wrong."""
    kept = st.session_state.get("kept")
    if kept is None or kept[0] != key:
        kept = st.session_state.kept = (key, *load())
    return kept[1], kept[2]
