"""The figures of the page Energy, and what they say in words."""

import numpy as np
import streamlit as st

from snnlab.energy.constants import Device
from snnlab.errors import LabError
from snnlab.export import complexity
from snnlab.figures import energy as figures
from snnlab.figures.numbers import joules, many, short
from snnlab.lab import energy as lab_energy
from snnlab.ui.energy import asked as energy
from snnlab.ui.energy.asked import Asked
from snnlab.ui.shared import blocks, downloads, glossary, plots, views, words

AGAINST = (
    "cpu-online",
    "cpu-measured",
    "gpu-online",
    "gpu",
    "arm",
    "ann-45nm-fp32",
    "ann-45nm-int",
)
MACHINES, BARE = "Chips and processors", "Arithmetic alone, at 45 nm"


def headline(asked: Asked, place) -> None:
    """Who wins, by how much, in a sentence; and what the claim would need besides.

    Parameters
    ----------
    asked : Asked
    place : streamlit container
        Where it is said: above the controls that it depends on.
    """
    chip, ann = asked.of(asked.chip), asked.of(asked.ann)
    own = {device for device, _ in energy.values()} & {asked.chip, asked.ann}
    whose = "with your constants" if own else "with the published constants"
    text = "For the run on screen: " if asked.unforeseen else ""
    text += f"ANN on *{ann.device.title}* : SNN on *{chip.device.title}* ="
    text += f" {joules(ann.joules)} : {joules(chip.joules)}"
    if chip.joules and ann.joules:
        ratio = ann.joules / chip.joules
        # the low end may be nothing at all
        low = ann.band[0] / chip.band[2]
        high = ann.band[2] / chip.band[0] if chip.band[0] else float("inf")
        text += f" = **{short(ratio)}** (range: {short(low)} to {short(high)}). "
        if asked.work.spikes:
            text += _verdict(ratio, low, high, whose)
        else:
            text += "**No neuron spiked**, so this is what it costs to do nothing."
    else:
        text += f": {whose} one of them costs nothing, and there is no ratio."
    place.markdown(text)
    settings, said = asked.result.settings, []
    if asked.measured and asked.result.ann_scores is not None:
        ann, snn = (
            100 * scores.pixel_accuracy_at_half
            for scores in (asked.result.ann_scores, asked.result.snn_scores)
        )
        near = "within" if snn - ann >= -0.5 else "**not** within"
        points = blocks.apart(ann, snn, 2)
        said.append(
            f"Pixel accuracy compared with its ANN's, both at 0.5: {points} points, {near} half a"
            " point."
        )
    if settings.reset == "subtraction" and asked.of(asked.chip).device.device == "Loihi 1":
        said.append(
            "This run resets by subtraction, which Loihi 1 cannot do: the energy is that of an"
            " idealised chip of its kind. Loihi 2 can."
        )
    waiting = lab_energy.real_time(chip.device, asked.work)
    if waiting is not None:
        chips = many(asked.work.chips, "chip")
        said.append(
            f"In real time, at 1 ms per step, the idle power of {chips} comes on top:"
            f" {joules(waiting)}."
        )
    if said:
        place.caption(" ".join(said))


def _verdict(ratio: float, low: float, high: float, whose: str) -> str:
    if ratio > 2:
        verdict = f"The SNN takes less than half of it {whose}"
    elif ratio > 1:
        verdict = f"The SNN takes less, but not less than half, {whose}"
    else:
        verdict = f"**The SNN loses** {whose}"
    sure = (ratio > 2) == (low > 2) == (high > 2)
    return verdict + (
        ", anywhere within the published ranges."
        if sure
        else ("; within the published ranges this can reverse.")
    )


def devices(asked: Asked) -> None:
    """Joules by device."""
    found = [
        (_group(one.device), one.device.network, one.device.title, one.band)
        for one in asked.estimates
    ]
    chip = asked.of(asked.chip)
    figure = figures.devices(
        sorted(found, key=lambda one: one[0] == BARE), (_group(chip.device), chip.joules)
    )
    if figure is None:
        st.info("With these constants nothing costs energy.", icon=":material/info:")
        return
    plots.draw(figure, "energy-devices", "Energy of an image on each device")
    if free := [f"*{title}*" for _, _, title, band in found if not band[1]]:
        st.caption(f"With these constants nothing is used by {', '.join(free)}.")
    glossary.caption(
        "Purple: the ANN; green: the SNN. Dots: published constants times counts. Bands: the range"
        " that the sources leave open; a dot without a band was published without a range. Grey"
        " lines: the SNN on the chosen device, and twice that. The 45 nm rows are arithmetic"
        " alone; their bands end where every operand comes from memory."
    )


def _group(device: Device) -> str:
    return BARE if device.bare else MACHINES


def breakdown(asked: Asked) -> None:
    """What the energy goes into."""
    words.look_for(
        "**Synapses should take the largest share.** If neurons do, the run has too many timesteps"
        " for its spikes; if idle power does, the chip waits more than it works."
    )
    found = sorted(asked.estimates, key=lambda one: (one.device.network != "snn", -one.joules))
    figure = figures.breakdown(
        [one.device.title for one in found],
        {
            part: [one.parts.get(part, (0.0, 0.0, 0.0))[1] for one in found]
            for part in figures.PARTS
        },
    )
    plots.draw(figure, "energy-parts", "Shares of synapses, neurons, messages and idle power")
    st.caption(
        f"Messages between cores: {asked.work.mapping}. Each bar shows where that device's own"
        " energy goes, so bars of different devices stand for different joules."
    )


def counts(asked: Asked) -> None:
    """What is charged for."""
    work = asked.work
    shown = {
        "MACs of the ANN": (
            short(work.macs),
            "Multiply-accumulate operations for one image, exact at the borders.",
        ),
        "Synaptic events": (
            short(work.events),
            "Spikes times the synapses that each one reaches.",
        ),
        "Events per MAC": (
            short(work.events / work.macs),
            "An event must be cheaper than a MAC by this factor for synapses alone to break even.",
        ),
        "Neuron updates": (
            short(work.updates),
            "Every neuron in every step.",
        ),
        "of them with input": (
            f"{100 * work.active / work.updates:.1f} %",
            "A spike arrived in that step"
            " (or, with a synapse, in an earlier one: its current lasts).",
        ),
        "Spikes": (short(work.spikes), "Sent by all neurons together."),
        "Messages": (
            short(work.messages),
            f"Between cores of a chip; {work.mapping}.",
        ),
        "Loihi 1 chips": (
            f"{work.chips}",
            "For the whole image at once. Each has 128 cores with 1024 neurons; as few as hold all"
            " neurons."
            if "no partition" in work.mapping
            else f"For the whole image at once: {work.mapping}.",
        ),
    }
    with st.grid(4, min_column_width=130, gap="small"):
        for name, (value, meaning) in shown.items():
            st.metric(name, value, help=meaning, border=True)
    tall, wide = energy.tile()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            f"Counts and chips are of the **whole image**: {short(work.pixels)} pixels, or"
            f" {short(work.pixels / (tall * wide))} tiles of {tall} × {wide}. To see one such tile"
            " core by core (it may need more than its share of chips):",
            width="content",
        )
        st.page_link("pages/chips.py", icon=":material/developer_board:")


def neurobench(asked: Asked) -> None:
    """The field's own counts of the run on screen, and their file."""
    result = asked.result
    words.look_for(
        "**Compare these with other people's.** NeuroBench is how the field counts what a network"
        " does, whatever it runs on. A MAC multiplies and adds, an AC only adds; neither has a"
        " price in joules here."
    )
    try:
        found = views.of(result, "energy/neurobench", lambda: lab_energy.neurobench(result))
    except LabError as error:
        st.info(words.plain(str(error)), icon=":material/info:")
        return
    st.table(
        [
            # a number and its unit stay together on a narrow page
            {"metric": name, "value": value.replace(" ", "\u00a0"), "what was counted": meaning}
            for name, value, meaning in complexity.rows(found)
        ],
        hide_index=True,
        border="horizontal",
        alt="NeuroBench's metrics of the run on screen",
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        downloads.offered(downloads.stem(result), "energy", "NeuroBench", "json", found.file)
        st.caption(
            complexity.note(found)
            + " The sliders above change nothing here: this is the run on screen. The file is what"
            " the package itself writes.",
            width="stretch",
        )


def break_even(asked: Asked) -> None:
    """Where spikes stop winning: in words for the run, and drawn."""
    against = tuple(dict.fromkeys((asked.ann, *AGAINST)))
    found = lab_energy.break_even(asked.work, asked.chip, against, asked.devices, asked.batch)
    if not found.per_spike and asked.work.spikes and found.device.get("event") is None:
        st.info(
            f"All that is known of {found.device.device} is per neuron update, spikes included, so"
            " there is no number of spikes at which it stops winning.",
            icon=":material/info:",
        )
        return
    if not found.per_spike:
        st.info(
            "With these constants a spike costs nothing."
            if asked.work.spikes
            else "No neuron spiked, so there is no telling what a spike costs in this network.",
            icon=":material/info:",
        )
        return
    st.markdown(in_words(found, asked.measured))
    lines = {name: line for name, line in found.spikes.items() if not np.isnan(line).all()}
    rate = asked.work.spikes_per_neuron / asked.work.timesteps * 1000
    figure = figures.break_even(found.timesteps, lines, found.run, rate, asked.measured)
    plots.draw(figure, "energy-breakeven", "Spikes per neuron at which the SNN stops winning")
    ends = "; ".join(
        f"{many(round(most), 'step')} ({name})"
        for name, most in found.most_steps.items()
        if name in lines and np.isfinite(most)
    )
    st.caption(
        f"SNN on {found.device.title}."
        + (
            f" Each line ends where neuron updates alone cost as much as the ANN: {ends}."
            * bool(ends)
        )
        + " The fan-out of a spike, the share of updates with input and the messages are this"
        " run's; idle power is left out."
    )


def in_words(found: lab_energy.BreakEven, measured: bool) -> str:
    """Up to how many spikes per neuron this run would win, device by device."""
    steps, spikes = found.run
    limits = [(name, at) for name, at in found.here.items() if at > 0]
    ends = [
        f"up to {short(at)}{' per neuron' * (not place)} against *{name}*"
        + " (so it loses here)" * (at <= spikes)
        for place, (name, at) in enumerate(limits)
    ]
    never = [f"*{name}*" for name, at in found.here.items() if at <= 0]
    of = "This run" if measured else "Estimate"
    text = f"**{of}: {short(spikes)} spikes per neuron in {many(steps, 'step')}.**"
    if ends:
        text += f" At {many(steps, 'step')}, spikes win {', '.join(ends)}."
    if never:
        text += f" Even silent it would lose against {' and '.join(never)}."
    return text
