"""How often somebody may try a code: so seldom that trying all of them takes longer than a class.

With 28 letters in 6 places there are 482 million codes, and a class ends within hours. Those who
share an address, as behind a phone that hands on its network, share their tries.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

TRIES = 20  # wrong ones
WINDOW = 60.0  # within so many seconds
MOST = 1000  # addresses that are remembered


class Guesses:
    """Wrong codes, by address. Not for several threads at once: its owner sees to that.

    Parameters
    ----------
    clock : callable
        Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.time):
        self._clock = clock
        self._wrong: OrderedDict[str, deque[float]] = OrderedDict()

    def may(self, who: str) -> bool:
        """Whether this address may try a code now."""
        found = self._wrong.get(who)
        if found is None:
            return True
        while found and self._clock() - found[0] >= WINDOW:
            found.popleft()
        return len(found) < TRIES

    def wrong(self, who: str) -> None:
        """Remember that it tried a wrong one."""
        self._wrong.setdefault(who, deque(maxlen=TRIES)).append(self._clock())
        self._wrong.move_to_end(who)
        while len(self._wrong) > MOST:
            self._wrong.popitem(last=False)
