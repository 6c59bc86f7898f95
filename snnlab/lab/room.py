"""How much memory the runs that visitors look at may take together.

The spikes of 512 x 512 pixels and 500 steps take 700 MB, and a session keeps its run for as long as
its page is open. So there is room for so many bytes: beyond them the run goes whose page was drawn
least recently. Its visitor is told at the next draw, and computes it again.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable

from snnlab.lab import segmenting
from snnlab.results.segmentation import Segmentation
from snnlab.work import memory

ROOM = 2_000_000_000  # bytes, the run that was looked at last aside


class Room:
    """Who looks at which run. May be called from any thread.

    Parameters
    ----------
    size : int
        Bytes that all runs may take together, the one looked at last aside.
    """

    def __init__(self, size: int = ROOM):
        self._size = size
        self._guard = threading.Lock()
        self._looked: OrderedDict[Hashable, Segmentation] = OrderedDict()

    def look(self, visitor: Hashable, result: Segmentation) -> None:
        """Note that a visitor's page shows a run, and let others go where there is no room."""
        with self._guard:
            self._looked[visitor] = result
            self._looked.move_to_end(visitor)
            gone = self._beyond()
        for one in gone:
            one.let_go()
            segmenting.forget(one)
        if gone:
            memory.give_back()

    def leave(self, visitor: Hashable) -> None:
        """Note that a visitor is gone."""
        with self._guard:
            self._looked.pop(visitor, None)

    def _beyond(self) -> list[Segmentation]:
        """Runs for which there is no room, taken out: those looked at least recently."""
        total, kept, gone = 0, set(), []
        for visitor, result in reversed(list(self._looked.items())):
            known = id(result.recording)  # several may look at the same one
            if known in kept:
                continue
            total += result.nbytes if kept else 0
            if kept and total > self._size:
                del self._looked[visitor]
                gone.append(result)
            else:
                kept.add(known)
        return gone
