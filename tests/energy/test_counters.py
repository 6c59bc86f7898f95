"""The processor's energy counters, on folders made up like the system's."""

import pytest

from snnlab.energy.counters import Counters


def package(root, number, microjoules, wraps=1000, name=None):
    zone = root / f"intel-rapl:{number}"
    zone.mkdir(parents=True)
    (zone / "name").write_text(f"{name or f'package-{number}'}\n")
    (zone / "max_energy_range_uj").write_text(f"{wraps}\n")
    (zone / "energy_uj").write_text(f"{microjoules}\n")
    return zone / "energy_uj"


def test_packages_are_summed_and_their_parts_left_out(tmp_path):
    first, second = package(tmp_path, 0, 100), package(tmp_path, 1, 900)
    part = tmp_path / "intel-rapl:0:0"
    part.mkdir()
    (part / "name").write_text("core\n")
    (part / "energy_uj").write_text("5\n")
    (part / "max_energy_range_uj").write_text("1000\n")
    package(tmp_path, 2, 7, name="psys")
    counters = Counters(tmp_path)
    assert counters.missing == ""
    before = counters.read()
    assert before == (100, 900)
    first.write_text("350\n")
    second.write_text("40\n")  # started over
    assert counters.joules(before, counters.read()) == pytest.approx((250 + 140) / 1e6)


def test_no_counters_no_joules(tmp_path):
    counters = Counters(tmp_path)
    assert "no joules" in counters.missing
    assert counters.read() is None
    assert counters.joules(None, None) is None


def test_counters_that_may_not_be_read_say_so(tmp_path, monkeypatch):
    package(tmp_path, 0, 1)
    from pathlib import Path

    real = Path.read_text

    def refuse(path, *more, **named):
        if path.name == "energy_uj":
            raise PermissionError
        return real(path, *more, **named)

    monkeypatch.setattr(Path, "read_text", refuse)
    counters = Counters(tmp_path)
    assert "administrator" in counters.missing
    assert counters.read() is None


def test_nonsense_is_no_figure(tmp_path):
    package(tmp_path, 0, "much")
    counters = Counters(tmp_path)
    assert counters.missing
    assert counters.read() is None


def test_counters_that_vanish_give_no_figure(tmp_path):
    path = package(tmp_path, 0, 1)
    counters = Counters(tmp_path)
    before = counters.read()
    path.unlink()
    assert counters.joules(before, counters.read()) is None
