"""What stands in the place of a recording's spikes while they take no memory."""

import threading
from collections.abc import Callable

from snnlab.errors import LabError


class LetGo:
    """In the place of populations that were let go."""

    def _refuse(self, *_):
        raise LabError(
            "the spikes of this run were let go, since runs of other visitors needed the memory;"
            " press Run to compute it again."
        )

    __iter__ = __getitem__ = __len__ = _refuse


LET_GO = LetGo()


class Away:
    """In the place of populations that are computed again once somebody asks for them.

    Parameters
    ----------
    recording : Recording
        Gets them back.
    again : callable
        Gives the populations. Whoever asks meanwhile waits, and what it raises is theirs.
    """

    def __init__(self, recording, again: Callable[[], tuple]):
        self._recording, self._again, self._guard = recording, again, threading.Lock()

    def _back(self) -> tuple:
        with self._guard:
            if self._recording.populations is self:
                object.__setattr__(self._recording, "populations", self._again())
        return self._recording.populations

    def __iter__(self):
        return iter(self._back())

    def __getitem__(self, index):
        return self._back()[index]

    def __len__(self):
        return len(self._back())
