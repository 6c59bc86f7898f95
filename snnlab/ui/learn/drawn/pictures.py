"""Figures of the image: as it came, its membranes, its cells, the net, what both networks say."""

import numpy as np
import streamlit as st

from snnlab.figures import cells as cells_figure
from snnlab.figures import lessons as figures
from snnlab.figures.numbers import many
from snnlab.images import pixel_size
from snnlab.images.resampling import MODEL_NM
from snnlab.lab import cells as lab_cells
from snnlab.results.segmentation import Segmentation
from snnlab.results.summary import ENOUGH
from snnlab.ui.learn import checks as learn_checks
from snnlab.ui.learn import setups as learn_setups
from snnlab.ui.segment import viewer
from snnlab.ui.shared import bench, glossary, views, words
from snnlab.ui.shared.plots import draw

PIECE = 128  # pixels of the side of the piece that is shown enlarged
ORANGE = np.array((222, 143, 51), np.float32)
SQUARE = 430  # screen pixels, at most, of the width of a picture that is as tall as wide
GAP = 4  # pixels between two pictures


def image(result: Segmentation) -> None:
    """The section, with its size."""
    _shown(_grey(result), "The section that the lab opened", "learn-image")
    height, width = result.image.shape
    nm = result.picture.nm
    size = (
        f"each {pixel_size.told(nm)} nm wide"
        if nm
        else f"each taken to be {MODEL_NM:g} nm wide, which the file does not say"
    )
    drawn = " It was drawn by a program to look like fly brain, so every cell in it is known."
    sample = result.settings.source == "sample"
    st.caption(
        f"{words.plain(result.picture.called)}: {width} × {height} pixels, {size}." + drawn * sample
    )


def membrane(result: Segmentation) -> None:
    """A piece of it, and the same with membranes marked."""
    labels = result.picture.labels
    cell = result.ann >= result.settings.ann_at if labels is None else labels
    rows, columns = piece(~cell)
    grey = np.repeat(_grey(result)[rows, columns, None] * 255, 3, axis=2)
    marked = grey.copy()
    lines = ~cell[rows, columns]
    marked[lines] = 0.35 * marked[lines] + 0.65 * ORANGE
    _shown(beside(grey, marked) / 255, "A piece of the section, plain and marked", "learn-membrane")
    whose = "the network (ANN)" if labels is None else "the labels"
    st.caption(f"Rows from {rows.start}, columns from {columns.start}; membranes as {whose} say.")


def piece(lines: np.ndarray, side: int = PIECE) -> tuple[slice, slice]:
    """Rows and columns of the piece that holds the most membrane, of a few that are tried."""
    height, width = lines.shape
    tall, wide = min(side, height), min(side, width)
    tried = [
        (top, left)
        for top in range(0, height - tall + 1, max(1, tall // 2))
        for left in range(0, width - wide + 1, max(1, wide // 2))
    ]
    top, left = max(tried, key=lambda at: lines[at[0] : at[0] + tall, at[1] : at[1] + wide].sum())
    return slice(top, top + tall), slice(left, left + wide)


def beside(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Two pictures of one height ``(h, w, 3)`` with a gap between them, as one."""
    gap = np.full((one.shape[0], GAP, 3), 255, one.dtype)
    return np.concatenate([one, gap, other], axis=1)


def cells(result: Segmentation) -> None:
    """What the ANN calls cells, each in a colour."""
    found = views.of(
        result, "learn/cells", lambda: lab_cells.of(result.picture, result.ann), everywhere=True
    )
    colours = np.arange(int(found.numbers.max(initial=0)) + 1)
    painted = cells_figure.painted(_grey(result), found.numbers, colours, 0.45)
    _shown(painted / 255, f"The section with {len(found)} cells in colour", "learn-cells")
    st.caption(f"{len(found)} cells, as the ANN finds them; neighbours have different colours.")


def net(result: Segmentation) -> None:
    """The layers of the run on screen."""
    figure = figures.u_net(
        [layer.name for layer in result.layers], [layer.shape for layer in result.layers]
    )
    draw(figure, "learn-net", "The layers of the net, the coarser the lower")
    glossary.caption(
        f"The net of your run, *{words.plain(result.settings.model)}*: a square is a layer. At the"
        " left, height × width of its picture; above each square, how many pictures (channels) of"
        " that size it makes. Grey: the encoder, which turns the image into spikes; blue: on the"
        " way down; orange: on the way up."
    )


def both(result: Segmentation) -> None:
    """What both networks say of each pixel."""
    pictures = [np.repeat(p[..., None], 3, axis=2) for p in (result.ann, result.snn())]
    _shown(beside(*pictures), "Probability of cell by ANN and SNN", "learn-both")
    st.caption("Left: the ANN. Right: the SNN, at the end of the run. White: surely cell.")


def forming(result: Segmentation) -> None:
    """The viewer, in which the SNN forms, and the course of the run that is asked about."""
    viewer.show(result)
    found = learn_checks.settling(learn_setups.on_image(st.session_state.runs))
    run = bench.summed() if found is None else found[0]
    figure = figures.agreement(run.course["step"], run.course["agreement"], ENOUGH)
    draw(figure, "learn-course", "Agreement of SNN and ANN after each step")
    st.caption(
        f"The run of {many(run.settings.timesteps, 'step')} with"
        f" *{words.plain(run.settings.model)}*: pixels on which SNN and ANN agree. Dashed:"
        f" {100 * ENOUGH:g} %. Dots that are not joined: the steps between them were not computed."
    )
    if result.picture.labels is not None:
        glossary.caption(
            "V_Rand, in the line below the pictures, compares them with the labels. This lesson"
            " asks only for the pixels on which SNN and ANN agree.",
            basic=True,
        )


def _grey(result: Segmentation) -> np.ndarray:
    """The image as it came, from black to white."""
    pixels = result.picture.pixels
    low, high = np.percentile(pixels, (0.5, 99.5))
    return np.clip((pixels - low) / max(high - low, 1e-6), 0, 1).astype(np.float32)


def _shown(values: np.ndarray, alt: str, key: str) -> None:
    """A picture of values 0..1; dimmed with the others while another image is asked for."""
    # a square as wide as the column would fill the screen
    tall = values.shape[0] > 0.75 * values.shape[1]
    with st.container(key=f"of-run-{key}", width=SQUARE if tall else "stretch"):
        st.image(np.rint(255 * np.clip(values, 0, 1)).astype(np.uint8), width="stretch", alt=alt)
