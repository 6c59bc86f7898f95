"""What the browser is sent of a mapping is what the mapping holds."""

import json
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest

from snnlab.ui.chips import board
from tests import chip_mappings

LIMITS = {
    "compartments": ("Compartments", 1024, ""),
    "in_axons": ("Input axons", 4096, ""),
    "out_axons": ("Output axons", 4096, ""),
    "synapse_bits": ("Synaptic memory", 1 << 20, "bits"),
}


@pytest.fixture(scope="module")
def mapping():
    return chip_mappings.mapping()


def unpacked(blob):
    """The format as the module's text gives it, read independently of how it is written."""
    (length,) = struct.unpack_from("<I", blob)
    about = json.loads(blob[4 : 4 + length])
    stream, at, arrays = zlib.decompress(blob[4 + length :]), 0, {}
    for name, kind, shape in about["arrays"]:
        values = np.frombuffer(stream, np.dtype(kind).newbyteorder("<"), int(np.prod(shape)), at)
        arrays[name] = values.reshape(shape)
        at += values.nbytes
    assert at == len(stream)
    return about, arrays


def test_blocks_traffic_and_places_arrive_exactly(mapping):
    names = ("co-design", "round-robin")
    about, arrays = unpacked(board.pack(mapping, names, LIMITS))
    made = mapping.layouts["searched"]
    assert [layer["name"] for layer in about["layers"]] == list(mapping.shapes)
    assert about["layouts"] == [{"name": "searched", "cores": len(made.blocks)}]
    assert about["timesteps"] == len(about["frames"]) == made.traffic.timesteps
    for core, block in enumerate(made.blocks):
        assert about["layers"][arrays["layer0"][core]]["name"] == block.layer
        assert tuple(arrays["box0"][core]) == block.start + block.stop
        assert list(arrays["used0"][core]) == [getattr(block, key) for key in LIMITS]
    sends = np.zeros((len(made.blocks),) * 2, int)
    for core in range(len(made.blocks)):
        row = slice(arrays["first0"][core], arrays["first0"][core + 1])
        sends[core, arrays["target0"][row]] = arrays["sends0"][row]
    assert np.array_equal(sends, made.traffic.sends.toarray())
    assert np.array_equal(arrays["spiked0"].T, made.traffic.spiked)
    assert np.array_equal(arrays["sent0"].T, made.traffic.sent)
    assert np.array_equal(arrays["received0"].T, made.traffic.received + made.traffic.from_host)
    assert arrays["image"].shape == (8, 8)
    assert (arrays["image"][0, 0], arrays["image"][-1, -1]) == (0, 255)
    for index, name in enumerate(names):
        partition = mapping.partitions[name]
        assert about["boards"][index]["interchip"] == partition.interchip
        assert np.array_equal(arrays[f"chip{index}"], partition.chip_of)
        assert np.array_equal(arrays[f"between{index}"], partition.chip_to_chip)


def test_other_blocks_come_as_a_second_layout(mapping):
    about, arrays = unpacked(board.pack(mapping, ("co-design", "round-robin@default"), LIMITS))
    assert [one["layout"] for one in about["boards"]] == [0, 1]
    assert len(arrays["layer1"]) == len(mapping.layouts["default"].blocks)


def test_layers_of_one_colour_carry_different_marks(mapping):
    about, _ = unpacked(board.pack(mapping, ("co-design",), LIMITS))
    looks = [(layer["colour"], layer["mark"]) for layer in about["layers"]]
    assert len(set(looks)) == len(looks)
    colours = {layer["name"]: layer["colour"] for layer in about["layers"]}
    assert colours["down1"] == colours["stride1"]  # so that the marks were needed


@pytest.mark.parametrize("steps", [1, 2, 64, 200, 201, 399, 400, 1000])
def test_frames_hold_every_step_once(steps):
    spans = board.spans(steps)
    assert len(spans) <= board.FRAMES
    assert [step for first, last in spans for step in range(first, last + 1)] == list(
        range(1, steps + 1)
    )


def test_a_long_run_is_summed_and_large_counts_survive(mapping):
    made = mapping.layouts["searched"]
    traffic = made.traffic
    many = np.tile(traffic.spiked, 50)[:, :501]
    large = replace(
        traffic, spiked=many, sent=many * 70_000, received=many, from_host=np.zeros_like(many)
    )
    longer = replace(mapping, timesteps=501, layouts={"searched": replace(made, traffic=large)})
    about, arrays = unpacked(board.pack(longer, ("co-design",), LIMITS))
    assert len(about["frames"]) == 167
    assert np.array_equal(arrays["spiked0"].sum(0), many.sum(1))
    first, last = about["frames"][3]
    assert np.array_equal(arrays["sent0"][3], (many * 70_000)[:, first - 1 : last].sum(1))
