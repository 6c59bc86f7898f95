"""Chips that were built are kept: the last ones, whatever the clock does."""

import os
import time

from snnlab.simulation.loihi import cache


def names() -> set[str]:
    return {path.stem for path in cache.folder().glob("*.npz")}


def test_the_new_one_is_kept_though_the_clock_was_set_back(tmp_path, monkeypatch):
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path))
    monkeypatch.setattr(cache, "MOST", 2)
    for name in ("first", "second"):
        cache.save(name, ())
        os.utime(cache.folder() / f"{name}.npz", 2 * (time.time() + 3600 + len(name),))
    cache.save("third", ())
    assert names() == {"second", "third"}
    assert cache.load("third") == ()
