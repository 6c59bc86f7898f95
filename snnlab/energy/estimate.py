"""Joules an image: counts times constants.

    ANN   E = MACs e_mac + neurons e_neuron + layers e_dispatch / batch
          or MACs t_mac P_core, where seconds were measured
    SNN   E = events e_event + active e_active + inactive e_inactive
            + spikes e_spike + messages e_message + messages between chips e_interchip

and, if power while idle is counted too,

    ANN   + E P_idle / P_dynamic           (it idles along for E / P_dynamic seconds)
    SNN   + chips P_static T t_step,       t_step = barrier + neurons/core t_access
                                                    + events/core/step t_process

at the low end of the band as fast as the chip can with the least power, at
the high end 1 ms a step with the most (`real_time` is that with the usual power).
"""

from dataclasses import dataclass

from snnlab.energy.constants import Device
from snnlab.energy.work import Work

PARTS = ("synapses", "neurons", "messages", "overhead", "static")
_PART = {
    "mac": "synapses",
    "pace": "synapses",
    "power": "synapses",
    "event": "synapses",
    "neuron": "neurons",
    "active": "neurons",
    "inactive": "neurons",
    "spike": "messages",
    "message": "messages",
    "interchip": "messages",
    "dispatch": "overhead",
}
# what only idle power depends on
IDLE = ("idle", "dynamic", "static", "barrier", "access", "process", "real")
Band = tuple[float, float, float]


@dataclass(frozen=True)
class Estimate:
    """Energy of one image on one device.

    Attributes
    ----------
    device : Device
    parts : dict of str to tuple of float
        Low, value, high in joules, by what it goes into; see `PARTS`.
    """

    device: Device
    parts: dict[str, Band]

    @property
    def sources(self) -> tuple[str, ...]:
        """Of all constants that were charged, each once."""
        charged = (
            one.source
            for one in self.device.constants
            if one.key in _PART or (one.key in IDLE and "static" in self.parts)
        )
        split = (part for source in charged for part in source.split("; "))
        return tuple(
            dict.fromkeys(
                part.removesuffix(" (high end)").removesuffix(" (low end)") for part in split
            )
        )

    @property
    def band(self) -> Band:
        """Low, value and high of the whole, in joules."""
        return tuple(sum(part[i] for part in self.parts.values()) for i in range(3))

    @property
    def joules(self) -> float:
        """The value."""
        return self.band[1]


def counts(work: Work, batch: int = 1) -> dict[str, float]:
    """How often each constant is charged for one image.

    Parameters
    ----------
    batch : int
        Images that the ANN computes at once.
    """
    return {
        "mac": work.macs,
        "neuron": work.ann_neurons,
        "dispatch": work.depth / batch,
        "event": work.events,
        "active": work.active,
        "inactive": work.inactive,
        "spike": work.spikes,
        "message": work.messages,
        "interchip": work.interchip,
    }


def estimate(device: Device, work: Work, batch: int = 1, idle: bool = False) -> Estimate:
    """Energy of one image on one device.

    Parameters
    ----------
    batch : int
        Images at once; only what a batch shares depends on it.
    idle : bool
        Whether power that flows anyhow is counted too, where it is published.
    """
    charged = counts(work, batch)
    parts: dict[str, Band] = {}
    for constant in device.constants:
        if constant.key not in charged:
            continue
        part = _PART[constant.key]
        so_far = parts.get(part, (0.0, 0.0, 0.0))
        times = charged[constant.key]
        parts[part] = tuple(a + times * b for a, b in zip(so_far, constant.band, strict=True))
    pace, power = device.get("pace"), device.get("power")
    if pace and power:
        both = zip(pace.band, power.band, strict=True)
        parts["synapses"] = tuple(work.macs * seconds * watts for seconds, watts in both)
    if idle:
        static = _idle(device, parts) if device.network == "ann" else _static(device, work)
        if static is not None:
            parts["static"] = static
    return Estimate(device, parts)


def _idle(device: Device, parts: dict[str, Band]) -> Band | None:
    watts, dynamic = device.get("idle"), device.get("dynamic")
    if watts is None or dynamic is None:
        return None
    share = watts.band[1] / dynamic.band[1] if dynamic.band[1] else 0.0
    return tuple(share * sum(part[i] for part in parts.values()) for i in range(3))


def step_seconds(device: Device, work: Work) -> Band | None:
    """How long a step takes on a chip: as fast as it can (twice), and in real time.

    None if nothing is published of it.
    """
    barrier, access, process, real = map(device.get, ("barrier", "access", "process", "real"))
    if None in (barrier, access, process, real):
        return None
    fast = barrier.band[1]
    fast += work.neurons / work.cores * access.band[1]
    fast += work.events / work.timesteps / work.cores * process.band[1]
    return fast, fast, max(fast, real.band[1])


def real_time(device: Device, work: Work) -> float | None:
    """Idle power of an image's chips, J, if a step lasts as long as in real time.

    None if nothing is published of the chip's idle power.
    """
    watts, step = device.get("static"), step_seconds(device, work)
    if watts is None or step is None:
        return None
    return work.chips * watts.band[1] * work.timesteps * step[2]


def _static(device: Device, work: Work) -> Band | None:
    watts, step = device.get("static"), step_seconds(device, work)
    if watts is None or step is None:
        return None
    return tuple(
        work.chips * watt * work.timesteps * second
        for watt, second in zip(watts.band, step, strict=True)
    )
