"""Choosing an image: a shipped sample, an ISBI section, or an upload."""

from dataclasses import replace

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings
from snnlab.ui.shared import isbi_folder, scribbled, upload, words
from snnlab.ui.shared import kept as kept_here
from snnlab.ui.shared.picked import Picked, kept, within

SOURCES = {"sample": "Sample", "isbi": "ISBI", "upload": "Upload"}


def draw(now: Settings, generation: int) -> Picked:
    """Draw the controls.

    Parameters
    ----------
    now : Settings
        That they start from.
    generation : int
        A new one makes new controls.
    """
    scribbled.settle()
    picked = _picked(now, generation)
    if picked.picture is None:
        return picked
    return replace(picked, picture=scribbled.labelled(picked.picture))


def _picked(now: Settings, generation: int) -> Picked:
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
        return upload.draw(section or 0, generation, card)
    except LabError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        return Picked(source, section or 0, None, str(error), True)


def _sample(section: int, generation: int) -> Picked:
    names = lab.samples()
    chosen = st.selectbox(
        "Section",
        range(len(names)),
        within(section, len(names)),
        key=f"sample-{generation}",
        format_func=lambda i: names[i].split("-", 1)[-1].replace("-", " ").capitalize(),
        help="Synthetic EM with exact labels, made by the lab itself.",
    )
    picture, _ = kept(("sample", chosen), lambda: (lab.sample(chosen), ""))
    return Picked("sample", chosen, picture)


def _isbi(section: int | None, generation: int, model: str, card: dict) -> Picked:
    """A section of ISBI 2012; if none was asked for, the first that was held out of training."""
    from snnlab.data import isbi, seen

    text = "The class was started without the ISBI sections."
    if isbi_folder.may_name():
        text = "Name the folder that holds train-volume.tif and train-labels.tif."
        st.text_input(
            "Folder of the ISBI 2012 volumes",
            key=isbi_folder.KEY,
            persist_state="session",
            placeholder="empty: from SNNLAB_DATA",
            help="The folder with train-volume.tif and train-labels.tif, on the computer that runs"
            " the lab. The lab may not ship these sections. The folder is not part of the address.",
        )
    folder = isbi_folder.given()
    count = lab.isbi_sections(folder)
    if not count:
        if kept_here.awaited():
            text = kept_here.BACK
        st.info(text, icon=":material/folder_open:")
        return Picked("isbi", section or 0, None, text)
    if section is None:
        section = isbi.REPORT[0] if count > isbi.REPORT[0] else 0
    chosen = st.number_input(
        f"Section (0 to {count - 1})",
        0,
        count - 1,
        within(section, count),
        key=f"isbi-{generation}",
        help="Sections 18 to 23 are held out: no shipped model was trained on them.",
    )
    if any(seen.shares(card, "isbi", f"  {chosen}")):
        st.caption(
            f":material/warning: *{words.plain(model)}* was trained on this section, so its scores"
            " are flattering. Sections 18 to 23 were held out."
        )
    picture, _ = kept(("isbi", folder, chosen), lambda: (lab.isbi_picture(folder, chosen), ""))
    return Picked("isbi", chosen, picture)
