"""How well the page Energy foresees other rate bounds: against the runs that follow.

    PYTHONPATH=. .venv/bin/python benchmarks/foreseen.py

Each model that has rate bounds is run on the first sample as its card says. From that run the
energy on Loihi 1 (Davies 2018) is foreseen for other bounds, as the sliders of the page do, and
then measured: the same counts, of a run at those bounds. A table in Markdown, and what it comes to.
"""

import numpy as np

from snnlab import conversion
from snnlab.energy.devices import device, devices
from snnlab.energy.estimate import estimate
from snnlab.lab import energy as lab_energy
from snnlab.lab import segmenting as lab

BOUNDS = ((20, 40), (75, 150), (300, 400), (600, 600), (900, 1000))
CHIP = "loihi-davies"


def main() -> None:
    picture, chip, off = lab.sample(0), device(CHIP, devices()), []
    print("| model | from (Hz) | to (Hz) | foreseen | measured | off by | events off by |")
    print("|---|---|---|---:|---:|---:|---:|")
    for name, _, _ in lab.models_listed():
        settings = lab.defaults(name)
        if not conversion.method(settings.method).bounds:
            continue
        run = lab.segment(picture, settings)
        sums = lab_energy.profile_of(run)
        for low, high in BOUNDS:
            wanted = settings.replace(lower_hz=float(low), upper_hz=float(high))
            if (low, high) == (settings.lower_hz, settings.upper_hz):
                continue
            scale = lab_energy.factors(name, settings, wanted)
            told = sums.at(settings.timesteps, scale)
            found = lab_energy.work_of(lab.segment(picture, wanted))
            joules = [estimate(chip, work).joules for work in (told, found)]
            off.append(joules[0] / joules[1] - 1)
            events = told.events / found.events - 1
            print(
                f"| {name} | {settings.lower_hz:g}..{settings.upper_hz:g} | {low}..{high} |"
                f" {1e3 * joules[0]:.1f} mJ | {1e3 * joules[1]:.1f} mJ | {100 * off[-1]:+.1f} % |"
                f" {100 * events:+.1f} % |"
            )
    size = 100 * np.abs(off)
    print(
        f"\n{len(size)} energies: median {np.median(size):.1f} %, {(size <= 5).sum()} within 5 %,"
        f" all within {size.max():.1f} %."
    )


if __name__ == "__main__":
    main()
