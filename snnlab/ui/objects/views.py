"""The page Objects: the picture with boxes, counts, the table, scores, downloads."""

from functools import partial

import numpy as np
import streamlit as st

from snnlab.export import boxes as export
from snnlab.export import tables
from snnlab.figures.numbers import many, short
from snnlab.lab import detecting as lab
from snnlab.results import detection
from snnlab.results.segmentation import Segmentation
from snnlab.settings import Settings
from snnlab.ui.objects import choosing, cost, counts, neurons, own, picture, place, running, table
from snnlab.ui.objects.running import Shown
from snnlab.ui.shared import downloads, nir_file, words
from snnlab.ui.shared.said import said

NAMES = {"ann": "ANN", "snn": "SNN"}
_SAME = 0.5  # overlap from which on two boxes are of the same thing
_FIELD = ' Give the size of a pixel in the sidebar, under "Pixel size".'


def draw(result: Segmentation) -> None:
    """All of it; what is moved below the search draws that part of the page alone."""
    card = lab.detector(lab.DEFAULT).card
    st.markdown(
        "**Where are the mitochondria?** A detector draws a box around each. The spiking network"
        " made from it draws the same boxes, spike by spike."
    )
    about = st.container()
    shown = running.here(result)
    about.caption(f":material/info: {_about(shown, result.settings.source, card['not'])}")
    st.fragment(said(_page))(shown, running.first(result))


def _about(shown: Shown, source: str, limits: str) -> str:
    """What is looked at, and what the detector knows of it."""
    if shown.drawn:
        return (
            "This section was **drawn by a program**, the lab's own, to look like mouse tissue"
            " (FIB-SEM, 5 nm), so the true boxes are known. How well they are found says nothing"
            f" about real tissue. The detector: {words.plain(limits)}"
        )
    told = words.plain(limits)
    if source == "upload":
        return f"{told} On another tissue, it may find little, or the wrong things."
    return (
        f"{told} This is a fly's tissue, which it does not know: it may find little, or the wrong"
        " things."
    )


def _page(shown: Shown, look: str) -> None:
    words.look_for(
        "**Press ▶: green boxes grow sure as spikes arrive.** Thin ones are not sure enough yet. In"
        " the end each green box should lie on a dashed purple one, the ANN's. A purple box"
        " without a green one is lost in conversion, and usually only its score is too low: use"
        " more timesteps, or a lower score."
    )
    answer = st.container()
    truth = own.given(shown)
    with answer:
        with st.container(key="objects-none"):  # always there: the picture keeps its place
            _nothing(shown)
        box = choosing.chosen(shown)
        picture.show(shown, truth, box)
        if shown.found is not None:
            _numbers(shown, shown.score, truth)
    if shown.found is not None:
        neurons.show(shown, box)
        table.show(shown, box)
        if truth is not None:
            st.subheader(f"Against {truth.whose}", anchor=False)
            own.scores(shown, truth)
        counts.show(shown)
        cost.show(shown)
        _downloads(shown, shown.score)
    usual = running.opens_with(lab.defaults(lab.DEFAULT))
    last = shown.found.frames[-1][0] if shown.found is not None and shown.found.frames else None
    place.write(usual | {"right": detection.OVERLAPS[0], "step": last, "look": look})


def _nothing(shown: Shown) -> None:
    """Say what to do where neither network is sure of any box."""
    if shown.found is None:
        return
    best = max((shown.found.of(name).scores.max(initial=0) for name in NAMES), default=0)
    if best >= shown.score:
        return
    st.info(
        f"**Neither network is sure of a box here**; the surest has a score of {best:.2f}. Lower"
        " the score, choose *Drawn mitochondria* above, or upload a section of tissue that the"
        " detector knows.",
        icon=":material/search:",
    )


# ---- how many --------------------------------------------------------------------------------


def _numbers(shown: Shown, score: float, truth: own.Truth | None) -> None:
    found = shown.found
    ann, snn = (found.of(name).above(score) for name in NAMES)
    both = int((detection.matched(snn, ann.boxes, _SAME) >= 0).sum())
    told = [("Boxes, ANN", len(ann)), ("Boxes, SNN", len(snn)), ("In both", both)]
    if truth is not None:
        told.append((truth.name, len(truth.boxes)))
    with st.container(horizontal=True, gap="large"):
        for label, value in told:
            st.metric(label, f"{value:,}", width="content")
    settled = found.settled[: len(snn)]
    half = (
        f" Half of the SNN's boxes had settled by step {int(np.median(settled))}."
        if len(settled) > 1
        else ""
    )
    st.caption(
        f"{short(found.neurons)} neurons, {many(found.settings.timesteps, 'step')},"
        f" {short(found.spikes)} spikes; ANN {found.ann_seconds:.2f} s, SNN"
        f" {found.snn_seconds:.2f} s on this machine.{half}"
    )
    notes = [note.replace(lab.SAY_HOW_WIDE, _FIELD) for note in found.notes]
    if notes:
        st.caption(f":material/info: {words.plain(' '.join(notes))}")


# ---- files -----------------------------------------------------------------------------------


def _downloads(shown: Shown, score: float) -> None:
    st.subheader("Download", anchor=False)
    found = shown.found
    stem = downloads.named(shown.picture, found.settings)
    settings = found.settings.replace(threshold=score)
    with st.container(horizontal=True):
        for network, name in NAMES.items():
            listed = lab.listed_boxes(shown.picture, found, network, score)
            for ending, make in (
                ("csv", lambda one=listed, network=network: export.table(
                    one, network, tables.run(shown.picture, settings))),
                ("json", lambda one=listed: export.coco([one])),
            ):  # fmt: skip
                downloads.offered(stem, "objects", f"{name} boxes", ending, make)
        nir_file.menu(
            found.settings, "objects", partial(downloads.offered, stem, "objects"), of=_network
        )
    st.caption(
        "Boxes from the chosen score on, in pixels of the image's file; the table has nanometres"
        " too. JSON is COCO's form. The lab reads both again as your own boxes."
    )


def _network(settings: Settings):
    from snnlab.lab import exchanging  # which loads the compiler

    return exchanging.of_detector(settings)
