"""The page Segment: classes of both networks, and the mitochondria that they show.

Of a model that tells three classes apart; of others there is nothing here.
"""

import numpy as np
import streamlit as st

from snnlab.errors import LabError
from snnlab.export import cells as export
from snnlab.figures.numbers import short
from snnlab.images.pictures import Picture
from snnlab.lab import classes as lab
from snnlab.lab.classes import Classes
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import bench, blocks, downloads, files, views, words

NAMES = {"ann": "ANN", "snn": "SNN"}
KEY = "classes-own-"  # and which image the labels are of


def draw(result: Segmentation) -> None:
    """Figures of each class, the table of mitochondria, files."""
    if result.ann_classes is None or result.picture.blank:
        return
    st.subheader("Membrane, cell, mitochondria", anchor=False)
    if not result.by_class:
        st.info(
            "Of a run without times, and of a very large image, only the probability of cell is"
            " kept, so the SNN has no classes to show.",
            icon=":material/info:",
        )
        return
    st.fragment(_part)(result)


def _part(result: Segmentation) -> None:
    labels = _own(result.picture)
    if labels is None:
        found = views.of(result, "classes", lambda: lab.found(result), everywhere=True)
    else:
        found = lab.found(result, labels)
    left, right = st.columns((3, 2), gap="large")
    with left:
        _scores(found)
    with right:
        _mitochondria(found)
    _downloads(result, found)


def _own(picture: Picture) -> np.ndarray | None:
    """Mitochondria that the visitor labelled; None if there are none, or none that can be read."""
    ident = bench.named(picture)
    files.only(KEY, ident)
    with st.expander("Your own mitochondria", icon=":material/upload_file:", key="classes-own"):
        file = files.take(
            "Mitochondria of this image (optional)",
            KEY + ident,
            "A mask of the image's size: 0 is none, any other number is a mitochondrion. Of a stack"
            " the same section is taken.",
            files.TYPES,
        )
        if file is None:
            st.caption("Both networks are scored against them, pixel by pixel and as boxes.")
            return None
        try:
            return lab.labelled(file[1], file[0], picture)
        except LabError as error:
            st.error(words.plain(str(error)), icon=":material/error:")
            return None


def _scores(found: Classes) -> None:
    names = [name.capitalize() for name in lab.CLASSES]
    table = {"": names}
    for network, name in NAMES.items():
        # a space that does not break the line
        table[f"{name}, share"] = [f"{100 * share:.1f}\u00a0%" for share in found.shares[network]]
    table["Dice, both"] = [_share(one.dice) for one in found.alike]
    table["IoU, both"] = [_share(one.iou) for one in found.alike]
    st.table(table, hide_index=True, border="horizontal", alt="Classes by ANN and SNN")
    st.caption(
        "Each pixel is of its most likely class, whatever the threshold. *Both*: the SNN's against"
        " the ANN's."
    )
    if found.against:
        _against(found, names)
    if found.boxes:
        pairs = " and ".join(
            f"{_share(one.average_precision_50)} and {_share(one.average_precision_75)}"
            f" ({NAMES[network]})"
            for network, one in found.boxes.items()
        )
        st.caption(
            "Boxes around connected mitochondria against boxes around yours: AP50 and AP75"
            f" {pairs}. Those of the page Objects are scored alike."
        )


def _against(found: Classes, names: list[str]) -> None:
    table = {"": names}
    for network, scores in found.against.items():
        for key, name in (("dice", "Dice"), ("iou", "IoU")):
            table[f"{NAMES[network]}, {name}"] = [
                _share(getattr(scores[kind], key)) if kind in scores else blocks.NONE
                for kind in lab.CLASSES
            ]
    st.table(table, hide_index=True, border="horizontal", alt="Classes against the labels")
    few = len(next(iter(found.against.values()))) < len(lab.CLASSES)
    st.caption("Against the labels." + " A dash: these labels do not tell that class apart." * few)


def _share(value: float) -> str:
    return blocks.NONE if np.isnan(value) else f"{value:.3f}"


def _mitochondria(found: Classes) -> None:
    of = st.segmented_control(
        "Mitochondria of the", list(NAMES), default="snn", required=True, format_func=NAMES.get,
        key="classes-of", persist_state="session",
    )  # fmt: skip
    table = found.tables[of]
    if not len(table):
        st.info(f"The {NAMES[of]} shows no mitochondria here.", icon=":material/search:")
        return
    unit, each = table.unit, table.nm or 1.0
    shown = table.columns("number")
    area, _, diameter = list(shown)[1:4]
    column = st.column_config
    kept = ("number", area, diameter, "touches_border")
    st.dataframe(
        {key: shown[key] for key in kept},
        hide_index=True,
        column_config={
            "number": column.NumberColumn("No.", format="%d"),
            area: column.NumberColumn(f"Area ({unit}²)", format="localized"),
            diameter: column.NumberColumn(
                f"Diameter ({unit})", format="%.0f", help="Of a circle of the same area."
            ),
            "touches_border": column.CheckboxColumn(
                "At the border", help="Part of it may be missing."
            ),
        },
    )
    total = "1 mitochondrion," if len(table) == 1 else f"{len(table):,} mitochondria,"
    total += f" {short(float(table.area.sum()) * each**2)} {unit}² in all; ones that touch are one."
    if table.nm is None:
        total += " Give the size of a pixel in the sidebar for nanometres."
    st.caption(total)


def _downloads(result: Segmentation, found: Classes) -> None:
    picture, settings, stem = result.picture, result.settings, downloads.stem(result)
    with st.container(horizontal=True):
        for network, name in NAMES.items():
            for label, ending, make in (
                (f"{name} mitochondria", "csv", lambda network=network: export.cells_csv(
                    found.tables[network], network, picture, settings, "mitochondrion")),
                (f"{name} classes", "tif", lambda network=network: export.class_tiff(
                    lab.written(picture, found.maps[network]), picture.nm_in_file)),
            ):  # fmt: skip
                downloads.offered(stem, "classes", label, ending, make)
    st.caption(
        "CSV: areas, sizes and centres. TIFF: 0 is membrane, 1 cell, 2 mitochondria"
        + (", 255 what is not tissue." if picture.tissue is not None else ".")
    )
