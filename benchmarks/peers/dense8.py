"""The dense rival in 8 bits: products of bytes for many steps at once, with a library's kernels.

Without loops a layer can be run over all steps before the next one starts, and spikes are bytes,
0 or 1. So each layer is a convolution of bytes with 8-bit levels, by oneDNN (`onednn-int8`),
PyTorch (`torch-int8`) or ONNX Runtime (`onnxruntime-int8`), and then a pass that adds currents
to potentials and fires, in C (``dense8.cpp``). A layer with a skip is two products, since each
source has a scale of its own. PyTorch and ONNX Runtime take as many steps at once as leave the
currents in the cache; oneDNN is called for a band of rows, so that they need not even leave the
core. Sums of levels are exact, potentials are in single precision; `onnxruntime-int8+double` has
them in double precision.
"""

import ctypes
import json
import os
from importlib.metadata import version as installed

import numpy as np
from dense8_libraries import LIBRARIES
from dense8_parts import at, products

# whole runs before the timed ones; CHUNK is a third of as many steps as anyone asks for
TRIALS, CHUNK = 2, 1 << 20
PACKAGES = {"onednn": "onednn-cpu-gomp", "torch": "torch", "onnxruntime": "onnxruntime"}


def version(simulator: str) -> str:
    """Of the library that multiplied."""
    return installed(PACKAGES[simulator.split("-")[0]])


def prepare(simulator: str, threads: int):
    """Give back ``begin(folder, name)``, which gives back ``run(timesteps)``."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    # on a busy machine threads that spin keep each other from working
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    name, *forms = simulator.split("+")
    forms = dict.fromkeys(forms, True)  # `double`, which needs sums in whole numbers
    library = LIBRARIES[name.removesuffix("-int8")](threads, **forms)

    def begin(folder, name):
        with np.load(folder / f"network-{name}.npz") as stored:
            arrays = dict(stored)
        layers = json.loads(str(arrays["layers"]))[:-1]
        image = np.ascontiguousarray(arrays["image"][::-1, ::-1], float)
        sides, channels, plans = {}, {}, {}
        first = layers[0]
        kernel = arrays[f"{first['name']}/kernel"][0, 0, 0]
        constant = image[..., None] * kernel + arrays[f"{first['name']}/bias"]
        planes = getattr(library, "planes", False)
        constant = constant.transpose(2, 0, 1) if planes else constant
        constant = np.ascontiguousarray(constant)
        sides[first["name"]], channels[first["name"]] = image.shape, first["channels"]
        found = {}
        for layer in layers[1:]:
            found[layer["name"]] = products(layer, arrays, sides, channels)
            scale = layer["stride"] if layer["kind"] == "up" else 1 / layer["stride"]
            side = tuple(int(n * scale) for n in sides[layer["inputs"][0]])
            sides[layer["name"]], channels[layer["name"]] = side, layer["channels"]
        shapes = {key: (*sides[key], channels[key]) for key in sides}
        inputs = {layer["name"]: layer["inputs"] for layer in layers}

        def plan(timesteps):
            steps = {
                key: library.layer(parts, timesteps, shapes[key]) for key, parts in found.items()
            }
            spikes = {key: np.empty((timesteps, *shape), np.uint8) for key, shape in shapes.items()}
            return steps, spikes

        def run(timesteps):
            if timesteps not in plans:
                plans[timesteps] = plan(timesteps)
            steps, spikes = plans[timesteps]
            key, neurons = first["name"], ctypes.c_long(constant.size)
            library.library.fire_constant(timesteps, neurons, at(constant), at(spikes[key]))
            for key, step in steps.items():
                step([spikes[source] for source in inputs[key]], spikes[key])
            counts = np.empty(shapes[key], np.uint16)
            neurons = ctypes.c_long(counts.size)
            library.library.count(timesteps, neurons, at(spikes[key]), at(counts))
            if planes:
                high, wide, out = counts.shape
                counts = counts.reshape(out, high, wide).transpose(1, 2, 0)
            return counts[::-1, ::-1], None

        return run

    return begin
