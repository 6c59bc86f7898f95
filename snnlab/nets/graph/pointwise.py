"""Layers that take each value by itself: neurons, and what a host computes at the end."""

from dataclasses import dataclass

Shape = tuple[int, ...]
OFF_CHIP = ("sigmoid", "softmax", "linear")


@dataclass(frozen=True)
class Neurons:
    """Rectified, which integrate-and-fire neurons do: ``min(max(z, 0), ceiling)``.

    Attributes
    ----------
    ceiling : float, optional
        As of ReLU6.
    stepped_hz : float, optional
        With Loihi's rate curve at that rate for 1; see `snnlab.nets.activations.loihi`.
    """

    ceiling: float | None = None
    stepped_hz: float | None = None

    weights = 0

    def __post_init__(self):
        if not all(one is None or one > 0 for one in (self.ceiling, self.stepped_hz)):
            raise ValueError("a ceiling and a rate above 0")

    def shape(self, given: Shape) -> Shape:
        """As given."""
        return given


@dataclass(frozen=True)
class OffChip:
    """What a host makes of the last sums.

    Attributes
    ----------
    kind : {"sigmoid", "softmax", "linear"}
    """

    kind: str

    weights = 0

    def __post_init__(self):
        if self.kind not in OFF_CHIP:
            raise ValueError(f"one of {', '.join(OFF_CHIP)}")

    def shape(self, given: Shape) -> Shape:
        """As given."""
        return given
