"""The page Segment: what was painted over the picture, and what can be learned from it."""

from collections.abc import Mapping
from functools import partial

import numpy as np
import streamlit as st

from snnlab.images import scribbles
from snnlab.images.pictures import Picture
from snnlab.lab import scribbling as lab
from snnlab.nets import rbf_files
from snnlab.results.segmentation import Segmentation
from snnlab.ui.segment import viewer
from snnlab.ui.shared import bench, errands, kept, scribbled, specimen, visitors, words
from snnlab.ui.shared.errands import Errand

_AT = "scribbles-at"  # threshold of what was trained
_SHOWN = "scribbles-shown-"  # and what was trained: which of the two is a layer
_NAMES = {
    "ann": "ANN on screen",
    "snn": "SNN on screen",
    "unet": "U-Net, new readout",
    "rbf": "RBF network",
}
NONE = "none"  # of the two networks as a layer
_LAYERS = {NONE: "None"} | {kind: _NAMES[kind] for kind in ("unet", "rbf")}
_OWN, _FILE = "My scribbles", "Those it came with"
ENOUGH = 20_000  # painted pixels, from which on a part can be held out of a fine-tuning


@visitors.own(Errand.clear)
def errand() -> Errand:
    """The visitor's own."""
    return Errand()


def over(result: Segmentation) -> viewer.Over | None:
    """What was learned from scribbles on this section, as a layer of its pictures."""
    mine = errand()
    mine.collect()
    found: lab.Learned | None = mine.result
    if found is None or not _same(mine, result):
        return None
    kind = _kind(found)
    if kind == NONE:
        return None
    if found.maps[kind].shape != result.image.shape:  # it was resampled since
        return None
    return viewer.Over(found.names[kind], found.maps[kind], st.session_state.get(_AT, 0.5))


def _kind(found: lab.Learned) -> str:
    """Which of the two networks is shown: the better one, if it helps, until one is chosen."""
    return st.session_state.get(_SHOWN + found.names["rbf"]) or _first(found)


def _first(found: lab.Learned) -> str:
    return found.best if found.better else NONE


def draw(result: Segmentation) -> None:
    """Say what was painted and what it counts for; nothing where nothing was."""
    picture = result.picture
    made = scribbled.strokes(picture)
    if not made:
        if scribbled.cleared(picture):
            st.button(
                "Bring the scribbles back",
                icon=":material/undo:",
                on_click=scribbled.bring_back,
                args=(picture,),
                key="scribbles-back",
            )
        return
    coded = scribbles.labels(made, picture.pixels.shape, scribbles.scale_of(picture))
    with st.container(border=True, key="painted"):
        _told(picture, coded)
        _buttons(picture)
        _learning(result, coded)
        _tune(picture, coded)


def _told(picture: Picture, coded: np.ndarray) -> None:
    membrane, cell = scribbles.counts(coded)
    numbers = f"{membrane + cell:,} pixels ({membrane:,} membrane, {cell:,} cell)"
    if scribbled.others(picture) and not _chosen(picture):
        said = (
            "**Labels: those that the image came with.**"
            f" Your scribbles, {numbers}, are not in use."
        )
    elif not scribbles.both(coded):
        missing = "cell" if membrane else "membrane"
        said = f"**Your scribbles**: {numbers}. Paint some {missing} too; then they are labels."
    else:
        said = f"**Labels: your scribbles**, {numbers}."
        if scribbled.held():
            said += " Scores take them in when you put the brush down."
    st.markdown(f"{said} {kept.told('They are')}")
    if picture.labels_file == scribbles.FILE:
        st.caption(
            "Pixel accuracy counts painted pixels alone. V_Rand and V_Info take each scribble for a"
            " cell of its own, so they mean little here."
        )


def _chosen(picture: Picture) -> bool:
    """Whether what was painted is to count in place of the labels that the image came with."""
    used = bool(scribbled.of(picture).used)
    chosen = st.segmented_control(
        "Labels of this image",
        (_FILE, _OWN),
        default=_OWN if used else _FILE,
        required=True,
        key=f"scribbles-used-{scribbled.key_of(picture)}-{used}",
        help="This image came with labels. Scores and training use those that are chosen here.",
    )
    if (chosen == _OWN) != used:
        scribbled.use(picture, not used)
        st.rerun()
    return used


def _buttons(picture: Picture) -> None:
    # the file is made outside of the visitor's session, which is to be asked here
    painted, alone = scribbled.of(picture).sections, bench.shown().settings.source == "sample"
    with st.container(horizontal=True):
        st.download_button(
            "Scribbles (TIFF)",
            partial(_tiff, picture, painted, alone),
            scribbles.FILE,
            "image/tiff",
            icon=":material/download:",
            on_click="ignore",
            key="scribbles-tiff",
            help="0 is membrane, 1 is cell, -1 is not labelled; a page for each section. The lab"
            " and its commands read it as labels.",
        )
        st.button(
            "Clear",
            icon=":material/delete:",
            on_click=scribbled.clear,
            args=(picture,),
            key="scribbles-clear",
            help="Of this section. It can be undone.",
        )


def _tiff(picture: Picture, painted: Mapping[int, scribbles.Strokes], alone: bool) -> bytes:
    shape = picture.file_shape or picture.pixels.shape
    if alone:  # a sample is a file of its own
        return scribbles.tiff({0: painted[picture.section]}, 1, shape)
    return scribbles.tiff(painted, picture.sections, shape)


# ---- what can be learned -----------------------------------------------------------------------


def _learning(result: Segmentation, coded: np.ndarray) -> None:
    mine = errand()
    if scribbles.both(coded):
        made = scribbled.strokes(result.picture)
        key = f"scribbles/{scribbled.revision(result.picture)}/{bench.named(result.picture)}"
        again = mine.result is not None and _same(mine, result) and _by_itself()
        if mine.job is None and mine.of != key and again:
            owner = st.session_state.owner
            mine.start(lab.learn, result, made, owner=owner, key=key)
        elif mine.job is None and mine.made != key:
            errands.offer("Train on these scribbles", mine, lab.learn, result, made, key=key)
    errands.watch(mine, "scribbles")
    if mine.result is not None and _same(mine, result):
        _shown(result, mine.result)


def _by_itself() -> bool:
    """Whether it is trained anew without a press."""
    return st.toggle(
        "Train again whenever the brush rests",
        key="scribbles-again",
        persist_state="session",
        help="Paint where the outlines are wrong, and watch them change.",
    )


def _same(mine: Errand, result: Segmentation) -> bool:
    """Whether what was learned is of this section; strokes may have come since."""
    return str(mine.made).endswith(f"/{bench.named(result.picture)}")


def _shown(result: Segmentation, found: lab.Learned) -> None:
    left, right = st.columns((3, 2), gap="large")
    with left:
        kind = st.segmented_control(
            "Layer in the pictures",
            list(_LAYERS),
            default=_first(found),
            required=True,
            format_func=_LAYERS.get,
            key=_SHOWN + found.names["rbf"],
            persist_state="session",
            help="**U-Net, new readout**: the model on screen keeps its features and learns from"
            " your scribbles which of them tell cell from membrane here. **RBF network**: knows"
            " nothing but your scribbles. At first, the one that is less often wrong below, if"
            " that is less often than what is on screen.",
        )
        at = st.slider(
            "Cell above, for what was trained",
            0.05, 0.95, 0.5, 0.05,
            key=_AT,
            persist_state="session",
            help="The threshold of the layers *Trained* and *Trained, outlines* in the pictures"
            " above. Move it until the outlines lie on the membranes.",
        )  # fmt: skip
        errors = found.errors | {name: found.wrong(name, at) for name in found.maps}
        st.table(
            {"": list(_NAMES.values()),
             "Wrong on held-back scribbles": [f"{100 * errors[k]:.1f} %" for k in _NAMES]},
            hide_index=True, border="horizontal", alt="Errors on held-back scribbles",
        )  # fmt: skip
        st.caption(
            f"{found.held} of {found.strokes} strokes ({found.pixels:,} pixels) were held back: the"
            " networks have not learned from them. Errors are the mean over membrane and cell."
            f" Trained in {found.seconds:.1f} s: a readout of all layers of"
            f" *{words.plain(result.settings.model)}*, which has no spikes, and an RBF network of"
            f" {found.model.units} units."
        )
    with right:
        _judged(kind, errors)
        st.download_button(
            "The RBF network",
            lambda: rbf_files.pack(found.model),
            "scribbles.rbf.npz",
            icon=":material/download:",
            on_click="ignore",
            key="scribbles-network",
            help="For `python -m snnlab segment IMAGE --model rbf:scribbles.rbf.npz`.",
        )


def _judged(kind: str, errors: dict[str, float]) -> None:
    """Whether training helped, by the errors in the table; and what to do."""
    now = min(("ann", "snn"), key=errors.get)
    best = min(("unet", "rbf"), key=errors.get)
    trained = best if kind == NONE else kind
    better = errors[trained] < errors[now]
    compared = (
        f"the {_NAMES[trained]} is wrong on {100 * errors[trained]:.1f} % of the held-back"
        f" scribbles, the {_NAMES[now]} on {100 * errors[now]:.1f} %"
    )
    layer = "**It is the layer *Trained, outlines* in the pictures above.**"
    more = (
        "Where outlines are wrong, paint what is right, and train again. Brushing over a mistake"
        " teaches more than painting where it is right already."
    )
    if better and kind != NONE:
        st.markdown(f"{layer} {more}")
    elif better:
        st.info(f"At this threshold training helped: {compared}. Choose its layer to see it.")
    else:
        where = "Nothing was put over the image." if kind == NONE else layer
        st.warning(
            f"**Training did not help**: {compared}. {where} {more}",
            icon=":material/trending_down:",
        )


def _tune(picture: Picture, coded: np.ndarray) -> None:
    """The way to fine-tuning, where it can be done: with a file's scribbles that are its labels."""
    held = specimen.on_screen()
    if held is None or not held.scribbles or not held.holds(picture):
        return
    if sum(scribbles.counts(coded)) >= ENOUGH:
        st.page_link(
            "pages/finetune.py", label="Fine-tune a spiking network on them", icon=":material/tune:"
        )
    else:
        st.caption(
            f"From {ENOUGH:,} painted pixels on, *Tune* can fine-tune a network on them too."
        )
