"""``chips`` and ``partitioners`` by the contract."""

import json

import pytest

from snnlab.commands import cli


def run(capsys, *arguments):
    code = cli.main([*arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_chips_by_the_contract(capsys):
    code, out, _ = run(capsys, "chips", "--tile", "32", "--chips", "2", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["tile"][2:] == [32, 32]
    assert answer["chips"] == 2
    assert {row["partitioner"] for row in answer["partitions"]} == {
        "round-robin", "greedy", "greedy-interchip", "metis", "hypergraph", "co-design",
    }  # fmt: skip
    for row in answer["partitions"]:
        assert row["interchip_spikes"] <= row["interchip_spikes_per_core"]
        assert row["intrachip_spikes"] >= 0 and row["seconds"] >= 0
        assert row["cores"] <= row["chips"] * 128
        assert set(row["block_shapes"]) == set(answer["block_shapes"])
        low, high = row["step_seconds"]
        assert 0 < low < high < 1e-3
    one, two = answer["generations"]
    assert (one["chip"], two["chip"]) == ("Loihi 1", "Loihi 2")
    assert two["cores"] < one["cores"] <= answer["cores"]
    # a second time for people: it is remembered
    code, out, err = run(capsys, "chips", "--tile", "32", "--chips", "2", "--quiet")
    assert code == 0 and "co-design" in out and not err
    assert f"Loihi 2: at least {two['cores']} cores on 1 chip" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tile", "64", "--chips", "1"), "choose 2 chips or more"),
        (("--chips", "0"), "must be 1 or more"),
        (("--tile", "7"), "must be a whole number of pixels"),
        (("nothing.png",), "cannot be read"),
        (("--model", "none"), "none"),
    ],
)
def test_mistakes_are_one_line(capsys, arguments, said):
    code, out, err = run(capsys, "chips", *arguments, "--quiet")
    assert code == 2 and not out
    assert err.startswith("snnlab: error: ") and err.count("\n") == 1 and said in err


def test_partitioners_are_listed(capsys):
    code, out, _ = run(capsys, "partitioners", "--json")
    rows = json.loads(out)["partitioners"]
    assert code == 0 and [row["name"] for row in rows][-1] == "co-design"
    assert all(row["summary"] and row["not"] for row in rows)
