"""Machine code of other packages than the event-driven simulator."""

import numpy as np

from snnlab.simulation import kept


def twice(values):
    for i in range(values.size):
        values[i] *= 2


def test_a_package_compiles_anew_when_its_sources_change(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    package = tmp_path / "package"
    (package / "below").mkdir(parents=True)
    (package / "below" / "one.py").write_text("a = 1\n")

    def compiled():
        function = kept.kernels_of(str(package / "compiled.py"))(twice)
        values = np.arange(3.0)
        function(values)
        assert values.tolist() == [0, 2, 4]
        return sum(function.stats.cache_misses.values())

    assert [compiled(), compiled()] == [1, 0]
    (package / "below" / "one.py").write_text("a = 2\n")
    assert [compiled(), compiled()] == [1, 0]
    (package / "below" / "one.py").write_text("a = 1\n")
    assert compiled() == 0
    assert len(list((tmp_path / "cache").rglob("*.kernel"))) == 2
