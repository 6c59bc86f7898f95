"""What the page Energy asks for, and what of it a run can tell."""

from dataclasses import dataclass

import streamlit as st

from snnlab import conversion
from snnlab.chips.board import Mapping
from snnlab.energy.constants import Device
from snnlab.energy.estimate import Estimate
from snnlab.energy.work import Work
from snnlab.errors import LabError
from snnlab.export import partitions as chips_tables
from snnlab.lab import chips as lab_chips
from snnlab.lab import energy as lab_energy
from snnlab.results.segmentation import Segmentation
from snnlab.ui.chips import mapped as chips
from snnlab.ui.shared import bench, sidebar, views, words

BITS = 8  # of the weights of every run
BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
CHIP, ANN = "loihi-davies", "gpu-online"  # chosen at first


@dataclass(frozen=True)
class Asked:
    """What the controls of the page ask for, worked out.

    Attributes
    ----------
    result : Segmentation
    work : Work
    measured : bool
        Whether the work is that of the run itself.
    unforeseen : str
        Why the run does not tell what was asked for; then the work is the run's own.
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
    unforeseen: str
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


def controls(result: Segmentation, here=None) -> Asked:
    """Sliders that move the figures at once.

    Parameters
    ----------
    here : snnlab.energy.machine.Measured, optional
        What was measured on this machine.
    """
    if st.session_state.pop("energy_run", False):
        st.rerun()
    settings = result.settings
    sums = views.of(result, "energy/profile", lambda: lab_energy.profile_of(result))
    # another number, and all four stand where the run is
    moved = st.session_state.setdefault("energy_what_if", 0)
    key = f"{bench.identity(result.picture, settings)[:12]}-{moved}"
    first, second = st.columns(2, gap="large")
    with first:
        timesteps = st.select_slider(
            "If it had this many timesteps",
            sorted({*sidebar.STEPS, result.timesteps}),
            result.timesteps,
            key=f"energy-steps-{key}",
            persist_state="session",
            help="If fewer than the run has, they are counted from the beginning of the run. If"
            " more, the run is extended at the pace of its second half.",
        )
        now = (settings.lower_hz, settings.upper_hz)
        lower, upper = st.select_slider(
            "If the firing-rate bounds were (Hz)",
            sorted({*sidebar.RATES, *now}),
            now,
            format_func=lambda hertz: f"{hertz:g}",
            key=f"energy-bounds-{key}",
            persist_state="session",
            disabled=not conversion.method(settings.method).bounds,
            help="Scales each layer's spikes by the ratio of its rates. Only a run can tell what"
            " that does to the segmentation.",
        )
        if not conversion.method(settings.method).bounds:
            st.caption(words.no_bounds(conversion.method(settings.method)))
    with second:
        bits = st.select_slider(
            "Bits per weight",
            lab_energy.BITS,
            BITS,
            key=f"energy-bits-{moved}",
            persist_state="session",
            help="Changes the 45 nm figures, and the lower ends of the processors' ranges. What an"
            " event costs on a chip with other weights is not published. Loihi 1 has at most 8"
            " bits.",
        )
        batch = st.select_slider(
            "Images that the ANN computes at once",
            BATCHES,
            1,
            key=f"energy-batch-{moved}",
            persist_state="session",
            help="A batch shares what it costs to start each layer. A batch of 1 is the online"
            " case, which the paper's claim is about. A chip takes one image at a time.",
        )
    paces = lab_energy.paces(here)
    found = lab_energy.devices(bits, values(), paces)
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
        help="The power that flows while the image is computed, whether there is work or not. The"
        " usual comparison is without it: what the image adds. It is known only for CPU, GPU and"
        " Loihi 1.",
    )
    wanted = {"timesteps": timesteps, "lower_hz": lower, "upper_hz": upper}
    measured = (timesteps, lower, upper) == (result.timesteps, *now)
    scale = None
    if (lower, upper) != now:
        scale = lab_energy.factors(settings.model, settings, settings.replace(**wanted))
    why = lab_energy.unforeseen(sums, timesteps, scale)
    work = _mapped(sums.at(result.timesteps) if why else sums.at(timesteps, scale), *partition)
    still = measured and (bits, batch) == (BITS, BATCHES[0])
    _said(key, measured, why, still)
    for told in lab_energy.unlike(work, result):
        st.caption(f":material/warning: {told}")
    return Asked(
        result, work, measured or bool(why), why, batch, chip, ann, found,
        lab_energy.estimates(work, bits, batch, idle, values(), paces),
    )  # fmt: skip


@st.cache_resource(show_spinner=False)
def _shipped():
    return lab_chips.default_mapping()


def _counted() -> tuple[Mapping, str]:
    """The mapping whose messages may be taken, the shipped or the page Chips' own; its model."""
    made = st.session_state.get("mapped")
    if made is None:
        return _shipped(), lab_chips.MODEL
    return made.mapping, made.of.settings.model


def tile() -> tuple[int, int]:
    """Height and width of the part of an image that the page Chips maps."""
    return _counted()[0].tile[2:]


def _partition() -> tuple[Mapping, str]:
    """Whose messages are taken: a mapping, and a name in it."""
    mapping, model = _counted()
    chosen = st.selectbox(
        "Messages between cores",
        ["", *(name for name, _ in chips_tables.partitions(mapping))],
        format_func=lambda name: (
            f"counted with {chips.label(mapping, name)}, model {model}"
            if name
            else "as few as any mapping needs"
        ),
        key="energy-partition",
        persist_state="session",
        help="The page Chips counts the messages of a tile on cores and chips. Here its messages"
        " per spike are used for the whole image. Those with the fewest spikes between chips come"
        " first.",
    )
    if chosen:
        st.caption(chips.explained(mapping, chosen))
    return mapping, chosen


def _mapped(work: Work, mapping, partition: str) -> Work:
    if not partition:
        return work
    try:
        return lab_energy.with_partition(work, mapping, partition)
    except LabError as error:
        st.warning(words.plain(str(error)), icon=":material/memory:")
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


def _said(key: str, measured: bool, why: str, still: bool) -> None:
    """Whether the figures are of the run or foreseen from it; to find out, or to go back."""
    with st.container(
        horizontal=True, vertical_alignment="center", key="energy-said", gap="medium"
    ):
        if measured:
            st.caption(
                "**Measured**: spikes, synaptic events and neuron updates are this run's own. The"
                " joules of each are not measured; they are published constants. In *CPU, measured"
                " seconds*, the seconds are measured and the power of a core is assumed."
            )
        elif why:
            st.caption(
                f"**This cannot be predicted:** {why}. The figures are still those of the run on"
                " screen."
            )
        else:
            st.caption(
                "**Estimate** from the run on screen: its beginning, or its pace, and its layers'"
                " rates, scaled. Of 18 energies predicted for other bounds, 11 were within 5 % of"
                " the run that followed, and all were within 20 %. The segmentation is not"
                " predicted at all."
            )
        if not measured:
            st.button(
                "Run it",
                icon=":material/play_arrow:",
                type="primary",
                on_click=_run,
                args=(key,),
            )
        st.button(
            "Back to the run",
            icon=":material/restart_alt:",
            on_click=_back,
            disabled=still,
            help="All four sliders: timesteps, bounds, bits and images at once.",
        )


def _back() -> None:
    st.session_state.energy_what_if += 1


def _run(key: str) -> None:
    state = st.session_state
    # as the sliders stand when the press is heeded: one may have been moved just before it
    lower, upper = state[f"energy-bounds-{key}"]
    wanted = {"timesteps": state[f"energy-steps-{key}"], "lower_hz": lower, "upper_hz": upper}
    state.energy_run = True  # the sidebar is to be drawn anew, not only this page
    bench.adopt(state.settings.replace(**wanted))
