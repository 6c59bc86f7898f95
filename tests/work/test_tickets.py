"""Work is opened again by its id, by nothing else, and for seven days."""

import os
import shutil
import stat
import time

import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.work import tickets
from snnlab.work.tickets import DAYS, MOST, Tickets

DAY = 24 * 60 * 60
ABOUT = {"order": {"kind": "relu", "bounds": [75.0, None]}, "text": "zähe Häute"}


@pytest.fixture
def clock():
    return [1.7e9]


@pytest.fixture
def place(tmp_path, clock):
    return Tickets(tmp_path / "deep" / "tickets", lambda: clock[0])


def arrays(seed=0):
    random = np.random.default_rng(seed)
    return {"image": random.random((5, 4), np.float32), "labels": random.integers(0, 9, 3)}


def test_what_was_put_there_comes_back(place):
    token = place.put(ABOUT, arrays())
    about, found = place.get(token)
    assert about == ABOUT and found.keys() == arrays().keys()
    for name, values in arrays().items():
        np.testing.assert_array_equal(found[name], values)
        assert found[name].dtype == values.dtype


def test_an_id_is_not_guessed_and_not_read_off_the_folder(place):
    made = {place.put(ABOUT, {}) for _ in range(MOST)}
    assert len(made) == MOST and all(tickets.TOKEN.fullmatch(token) for token in made)
    names = " ".join(path.name for path in place.place.rglob("*"))
    assert not any(token in names for token in made)
    assert stat.S_IMODE(next(place.place.iterdir()).stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "token", ["", "x", 22 * "A", "../../../../etc/passwd", "." * 22, "a/" * 11]
)
def test_nonsense_opens_nothing(place, token):
    place.put(ABOUT, arrays())
    assert not place.has(token) and place.get(token) is None
    place.drop(token)
    place.pause(token)
    place.used(token)
    assert not place.paused(token) and len(list(place.place.iterdir())) == 1


def test_seven_days_from_when_it_was_used_last(place, clock):
    token = place.put(ABOUT, arrays())
    clock[0] += (DAYS - 0.1) * DAY
    place.used(token)
    clock[0] += (DAYS - 0.1) * DAY
    place.tidy()
    assert place.has(token)
    clock[0] += 0.2 * DAY
    assert place.get(token) is None  # though nobody has tidied up yet
    place.used(token)
    assert not place.has(token)
    place.tidy()
    assert list(place.place.iterdir()) == []


def test_the_last_twelve(place, clock):
    made = []
    for _ in range(MOST + 3):
        made.append(place.put(ABOUT, arrays()))
        clock[0] += 60
    assert [place.has(token) for token in made] == 3 * [False] + MOST * [True]


def test_room_is_limited_of_one_and_of_all(place, clock, monkeypatch):
    monkeypatch.setattr(tickets, "LARGEST", 4000)
    monkeypatch.setattr(tickets, "ROOM", 9000)
    with pytest.raises(LabError, match="kept at most"):
        place.put(ABOUT, {"image": np.zeros(1001, np.float32)})
    made = []
    for _ in range(4):
        made.append(place.put(ABOUT, {"image": np.zeros(900, np.float32)}))
        clock[0] += 60
    assert [place.has(token) for token in made] == [False, False, True, True]


def test_rest_is_remembered(place):
    token = place.put(ABOUT, {})
    assert not place.paused(token)
    place.pause(token)
    assert place.paused(token) and place.get(token)[0] == ABOUT
    place.pause(token, False)
    assert not place.paused(token)
    place.drop(token)
    assert place.get(token) is None and not place.paused(token)


def test_a_damaged_one_opens_nothing_and_harms_none(place):
    one, other = place.put(ABOUT, arrays()), place.put(ABOUT, arrays(1))
    folder = place._folder(one)
    for data in (b"", b"PK\x03\x04", b"\x93NUMPY"):
        (folder / "arrays.npz").write_bytes(data)
        assert place.get(one) is None
    assert place.get(other)[0] == ABOUT


def test_one_that_was_never_finished_goes_after_an_hour(place, clock):
    place.put(ABOUT, {})
    part = place.place / ".part-0123"
    part.mkdir()
    os.utime(part, (clock[0], clock[0]))
    place.tidy()
    assert part.exists()
    clock[0] += 2 * 60 * 60
    place.tidy()
    assert not part.exists()


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="cannot be written to"):
        Tickets(tmp_path / "file" / "tickets").put(ABOUT, {})


def test_a_clock_that_is_set_back_costs_nothing_that_is_begun_since(place, clock):
    before = []
    for _ in range(MOST):
        before.append(place.put(ABOUT, arrays()))
        clock[0] += 120
    clock[0] -= 60 * 60
    since = []
    for _ in range(3):
        since.append(place.put(ABOUT, arrays()))
        clock[0] += 60
    assert all(place.has(token) and place.get(token) is not None for token in since)
    assert sum(place.has(token) for token in before) == MOST - 3  # no more than have to make room
    clock[0] += DAYS * DAY + 2 * 60 * 60
    place.tidy()
    assert list(place.place.iterdir()) == []


def test_a_clock_that_was_years_ahead_costs_nothing(place, clock):
    clock[0] += 9 * 365 * DAY
    token = place.put(ABOUT, arrays())
    clock[0] -= 9 * 365 * DAY
    place.tidy()
    assert place.has(token)


def begin(folder, seed):
    """As a server does: twelve tickets, opened as soon as they are there; how many were not."""
    one = Tickets(folder)
    lost = 0
    for number in range(12):
        token = one.put(ABOUT, arrays(100 * seed + number))
        lost += one.get(token) is None
        one.tidy()
    return lost


def test_two_servers_with_one_folder(tmp_path, monkeypatch):
    """Each puts and tidies while the other does: nothing is raised, and all is whole."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        lost = list(pool.map(begin, 2 * [str(tmp_path / "tickets")], (1, 2)))
    left = [path for path in (tmp_path / "tickets").iterdir() if not path.name.startswith(".")]
    assert lost == [0, 0] and len(left) == MOST


def taken_away(look, path):
    """A way to look at things that finds one gone, since another has just taken it away."""

    def looked(one, *rest, **named):
        if one == str(path) or one == path:
            shutil.rmtree(path, ignore_errors=True)
            path.unlink(missing_ok=True)
        return look(one, *rest, **named)

    return looked


def test_what_others_take_away_while_it_is_looked_at_is_no_error(tmp_path, monkeypatch):
    """A checkpoint that is replaced, a folder that is finished, between listing and looking."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "checkpoint.npz.1-2.part").write_bytes(b"x")
    (tmp_path / ".part-ab").mkdir()
    real = type(folder).iterdir

    def iterdir(self):
        found = list(real(self))
        for path in found:
            if path.name.startswith(".part-"):
                path.rmdir()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", taken_away(os.stat, folder / "checkpoint.npz.1-2.part"))
        assert tickets.outdated([folder], time.time(), room=1) == []
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", taken_away(os.scandir, folder))
        assert tickets.outdated([folder], time.time(), room=1) == [folder]  # it is gone already
    monkeypatch.setattr(type(folder), "iterdir", iterdir)
    monkeypatch.setattr(type(folder), "is_dir", lambda self: True)
    Tickets(tmp_path).tidy()
