"""Runs that visitors look at share a room of limited size."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.lab.room import Room
from snnlab.simulation.recording import Recording, SpikeTrains


def run(megabytes: int = 1):
    """A run whose spikes take so much."""
    words = np.zeros((1, megabytes * 125_000), np.uint64)
    trains = SpikeTrains("up0", (1, 1, words.shape[1]), words, 64)
    recording = Recording((trains,), "event", 64, 0.1)
    return replace(lab.default_result(), recording=recording, moments={})


def test_the_run_that_was_looked_at_least_recently_goes_and_says_so():
    room, (a, b, c, d) = Room(2_600_000), (run() for _ in range(4))
    for visitor, result in zip("abc", (a, b, c), strict=True):
        room.look(visitor, result)
    assert not any(one.recording.gone for one in (a, b, c))  # the last one looked at is aside
    room.look("a", a)
    room.look("d", d)
    assert [one.recording.gone for one in (a, b, c, d)] == [False, True, False, False]
    assert b.nbytes < 1_000_000 and b.spikes == a.spikes  # what is small is still known
    for asked in (b.snn, lambda: b.recording["up0"], lambda: list(b.recording.populations)):
        with pytest.raises(LabError, match="let go.*press Run"):
            asked()


def test_one_that_somebody_else_looks_at_stays_and_room_is_made_by_leaving():
    room, (a, b, c) = Room(1_500_000), (run() for _ in range(3))
    room.look("first", a)
    room.look("other", b)
    room.look("friend", replace(a, settings=a.settings.replace(threshold=0.4)))
    room.look("last", c)
    assert [one.recording.gone for one in (a, b, c)] == [False, True, False]
    room.leave("first")
    room.leave("friend")
    room.look("next", run())
    assert not c.recording.gone and not a.recording.gone  # it is nobody's, so not the room's


def test_one_larger_than_the_room_may_be_looked_at_alone():
    room, (a, b) = Room(500_000), (run(), run())
    room.look("a", a)
    assert not a.recording.gone
    room.look("b", b)
    assert a.recording.gone and not b.recording.gone


def test_what_was_let_go_is_not_remembered_as_an_answer():
    first, room = lab.default_result(), Room(500_000)
    a = replace(first, recording=run().recording, moments={0: np.zeros((9, 9), np.float16)})
    lab._remember(lab._results, lab._key(a.picture, a.settings), a)
    assert lab.remembered(a.picture, a.settings) is a
    room.look("a", replace(a, settings=a.settings.replace(threshold=0.4)))
    room.look("b", run())
    assert a.recording.gone and not a.moments
    assert lab.remembered(a.picture, a.settings) is None


def test_trains_in_hand_are_whole():
    a = run()
    trains = a.recording["up0"]
    a.let_go()
    assert trains.counts().sum() == 0 and a.recording.nbytes == 0
