"""Results by content."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from snnlab.errors import LabError
from snnlab.studies.sweep import store


def test_what_was_put_is_got_and_nothing_else(tmp_path):
    kept = store.Store(tmp_path / "new" / "folder")
    name = store.key(image="a", steps=3)
    assert kept.get(name) is None
    kept.put(name, {"v_rand": 0.1 + 0.2, "layers": [{"spikes": 7}]})
    assert store.Store(tmp_path / "new" / "folder").get(name) == {
        "v_rand": 0.1 + 0.2,
        "layers": [{"spikes": 7}],
    }
    assert kept.get(store.key(image="a", steps=4)) is None


def test_keys_tell_everything_apart_and_forget_order():
    assert store.key(a=1, b="x") == store.key(b="x", a=1)
    keys = [store.key(a=value) for value in (1, 2, "1", None, [1], {"a": 1}, 1.5)]
    assert len(set(keys)) == len(keys)
    assert store.key(a=1) != store.key(b=1)


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"\xff\xfe", b'{"a": 1'])
def test_a_damaged_file_is_as_good_as_none(tmp_path, damage):
    kept = store.Store(tmp_path)
    name = store.key(a=1)
    kept.put(name, {"a": 1})
    (file,) = tmp_path.rglob("*.json")
    file.write_bytes(damage)
    assert kept.get(name) is None
    kept.put(name, {"a": 2})
    assert kept.get(name) == {"a": 2}


def test_a_put_that_fails_leaves_nothing_half(tmp_path, monkeypatch):
    kept = store.Store(tmp_path)
    name = store.key(a=1)
    kept.put(name, {"a": 1})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(LabError, match="no space left"):
        kept.put(name, {"a": 2})
    assert kept.get(name) == {"a": 1}
    assert not list(tmp_path.rglob("*.part"))


def test_the_folder_is_where_it_was_named(monkeypatch, tmp_path):
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path))
    assert store.Store().place.is_relative_to(tmp_path)
    monkeypatch.delenv("SNNLAB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    assert store.folder() == tmp_path / "x" / "snnlab" / "results"


def shared(place, number):
    """As a server that sweeps does: put results that another one puts too, and read them."""
    kept, wrong = store.Store(place), 0
    for index in range(100):
        name, value = store.key(index=index), {"index": index, "rows": list(range(200))}
        kept.put(name, value)
        wrong += kept.get(name) != value
        own = store.key(index=index, server=number)
        kept.put(own, value)
        wrong += kept.get(own) != value
    return wrong


def test_two_servers_with_one_folder_lose_nothing(tmp_path):
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(shared, 2 * [str(tmp_path)], (1, 2))) == [0, 0]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 300 and all(path.suffix == ".json" for path in files)
    kept = store.Store(tmp_path)
    for index in range(100):
        for more in ({}, {"server": 1}, {"server": 2}):
            assert kept.get(store.key(index=index, **more))["index"] == index
