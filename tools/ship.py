"""Ship a model that was trained: python -m tools.ship runs/trained organelles.

Its 8-bit weights and its card go to ``assets/models``. Float kernels, which nothing runs on, stay
behind: they are four fifths of the file, and every version of it stays in the repository for good.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from snnlab.nets import model


def ship(folder: Path, name: str, to: Path = model.ASSETS) -> Path:
    """Write a model of a folder without its float kernels.

    Returns
    -------
    Path
        Of the weights.

    Raises
    ------
    LabError
        If there is no such model.
    """
    return model.save(replace(model.load(name, folder), floats={}), to)


def main() -> None:
    """Ship what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("name")
    asked = parser.parse_args()
    path = ship(asked.folder, asked.name)
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
