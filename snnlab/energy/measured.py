"""What was measured on this machine, as constants that an ANN can be charged at.

Seconds that cores were busy, times a power that is stated; or joules, where the
processor shows them.
"""

from snnlab.energy.constants import Constant
from snnlab.energy.conventional import POWER
from snnlab.energy.machine import Measured, Reading
from snnlab.errors import many


def constants(found: Measured) -> tuple[Constant, ...]:
    """Constants of the ANN on this machine, for `snnlab.energy.devices.devices`.

    Parameters
    ----------
    found : Measured

    Returns
    -------
    tuple of Constant
        ``pace`` and ``power``, or ``mac`` alone where joules were counted; empty if no ANN was
        measured.
    """
    reading = _chosen(found)
    if reading is None or not found.macs:
        return ()
    source = f"measured here: {reading.what} on {found.machine}, {many(found.threads, 'thread')}"
    if reading.joules is not None:
        return (
            Constant(
                "mac", "Multiply-accumulate", reading.joules / found.macs * 1e9, "nJ",
                f"{source}, by the processor's own counters (RAPL)",
                note="joules of the whole processor package for an image, over its MACs",
            ),
        )  # fmt: skip
    low, value, high = (seconds / found.macs * 1e12 for seconds in reading.busy)
    pace = Constant(
        "pace", "Time of a MAC on one core", value, "ps", source, low=low, high=high,
        note="seconds that cores were busy (not seconds that passed) for an image, over its MACs;"
        " band: quickest and slowest of several runs",
    )  # fmt: skip
    return pace, POWER


def _chosen(found: Measured) -> Reading | None:
    """8-bit arithmetic, one image at a time; another ANN where the net has no such form."""
    anns = [one for one in found.readings if one.what.startswith("ANN") and one.batch == 1]
    anns = [one for one in anns if one.busy or one.joules is not None]
    return anns[-1] if anns else None
