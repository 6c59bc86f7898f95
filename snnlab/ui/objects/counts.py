"""How many boxes there are in each section of a stack, by both networks."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from snnlab.export import boxes as export
from snnlab.export import tables
from snnlab.figures import objects
from snnlab.lab import counting
from snnlab.lab import detecting as lab
from snnlab.lab.counting import Counted
from snnlab.ui.objects import own, running
from snnlab.ui.objects.place import KEPT
from snnlab.ui.objects.running import Shown
from snnlab.ui.shared import downloads, errands, files, specimen, visitors, words
from snnlab.ui.shared.errands import Errand
from snnlab.ui.shared.plots import draw

NAMES = {"section": "Section", "ann": "ANN", "snn": "SNN", "there": "There are"}


@visitors.own(Errand.clear)
def errand() -> Errand:
    """The visitor's own count."""
    return Errand()


def show(shown: Shown) -> None:
    """Offer to count, follow it, and show what was counted; nothing of a single image."""
    picture, held = shown.picture, specimen.here()
    if shown.drawn or picture.sections < 2 or held is None or not held.holds(picture):  # noqa: PLR2004
        return
    st.subheader("Counts over the stack", anchor=False)
    doing, file = errand(), own.file_of(picture)
    doing.collect()
    overlap = st.session_state[KEPT["overlap"].key]
    given = "" if file is None else files.digest(file[1])
    key = f"{held.digest}/{held.choice.options}/{picture.nm}/{shown.settings.key()}/{overlap}"
    key = f"{key}/{given}"
    if doing.job is None and doing.made != key:
        st.caption(
            f"Both networks look through all {picture.sections} sections, one after the other."
            + (" Your boxes are counted beside them." if file else "")
        )
        section = partial(running.section_of, held, picture.asked_nm)
        errands.offer(
            f"Count in all {picture.sections} sections", doing, _count, section,
            range(picture.sections), shown.settings, overlap, file, key=key,
        )  # fmt: skip
    errands.watch(doing, "objects-counts")
    if doing.result is not None and doing.made == key:
        _counted(shown, *doing.result)


def _count(section, sections, settings, overlap, file, progress, cancel):
    """Count, for the worker."""
    truth = None if file is None else lambda picture: lab.own(file[1], file[0], picture).boxes
    return counting.count(
        section, sections, settings, overlap=overlap, truth=truth, progress=progress, cancel=cancel
    )


def _counted(shown: Shown, counted: Sequence[Counted], notes: tuple[str, ...]) -> None:
    rows = [one.row(shown.score) for one in counted]
    draw(objects.counts(rows), "objects-counts", "Boxes of both networks, section by section")
    apart = np.mean([abs(row["ann"] - row["snn"]) for row in rows])
    told = f"ANN and SNN differ by {apart:.1f} boxes a section on average."
    if "there" in rows[0]:
        off = {name: np.mean([abs(row[name] - row["there"]) for row in rows]) for name in
               ("ann", "snn")}  # fmt: skip
        told += f" Off by, from your boxes: ANN {off['ann']:.1f}, SNN {off['snn']:.1f}."
    st.caption(f"{told} A thing counts in every section that it passes through.")
    notes = [note.replace(lab.SAY_HOW_WIDE, "") for note in notes]
    files.notes(tuple(words.plain(note) for note in notes))
    st.dataframe(
        {title: [row[name] for row in rows] for name, title in NAMES.items() if name in rows[0]},
        hide_index=True,
    )
    settings = shown.settings.replace(threshold=shown.score)
    stem = downloads.named(shown.picture, settings, "all-sections")
    of = {k: v for k, v in tables.run(shown.picture, settings).items() if k != "section"}
    with st.container(horizontal=True):
        downloads.offered(
            stem, "objects-stack", "Counts", "csv",
            lambda: tables.write(tuple(rows[0]), (tuple(row.values()) for row in rows), of),
        )  # fmt: skip
        for network in ("ann", "snn"):
            listed = [
                lab.listed_boxes(one.picture, one.found, network, shown.score)
                for one in counted
                if one.found is not None
            ]
            downloads.offered(
                stem, "objects-stack", f"All {network.upper()} boxes", "json",
                lambda listed=listed: export.coco(listed),
            )  # fmt: skip
