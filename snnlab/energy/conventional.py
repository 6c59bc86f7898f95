"""Devices that run the ANN: CPU, GPU, ARM, Jetson, Movidius, and 45 nm arithmetic.

Four kinds of figures. KerasSpiking's are joules a multiply-accumulate with
the device kept busy, which a GPU is in large batches only. For one image at a
time the same is charged plus what it costs to start a layer, derived from a
measurement of the authors of the paper at batch 1 (`snnlab.energy.spotter`).
A CPU of today is charged for the seconds that its cores were measured to take,
times a power that is stated and not measured. And the energy of the arithmetic
alone in 45 nm, below which no chip of that process can go.

What 8-bit weights save is not published for these processors, which have no
instruction for dot products of bytes: the value is that of fp32, and the
lower end of the band what it would be if energy were in proportion to bits.
"""

from math import log

from snnlab.energy import spotter
from snnlab.energy.constants import BARE, Constant, Device
from snnlab.energy.spotter import BLOUW, LOGS, TABLE, Board

KERAS_SPIKING = (
    "KerasSpiking 0.3 ModelEnergy, after Degnan, Marr, Hasler (2015), IEEE Trans. VLSI 24(1):58"
)
HOROWITZ = "Horowitz (2014), ISSCC, Computing's energy problem: 45 nm, 0.9 V"

_ONE_BY_ONE = (
    "Large batches: the figure holds for a device kept busy, which one image at a time does not."
)


def _shared(nj: float, bits: int) -> tuple[Constant, ...]:
    low = nj * min(bits, 32) / 32
    note = f"low end: if energy were in proportion to bits ({bits} of 32)" if bits < 32 else ""
    return (
        Constant("mac", "Multiply-accumulate", nj, "nJ", KERAS_SPIKING, low=low, note=note),
        Constant("neuron", "Activation of a neuron", nj, "nJ", KERAS_SPIKING, low=low, note=note),
    )


def _idle(board: Board) -> tuple[Constant, ...]:
    return (
        Constant("idle", "Power when idle", board.idle, "W", BLOUW),
        Constant(
            "dynamic", "Power on top of that when computing", board.running - board.idle, "W",
            BLOUW,
            note="running minus idle; says how long it computes, and so how long it idles along",
        ),
    )  # fmt: skip


def _dispatch(board: Board, nj: float, low: float | None = 0.0) -> Constant:
    macs, layers = sum(spotter.MACS), spotter.LAYERS
    value = (board.joules - macs * nj * 1e-9) / layers * 1e3
    note = (
        f"derived on {board.what}: ({board.joules:g} J per inference - {macs:,} MACs at {nj:.3g}"
        f" nJ) / {layers} layers; high: all its power counted"
    )
    return Constant(
        "dispatch",
        "Starting a layer",
        value,
        "mJ",
        BLOUW,
        low=low,
        high=board.running / board.rate / layers * 1e3,
        note=note + ("; low: none, as in a large batch" if low == 0 else ""),
    )


_ONLINE = "One image at a time: a layer costs what it costs to start it, which a batch shares."
_ELSEWHERE = (
    "Starting a layer is derived from another network on another machine, as none of this network"
    " is published."
)


def processors(bits: int) -> tuple[Device, ...]:
    """CPU, GPU and ARM for weights of so many bits."""
    cpu, gpu, arm = 8.6, 0.3, 0.9
    return (
        Device(
            "cpu", "CPU", "KerasSpiking", "ann",
            "Intel i7-4960X: joules per multiply-accumulate, when busy.",
            (*_shared(cpu, bits), *_idle(TABLE["cpu"])), (_ONE_BY_ONE,),
        ),
        Device(
            "cpu-online", "CPU", "one image at a time", "ann",
            "The same, and what it costs to start each layer.",
            (*_shared(cpu, bits), _dispatch(TABLE["cpu"], cpu), *_idle(TABLE["cpu"])),
            (_ONLINE, _ELSEWHERE),
        ),
        Device(
            "gpu", "GPU", "large batches", "ann",
            "Nvidia GTX Titan Black: joules per multiply-accumulate, when busy.",
            (*_shared(gpu, bits), *_idle(TABLE["gpu"])), (_ONE_BY_ONE,),
        ),
        Device(
            "gpu-online", "GPU", "one image at a time", "ann",
            "The same, and what it costs to start each layer.",
            (*_shared(gpu, bits), _dispatch(TABLE["gpu"], gpu), *_idle(TABLE["gpu"])),
            (_ONLINE, _ELSEWHERE),
        ),
        Device(
            "arm", "ARM", "KerasSpiking", "ann",
            "ARM Cortex-A: joules per multiply-accumulate, when busy.", _shared(arm, bits),
        ),
    )  # fmt: skip


def boards() -> tuple[Device, ...]:
    """Jetson and Movidius, which were measured with the same small network."""
    upper = (
        "A MAC is charged at what one of a dense layer took, which fetches a weight for each; low"
        " end: nothing, since what one of a convolution takes on it is not published."
    )
    return tuple(
        Device(
            name, title, "one image at a time", "ann",
            f"{TABLE[name].what}: starting each layer, and joules per multiply-accumulate.",
            (
                Constant("mac", "Multiply-accumulate", nj, "nJ", LOGS, low=0.0,
                         note=f"derived, an upper bound: {how}; low: starting layers alone"),
                _dispatch(TABLE[name], nj, None),
                *_idle(TABLE[name]),
            ),
            (_ONLINE, _ELSEWHERE, upper),
        )
        for name, title, nj, how in (
            ("jetson", "Jetson TX1", spotter.JETSON_NJ, "the spotter in batches of 64"),
            ("movidius", "Movidius", spotter.MOVIDIUS_NJ,
             "what 109 dense layers more add to an inference"),
        )
    )  # fmt: skip


# ---- a processor whose seconds were measured ---------------------------------

PACE = Constant(
    "pace", "Time of a MAC on one core", 8.0, "ps",
    "the lab's own benchmark of energy, on two cores of an AMD EPYC, TensorFlow Lite of 2.21",
    low=7.2, high=8.6,
    note="seconds that cores were busy (not seconds that passed) for one image of 512 x 512 pixels"
    " in 8-bit arithmetic, over its MACs; band: quickest and slowest of several runs",
)  # fmt: skip
POWER = Constant(
    "power", "Power of a busy core", 20.0, "W",
    "stated, not measured: a core's share of a processor of 2013 to 2026",
    low=10.0, high=40.0,
    note="low: a server's many cores; high: a desktop's few at full clock; the value lies in the"
    " middle of a logarithmic scale",
)  # fmt: skip


def measured(charged: tuple[Constant, ...] = (PACE, POWER)) -> Device:
    """A CPU that is charged for its own seconds, or for the joules that its counters show.

    Parameters
    ----------
    charged : tuple of Constant
        ``pace`` and ``power``, or ``mac``; see `snnlab.energy.measured`.
    """
    told = "Seconds that its cores were measured to be busy, times a core's power."
    if charged[0].key == "mac":
        told = "Joules that the processor's own counters showed, idle power included."
    return Device(
        "cpu-measured", "CPU", "measured seconds", "ann", told, charged,
        (
            "A MAC of this network, in 8-bit integer arithmetic where the net has that form;"
            " another machine has another pace.",
            "A core's share of the processor's power includes what the processor takes anyway:"
            " idle power is in it.",
        ),
    )  # fmt: skip


# ---- 45 nm -------------------------------------------------------------------

SRAM_PJ = 10.0  # 64 bits from 8 KB
_WIDE = 32  # bits of a partial sum, and of a membrane potential
_POWER = log(3.1 / 0.2) / log(32 / 8)
_ADD_POWER = log(0.1 / 0.03) / log(32 / 8)


def multiply_pj(bits: int) -> float:
    """An integer multiplication: 0.2 pJ at 8 bits, 3.1 pJ at 32, a power law through both."""
    return 0.2 * (bits / 8) ** _POWER


def add_pj(bits: int) -> float:
    """An integer addition: 0.03 pJ at 8 bits, 0.1 pJ at 32, a power law through both."""
    return 0.03 * (bits / 8) ** _ADD_POWER


def sram_pj(bits: float) -> float:
    """So many bits read from, or written to, 8 KB of SRAM."""
    return SRAM_PJ * bits / 64


def arithmetic(bits: int) -> tuple[Device, ...]:
    """45 nm arithmetic for the ANN: fp32, and integers of so many bits."""
    add, note = add_pj(_WIDE), "high end: weight, activation and partial sum all from 8 KB of SRAM"
    whole = multiply_pj(bits) + add
    moved = sram_pj(2 * bits + 2 * _WIDE)
    fp32, fp_moved = 3.7 + 0.9, sram_pj(4 * 32)
    integer = (
        f"multiplication of {bits} bits and addition of 32"
        + ("" if bits in (8, 32) else f"; {bits} bits interpolated between 8 and 32")
        + f"; low end: addition of {bits} bits; {note}"
    )
    assumptions = (
        "Arithmetic alone, as the literature compares; the band adds operands from memory.",
        "No control, no clock, no leakage: a floor, not a chip.",
    )
    return (
        Device(
            "ann-45nm-fp32", BARE, "ANN, fp32 arithmetic", "ann",
            "A multiplication and an addition of fp32 for each MAC.",
            (
                Constant("mac", "Multiply-accumulate, fp32", fp32, "pJ", HOROWITZ,
                         high=fp32 + fp_moved, note=note),
                Constant("neuron", "Bias and ReLU: two additions", 1.8, "pJ", HOROWITZ),
            ), assumptions,
        ),
        Device(
            "ann-45nm-int", BARE, f"ANN, {bits}-bit arithmetic", "ann",
            "An integer multiplication and an addition for each MAC.",
            (
                Constant("mac", f"Multiply-accumulate, {bits} bit", whole, "pJ", HOROWITZ,
                         low=min(multiply_pj(bits) + add_pj(bits), whole), high=whole + moved,
                         note=integer),
                Constant("neuron", "Bias and ReLU: two additions", 2 * add, "pJ", HOROWITZ),
            ), assumptions,
        ),
    )  # fmt: skip
