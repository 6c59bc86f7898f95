"""How few cores a tile takes on Loihi 1 and Loihi 2: the table of docs/chips.md.

.venv/bin/python -m benchmarks.generations
"""

from snnlab.errors import many
from snnlab.lab import chips as lab_chips
from snnlab.lab import segmenting as lab

SIDES = (64, 128, 256)


def main() -> None:
    """Print it."""
    settings, picture = lab_chips.chip_settings(), lab.sample(0)
    print(
        f"| tile, model `{settings.model}` | Loihi 1, bound (searched) | neurons fill | synapses"
        " fill | Loihi 2 | neurons fill | synapses fill |"
    )
    print("|---" * 7 + "|")
    for side in SIDES:
        mapping = lab_chips.mapping(picture, settings, side, partitioners=("greedy",))
        searched = len(mapping.layouts["searched"].blocks)
        _, _, height, width = mapping.tile
        one, two = lab_chips.generations(settings, height, width)
        cells = [
            f"{height} x {width}",
            f"{one.cores} ({searched}) cores",
            f"{100 * one.neurons:.0f} %",
            f"{100 * one.memory:.0f} %",
            f"{two.cores} cores, {many(two.chips, 'chip')}",
            f"{100 * two.neurons:.0f} %",
            f"{100 * two.memory:.0f} %",
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
