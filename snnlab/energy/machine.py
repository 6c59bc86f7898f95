"""What an image costs on this machine: seconds, and joules where they can be read.

Four ways to segment it: the ANN in fp32, with weights rounded to 8 bits but
computed in fp32 (which is what the lab shows), in 8-bit integer arithmetic
(TensorFlow Lite), and the SNN by the event-driven simulator. Each runs once
unmeasured, so that nothing is compiled while it is measured, and then several
times; the median counts. Joules are of the whole processor package, other
programs and its idle power included.
"""

import os
import statistics
import time
from dataclasses import dataclass

import numpy as np

from snnlab.energy.counters import Counters
from snnlab.energy.work import macs
from snnlab.errors import Cancelled, LabError, many

REPEATS = 5
BATCHES = (1, 4)


@dataclass(frozen=True)
class Reading:
    """One way to segment, measured.

    Attributes
    ----------
    what : str
        For people.
    batch : int
        Images handed over at once.
    seconds, low, high : float
        An image: median, quickest and slowest.
    joules : float or None
        An image; None where it cannot be read.
    note : str
    busy : tuple of float
        Seconds that cores were busy for an image, all threads added up: least, median and
        most. Other programs, which make an image take longer, change it little.
    """

    what: str
    batch: int
    seconds: float
    low: float
    high: float
    joules: float | None
    note: str = ""
    busy: tuple[float, ...] = ()


@dataclass(frozen=True)
class Measured:
    """All ways on one machine.

    Attributes
    ----------
    machine : str
    shape : tuple of int
        Of the image.
    timesteps : int
    threads : int
    readings : tuple of Reading
    missing : str
        Why there are no joules; empty if there are.
    notes : tuple of str
        What could not be run, and why.
    macs : int
        Of the ANN for an image.
    """

    machine: str
    shape: tuple[int, int]
    timesteps: int
    threads: int
    readings: tuple[Reading, ...]
    missing: str
    notes: tuple[str, ...]
    macs: int = 0


def timed(
    what: str,
    batch: int,
    run,
    counters: Counters,
    repeats: int = REPEATS,
    note: str = "",
    warm: bool = False,
) -> Reading:
    """Run something once for nothing and then several times measured.

    Parameters
    ----------
    run : callable
        Segments ``batch`` images.
    warm : bool
        It has run before.
    """
    if not warm:
        run()
    seconds, busy, joules = [], [], []
    for _ in range(repeats):
        before, worked, begun = counters.read(), time.process_time(), time.perf_counter()
        run()
        seconds.append((time.perf_counter() - begun) / batch)
        busy.append((time.process_time() - worked) / batch)
        joules.append(counters.joules(before, counters.read()))
    known = [one / batch for one in joules if one is not None]
    return Reading(
        what,
        batch,
        statistics.median(seconds),
        min(seconds),
        max(seconds),
        statistics.median(known) if known else None,
        note,
        (min(busy), statistics.median(busy), max(busy)),
    )


def measure(
    unet,
    image: np.ndarray,
    make,
    simulate,
    timesteps: int,
    batches: tuple[int, ...] = BATCHES,
    repeats: int = REPEATS,
    counters: Counters | None = None,
    progress=None,
    cancel=None,
) -> Measured:
    """Measure all ways on one image.

    Parameters
    ----------
    unet : Model
    image : numpy.ndarray
        float32 ``(height, width)``, normalised, sides as the network wants them.
    make : callable
        ``make(image)`` converts, giving a SpikingNetwork.
    simulate : callable
        ``simulate(network, cancel)`` runs the event-driven simulator.
    timesteps : int
    batches : tuple of int
    counters : Counters, optional
    progress, cancel : callable, optional

    Raises
    ------
    Cancelled
    """
    from snnlab.energy import int8
    from snnlab.nets.keras import keras_model

    counters = counters or Counters()
    threads = usable()
    # flipped and turned, so that a batch is not one image several times
    turns = [np.rot90(image, turn)[:: 1 - 2 * flip] for flip in (0, 1) for turn in (0, 2)]
    several = {n: np.stack([turns[i % len(turns)] for i in range(n)])[..., None] for n in batches}
    readings, notes = [], []
    total = 4 * len(batches)

    def step(what: str) -> None:
        if cancel and cancel():
            raise Cancelled
        if progress:
            progress(len(readings) / total, what)

    nets = {"ANN, 8-bit weights in fp32 arithmetic": keras_model(unet)}
    if set(unet.floats) >= {layer.name for layer in unet.layers}:
        nets = {"ANN, fp32": keras_model(unet, kernels=unet.floats)} | nets
    else:
        notes.append(
            "The model does not keep its weights from before rounding, so fp32 was not measured."
        )
    for what, net in nets.items():
        for n, batch in several.items():
            step(what)
            readings.append(
                timed(
                    what,
                    n,
                    lambda net=net, x=batch: net(x, training=False).numpy(),
                    counters,
                    repeats,
                )
            )
    what = "ANN, 8-bit arithmetic"
    slow = ""
    if any(layer.activation == "loihi" for layer in unet.layers):
        slow = "the stepped rate curve is no instruction of TensorFlow Lite's, and most of the time"
    for n, batch in several.items():
        step(what)
        try:
            run = int8.build(unet, batch, threads)
        except LabError as error:
            notes.append(str(error))
            break
        readings.append(timed(what, n, lambda run=run, x=batch: run(x), counters, repeats, slow))
    what = f"SNN, event simulator, {many(timesteps, 'step')}"
    networks = [make(np.ascontiguousarray(turn)) for turn in turns]
    for n in batches:
        step(what)

        def run(n=n):
            for i in range(n):
                simulate(networks[i % len(networks)], cancel)

        note = "one after the other: it has no batches" if n > 1 else ""
        readings.append(timed(what, n, run, counters, max(repeats // n, 2), note, warm=n > 1))
    if progress:
        progress(1.0, "done")
    return Measured(
        processor(),
        image.shape,
        timesteps,
        threads,
        tuple(readings),
        counters.missing,
        tuple(notes),
        sum(macs(unet.layers, *image.shape).values()),
    )


def usable() -> int:
    """Threads that TensorFlow takes here."""
    named = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    if named.isdigit() and int(named):
        return int(named)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def processor() -> str:
    """Name of this machine's processor."""
    import platform
    from pathlib import Path

    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
