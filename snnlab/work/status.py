"""What is known of a job at one moment, as its owner is told."""

from dataclasses import dataclass
from typing import Literal

State = Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Status:
    """What is known of a job at one moment.

    Attributes
    ----------
    state : {"queued", "running", "done", "failed", "cancelled"}
    position : int
        Jobs that must end before this one starts; 0 once it has.
    fraction : float
        0..1, how much of the work is done. Never falls.
    stage : str
        What is being done, in a word or two; ``"stopping"`` after `Job.cancel`.
    seconds : float
        How long it has run, or ran.
    seconds_left : float or None
        From the time taken so far, as if all of the work were alike; None when
        it does not run or has done too little to tell.
    error : str or None
        One sentence if it failed.
    """

    state: State
    position: int
    fraction: float
    stage: str
    seconds: float
    seconds_left: float | None
    error: str | None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")
