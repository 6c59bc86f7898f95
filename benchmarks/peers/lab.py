"""The lab's own simulators as contestants; run by the lab's Python."""

import json
from importlib.metadata import version as installed

import numpy as np

# runs before the timed ones, and steps in a third of one
TRIALS, CHUNK = 4, 4


def version(simulator: str) -> str:
    """What ran."""
    if simulator.startswith("event"):
        return f"numba {installed('numba')}"
    return f"{installed('nengo-dl')}, tensorflow {installed('tensorflow')}"


def prepare(simulator: str, threads: int):
    """Give back ``begin(folder, name)``, which gives back ``run(timesteps)``."""
    from snnlab import conversion
    from snnlab.nets import model as models
    from snnlab.settings import Settings
    from snnlab.simulation import event, nengo_dl

    def begin(folder, name):
        with np.load(folder / f"network-{name}.npz") as stored:
            about = json.loads(str(stored["about"]))
            image = stored["image"]
        unet = models.load(about["model"], about["folder"])
        convert = conversion.method("rate-scaling").convert

        def run(timesteps):
            # the network is given: making and reading it is not timed, as the
            # building of the others' modules is not
            network = convert(unet, image, Settings(**about["settings"]))
            last = network.populations[-1].name
            if simulator.startswith("event"):
                dtype = "float64" if "+double" in simulator else "float32"
                # as the others do, it keeps the last layer's spikes
                recording = event.run(
                    network, timesteps, dtype=dtype, threads=threads, keep=(last,)
                )
            else:
                recording = nengo_dl.run(network, timesteps)
            return recording[last].counts(), recording.seconds

        return run

    return begin
