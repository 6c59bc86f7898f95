"""Devices that run the SNN: Loihi 1 by three models, Loihi 2, both SpiNNakers, 45 nm arithmetic.

A chip is charged for synaptic events, for updates of neurons with and without
input, for spikes, and for messages between cores. What crosses from one chip
to another has no published price: it is counted, charged like a message on
the chip, and the band's upper end charges it like a DRAM access of 64 bits.

A message on the chip goes between tiles drawn at random: `snnlab.simulation.loihi.core.MEAN_HOPS`.
"""

from snnlab.energy.constants import BARE, Constant, Device
from snnlab.energy.conventional import HOROWITZ, add_pj, sram_pj
from snnlab.energy.pilotnet import DYNAMIC_JOULES, INTEL, NEURONS, STATIC, STEPS, UPDATE_PJ
from snnlab.energy.spotter import BLOUW, LOADED
from snnlab.errors import many
from snnlab.simulation.loihi.core import MEAN_HOPS, TILES

DAVIES = "Davies et al. (2018), IEEE Micro 38(1):82, table 2 (before silicon)"
SANA_FE = "SANA-FE (github.com/SLAM-Lab/SANA-FE at af11051), arch/loihi.yaml"
KERAS_SPIKING = "KerasSpiking 0.3 ModelEnergy, after Davies et al. (2018)"
HOEPPNER = "KerasSpiking 0.3 ModelEnergy, after Höppner et al. (2019), arXiv:1903.08941"
FRADY = "derived from Frady et al. (2020), arXiv:2004.12691: 3.34 W / 32 chips"

_DRAM_PJ = 2600.0  # 64 bits, the dearer end of 1.3 .. 2.6 nJ

_HOST = (
    "The encoder and the readout, which a host computes in the paper's system, are charged as if"
    " they were on the chip."
)
_BITS = "What an event costs at other widths of weights is not published: here it is the same."
_WHENCE = (
    "SANA-FE: the head of its file says that all figures were taken from Davies et al. (2018), who"
    " had them from SPICE, but most do not stand there; the abstract of its paper (Boyle et al."
    " 2025, 10.1109/TCAD.2025.3537971) says that the model was calibrated, and predicts Loihi's"
    " energy of three applications within 12 %."
)
_ONE = "A chip takes one image at a time; a batch saves it nothing."
_CHECK = (
    "Compared with the one measurement of Loihi in the same table as CPU, GPU, Jetson and"
    " Movidius, it leaves out most of what the board took: see *Compared with a measurement*."
)


_PILOTNET = (
    "No energy of a synaptic event or an update on Loihi 2 is published, only that of whole"
    " networks. All that one of them took is shared among its updates, so a run that has more"
    " spikes per update than that one, whose spikes are not published, would take more than this,"
    " and one with fewer less.",
    f"Loihi 2's idle power, {1e3 * STATIC:.0f} mW for that chip, is not counted: how long a step of"
    " another network would last is not known.",
    "Loihi 2's neurons are programs, and its spikes carry whole numbers, so reset by subtraction"
    " and spikes with sizes are possible there; that they cost what that network's neurons cost is"
    " assumed.",
)


def _hops(base: float, east: float, north: float, source: str) -> tuple[Constant, ...]:
    across, along = MEAN_HOPS
    mean = base + across * east + along * north
    far = base + (TILES[0] - 1) * east + (TILES[1] - 1) * north
    return (
        Constant(
            "message", "Message between cores", mean, "pJ", source, low=base, high=far,
            note=f"derived: {base:g} pJ and {across:.2f} x {east:g} + {along:.2f} x {north:g} pJ of"
            " hops between tiles drawn at random; low: next door; high: across the chip",
        ),
        Constant(
            "interchip", "Message between chips", mean, "pJ", f"{source}; {HOROWITZ} (high end)",
            low=base, high=max(far, _DRAM_PJ),
            note="assumed, none is published: as on the chip; high: as a DRAM access of 64 bits",
        ),
    )  # fmt: skip


def _static() -> tuple[Constant, ...]:
    return (
        Constant(
            "static", "Idle power of a chip", 104.0, "mW", f"{FRADY}; {BLOUW} (low end)",
            low=29.0, note="low end: the board of the keyword spotter after it has booted; with a"
            f" network loaded it takes {1e3 * LOADED:.0f} mW",
        ),
        Constant("barrier", "Ending a step", 1.8, "µs", SANA_FE, note="29 tiles and more"),
        Constant("access", "Time of a neuron's update", 9.7, "ns", SANA_FE,
                 note="6.0 and 3.7 ns; the neurons of a core one after the other"),
        Constant("process", "Time of a synaptic event", 3.1, "ns", SANA_FE,
                 note="the events of a core one after the other; all cores alike"),
        Constant("real", "A step in real time", 1.0, "ms", "NengoLoihi 1.1, CIFAR-10 example",
                 note="the high end of the idle energy, if the chip waits for it"),
    )  # fmt: skip


def chips() -> tuple[Device, ...]:
    """Loihi 1, Loihi 2, SpiNNaker and SpiNNaker 2."""
    return (
        Device(
            "loihi-davies", "Loihi 1", "Davies 2018", "snn",
            "Events, updates with and without input, messages by distance.",
            (
                Constant("event", "Synaptic event", 23.6, "pJ", f"{DAVIES}; {SANA_FE} (high end)",
                         high=35.5, note="published as a minimum; high: SANA-FE's dense synapses"),
                Constant("active", "Update of a neuron with input", 81.0, "pJ", DAVIES),
                Constant("inactive", "Update of a neuron without", 52.0, "pJ", DAVIES, high=81.0,
                         note="high end: every update charged as active, as KerasSpiking does"),
                *_hops(1.7, 3.0, 4.0, DAVIES), *_static(),
            ), (_HOST, _BITS, _ONE, _CHECK),
        ),
        Device(
            "loihi-sanafe", "Loihi 1", "SANA-FE", "snn",
            "Events, updates, spikes sent, and messages out of a core.",
            (
                Constant("event", "Synaptic event", 24.0, "pJ", SANA_FE, high=35.5,
                         note="convolutional synapses; high end: dense ones"),
                Constant("active", "Update of a neuron with input", 72.8, "pJ", SANA_FE,
                         note="51.2 for its access and 21.6 for its update"),
                Constant("inactive", "Update of a neuron without", 51.2, "pJ", SANA_FE, high=72.8,
                         note="high end: every update charged as active"),
                Constant("spike", "Sending a spike", 69.3, "pJ", SANA_FE),
                *_hops(111.0, 3.0, 4.2, SANA_FE), *_static(),
            ), (_WHENCE, _HOST, _BITS, _ONE, _CHECK),
        ),
        Device(
            "loihi-keras", "Loihi 1", "KerasSpiking", "snn",
            "23.6 + 3.5 pJ per event, 81 pJ per update, nothing else.",
            (
                Constant("event", "Synaptic event", 27.1, "pJ", KERAS_SPIKING),
                Constant("active", "Update of a neuron with input", 81.0, "pJ", KERAS_SPIKING),
                Constant("inactive", "Update of a neuron without", 81.0, "pJ", KERAS_SPIKING),
                *_static(),
            ), (_HOST, _BITS, _ONE, _CHECK),
        ),
        Device(
            "loihi2-pilotnet", "Loihi 2", "PilotNet", "snn",
            "Energy per update, with all that came with it, of a network that Intel measured.",
            tuple(
                Constant(
                    key, name, UPDATE_PJ, "pJ", INTEL,
                    note=f"derived: {1e3 * DYNAMIC_JOULES:.3g} mJ per frame, above static power,"
                    f" over {NEURONS:,} neurons and {many(STEPS, 'step')}, with all events",
                )
                for key, name in (
                    ("active", "Update of a neuron with input"),
                    ("inactive", "Update of a neuron without"),
                )
            ), (*_PILOTNET, _HOST, _BITS, _ONE),
        ),
        *(
            Device(
                name, title, "KerasSpiking", "snn", (
                    "Joules per event and per update, nothing else."
                ),
                (
                    Constant("event", "Synaptic event", event, "nJ", HOEPPNER),
                    Constant("active", "Update of a neuron with input", update, "nJ", HOEPPNER),
                    Constant("inactive", "Update of a neuron without", update, "nJ", HOEPPNER),
                ), (_BITS, _ONE),
            )
            for name, title, event, update in (
                ("spinnaker", "SpiNNaker", 13.3, 26.0), ("spinnaker2", "SpiNNaker 2", 0.45, 2.19)
            )
        ),
    )  # fmt: skip


def arithmetic(bits: int) -> tuple[Device, ...]:
    """45 nm arithmetic for the SNN: fp32, and integers of so many bits."""
    note = "high end: weight and membrane potential from 8 KB of SRAM, the potential back into it"
    twice = "two additions: one to the potential, one to compare it with the threshold"
    assumptions = (
        "An event is an addition, which is all that the literature counts; the band adds memory.",
        "No control, no clock, no leakage, no messages: a floor, not a chip.",
    )
    made = []
    for name, label, add, low, width in (
        ("snn-45nm-fp32", "fp32", 0.9, 0.9, 32),
        ("snn-45nm-int", f"{bits}-bit", add_pj(32), min(add_pj(bits), add_pj(32)), bits),
    ):
        event = Constant("event", "Addition to a membrane potential", add, "pJ", HOROWITZ, low=low,
                         high=add + sram_pj(width + 2 * 32), note=note)  # fmt: skip
        update = {
            "name": "Update of a neuron", "value": 2 * add, "unit": "pJ", "source": HOROWITZ,
            "high": 2 * add + sram_pj(2 * 32), "note": f"{twice}; {note}",
        }  # fmt: skip
        made.append(
            Device(
                name,
                BARE,
                f"SNN, {label} arithmetic",
                "snn",
                "An addition for each synaptic event, two for each update.",
                (event, Constant("active", **update), Constant("inactive", **update)),
                assumptions,
            )  # fmt: skip
        )
    return tuple(made)
