"""What the page Energy asks for, and its figures."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from snnlab import conversion, lab_chips, lab_energy
from snnlab.energy.constants import Device
from snnlab.energy.estimate import Estimate
from snnlab.energy.work import Work
from snnlab.errors import LabError
from snnlab.figures import energy as figures
from snnlab.result import Segmentation
from snnlab.ui import bench, blocks, plots, sidebar, views, words

BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
CHIP, ANN = "loihi-davies", "gpu-online"  # chosen at first
AGAINST = ("cpu-online", "gpu-online", "gpu", "arm", "ann-45nm-fp32", "ann-45nm-int")


@dataclass(frozen=True)
class Asked:
    """What the controls of the page ask for, worked out.

    Attributes
    ----------
    result : Segmentation
    work : Work
    measured : bool
        Whether the work is that of the run itself.
    batch : int
    chip, ann : str
        Names of the two devices that are held against each other.
    devices : tuple of Device
        With the visitor's own constants.
    estimates : tuple of Estimate
    """

    result: Segmentation
    work: Work
    measured: bool
    batch: int
    chip: str
    ann: str
    devices: tuple[Device, ...]
    estimates: tuple[Estimate, ...]

    def of(self, name: str) -> Estimate:
        """The estimate for one device."""
        return next(one for one in self.estimates if one.device.name == name)


def values() -> dict[tuple[str, str], float]:
    """The visitor's own constants, by device and key."""
    return st.session_state.setdefault("energy_values", {})


def controls(result: Segmentation) -> Asked:
    """Sliders that move the figures at once."""
    if st.session_state.pop("energy_run", False):
        st.rerun()
    settings = result.settings
    sums = views.of(result, "energy/profile", lambda: lab_energy.profile_of(result))
    key = bench.identity(result.picture, settings)[:12]
    first, second = st.columns(2, gap="large")
    with first:
        timesteps = st.select_slider(
            "If it had so many timesteps",
            sorted({*sidebar.STEPS, result.timesteps}),
            result.timesteps,
            key=f"energy-steps-{key}",
            help="Fewer than the run has: counted in the run's own beginning. More: extended at the"
            " pace of its second half.",
        )
        now = (settings.lower_hz, settings.upper_hz)
        lower, upper = st.select_slider(
            "If the firing-rate bounds were (Hz)",
            sorted({*sidebar.RATES, *now}),
            now,
            format_func=lambda hertz: f"{hertz:g}",
            key=f"energy-bounds-{key}",
            disabled=not conversion.method(settings.method).bounds,
            help="Scales each layer's spikes by the ratio of its rates. What that does to the"
            " segmentation only a run tells.",
        )
        if not conversion.method(settings.method).bounds:
            st.caption(words.no_bounds(conversion.method(settings.method)))
    with second:
        bits = st.select_slider(
            "Bits of a weight",
            lab_energy.BITS,
            8,
            key="energy-bits",
            persist_state="session",
            help="Moves the 45 nm figures, and the lower ends of the processors' bands. What an"
            " event costs on a chip at other widths is not published. Loihi 1 has 8 bits at most.",
        )
        batch = st.select_slider(
            "Images that the ANN computes at once",
            BATCHES,
            1,
            key="energy-batch",
            persist_state="session",
            help="A batch shares what it costs to start each layer. 1 is the online case, which the"
            " paper's claim is about. A chip takes one image at a time.",
        )
    found = lab_energy.devices(bits, values())
    left, middle, right = st.columns(3, gap="medium")
    with left:
        chip = _device("SNN on", found, "snn", CHIP)
    with middle:
        ann = _device("ANN on", found, "ann", ANN)
    with right:
        partition = _partition()
    idle = st.toggle(
        "Count idle power too",
        key="energy-idle",
        persist_state="session",
        help="Power that flows whether there is work or not, while the image is computed. Off is"
        " the usual comparison: what the image adds. Known of CPU, GPU and Loihi 1 only.",
    )
    measured = (timesteps, lower, upper) == (result.timesteps, *now)
    scale = None
    if (lower, upper) != now:
        wanted = settings.replace(lower_hz=lower, upper_hz=upper)
        scale = lab_energy.factors(settings.model, settings, wanted)
    work = _mapped(sums.at(timesteps, scale), *partition)
    _said(result, measured, timesteps, lower, upper)
    for told in lab_energy.unlike(work, result):
        st.caption(f":material/warning: {told}")
    return Asked(
        result, work, measured, batch, chip, ann, found,
        lab_energy.estimates(work, bits, batch, idle, values()),
    )  # fmt: skip


@st.cache_resource(show_spinner=False)
def _shipped():
    return lab_chips.default_mapping()


def _partition():
    """Whose messages are taken: a mapping, the shipped or the page Chips' own, and a name in it."""
    made = st.session_state.get("mapped")
    mapping = _shipped() if made is None else made.mapping
    model = lab_chips.MODEL if made is None else made.of.settings.model
    chosen = st.selectbox(
        "Messages between cores",
        ["", *mapping.partitions],
        format_func=lambda name: (
            f"counted with {name}, model {model}" if name else "as few as any mapping needs"
        ),
        key="energy-partition",
        persist_state="session",
        help="The page Chips counts the messages of a tile on cores and chips. Here its messages a"
        " spike are taken for all of the image.",
    )
    return mapping, chosen


def _mapped(work: Work, mapping, partition: str) -> Work:
    if not partition:
        return work
    try:
        return lab_energy.with_partition(work, mapping, partition)
    except LabError as error:
        st.warning(str(error), icon=":material/memory:")
        return work


def _device(label: str, found: tuple[Device, ...], network: str, first: str) -> str:
    names = {one.name: one.title for one in found if one.network == network}
    return st.selectbox(
        label,
        list(names),
        list(names).index(first),
        format_func=names.get,
        key=f"energy-{network}",
        persist_state="session",
    )


def _said(result: Segmentation, measured: bool, timesteps: int, lower: float, upper: float) -> None:
    """Whether the figures are of the run, or foreseen from it; and a way to find out."""
    with st.container(
        horizontal=True, vertical_alignment="center", key="energy-said", gap="medium"
    ):
        if measured:
            st.caption(
                "**Measured**: spikes, synaptic events and neuron updates are this run's own."
                " Not measured are the joules of each, which are published constants."
            )
            return
        st.caption(
            "**Estimate** from the run on screen: its beginning, or its pace, and its layers'"
            " rates scaled. Of the energies foreseen for other bounds most were within 6 % of the"
            " run that followed, and all within 17 %; the segmentation is not foreseen at all."
        )
        wanted = {"timesteps": timesteps, "lower_hz": lower, "upper_hz": upper}
        st.button(
            "Run it",
            icon=":material/play_arrow:",
            type="primary",
            on_click=_run,
            kwargs=wanted,
        )


def _run(**wanted) -> None:
    st.session_state.energy_run = True  # the sidebar is to be drawn anew, not only this page
    bench.adopt(st.session_state.settings.replace(**wanted))


def headline(asked: Asked) -> None:
    """Who wins, by how much, in a sentence; and what the claim would need besides."""
    chip, ann = asked.of(asked.chip), asked.of(asked.ann)
    ratio = ann.joules / chip.joules
    low, high = ann.band[0] / chip.band[2], ann.band[2] / chip.band[0]
    if ratio > 2:
        verdict = "The SNN takes less than half of it under these constants"
    elif ratio > 1:
        verdict = "The SNN takes less, but not less than half, under these constants"
    else:
        verdict = "**The SNN loses** under these constants"
    sure = (ratio > 2) == (low > 2) == (high > 2)
    verdict += (
        ", wherever in their bands." if sure else "; elsewhere in their bands it is otherwise."
    )
    st.markdown(
        f"ANN on *{ann.device.title}* : SNN on *{chip.device.title}* ="
        f" {figures.joules(ann.joules)} : {figures.joules(chip.joules)} = **{ratio:.3g}**"
        f" (bands: {low:.3g} to {high:.3g}). {verdict}"
    )
    settings, said = asked.result.settings, []
    if asked.measured and asked.result.ann_scores is not None:
        lost = 100 * (
            asked.result.snn_scores.pixel_accuracy - asked.result.ann_scores.pixel_accuracy
        )
        near = "within" if lost >= -0.5 else "**not** within"
        points = f"{lost:+.2f}".replace("-", "−")
        said.append(f"Pixel accuracy against its ANN's: {points} points, {near} half a point.")
    if settings.reset == "subtraction" and asked.chip.startswith("loihi"):
        said.append(
            "This run resets by subtraction, which Loihi 1 cannot do: the energy is of an idealised"
            " chip of its kind."
        )
    if said:
        st.caption(" ".join(said))


def bars(asked: Asked) -> None:
    """Joules by device."""
    found = asked.estimates
    figure = figures.bars(
        [one.device.title for one in found],
        [one.device.network for one in found],
        *zip(*(one.band for one in found), strict=True),
        mark=asked.of(asked.chip).joules,
    )
    _draw(figure, "energy-bars", "Energy of an image on each device")
    st.caption(
        "Bars: published constants times counts. Whiskers: the range that sources leave open; those"
        " without one were published without. Dashed: the SNN on the chosen device, and twice that."
        " The 45 nm rows are arithmetic alone; their whiskers end where every operand comes from"
        " memory."
    )


def breakdown(asked: Asked) -> None:
    """What the energy goes into."""
    found = sorted(asked.estimates, key=lambda one: (one.device.network != "snn", -one.joules))
    figure = figures.breakdown(
        [one.device.title for one in found],
        {
            part: [one.parts.get(part, (0.0, 0.0, 0.0))[1] for one in found]
            for part in figures.PARTS
        },
    )
    _draw(figure, "energy-parts", "Shares of synapses, neurons, messages and idle power")
    st.caption(
        f"Messages between cores: {asked.work.mapping}. Bars of different devices are not of the"
        " same length in joules: this is what each one's own energy goes into."
    )


def counts(asked: Asked) -> None:
    """What is charged for."""
    work = asked.work
    shown = {
        "MACs of the ANN": (
            blocks.short(work.macs),
            "Multiply-accumulates for one image, borders exact.",
        ),
        "Synaptic events": (
            blocks.short(work.events),
            "Spikes times the synapses that each reaches.",
        ),
        "Events a MAC": (
            f"{work.events / work.macs:.3g}",
            "An event must be cheaper than a MAC by this factor for synapses alone to break even.",
        ),
        "Neuron updates": (
            blocks.short(work.updates),
            "Every neuron, every step.",
        ),
        "of them with input": (
            f"{100 * work.active / work.updates:.1f} %",
            "A spike arrived in that step"
            " (or, with a synapse, in an earlier one: its current lasts).",
        ),
        "Spikes": (blocks.short(work.spikes), "Sent by all neurons."),
        "Messages": (
            blocks.short(work.messages),
            f"Between cores of a chip; {work.mapping}.",
        ),
        "Loihi 1 chips": (
            f"{work.chips}",
            "Of 128 cores with 1024 neurons each, as few as hold the neurons"
            if "no partition" in work.mapping
            else work.mapping,
        ),
    }
    with st.grid(4, min_column_width=130, gap="small"):
        for name, (value, meaning) in shown.items():
            st.metric(name, value, help=meaning, border=True)


def break_even(asked: Asked) -> None:
    """Where spikes stop winning."""
    against = tuple(dict.fromkeys((*AGAINST, asked.ann)))
    found = lab_energy.break_even(asked.work, asked.chip, against, asked.devices, asked.batch)
    lines = {name: line for name, line in found.spikes.items() if not np.isnan(line).all()}
    rate = asked.work.spikes_per_neuron / asked.work.timesteps * 1000
    figure = figures.break_even(found.timesteps, lines, found.run, rate, asked.measured)
    _draw(figure, "energy-breakeven", "Spikes a neuron at which the SNN stops winning")
    never = [name for name, line in found.spikes.items() if np.isnan(line).all()]
    text = (
        f"SNN on {found.device.title}. Each line ends where neuron updates alone cost what the ANN"
        " costs: "
        + "; ".join(
            f"{most:,.0f} steps ({name})"
            for name, most in found.most_steps.items()
            if name in lines
        )
        + "."
    )
    if never:
        text += " It cannot win against " + " or ".join(never) + ", not even silent after one step."
    st.caption(
        text
        + " Fan-out of a spike, share of updates with input and messages are this run's; idle power"
        " is left out."
    )


def _draw(figure, key: str, alt: str) -> None:
    st.plotly_chart(figure, key=key, config=plots.config(), alt=alt)
