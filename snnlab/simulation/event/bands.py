"""The order in which rows of stages are run, so that no layer of a large image stands in memory.

A run is cut into bands of rows of what nobody reads any more (the last layer). For each band the
rows are found that it needs of its sources, of theirs, and so on; only those that are new are run,
and what nothing will read again is dropped. Every row is run once, and a layer keeps a band and
the rows beside it that later bands still read.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from snnlab.simulation.event import layout as at
from snnlab.simulation.event.layout import GROUP
from snnlab.simulation.event.plan import Driven
from snnlab.simulation.event.prepare import Prepared

BAND_BYTES = 100_000_000  # of words that all stages together put out for a band


@dataclass(frozen=True)
class Turn:
    """Rows ``first <= y < last`` of a stage are run, or dropped."""

    stage: int
    first: int
    last: int
    drop: bool = False


def bands(prepared: list, steps: int, kept: set[int]) -> int:
    """How many bands bound the memory; 1, all at once, where that is no gain or cannot be.

    Parameters
    ----------
    prepared : list of Prepared, or of Stage or Driven if nothing spikes into them
    kept : set of int
        Stages whose words stay in memory all the time.
    """
    if in_one_piece(prepared):
        return 1
    dropped = sum(
        -(-steps // GROUP) * 8 * stage.behaviour.planes * stage.neurons
        for number, stage in enumerate(map(_stage, prepared))
        if number not in kept and not isinstance(stage, Driven)
    )
    return max(1, -(-dropped // BAND_BYTES))


def in_one_piece(prepared: list) -> bool:
    """Whether something in it is read as a whole: by a matrix, values, several spikes a step."""
    return any(
        isinstance(item, Prepared)
        and bool(item.wired or item.added)
        or not isinstance(item, Driven)
        and (_stage(item).behaviour.graded > 0 or _stage(item).behaviour.several)
        for item in prepared
    )


def _stage(item):
    return item.stage if isinstance(item, Prepared) else item


def turns(prepared: list, number_of_bands: int, kept: set[int]) -> Iterator[Turn]:
    """What is run and dropped, in this order.

    Parameters
    ----------
    prepared : list
        As in `bands`, each after those that feed it.
    number_of_bands : int
    kept : set of int
        Stages of which nothing is dropped.
    """
    items = list(enumerate(prepared))
    readers = {number: [] for number, _ in items}
    for number, item in items:
        for link in _links(item):
            readers[link.source].append(number)
    heights = [rows(item) for item in prepared]
    done, dropped = [0] * len(items), [0] * len(items)
    for band in range(1, number_of_bands + 1):
        need = list(done)
        for number, item in reversed(items):
            if not readers[number] or band == number_of_bands:
                need[number] = max(need[number], -(-heights[number] * band // number_of_bands))
            for link in _links(item) if need[number] > done[number] else ():
                last = _met(item, link, done[number], need[number], heights[link.source])[1]
                need[link.source] = max(need[link.source], last)
        for number, item in items:
            if need[number] == done[number]:
                continue
            yield Turn(number, done[number], need[number])
            done[number] = need[number]
            if not readers[number] and number not in kept:
                yield Turn(number, dropped[number], done[number], drop=True)
                dropped[number] = done[number]
            for source in {link.source for link in _links(item)} - kept:
                unread = min(
                    _met(prepared[reader], link, done[reader], heights[reader], heights[source])[0]
                    for reader in readers[source]
                    for link in _links(prepared[reader])
                    if link.source == source
                )
                unread = min(unread, done[source])
                if unread > dropped[source]:
                    yield Turn(source, dropped[source], unread, drop=True)
                    dropped[source] = unread


def rows(item) -> int:
    """Of neurons; 1 of a node."""
    return item.shape.height if isinstance(item, Prepared) else item.shape[0]


def _links(item) -> tuple:
    return item.stage.links if isinstance(item, Prepared) else ()


def _met(item: Prepared, link, first: int, last: int, height: int) -> tuple[int, int]:
    """First source row that rows ``first <= y < last`` read, and the one after the last."""
    if first >= last:
        return height, 0
    for row, convolved in zip(item.inputs.table, item.convolved, strict=True):
        same = convolved.source == link.source and convolved.operator is link.operator
        if same and convolved.operator.shape_in[0] == height:
            starts = item.inputs.row_start[row[at.ROWS] :]
            # a row that meets none lies between others; what they meet is in order
            met = item.inputs.row_of[starts[first] : starts[last]]
            return (int(met.min()), int(met.max()) + 1) if met.size else (height, 0)
    return 0, height
