"""All device models, in the order in which they are shown."""

from snnlab.energy import conventional, neuromorphic
from snnlab.energy.constants import Constant, Device, changed
from snnlab.errors import LabError
from snnlab.registry import named

BITS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 32)


def devices(
    bits: int = 8,
    values: dict[tuple[str, str], float] | None = None,
    measured: tuple[Constant, ...] = (),
):
    """Every device model.

    Parameters
    ----------
    bits : int
        Of a weight, 2..32.
    values : dict, optional
        Constants to replace; see `snnlab.energy.constants.changed`.
    measured : tuple of Constant
        Of this machine (`snnlab.energy.measured`), in place of those of the machine that
        docs/energy.md is of.

    Returns
    -------
    tuple of Device

    Raises
    ------
    LabError
    """
    if not 2 <= bits <= 32:
        raise LabError("the bits of a weight must be from 2 to 32.")
    found = (
        *conventional.processors(bits),
        conventional.measured(*((measured,) if measured else ())),
        *conventional.boards(),
        *conventional.arithmetic(bits),
        *neuromorphic.chips(),
        *neuromorphic.arithmetic(bits),
    )
    return changed(found, values or {})


def device(name: str, found: tuple[Device, ...]) -> Device:
    """One of them by name.

    Raises
    ------
    LabError
    """
    return named(found, name, "device model")
