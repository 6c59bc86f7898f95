"""Run the default sample with the default settings and keep the result in ``assets``.

Run as ``python -m tools.make_default``. The pages show it before anything is
computed; its settings are the ones that suit the default model.
"""

from snnlab import lab
from snnlab.result import save
from snnlab.settings import Settings


def main() -> None:
    """Make it."""
    result = lab.segment(lab.sample(0), lab.defaults(Settings().model))
    save(result, lab.ASSETS / "default.npz")


if __name__ == "__main__":
    main()
