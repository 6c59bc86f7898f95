"""Where other packages' machine code is kept."""

from pathlib import Path

import numpy as np

from snnlab.simulation import kept
from snnlab.simulation.event import compiled


def twice(values):
    for i in range(values.size):
        values[i] *= 2


def test_a_package_has_a_folder_of_its_own_for_its_sources(tmp_path, monkeypatch):
    monkeypatch.setattr(compiled, "folder", lambda: str(tmp_path / "cache"))
    package = tmp_path / "package"
    (package / "below").mkdir(parents=True)
    (package / "below" / "one.py").write_text("a = 1\n")

    def places():
        function = kept.kernels_of(str(package / "compiled.py"), "name")(twice)
        values = np.arange(3.0)
        function(values)
        assert values.tolist() == [0, 2, 4]
        return {path.name for path in Path(tmp_path / "cache").iterdir()}

    first = places()
    assert len(first) == 1 and first.pop().startswith("name-")
    assert len(places()) == 1
    (package / "below" / "one.py").write_text("a = 2\n")
    assert len(places()) == 2
