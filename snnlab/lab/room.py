"""How much memory the runs that visitors look at may take together.

The spikes of 512 x 512 pixels and 500 steps take 700 MB, and a session keeps its run for as long as
its page is open. So there is room for so many bytes: beyond them the run goes whose page was drawn
least recently. Its visitor is told at the next draw, and computes it again.

Most runs are there again within seconds. Those have a smaller room: what is beyond it is put
away, and computed again, unseen, when its page next asks for spikes. So memory no longer grows with
everybody who has a page open.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress

from snnlab.errors import LabError
from snnlab.lab import segmenting
from snnlab.results.segmentation import Segmentation
from snnlab.work import memory

ROOM = 2_000_000_000  # bytes, the run that was looked at last aside
QUICK = 300_000_000  # of them, for what is soon computed again


class Room:
    """Who looks at which run. May be called from any thread.

    Parameters
    ----------
    size : int
        Bytes that all runs may take together, the one looked at last aside.
    quick : int
        Of these, for runs that are `snnlab.lab.segmenting.soon_again`.
    """

    def __init__(self, size: int = ROOM, quick: int = QUICK):
        self._size, self._quick = size, quick
        self._guard = threading.Lock()
        self._looked: OrderedDict[Hashable, Segmentation] = OrderedDict()

    def look(self, visitor: Hashable, result: Segmentation) -> None:
        """Note that a visitor's page shows a run, and let others go where there is no room."""
        with self._guard:
            self._looked[visitor] = result
            self._looked.move_to_end(visitor)
            away, gone = self._beyond()
        for one in away:
            with suppress(LabError):  # its model is gone; then it stays while there is room
                segmenting.put_away(one)
        for one in gone:
            one.let_go()
        for one in (*away, *gone):
            segmenting.forget(one)
        if away or gone:
            memory.give_back()

    def leave(self, visitor: Hashable) -> None:
        """Note that a visitor is gone."""
        with self._guard:
            self._looked.pop(visitor, None)

    def _beyond(self) -> tuple[list[Segmentation], list[Segmentation]]:
        """Runs for which there is no room, those looked at least recently.

        Returns
        -------
        away, gone : list of Segmentation
            What can be computed again soon; and what cannot, taken out.
        """
        total, quick, kept, away, gone = 0, 0, set(), [], []
        for visitor, result in reversed(list(self._looked.items())):
            known = id(result.recording)  # several may look at the same one
            if known in kept or result.recording.away:
                continue
            size, soon = result.nbytes if kept else 0, segmenting.soon_again(result)
            if soon and quick + size > min(self._quick, self._size - total):
                away.append(result)
            elif not soon and kept and total + size > self._size:
                del self._looked[visitor]
                gone.append(result)
            else:
                total, quick = total + size, quick + size * soon
                kept.add(known)
        return away, gone
