"""The command ``energy``: its contract."""

import json
from pathlib import Path

import pytest

from snnlab.commands import cli
from snnlab.energy import machine
from snnlab.lab import energy as lab_energy

SAMPLE = Path(__file__).parents[2] / "assets" / "samples" / "1-synthetic-256.png"
WANTED = {
    "device", "model", "source", "joules_per_image", "low", "high", "neuron_updates", "assumptions",
}  # fmt: skip


def answer(capsys, *words) -> dict:
    assert cli.main(["energy", *map(str, words), "--quiet", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


def test_rows_are_those_of_the_contract(capsys):
    found = answer(capsys, SAMPLE, "--timesteps", 6)
    assert len(found["rows"]) == len(lab_energy.devices(8))
    for row in found["rows"]:
        assert set(row) >= WANTED
        assert ("macs" in row) != ("synaptic_events" in row)
        assert row["low"] <= row["joules_per_image"] <= row["high"]
    assert found["work"]["timesteps"] == 6
    assert found["work"]["active_updates"] + found["work"]["inactive_updates"] == pytest.approx(
        found["work"]["neuron_updates"], abs=1
    )
    devices = {(row["device"], row["model"]) for row in found["rows"]}
    assert len(devices) == len(found["rows"])


def test_the_sample_is_taken_without_an_image_and_settings_count(capsys):
    named = answer(capsys, SAMPLE, "--timesteps", 6)
    plain = answer(capsys, "--timesteps", 6)
    assert plain["work"] == named["work"]
    more = answer(capsys, "--timesteps", 6, "--batch", 16, "--bits", 4, "--idle")
    one, other = (
        {row["name"]: row["joules_per_image"] for row in found["rows"]} for found in (plain, more)
    )
    assert other["gpu-online"] < one["gpu-online"] * 2  # idle power on top, starting shared
    assert other["ann-45nm-int"] < one["ann-45nm-int"]
    assert other["loihi-davies"] > one["loihi-davies"]
    assert other["arm"] == one["arm"]


def test_ones_own_constants_count_and_are_named(capsys):
    found = answer(capsys, "--timesteps", 6, "--constant", "loihi-davies.event=0")
    row = next(row for row in found["rows"] if row["name"] == "loihi-davies")
    assert row["parts"]["synapses"] == 0
    assert "yours" in row["source"]


def test_a_cpu_is_charged_for_its_seconds_too_and_for_this_machines_if_they_are_measured(
    capsys, monkeypatch
):
    """948 W is what the constant of 2013 makes of the seconds of today."""
    plain = answer(capsys, "--timesteps", 6)
    rows = {row["name"]: row for row in plain["rows"]}
    row = rows["cpu-measured"]
    assert row["joules_per_image"] == pytest.approx(row["macs"] * 8e-12 * 20)
    assert rows["cpu"]["low"] > row["high"]
    assert "stated, not measured" in row["source"]
    assert rows["jetson"]["low"] < rows["jetson"]["joules_per_image"] < rows["cpu"]["low"]

    macs = row["macs"]
    readings = (machine.Reading("ANN, 8-bit arithmetic", 1, 0.1, 0.1, 0.1, None, "", (1, 2, 3)),)
    found = machine.Measured("an abacus", (8, 8), 6, 1, readings, "No counters.", (), macs)
    monkeypatch.setattr(lab_energy, "measure", lambda *_: found)
    told = answer(capsys, "--timesteps", 6, "--measure")
    row = next(one for one in told["rows"] if one["name"] == "cpu-measured")
    assert (row["low"], row["joules_per_image"], row["high"]) == pytest.approx((10, 40, 120))
    assert "an abacus" in row["source"]
    assert told["measured"]["readings"][0]["busy"] == [1, 2, 3]


def test_it_can_be_read_too(capsys):
    assert cli.main(["energy", "--timesteps", "6", "--quiet"]) == 0
    out, _ = capsys.readouterr()
    assert "| Loihi 1 | Davies 2018 |" in out
    assert "synaptic events" in out
    assert "In real time, at 1 ms per step" in out


@pytest.mark.parametrize(
    "words",
    [
        ["--bits", "1"], ["--bits", "x"], ["--batch", "0"], ["--constant", "cpu.mac"],
        ["--constant", "cpu.mac=x"], ["--constant", "cpu.mac=-1"], ["--constant", "cpu.moc=1"],
        ["--constant", "mac=1"], ["no-such-file.tif"], ["--section", "99"],
        ["--partitioner", "by-hand"], ["--timesteps", "0"], ["--model", "none"],
    ],
)  # fmt: skip
def test_a_users_mistake_is_one_line_and_exit_2(capsys, words):
    code = cli.main(["energy", *words, "--quiet"])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert err.startswith("snnlab: error: ")
    assert err.count("\n") == 1
    assert err.rstrip().endswith(".")


def test_neurobenchs_counts_are_beside_the_rows(capsys):
    found = answer(capsys, SAMPLE, "--timesteps", 6)
    counted = found["neurobench"]
    operations = counted["SynapticOperations"]
    assert operations["Dense"] == 6 * next(row["macs"] for row in found["rows"] if "macs" in row)
    assert 0 < operations["Effective_ACs"] < found["work"]["synaptic_events"]  # no weights of 0
    layers = counted["ActivationSparsityByLayer"]
    assert min(layers.values()) <= counted["ActivationSparsity"] <= max(layers.values())
    assert cli.main(["energy", str(SAMPLE), "--timesteps", "6", "--quiet"]) == 0
    assert f"effective ACs {operations['Effective_ACs']:,.0f}" in capsys.readouterr().out
