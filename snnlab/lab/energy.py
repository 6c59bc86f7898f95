"""The lab's front door to energy: what pages, command line and benchmark call.

See `snnlab.lab.segmenting` for runs; here is what they cost. Everything but `measure`
is arithmetic on what a run left behind, and quick.
"""

from dataclasses import dataclass, replace

import numpy as np

from snnlab import conversion, simulation
from snnlab.energy import breakeven as _breakeven
from snnlab.energy import neurobench as _neurobench
from snnlab.energy import work as _work
from snnlab.energy.checked import Check, Growth, check, growth
from snnlab.energy.constants import Constant, Device
from snnlab.energy.devices import BITS, device, devices  # noqa: F401  for the pages
from snnlab.energy.estimate import IDLE, Estimate, estimate, real_time
from snnlab.energy.profile import Profile, profile
from snnlab.energy.work import Work
from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.nets.architecture import multiple
from snnlab.results.segmentation import Segmentation
from snnlab.settings import Settings
from snnlab.studies.methods.contenders import GATES, GRADED, unfit, unfit_for_2


def profile_of(result: Segmentation, steps: tuple[int, ...] | None = None) -> Profile:
    """Work of a run, step by step; see `snnlab.energy.profile`."""
    return profile(result, lab.model(result.settings.model).layers, steps)


def work_of(result: Segmentation) -> Work:
    """Work of a run, without a partition."""
    return profile_of(result, (result.timesteps,)).at(result.timesteps)


def neurobench(result: Segmentation) -> _neurobench.Metrics:
    """NeuroBench's metrics of a run; see `snnlab.energy.neurobench`.

    Raises
    ------
    LabError
        If the model of that name is another net by now: its weights are counted, too.
    """
    net = lab.model(result.settings.model)
    shapes = {layer.name: layer.shape for layer in result.layers}
    for layer in net.populations():
        if shapes.get(layer.name, (0,))[-1] != layer.channels:
            raise LabError(
                f"The model {result.settings.model} was replaced since this run; run it again to"
                " count what it does."
            )
    return _neurobench.metrics(result, net)


def with_partition(work: Work, mapping, partition: str) -> Work:
    """The same with messages between cores and chips as a partition of a tile has them.

    Parameters
    ----------
    mapping : snnlab.chips.board.Mapping
    partition : str
        Which of its partitions.

    Raises
    ------
    LabError
        If there is no such partition, or the mapping is of another network.
    """
    if partition not in mapping.partitions:
        names = ", ".join(mapping.partitions)
        raise LabError(f"there is no partition {partition!r}; choose one of {names}.")
    if not set(mapping.shapes) <= {layer.name for layer in work.layers}:
        raise LabError("the partition is of a network with other layers; make one of this model.")
    _, _, height, width = mapping.tile
    traffic = mapping.layout(partition).traffic
    chosen = mapping.partitions[partition]
    return _work.mapped(work, chosen, traffic, height * width, set(mapping.shapes))


def unforeseen(sums: Profile, timesteps: int, scale: dict[str, float] | None) -> str:
    """Why a run does not tell what another would cost, in a clause; empty if it does.

    Parameters
    ----------
    sums : Profile
        Of the run.
    timesteps : int
        Of the other.
    scale : dict of str to float or None
        By which its layers' rates would be larger; see `factors`.
    """
    if not sums.silent or (timesteps <= sums.timesteps and scale is None):
        return ""
    first, *more = sums.silent
    named = f"*{first}*" + (f" and {len(more)} more layer{'s' * (len(more) > 1)}" if more else "")
    return f"{named} sent no spike in this run, which says nothing about longer or busier runs"


def factors(model: str, before: Settings, after: Settings) -> dict[str, float] | None:
    """By how much other bounds would scale each layer's rates.

    Returns
    -------
    dict of str to float, or None
        None if the method does not scale rates between bounds.
    """
    if conversion.bounds_hz(before)[0] is None:
        return None
    from snnlab.conversion.rate_scaling import rates

    unet = lab.model(model)
    old, new = rates(unet, before), rates(unet, after)
    return {name: new[name] / old[name] for name in old}


def estimates(
    work: Work,
    bits: int = 8,
    batch: int = 1,
    idle: bool = False,
    values: dict[tuple[str, str], float] | None = None,
    measured: tuple[Constant, ...] = (),
) -> tuple[Estimate, ...]:
    """Energy of an image on every device.

    Parameters
    ----------
    bits : int
        Of a weight.
    batch : int
        Images that the ANN computes at once.
    idle : bool
        Count power that flows anyhow too.
    values : dict, optional
        Constants of the user's own, from (device, key).
    measured : tuple of Constant
        Of this machine; see `paces`.

    Raises
    ------
    LabError
    """
    if batch < 1:
        raise LabError("a batch must hold at least 1 image.")
    return tuple(estimate(one, work, batch, idle) for one in devices(bits, values, measured))


def rows(found: tuple[Estimate, ...], work: Work, idle: bool = False) -> list[dict]:
    """Estimates as plain numbers, a row each; see the command ``energy``."""
    out = []
    for one in found:
        low, value, high = one.band
        row = {
            "device": one.device.device,
            "model": one.device.model,
            "name": one.device.name,
            "network": one.device.network,
            "source": "; ".join(one.sources),
            "joules_per_image": value,
            "low": low,
            "high": high,
        }
        if one.device.network == "ann":
            row |= {"macs": work.macs, "neuron_updates": work.ann_neurons}
        else:
            row |= {"synaptic_events": round(work.events), "neuron_updates": work.updates}
        waiting = real_time(one.device, work)
        if waiting is not None:
            row["idle_joules_in_real_time"] = waiting
        row["parts"] = {name: part[1] for name, part in one.parts.items()}
        row["assumptions"] = [one.device.summary, *one.device.assumptions]
        if one.device.get("message"):
            row["assumptions"].append(f"Messages: {work.mapping}.")
        row["assumptions"] += [
            f"{c.name}: {c.note}."
            for c in one.device.constants
            if c.note and (idle or c.key not in IDLE)
        ]
        out.append(row)
    return out


def unlike(work: Work, result: Segmentation) -> tuple[str, ...]:
    """What of a run the constants were not made for, a sentence each; none for most.

    Parameters
    ----------
    work : Work
        Of the run.
    """
    settings = result.settings
    pools = any(layer.pool > 1 for layer in lab.model(settings.model).layers)
    reason, told = unfit(settings, pools), []
    if reason in (GRADED, GATES):
        told.append(
            f"Loihi 1 cannot run this network ({reason}); its figures count each spike as one"
            " without a size, and a gate as a neuron."
            + " On Loihi 2 it is possible; what a spike with a size costs there is not published."
            * (not unfit_for_2(reason))
        )
    if work.between:
        count = sum(layer.neurons for layer in work.between)
        names = ", ".join(layer.name for layer in work.between)
        told.append(
            f"{count:,} neurons are none of the ANN's (gates, relays or pixels: {names}); they are"
            " charged as neurons with input in every step."
        )
    return tuple(told)


@dataclass(frozen=True)
class BreakEven:
    """Where an SNN on one device stops winning against ANNs on others.

    Attributes
    ----------
    device : Device
        Of the SNN.
    timesteps : numpy.ndarray
    spikes : dict of str to numpy.ndarray
        Spikes a neuron at the break-even, by title of the ANN's device; NaN
        where it cannot win.
    most_steps : dict of str to float
        Timesteps beyond which not even silence wins.
    run : tuple of float
        Timesteps and spikes a neuron of the run.
    here : dict of str to float
        Spikes a neuron at the break-even at the run's own timesteps; below 0
        where it cannot win.
    per_spike : float
        Joules of a spike with all that it causes; 0 if none was sent, or none costs anything:
        then there are no lines.
    """

    device: Device
    timesteps: np.ndarray
    spikes: dict[str, np.ndarray]
    most_steps: dict[str, float]
    run: tuple[float, float]
    here: dict[str, float]
    per_spike: float


def break_even(
    work: Work, chosen: str, against: tuple[str, ...], found: tuple[Device, ...], batch: int = 1
) -> BreakEven:
    """The lines on which both networks cost the same; idle power not counted.

    Parameters
    ----------
    chosen : str
        Name of the device that runs the SNN.
    against : tuple of str
        Names of those that run the ANN.
    """
    plane = _breakeven.plane(device(chosen, found), work)
    timesteps = np.unique(np.geomspace(1, 1000, 121).round())
    lines, most, here = {}, {}, {}
    for name in against:
        other = device(name, found)
        joules = estimate(other, work, batch).joules
        at = plane.breakeven(joules, timesteps)
        lines[other.title] = np.where(at > 0, at, np.nan)
        most[other.title] = float(plane.most_steps(joules))
        here[other.title] = float(plane.breakeven(joules, work.timesteps))
    run = (work.timesteps, work.spikes_per_neuron)
    return BreakEven(device(chosen, found), timesteps, lines, most, run, here, plane.per_spike)


# ---- the model of Loihi against a measurement -------------------------------------


def held_against(name: str, found: tuple[Device, ...]) -> tuple[tuple[Check, ...], Growth] | None:
    """What a model of Loihi says of the keyword spotter, against what the board took.

    Returns
    -------
    tuple of Check, and Growth
        None if the device is not Loihi: nothing else of the table ran a spiking network.
    """
    chosen = device(name, found)
    return (check(chosen), growth(chosen)) if chosen.device == "Loihi 1" else None


# ---- this machine ---------------------------------------------------------------


def paces(measured) -> tuple[Constant, ...]:
    """What the row *CPU, measured seconds* is charged at on this machine.

    Parameters
    ----------
    measured : snnlab.energy.machine.Measured or None
        None, or one without an ANN, gives none: then the row is of another machine.
    """
    from snnlab.energy.measured import constants

    return constants(measured) if measured is not None else ()


def measure(result: Segmentation, progress=None, cancel=None):
    """Seconds, and joules where they can be read, of both networks on this machine.

    Of a large image the middle is measured, whose spikes are kept.

    Returns
    -------
    snnlab.energy.machine.Measured
    """
    from snnlab.energy import machine
    from snnlab.images import tiles

    settings = replace(result.settings, simulator="event")
    unet = lab.model(settings.model)
    top, left, height, width = result.region
    image = tiles.pad(result.image[top : top + height, left : left + width], multiple(unet.layers))
    convert = conversion.method(settings.method).convert
    run = simulation.simulator("event").run
    return machine.measure(
        unet,
        image,
        lambda part: convert(unet, part, settings),
        lambda network, stop: run(network, settings.timesteps, settings.seed, None, stop),
        settings.timesteps,
        progress=progress,
        cancel=cancel,
    )
