"""What is physically there: the least time that the net takes if each step is computed whole.

    python benchmarks/peers/ceiling.py [--size 512] [--timesteps 64] [--threads 2]

Measures how many products of 8-bit numbers the processor makes a second and how many bytes the
memory gives and takes (``ceiling.c``), and divides what the net needs by them. Prints a Markdown
table. Products: every weight at every place, in every step; the first layer's current is
constant and does not count. Words: a bit a neuron and step, written once and read by every layer
that it feeds, which is all that has to leave the caches; and the same as bytes, which is what a
library's convolutions take.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))


def needed(layers, kernels: dict, size: int) -> tuple[int, int, int]:
    """Products, spikes written and spikes read in one step, of all layers but the readout.

    Parameters
    ----------
    layers : sequence of Layer
        The first reads the image, the last is the readout, on which nothing spikes.
    kernels : dict of str to numpy.ndarray
        ``(size, size, in, out)``.
    size : int
        Side of the image, pixels.
    """
    sides, neurons = {}, {}
    products = read = 0
    for number, layer in enumerate(layers[:-1]):
        above = sides[layer.inputs[0]] if number else size
        side = above * layer.stride if layer.kind in ("up", "transposed") else above // layer.stride
        if number:
            first = 0
            for source in layer.inputs:
                wide = neurons[source] // sides[source] ** 2
                taps = kernels[layer.name][:, :, first : first + wide].size
                # a transposed convolution uses each weight at each place of its source
                products += taps * min(side, sides[source]) ** 2
                read += neurons[source]
                first += wide
        sides[layer.name], neurons[layer.name] = side, side**2 * layer.channels
    return products, sum(neurons.values()), read


def measured(threads: int, tries: int = 15, megabytes: int = 512) -> dict:
    """What ``ceiling.c`` says of this machine; `RuntimeError` if it can't be compiled here."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "ceiling"
        command = [os.environ.get("CC", "cc"), "-O3", "-march=native", "-fopenmp"]
        made = subprocess.run(
            [*command, str(HERE / "ceiling.c"), "-o", str(program)], capture_output=True, text=True
        )
        if made.returncode:
            raise RuntimeError(made.stderr.strip())
        told = subprocess.run(
            [str(program), str(tries), str(megabytes)],
            env=os.environ | {"OMP_NUM_THREADS": str(threads)},
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(told.stdout)


def table(found: dict, layers, kernels: dict, size: int, timesteps: int) -> str:
    """As Markdown: what is needed, what the machine does a second, the least seconds."""
    products, written, read = needed(layers, kernels, size)
    products *= timesteps
    moved = (written + read) * timesteps
    rows = [
        ("products of 8-bit numbers", products, "G", found["products"]),
        ("bytes of spikes written and read, one bit per spike", moved // 8, "GB", found["copied"]),
        ("the same, one byte per spike", moved, "GB", found["copied"]),
    ]
    lines = ["| what | needed | per second | the least time, s |", "|---|---:|---:|---:|"]
    for name, count, unit, rate in rows:
        lines.append(
            f"| {name} | {count / 1e9:.2f} {unit} | {rate / 1e9:.0f} {unit} | {count / rate:.3f} |"
        )
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--model", default="regularised")
    parser.add_argument("--size", type=int, default=512, help="side of the image, pixels")
    parser.add_argument("--timesteps", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    from snnlab.nets import model as models

    unet = models.load(options.model)
    found = measured(options.threads)
    print(table(found, unet.layers, unet.kernels, options.size, options.timesteps))
    print(f"\nProducts by {found['kind']}; {options.threads} threads.")


if __name__ == "__main__":
    main()
