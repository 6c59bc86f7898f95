"""Devices that run the ANN: CPU, GPU, ARM, and 45 nm arithmetic.

Three kinds of figures. KerasSpiking's are joules a multiply-accumulate with
the device kept busy, which a GPU is in large batches only. For one image at a
time the same is charged plus what it costs to start a layer, derived from a
measurement of the authors of the paper at batch 1. And the energy of the
arithmetic alone in 45 nm, below which no chip of that process can go.

What 8-bit weights save is not published for these processors, which have no
instruction for dot products of bytes: the value is that of fp32, and the
lower end of the band what it would be if energy were in proportion to bits.
"""

from math import log

from snnlab.energy.constants import Constant, Device

KERAS_SPIKING = (
    "KerasSpiking 0.3 ModelEnergy, after Degnan, Marr, Hasler (2015), IEEE Trans. VLSI 24(1):58"
)
BLOUW = "Blouw et al. (2018), arXiv:1812.01739, table 1: keyword spotter, batch 1"
HOROWITZ = "Horowitz (2014), ISSCC, Computing's energy problem: 45 nm, 0.9 V"

# the network of that table: 390 inputs, two layers of 256, 29 characters
_SPOTTER_MACS = 390 * 256 + 256 * 256 + 256 * 29
_SPOTTER_LAYERS = 3
# W idle, W running, inferences a second, J of dynamic energy each
_CPU = (17.01, 28.48, 1813.63, 0.0063)
_GPU = (14.97, 37.83, 770.39, 0.0298)

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


def _idle(watts: tuple) -> tuple[Constant, ...]:
    idle, running, _, _ = watts
    return (
        Constant("idle", "Power when idle", idle, "W", BLOUW),
        Constant(
            "dynamic", "Power on top of that when computing", running - idle, "W", BLOUW,
            note="running minus idle; says how long it computes, and so how long it idles along",
        ),
    )  # fmt: skip


def _dispatch(watts: tuple, nj: float) -> Constant:
    _, running, rate, joules = watts
    arithmetic = _SPOTTER_MACS * nj * 1e-9
    value = (joules - arithmetic) / _SPOTTER_LAYERS * 1e3
    return Constant(
        "dispatch",
        "Starting a layer",
        value,
        "mJ",
        BLOUW,
        low=0.0,
        high=running / rate / _SPOTTER_LAYERS * 1e3,
        note=f"derived: ({joules:g} J an inference - {_SPOTTER_MACS:,} MACs at {nj:g} nJ) / "
        f"{_SPOTTER_LAYERS} layers; high: all its power counted; low: none, as in a large batch",
    )


def processors(bits: int) -> tuple[Device, ...]:
    """CPU, GPU and ARM for weights of so many bits."""
    cpu, gpu, arm = 8.6, 0.3, 0.9
    online = (
        "One image at a time: a layer costs what it costs to start it, shared by a batch.",
        "Starting a layer is derived from another network on another machine, as none of this"
        " network is published.",
    )
    return (
        Device(
            "cpu", "CPU", "KerasSpiking", "ann",
            "Intel i7-4960X: joules a multiply-accumulate, busy.",
            (*_shared(cpu, bits), *_idle(_CPU)), (_ONE_BY_ONE,),
        ),
        Device(
            "cpu-online", "CPU", "one image at a time", "ann",
            "The same, and what it costs to start each layer.",
            (*_shared(cpu, bits), _dispatch(_CPU, cpu), *_idle(_CPU)), online,
        ),
        Device(
            "gpu", "GPU", "large batches", "ann",
            "Nvidia GTX Titan Black: joules a multiply-accumulate, busy.",
            (*_shared(gpu, bits), *_idle(_GPU)), (_ONE_BY_ONE,),
        ),
        Device(
            "gpu-online", "GPU", "one image at a time", "ann",
            "The same, and what it costs to start each layer.",
            (*_shared(gpu, bits), _dispatch(_GPU, gpu), *_idle(_GPU)), online,
        ),
        Device(
            "arm", "ARM", "KerasSpiking", "ann",
            "ARM Cortex-A: joules a multiply-accumulate, busy.", _shared(arm, bits),
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
            "ann-45nm-fp32", "45 nm", "ANN, fp32 arithmetic", "ann",
            "A multiplication and an addition of fp32 for each MAC.",
            (
                Constant("mac", "Multiply-accumulate, fp32", fp32, "pJ", HOROWITZ,
                         high=fp32 + fp_moved, note=note),
                Constant("neuron", "Bias and ReLU: two additions", 1.8, "pJ", HOROWITZ),
            ), assumptions,
        ),
        Device(
            "ann-45nm-int", "45 nm", f"ANN, {bits}-bit arithmetic", "ann",
            "An integer multiplication and an addition for each MAC.",
            (
                Constant("mac", f"Multiply-accumulate, {bits} bit", whole, "pJ", HOROWITZ,
                         low=min(multiply_pj(bits) + add_pj(bits), whole), high=whole + moved,
                         note=integer),
                Constant("neuron", "Bias and ReLU: two additions", 2 * add, "pJ", HOROWITZ),
            ), assumptions,
        ),
    )  # fmt: skip
