"""Whether the engine's fast arithmetic has the very spikes of double precision, in long runs.

    .venv/bin/python -m benchmarks.event_exact [--side 592] [--steps 1000] [--models regularised,..]

A section, mirrored at its edges to so many pixels per side, is run twice by each model at its own
settings and bounds: as the lab runs it, in whole numbers where they are proved, and in double
precision. Both keep every spike; they are compared bit for bit. A table in Markdown; exit code 1 if
any spike differs.
"""

import argparse
import sys

import numpy as np

from snnlab import conversion
from snnlab.images.contrast import normalise
from snnlab.lab import segmenting as lab
from snnlab.simulation.event import run

MODELS = "regularised,generalist,relu,surrogate,qcfs,loihi,phantom"


def main() -> int:
    """Run them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--side", type=int, default=592, help="pixels")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--models", default=MODELS)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    image = normalise(lab.sample(1).pixels)
    more = [(0, max(options.side - length, 0)) for length in image.shape]
    image = np.pad(image, more, mode="reflect")[: options.side, : options.side]
    print("| model | neurons | spikes | spikes that differ |")
    print("|---|---:|---:|---:|")
    wrong = 0
    for name in options.models.split(","):
        settings = lab.defaults(name)
        net = conversion.method(settings.method).convert(lab.model(name), image, settings)
        neurons, spikes, differ = 0, 0, 0
        made = [
            run(net, options.steps, dtype=dtype, threads=options.threads)
            for dtype in ("float32", "float64")
        ]
        for fast, exact in zip(*(recording.populations for recording in made), strict=True):
            neurons += int(np.prod(exact.shape))
            spikes += int(np.bitwise_count(exact.words).sum())
            differ += int(np.bitwise_count(fast.words ^ exact.words).sum())
        wrong += differ
        print(f"| {name} | {neurons:,} | {spikes:,} | {differ:,} |", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
