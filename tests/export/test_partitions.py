"""Tables of a mapping say what the mapping says."""

import csv
import io
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from snnlab.export import partitions as chips_tables
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings
from snnlab.ui.shared import downloads as take
from tests import chip_mappings

OF = {"model": "loihi", "timesteps": 200}


@pytest.fixture(scope="module")
def mapping():
    return chip_mappings.mapping()


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_partitions_come_fewest_spikes_between_chips_first(mapping):
    found = rows(chips_tables.partitions_csv(mapping, OF))
    assert {row["partition"] for row in found} == set(mapping.partitions)
    counts = [int(row["interchip_spikes"]) for row in found]
    assert counts == sorted(counts)
    for row in found:
        partition = mapping.partitions[row["partition"]]
        assert int(row["intrachip_spikes"]) == partition.intrachip
        assert int(row["cores"]) == len(mapping.layout(row["partition"]).blocks)
        assert row["blocks"] == partition.layout


def test_cores_add_up_to_the_partition(mapping):
    for name, partition in mapping.partitions.items():
        layout = mapping.layout(name)
        found = rows(chips_tables.cores_csv(mapping, name, OF))
        assert [int(row["core"]) for row in found] == list(range(len(layout.blocks)))
        assert sum(int(row["sent_to_other_chips"]) for row in found) == partition.interchip
        sent = sum(int(row["sent_to_cores"]) for row in found)
        assert sent == partition.interchip_per_core + partition.intrachip
        assert sent == sum(int(row["received_from_cores"]) for row in found)
        for row, block in zip(found, layout.blocks, strict=True):
            size = [int(row[key]) for key in ("rows", "columns", "channels")]
            assert np.prod(size) == int(row["compartments"]) == block.compartments
            assert row["layer"] == block.layer


def test_chip_to_chip(mapping):
    partition = mapping.partitions["round-robin"]
    found = rows(chips_tables.chips_csv(partition, OF))
    assert int(found[2]["to_0"]) == partition.chip_to_chip[2, 0]
    assert len(found) == partition.chips == sum(key.startswith("to_") for key in found[0])
    assert all(row[key] == str(value) for row in found for key, value in OF.items())


def test_against_is_a_share_of_the_reference(mapping):
    reference = mapping.partitions["greedy-interchip"]
    assert chips_tables.against(reference, mapping) == 0
    other = mapping.partitions["round-robin"]
    share = chips_tables.against(other, mapping)
    assert (1 + share) * reference.interchip == pytest.approx(other.interchip)


def test_use_of_limits_by_layer(mapping):
    limits = {"compartments": 64, "out_axons": 600}
    layout = mapping.layouts["searched"]
    layers, mean, fullest = chips_tables.used(layout, limits)
    assert layers == list(mapping.shapes)
    for index, name in enumerate(layers):
        blocks = [block for block in layout.blocks if block.layer == name]
        assert fullest[index, 1] == max(block.out_axons for block in blocks) / 600
        assert mean[index, 0] == pytest.approx(
            sum(block.compartments for block in blocks) / len(blocks) / 64
        )


def test_the_report_lists_every_partition(mapping):
    settings = Settings(reset="zero")
    part = chips_tables.reported(mapping, settings)
    assert [row[0] for row in part.rows] == [
        one.partitioner for _, one in chips_tables.partitions(mapping)
    ]
    assert all(len(row) == len(part.heads) for row in part.rows)
    for (_, one), row in zip(chips_tables.partitions(mapping), part.rows, strict=True):
        assert int(row[4].replace(",", "")) == one.interchip
    assert chips_tables.network(settings) in part.note and "not measured" in part.note


def test_a_network_is_named_by_all_that_its_method_reads():
    settings = Settings(model="relu", timesteps=9, lower_hz=100, upper_hz=900)
    said = "model relu, method rate-scaling, 100–900 Hz at the 99.9th percentile,"
    assert chips_tables.network(settings) == f"{said} reset by subtraction, 9 steps"
    other = chips_tables.network(settings.replace(method="ecc", reset="zero"))
    assert other == "model relu, method ecc, reset to zero, 9 steps"


def test_only_what_was_mapped_of_this_image_is_reported(monkeypatch, mapping):
    result = lab.default_result()
    monkeypatch.setattr(take.st, "session_state", state := {})
    assert take._partitioned(result) == ()
    of = SimpleNamespace(picture=result.picture, settings=Settings())
    state["mapped"] = SimpleNamespace(of=of, mapping=mapping)
    (part,) = take._partitioned(result)
    assert len(part.rows) == len(mapping.partitions)
    of.picture = replace(result.picture, section=7)
    assert take._partitioned(result) == ()
