"""Run the default sample with the default settings and keep the result in ``assets``.

Run as ``python -m tools.make_default``. The pages show it before anything is
computed; its settings are the ones that suit the default model. The page Chips
gets the same sample's tile on the chips, by the model that is trained for them.
"""

from snnlab.lab import chips as lab_chips
from snnlab.lab import segmenting as lab
from snnlab.results.storage import save
from snnlab.settings import Settings


def main() -> None:
    """Make it."""
    result = lab.segment(lab.sample(0), lab.defaults(Settings().model))
    save(result, lab.ASSETS / "default.npz")
    lab_chips.make_default()


if __name__ == "__main__":
    main()
