"""Figures of what a run costs: which chip holds what, spikes between chips, counts, joules."""

import numpy as np
import streamlit as st

from snnlab.chips.board import Mapping
from snnlab.figures import chips as chips_figure
from snnlab.figures import dots as figures
from snnlab.figures import energy as energy_figure
from snnlab.figures import palette
from snnlab.figures.numbers import joules as in_joules
from snnlab.figures.numbers import many, short
from snnlab.lab import energy as lab_energy
from snnlab.results.segmentation import Segmentation
from snnlab.results.summary import ENOUGH
from snnlab.ui.chips import mapped as chips
from snnlab.ui.learn import questions as learn_questions
from snnlab.ui.learn.drawn.pictures import beside
from snnlab.ui.shared import bench, glossary, untimed, views, words
from snnlab.ui.shared.plots import draw

# of chips side by side: none of those that stand for layers, for ANN or SNN
CHIPS = np.array(
    [(17, 136, 119), (221, 204, 119), (136, 34, 85), (136, 204, 238), (119, 119, 187),
     (153, 204, 68)], np.float32,
)  # fmt: skip
WIDE = 8  # screen pixels, about, that a pixel of the tile is drawn with
STRENGTH = 0.55  # of a chip's colour over the image


def patches(result: Segmentation) -> None:
    """Which chip the neurons that see each pixel lie on."""
    of, mapping = learn_questions.mapped()
    compared = learn_questions.partitions(mapping)
    if compared is None:
        st.info("The mapping on Chips has no *round-robin*; make one that has it.")
        return
    layer = max(mapping.shapes, key=lambda name: np.prod(mapping.shapes[name][:2]))
    seen = [_painted(mapping, name, layer) for name in compared]
    st.image(beside(*seen), width="stretch", alt="The tile with a colour for each chip, twice")
    best, dealt = (chips.label(mapping, name) for name in compared)
    counts = sorted({mapping.partitions[name].chips for name in compared})
    used = " or ".join(many(count, "chip") for count in counts)
    st.caption(
        f"A tile of {mapping.tile[2]} × {mapping.tile[3]} pixels of"
        f" {words.plain(of.picture.called)}, on {used}. Left: *{best}*; right: *{dealt}*. Drawn is"
        f" the first channel of the layer {layer}."
    )


def _painted(mapping: Mapping, partition: str, layer: str) -> np.ndarray:
    """The tile, uint8 ``(h, w, 3)``, with the chips of a layer's first channel in colour."""
    colours = CHIPS[chip_of(mapping, partition, layer) % len(CHIPS)]
    tall, wide = mapping.image.shape
    colours = _grown(colours, (tall, wide))
    grey = np.repeat(np.clip(mapping.image, 0, 1)[..., None] * 255, 3, axis=2)
    made = (1 - STRENGTH) * grey + STRENGTH * colours
    return _grown(np.rint(made).astype(np.uint8), (WIDE * tall, WIDE * wide))


def chip_of(mapping: Mapping, partition: str, layer: str) -> np.ndarray:
    """Chip of each neuron of a layer's first channel, int ``(height, width)``."""
    found = np.zeros(mapping.shapes[layer][:2], int)
    chips_ = mapping.partitions[partition].chip_of
    for block, chip in zip(mapping.layout(partition).blocks, chips_, strict=True):
        if block.layer == layer and block.start[2] == 0:
            (top, left, _), (bottom, right, _) = block.start, block.stop
            found[top:bottom, left:right] = chip
    return found


def _grown(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Each pixel several times, up to a shape of which the sides are multiples."""
    tall, wide = (new // old for new, old in zip(shape, values.shape, strict=False))
    return values.repeat(tall, axis=0).repeat(wide, axis=1)


def partitions(result: Segmentation) -> None:
    """Deliveries between and within chips, of the best, of NengoLoihi's and of round-robin."""
    _, mapping = learn_questions.mapped()
    compared = learn_questions.partitions(mapping)
    if compared is None:
        return
    names = [compared[0], "greedy-interchip", compared[1]]
    names = [name for name in dict.fromkeys(names) if name in mapping.partitions]
    found = [mapping.partitions[name] for name in names]
    called = [chips.label(mapping, name) for name in names]
    between = [one.interchip for one in found]
    draw(
        chips_figure.partitioners(called, between, called[:1], max(between), "deliveries"),
        "learn-partitions",
        "Deliveries between chips by partitioner",
    )
    st.table(
        {
            "partitioner": [words.plain(name) for name in called],
            "between chips": [f"{one.interchip:,}" for one in found],
            "within chips": [f"{one.intrachip:,}" for one in found],
        },
        hide_index=True,
        border="horizontal",
        alt="Deliveries between and within chips",
    )
    sent = int(mapping.traffic.spiked.sum())
    glossary.caption(
        f"The neurons on the chips sent {sent:,} spikes in {many(mapping.timesteps, 'step')}. The"
        " numbers are deliveries: a spike counts once for each other chip that it goes to (*between"
        " chips*), and on its own chip once for each other core (*within chips*)."
        + _partitioners(mapping, names)
    )


def _partitioners(mapping: Mapping, names: list[str]) -> str:
    """What the rows' names mean."""
    told = ""
    if any("(own)" in chips.label(mapping, name) for name in names):
        told += (
            " *(own)*: this partitioner also chooses how layers are cut into pieces for the cores."
        )
    if "greedy-interchip" in names:
        told += " *greedy-interchip* is what the library NengoLoihi does by default."
    return told


def counts(result: Segmentation) -> None:
    """What both networks do for an image, counted."""
    work = _work(result)
    if work is None:
        return
    found = [
        ("ANN", "MACs", work.macs, palette.ANN),
        ("SNN", "synaptic events", work.events, palette.SNN),
        ("SNN", "neuron updates", work.updates, palette.SNN),
    ]
    rows = [
        figures.Dot(group, name, short(value), float(value), colour)
        for group, name, value, colour in found
        if value > 0
    ]
    decades = np.arange(0, 14)
    ticks = {"tickvals": 10.0**decades, "ticktext": [short(10.0**power) for power in decades]}
    draw(
        figures.dots(rows, {"title_text": "operations per image (log)"} | ticks),
        "learn-counts",
        "MACs of the ANN, synaptic events and neuron updates of the SNN",
    )
    st.caption(f"Of the whole image, in {many(result.timesteps, 'timestep')}.")


def joules(result: Segmentation) -> None:
    """The energies that are asked for: two machines, and two networks in like arithmetic."""
    if not result.recording.timed:  # the lesson's counts, above, have said so
        return
    share = bench.summed().agreement
    if share < ENOUGH:
        st.markdown(
            ":material/warning: **This run cannot tell which network needs less:** its SNN agrees"
            f" with the ANN on only {100 * share:.0f} % of the pixels, so the two do not draw the"
            " same picture."
        )
    found = learn_questions.estimates(result)
    groups = {"gpu": _MACHINES, "chip": _MACHINES, "ann": _ARITHMETIC, "snn": _ARITHMETIC}
    rows = []
    for name, group in groups.items():
        one = found[name]
        low, value, high = one.band
        colour = energy_figure.NETWORKS[one.device.network][1]
        rows.append(
            figures.Dot(group, one.device.title, in_joules(value), value, colour, low, high)
        )
    if any(row.value <= 0 for row in rows):
        st.info("With these settings nothing happens that costs energy.")
        return
    ends = [end for row in rows for end in (row.low, row.value, row.high) if end]
    draw(
        figures.dots(rows, energy_figure.axis(ends)),
        "learn-joules",
        "Energy of an image on four devices",
    )
    st.caption(
        "Purple: the ANN; green: the SNN. Published constants times the counts of your run. *Two"
        " machines*: all that they take for an image. *Like arithmetic*: sums and products alone."
    )


_MACHINES, _ARITHMETIC = "Two machines", "Like arithmetic"


def _work(result: Segmentation):
    """Work of the run; None, said on the page, if it is not known."""
    if untimed.told(result, "what a chip does depends on when spikes come"):
        return None
    return views.of(result, "learn/work", lambda: lab_energy.work_of(result))
