"""What the event-driven simulator says of a network that it cannot run."""

from snnlab.errors import LabError


class Unsupported(LabError):
    """The network has a part that this simulator cannot run; the message names it."""
