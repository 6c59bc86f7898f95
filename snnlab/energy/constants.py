"""A published constant: its value, the range that is defensible, its unit and its source.

Nothing in this package computes with a number of physics or hardware that is
not one of these, and none can be made without a source.
"""

from dataclasses import dataclass

from snnlab.errors import LabError

# one of each unit in joules, watts or seconds
UNITS = {
    "pJ": 1e-12, "nJ": 1e-9, "mJ": 1e-3, "J": 1.0,
    "mW": 1e-3, "W": 1.0,
    "ps": 1e-12, "ns": 1e-9, "µs": 1e-6, "ms": 1e-3,
}  # fmt: skip


@dataclass(frozen=True)
class Constant:
    """One number that somebody has published, or that follows from such numbers.

    Attributes
    ----------
    key : str
        What it is charged for; see `snnlab.energy.estimate`.
    name : str
        For people.
    value : float
        In ``unit``.
    unit : str
        One of `UNITS`.
    source : str
        Who published it, where.
    low, high : float, optional
        Ends of the band that estimates carry; the value itself if not given.
    note : str
        How it was derived, or why the band is as wide as it is.

    Raises
    ------
    ValueError
        If it has no source, its unit is unknown or its band does not hold the value.
    """

    key: str
    name: str
    value: float
    unit: str
    source: str
    low: float | None = None
    high: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        for end in ("low", "high"):
            if getattr(self, end) is None:
                object.__setattr__(self, end, self.value)
        if not self.source.strip():
            raise ValueError(f"{self.name} has no source")
        if self.unit not in UNITS:
            raise ValueError(f"{self.name}: no unit {self.unit!r}")
        if not 0 <= self.low <= self.value <= self.high:
            raise ValueError(f"{self.name}: {self.low} <= {self.value} <= {self.high} fails")

    @property
    def band(self) -> tuple[float, float, float]:
        """Low, value and high in joules, watts or seconds."""
        unit = UNITS[self.unit]
        return self.low * unit, self.value * unit, self.high * unit

    def changed(self, value: float) -> "Constant":
        """The same with a value of the user's own, and no band.

        Raises
        ------
        LabError
            If it is no number from 0 on.
        """
        if not 0 <= value < float("inf"):
            raise LabError(f"{self.name} must be a number from 0 on.")
        return Constant(
            self.key,
            self.name,
            value,
            self.unit,
            f"yours; published: {self.value:g} {self.unit}, {self.source}",
            note=self.note,
        )


BARE = "45 nm"  # the process that energies of single operations are known of


@dataclass(frozen=True)
class Device:
    """One device, as one publication sees it.

    Attributes
    ----------
    name : str
        Unique; small letters, digits and hyphens.
    device, model : str
        What it is, and whose constants these are; for people.
    network : {"ann", "snn"}
        Which of the two networks runs on it.
    summary : str
        What is charged, in a sentence.
    constants : tuple of Constant
    assumptions : tuple of str
        What else is assumed; one sentence each.
    """

    name: str
    device: str
    model: str
    network: str
    summary: str
    constants: tuple[Constant, ...]
    assumptions: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """One line."""
        return f"{self.device}, {self.model}"

    @property
    def bare(self) -> bool:
        """Whether it is arithmetic alone, and no machine that could be bought."""
        return self.device == BARE

    def get(self, key: str) -> Constant | None:
        """The constant that something is charged at, if it is."""
        return next((one for one in self.constants if one.key == key), None)


def changed(devices: tuple[Device, ...], values: dict[tuple[str, str], float]):
    """Devices with some constants replaced.

    Parameters
    ----------
    values : dict
        From (device, key) to a value in the constant's own unit.

    Returns
    -------
    tuple of Device

    Raises
    ------
    LabError
        If there is no such device or constant, or a value makes no sense.
    """
    known = {(device.name, one.key) for device in devices for one in device.constants}
    for device, key in set(values) - known:
        raise LabError(f"there is no constant {key!r} of a device {device!r}.")
    return tuple(
        Device(
            device.name,
            device.device,
            device.model,
            device.network,
            device.summary,
            tuple(
                one.changed(values[device.name, one.key])
                if (device.name, one.key) in values
                else one
                for one in device.constants
            ),
            device.assumptions,
        )
        for device in devices
    )
