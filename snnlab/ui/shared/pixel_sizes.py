"""What the pixels of a visitor's image measure: asked, resampled, or tried both ways."""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from snnlab.errors import LabError
from snnlab.images import pixel_size as sizes
from snnlab.images import resampling
from snnlab.images.looking import Look
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.results import summary
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import bench, keep


def asked(digest: str, seen: Look, card: Mapping) -> sizes.Size | None:
    """The size from which the image is to be resampled; None: it stays as it is.

    What the visitor says, or else what the file says, where the model does better so.
    """
    given = field(
        f"pixel-size-{digest}",
        "An image with pixels of another size is resampled to that. Scores and downloads are in"
        " the file's own pixels.",
    )
    if given is not None or seen.nm is None:
        return given
    better = _better(seen, card)
    if sizes.square(seen.nm):
        if not better:
            return None
        said = f"{sizes.told(seen.nm)} nm"
        about = (
            "The file gives this size. On both tissues where it was measured, the model on screen"
            " did better at 4 nm."
        )
    else:  # two numbers, which the field has no room for
        said = f"{sizes.told(seen.nm)} nm (width x height)"
        about = "Without it, pixels become squares of the finer of the two sizes."
    key = f"pixel-sides-{digest}"
    st.session_state.setdefault(key, better)
    believed = st.checkbox(
        f"Resample from {said} to {resampling.MODEL_NM:g} nm",
        key=key,
        persist_state="session",
        help=about,
    )
    return seen.nm if believed else None


def _better(seen: Look, card: Mapping) -> bool:
    """Whether the model does better on the image resampled, which has a size for it then."""
    if resampling.unasked(seen.nm, card) is None:
        return False
    try:
        resampling.shape_for(seen.shape, seen.nm)
    except LabError:
        return False
    return True


def field(key: str, about: str, width: int | str = "stretch") -> float | None:
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


def advise(picture: Picture, card: Mapping, digest: str) -> None:
    """Say that the net learned from pixels of another size, if there is no box that says it."""
    learned = card.get("nm", resampling.MODEL_NM)  # 0: from whatever it was given
    icon = ":material/straighten:"
    resampled = picture.asked_nm is not None and picture.file_nm is not None
    if resampled and not learned:
        st.warning(
            "This model learned from sections that were not resampled, but this image was: clear"
            " the field above.",
            icon=icon,
        )
    if not learned or picture.nm is None or resampling.alike(picture.nm, learned):
        return
    if resampled:
        st.warning(
            f"This model learned from pixels of {learned:g} nm, but the image was resampled to"
            f" {picture.nm:g} nm: clear the field above.",
            icon=icon,
        )
        return
    if resampling.unasked(picture.nm, card) is not None:
        return
    st.warning(
        f"The file says {picture.nm:.4g} nm per pixel; this model learned from {learned:g} nm, and"
        " knows a membrane by its width in pixels. Try it resampled as well.",
        icon=icon,
    )
    if learned == resampling.MODEL_NM and picture.file_nm is None:
        st.button(
            f"Resample from {picture.nm:.4g} nm",
            icon=":material/photo_size_select_large:",
            on_click=_say_pixel_size,
            args=(digest, picture.nm),
            width="stretch",
        )


def _say_pixel_size(digest: str, nm: float) -> None:
    st.session_state[f"pixel-size-{digest}"] = nm


def both_ways(result: Segmentation) -> None:
    """Offer to set the image as it is beside the resampled one, where they differ."""
    if st.session_state.pop("to-compare", False):
        # not by what the button says: once it was pressed, another image is wanted
        st.switch_page("pages/compare.py")
    picture, held = result.picture, st.session_state.get("kept")
    if held is None or held[0][0] != "upload" or bench.named(held[1]) != bench.named(picture):
        return  # a sample, or no more the image that is wanted
    learned = lab.cards().get(result.settings.model, {}).get("nm", resampling.MODEL_NM)
    own = picture.nm_in_file
    if learned != resampling.MODEL_NM or own is None or sizes.plain(own) == learned:
        return
    _remark(result)
    st.button(
        "Compare with and without resampling",
        key="both-ways",
        icon=":material/compare:",
        on_click=_other_way,
        args=(picture.sha256, own, picture.asked_nm is None),
        help=f"The file's pixels are {sizes.told(own)} nm, those that the model learned from"
        f" {learned:g} nm. Pins this run, runs the image the other way too, and opens Compare:"
        " both are scored in the file's own pixels.",
    )


def _remark(result: Segmentation) -> None:
    """Say what resampling did to the scores, if the image was run as it is before."""
    picture, now = result.picture, bench.summed()
    if picture.file_nm is None or now.ann_scores is None or now.snn_scores is None:
        return
    plain = summary.image_key(replace(picture, file_nm=None, asked_nm=None))
    before = [run for run in st.session_state.runs if run.image == plain
              and not summary.differing(run.settings, now.settings)]  # fmt: skip
    if not before or before[-1].ann_scores is None or before[-1].snn_scores is None:
        return
    changes = [
        (title, then.pixel_accuracy, here.pixel_accuracy)
        for title, then, here in (
            ("ANN", before[-1].ann_scores, now.ann_scores),
            ("SNN", before[-1].snn_scores, now.snn_scores),
        )
    ]
    told = ", ".join(f"{title} {then:.4f} → {here:.4f}" for title, then, here in changes)
    text = f"Pixel accuracy as the image is → resampled: {told}."
    if all(here < then for _, then, here in changes):
        st.warning(
            f"Resampling made it worse. {text} To go back, clear *Pixel size* in the sidebar, or"
            " untick *Resample*.",
            icon=":material/straighten:",
        )
    else:
        st.caption(text)


def _other_way(digest: str, own: sizes.Size, resample: bool) -> None:
    keep.compared_with_next()
    state, square = st.session_state, sizes.square(own)
    state["to-compare"] = True
    state[f"pixel-size-{digest}"] = sizes.plain(own) if resample and square else None
    state[f"pixel-sides-{digest}"] = resample
