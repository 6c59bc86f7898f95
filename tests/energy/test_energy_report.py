"""What docs/energy.md says of a run: verdicts only where the whole band supports them."""

import re

import pytest

from benchmarks import energy_report as report
from snnlab.lab import energy as lab_energy
from snnlab.lab import segmenting as lab


@pytest.fixture(scope="module")
def point():
    work = lab_energy.work_of(lab.default_result())
    return report.Point("regularised", "75–150 Hz", "zero", work.timesteps, 0.92, 0.919, (work,))


@pytest.mark.parametrize(
    ("band", "verdict"),
    [((2.1, 9), "more"), ((1.9, 9), "open"), ((0.1, 2), "less"), ((2, 2.1), "open")],
)
def test_a_verdict_is_of_the_whole_band(band, verdict):
    assert report.side(band) == verdict


def test_no_ratio_in_bold_has_a_band_with_the_other_verdict(point):
    rows = "\n".join(report.table(point, False) + report.table(point, True))
    cells = re.findall(r"(\*{0,2})([\d.,e-]+)\*{0,2} \(([\d.,e-]+) \.\. ([\d.,e-]+)\)", rows)
    assert len(cells) > 20
    read = [(mark, *(float(n.replace(",", "")) for n in numbers)) for mark, *numbers in cells]
    assert all(low <= ratio <= high for _, ratio, low, high in read)
    assert {mark for mark, *_ in read} == {"**", "*", ""}
    for mark, _, low, high in read:
        assert mark == ("**" if low > 2 else "*" if high <= 2 else "")


def test_the_first_sentence_names_devices_by_their_bands(point, monkeypatch):
    told = re.sub(r"\s+", " ", report.firmly(point))
    sure, open_ = told.split("Within the bands it could")
    assert "*CPU, KerasSpiking* and *CPU, one image at a time*." in sure
    assert "CPU, measured seconds" in open_ and "GPU, one image at a time" in open_
    assert "Jetson" in open_ and "Movidius" in open_
    page = report.header(False, "sections", ("regularised",), report.firmly(point))
    assert page.split("\n\n")[1].startswith("Whatever the constants are")
    assert "comes near its ANN" in report.firmly(None)
    monkeypatch.setattr(report, "side", lambda band: "less")
    never = re.sub(r"\s+", " ", report.firmly(point))
    assert never.startswith("It never takes less than half of the ANN's energy on: *CPU,")


def test_idle_power_of_real_time_stands_in_the_same_table(point):
    (row,) = (line for line in report.table(point, False) if "in real time" in line)
    assert re.search(r"\+ [\d.]+ m?J", row)
    assert row.count("–") == 5  # of SpiNNakers and of 45 nm none is published
