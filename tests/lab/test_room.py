"""Runs that visitors look at share a room of limited size."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from snnlab.data.synthetic import synthetic
from snnlab.errors import LabError
from snnlab.images.pictures import Picture
from snnlab.lab import segmenting as lab
from snnlab.lab.room import Room
from snnlab.simulation.recording import Recording, SpikeTrains


def run(megabytes: int = 1):
    """A run whose spikes take so much memory, and a minute."""
    words = np.zeros((1, megabytes * 125_000), np.uint64)
    trains = SpikeTrains("up0", (1, 1, words.shape[1]), words, 64)
    recording = Recording((trains,), "event", 64, 0.1)
    return replace(lab.default_result(), recording=recording, moments={}, snn_seconds=60.0)


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


def quick(seed: int, timesteps: int = 20):
    settings = lab.defaults("generalist").replace(timesteps=timesteps)
    picture = Picture(synthetic(64, seed).image, None, "made", 0, 1, f"{seed:064x}")
    return replace(lab.segment(picture, settings), snn_seconds=0.1)


def test_what_is_soon_there_again_is_put_away_and_comes_back_the_same():
    a, b, c = (quick(seed) for seed in range(3))
    words, snn, size = a.recording["up0"].words.copy(), a.snn(), a.recording.nbytes
    room = Room(quick=2 * a.nbytes)
    for visitor, result in zip("abc", (a, b, c), strict=True):
        room.look(visitor, result)
    assert not any(one.recording.away for one in (a, b, c))  # the one looked at last is aside
    room.look("d", quick(3))
    assert [one.recording.away for one in (a, b, c)] == [True, False, False]
    assert a.recording.nbytes == 0 and not a.recording.gone
    assert lab.remembered(a.picture, a.settings) is None  # nor does anybody else hold it
    np.testing.assert_array_equal(a.snn(), snn)
    np.testing.assert_array_equal(a.recording["up0"].words, words)
    assert a.recording.nbytes == size and not a.recording.away


def test_many_visitors_of_quick_runs_take_no_more_memory_than_the_room():
    size = quick(0).recording.nbytes
    room, runs = Room(quick=3 * size + size // 2), [quick(seed) for seed in range(8)]
    for visitor, result in enumerate(runs):
        room.look(visitor, result)
    for visitor, result in enumerate(runs):
        result.snn()  # as its page does
        assert sum(one.recording.nbytes for one in runs) <= 5 * size  # and one just back
        room.look(visitor, result)


def test_those_who_ask_at_once_have_it_computed_once():
    a, calls = quick(0), []
    trains = tuple(a.recording.populations)
    started = threading.Event()

    def again():
        calls.append(1)
        started.wait(1)
        return trains

    a.recording.put_away(again)
    with ThreadPoolExecutor(4) as crew:
        asked = [crew.submit(lambda: a.recording["up0"]) for _ in range(4)]
        started.set()
        assert all(one.result() is trains[-1] for one in asked)
    assert len(calls) == 1


def test_a_run_whose_model_is_gone_is_not_put_away(monkeypatch):
    a, b = quick(0), quick(1)
    room = Room(quick=0)
    room.look("a", a)

    def gone(name):
        raise LabError("no model of that name")

    monkeypatch.setattr(lab, "model", gone)
    monkeypatch.setattr(lab, "forget", lambda one: None)
    room.look("b", b)
    assert not a.recording.away and not a.recording.gone
