"""What is physically there: the least time that the net takes if each step is computed whole.

    python benchmarks/peers/ceiling.py [--size 512] [--timesteps 64] [--threads 2]

Measures how many products of 8-bit numbers the processor makes a second and how many bytes the
memory gives and takes (``ceiling.c``), and divides what the net needs by them. Prints a Markdown
table. Products: every weight at every place, in every step; the first layer's current is
constant and does not count. Words: a bit a neuron and step, written once and read by every layer
that it feeds, which is all that has to leave the caches; and the same as bytes, which is what a
library's convolutions take.

A second table says whether such products would pay where the event-driven simulator adds a row
for what eight channels of a source pixel send in a step: nanoseconds of one thread for the row,
and for the products that it stands for at the ceiling. Products cost the same in every step, rows
are added in those in which any of the eight spikes; so with more busy steps than the last column
says, products would be quicker. ``--busy 900:900`` runs the net and says how many steps are busy,
and what share of the rows' time would be saved if each tile of 16 x 16 source pixels took whichever
is quicker, with products at the ceiling and at half of it.
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


def adding(found: dict, threads: int) -> str:
    """As Markdown: a row that is added against the products in its place, of eight channels."""
    lines = [
        "| channels | a row, ns | its products, ns | products pay above |",
        "|---|---:|---:|---:|",
    ]
    for channels, row in found["rows"].items():
        products = 8 * 3 * int(channels) / (found["products"] / threads) * 1e9
        share = f"{products / row:.0%} of the steps" if products < row else "never"
        lines.append(f"| {channels} | {row:.2f} | {products:.2f} | {share} |")
    return "\n".join(lines)


def busy(words, together: int = 8):
    """In how many of 64 steps any of eight channels spikes, by source pixel and eight channels.

    Parameters
    ----------
    words : numpy.ndarray
        uint64 ``(height, width, channels)``; of four channels two neighbouring pixels count as one.
    """
    import numpy as np

    height, width, channels = words.shape
    if 2 * channels == together:
        words = words.reshape(height, width // 2, together)
    groups = words.reshape(*words.shape[:2], -1, together)
    return np.bitwise_count(np.bitwise_or.reduce(groups, axis=3))


def chosen(found: dict, layers, words: dict, threads: int, tile: int = 16) -> str:
    """As Markdown: busy steps of each source, and what choosing tile by tile would save."""
    lines = ["| layer | channels | source | busy steps |", "|---|---:|---|---:|"]
    rows_ns, saved = 0.0, {1: 0.0, 2: 0.0}
    for layer in layers[1:-1]:
        for source in layer.inputs:
            many = busy(words[source])
            # kernel rows that a source row meets, and of three columns those that a pixel meets
            met = 1.5 if layer.kind == "conv" and layer.stride == 2 else 3
            a_row = found["rows"][str(layer.channels)] * met * met / 3
            product = 8 * met * met * layer.channels / (found["products"] / threads) * 1e9 * 64
            high, wide = (-(-size // tile) for size in many.shape[:2])
            for top in range(high):
                for left in range(wide):
                    part = many[top * tile :, left * tile :][:tile, :tile]
                    adding = a_row * int(part.sum())
                    rows_ns += adding
                    for slower in saved:
                        saved[slower] += max(adding - slower * product * part.size, 0)
            lines.append(f"| {layer.name} | {layer.channels} | {source} | {many.mean() / 64:.0%} |")
    shares = [f"{part / rows_ns:.1%}" for part in saved.values()]
    lines += ["", f"Saved: {shares[0]} of {rows_ns / 1e9:.3f} s, at half the ceiling {shares[1]}."]
    return "\n".join(lines)


def spikes_of(unet, bounds: str, size: int, threads: int) -> dict:
    """Words of 64 steps of each layer of a synthetic image, by name."""
    from snnlab import conversion
    from snnlab.data import synthetic
    from snnlab.images.contrast import normalise
    from snnlab.lab import segmenting as lab
    from snnlab.simulation import event

    lower, upper = map(float, bounds.split(":"))
    settings = lab.defaults(unet.name).replace(lower_hz=lower, upper_hz=upper)
    image = normalise(synthetic.synthetic(size, 0).image)
    network = conversion.method(settings.method).convert(unet, image, settings)
    recording = event.run(network, 64, threads=threads)
    return {one.name: one.words[0].reshape(one.shape) for one in recording.populations}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--model", default="regularised")
    parser.add_argument("--size", type=int, default=512, help="side of the image, pixels")
    parser.add_argument("--timesteps", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--busy", nargs="*", default=[], metavar="LOW:HIGH", help="bounds, Hz")
    options = parser.parse_args()
    from snnlab.nets import model as models

    unet = models.load(options.model)
    found = measured(options.threads)
    print(table(found, unet.layers, unet.kernels, options.size, options.timesteps))
    print(f"\nProducts by {found['kind']}; {options.threads} threads.\n")
    print(adding(found, options.threads))
    for bounds in options.busy:
        words = spikes_of(unet, bounds, options.size, options.threads)
        print(f"\n{bounds} Hz:\n\n{chosen(found, unet.layers, words, options.threads)}")


if __name__ == "__main__":
    main()
