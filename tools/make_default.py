"""Keep the first sample's tile on the chips in ``assets``, by the model that is trained for them.

Run as ``python -m tools.make_default``. The page Chips shows it before anything is computed.
"""

from snnlab.lab import chips as lab_chips

if __name__ == "__main__":
    lab_chips.make_default()
