"""How two segmentations overlap, in the sums that V_Rand and V_Info are made of.

Pixels are sorted by predicted segment (a counting sort), and those of one segment counted by
true one: no table of all pairs, and no search, however many specks there are.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from snnlab.results.segments.compiled import kernel
from snnlab.results.segments.pieces import PIECE, heed, pieces


@dataclass(frozen=True)
class Sums:
    """Sums over the parts of one division of the pixels.

    Attributes
    ----------
    squares : int
        Of the parts' pixel counts ``c``, squared.
    logs : float
        Of ``c log(c)``.
    """

    squares: int
    logs: float


@dataclass(frozen=True)
class Overlap:
    """Of the pixels that count: those of a true segment.

    Attributes
    ----------
    pixels : int
    predicted, true, both : Sums
        By predicted segment, by true one, by pair of the two. A pixel that is
        in no predicted segment is one of its own.
    """

    pixels: int
    predicted: Sums
    true: Sums
    both: Sums


@kernel
def _count(segments, truth, top, bottom, by_segment, by_truth):
    for y in range(top + 1, bottom + 1):
        here, beside = segments[y], truth[y]
        for x in range(1, truth.shape[1] - 1):
            if beside[x] > 0:
                by_segment[max(here[x], 0)] += 1
                by_truth[beside[x]] += 1


@kernel
def _sort(segments, truth, top, bottom, place, ordered):
    for y in range(top + 1, bottom + 1):
        here, beside = segments[y], truth[y]
        for x in range(1, truth.shape[1] - 1):
            if beside[x] > 0 and here[x] > 0:
                ordered[place[here[x]]] = beside[x]
                place[here[x]] += 1


@kernel
def _pair(ordered, ends, first, most, counts):
    """Sum over the pairs of the segments from ``first`` on, until so many pixels are done.

    It ends before a segment of more pixels than that. Returns the segment to go on with, and
    the sums.
    """
    squares, logs, left = 0, 0.0, most
    for segment in range(first, len(ends)):
        begin, end = ends[segment - 1], ends[segment]
        if end - begin > most:
            return segment, squares, logs
        for index in range(begin, end):
            counts[ordered[index]] += 1
        for index in range(begin, end):
            count = np.int64(counts[ordered[index]])
            counts[ordered[index]] = 0
            squares += count * count
            if count > 1:
                logs += count * np.log(count)
        left -= end - begin + 1
        if left <= 0:
            return segment + 1, squares, logs
    return len(ends), squares, logs


@kernel
def _tally(ordered, first, last, counts):
    for index in range(first, last):
        counts[ordered[index]] += 1


@kernel
def _sum(counts, first, last):
    squares, logs = 0, 0.0
    for index in range(first, last):
        count = np.int64(counts[index])
        squares += count * count
        if count > 1:
            logs += count * np.log(count)
    return squares, logs


def overlap(
    segments: np.ndarray,
    truth: np.ndarray,
    scratch: np.ndarray,
    cancel: Callable[[], bool] | None,
    most: tuple[int, int],
) -> Overlap:
    """Hold predicted segments against true ones.

    Parameters
    ----------
    segments, truth : numpy.ndarray of int32
        ``(height + 2, width + 2)``, framed; numbers from 1, what is below is none.
        Where ``truth`` is none nothing counts.
    scratch : numpy.ndarray of int32
        At least ``height * width``.
    most : tuple of int
        The largest number of either.
    """
    by_segment = np.zeros(most[0] + 1, np.int32)
    by_truth = np.zeros(most[1] + 1, np.int32)
    height, rows = len(truth) - 2, max(1, PIECE // truth.shape[1])
    for top, bottom in pieces(height, cancel, rows):
        _count(segments, truth, top, bottom, by_segment, by_truth)
    heed(cancel)
    pixels, alone = int(by_truth.sum()), int(by_segment[0])
    by_segment[0] = 0
    predicted, true = _sums(by_segment, cancel), _sums(by_truth, cancel)
    heed(cancel)
    # where each segment's pixels begin; once they are sorted, where they end
    place = np.zeros_like(by_segment)
    np.cumsum(by_segment[:-1], out=place[1:])
    for top, bottom in pieces(height, cancel, rows):
        _sort(segments, truth, top, bottom, place, scratch)
    by_truth[:] = 0
    both = _pairs(scratch, place, by_truth, cancel)
    return Overlap(pixels, _with(predicted, alone), true, _with(both, alone))


def _with(sums: Sums, alone: int) -> Sums:
    """So many parts of one pixel more: 1 to the squares and 1 log(1) to the logs, each."""
    return Sums(sums.squares + alone, sums.logs)


def _pairs(ordered: np.ndarray, ends: np.ndarray, counts: np.ndarray, cancel) -> Sums:
    """Sums by pair; ``counts`` has a zero for each true segment's number."""
    segment, squares, logs = 1, 0, 0.0
    while segment < len(ends):
        begin, end = int(ends[segment - 1]), int(ends[segment])
        if end - begin > PIECE:
            for first, last in pieces(end - begin, cancel):
                _tally(ordered, begin + first, begin + last, counts)
            more = _sums(counts, cancel)
            counts[:] = 0
            segment += 1
        else:
            heed(cancel)
            segment, *found = _pair(ordered, ends, segment, PIECE, counts)
            more = Sums(*found)
        squares, logs = squares + more.squares, logs + more.logs
    return Sums(squares, logs)


def _sums(counts: np.ndarray, cancel) -> Sums:
    parts = [_sum(counts, first, last) for first, last in pieces(len(counts), cancel)]
    return Sums(sum(part[0] for part in parts), math.fsum(part[1] for part in parts))
