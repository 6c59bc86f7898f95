"""The facade of the chips: tiles, caching, errors."""

import numpy as np
import pytest

from snnlab.chips.mapping import NAMES
from snnlab.errors import Cancelled, LabError
from snnlab.lab import chips as lab_chips
from snnlab.lab import segmenting as lab
from tests import small_models

FEW = ("greedy", "greedy-interchip", "hypergraph", "co-design")


@pytest.fixture(scope="module")
def settings():
    return lab_chips.chip_settings().replace(timesteps=60)


@pytest.fixture(scope="module")
def found(settings):
    return lab_chips.mapping(lab.sample(0), settings, 32, 2, FEW)


def test_a_mapping_is_whole(found):
    assert found.tile == (112, 112, 32, 32)
    assert (found.image == lab.sample(0).normalised[112:144, 112:144]).all()
    assert found.timesteps == 60
    assert set(found.partitions) >= {*FEW, "greedy-interchip@default"}
    for name, partition in found.partitions.items():
        layout = found.layout(name)
        assert len(partition.chip_of) == len(layout.blocks)
        assert partition.cores.max() <= 128
        for layer, shape in found.shapes.items():
            inside = sum(b.compartments for b in layout.blocks if b.layer == layer)
            assert inside == np.prod(shape)
    assert found.blocks == found.layouts["searched"].blocks
    assert found.traffic.spiked.shape == (len(found.blocks), 60)
    # however it is cut, neurons spike as they do
    assert len({layout.traffic.spiked.sum() for layout in found.layouts.values()}) == 1


def test_ours_sends_the_fewest_spikes_between_chips(found):
    same = [found.partitions[name] for name in FEW if found.layout(name).name == "searched"]
    ours = found.partitions["co-design"]
    assert ours.interchip <= min(partition.interchip for partition in same)
    assert ours.interchip <= 0.5 * found.partitions["greedy-interchip@default"].interchip
    assert len(found.layout("co-design").blocks) <= len(found.blocks)
    assert len(found.blocks) < len(found.layouts["default"].blocks)


def test_it_is_remembered(found, settings):
    assert lab_chips.mapping(lab.sample(0), settings, 32, 2, FEW) is found
    same = settings.replace(threshold=0.3)
    assert lab_chips.remembered(lab.sample(0), same, 32, 2, FEW) is found
    assert lab_chips.remembered(lab.sample(0), settings, 32, 3, FEW) is None
    assert lab_chips.remembered(lab.sample(1), settings, 32, 2, FEW) is None


@pytest.mark.parametrize(
    ("shape", "tile", "place", "box"),
    [
        ((256, 256), 64, None, (96, 96, 64, 64)),
        ((100, 512), 128, None, (2, 192, 96, 128)),
        ((256, 256), 64, (250, -3), (192, 0, 64, 64)),
    ],
)
def test_tiles_lie_in_the_image(shape, tile, place, box):
    assert lab_chips.tile_box(shape, tile, 16, place) == box


@pytest.mark.parametrize("tile", [0, -64, 8, 300, 64.0, True])
def test_other_tiles_are_refused(tile):
    with pytest.raises(LabError, match="16 to 256"):
        lab_chips.tile_box((512, 512), tile, 16)


def test_what_cannot_be_is_said_in_one_sentence(settings):
    picture = lab.sample(0)
    with pytest.raises(LabError, match="chips or more"):
        lab_chips.mapping(picture, settings, 64, 1, ("greedy",))
    with pytest.raises(LabError, match="reset to zero"):
        lab_chips.mapping(picture, settings.replace(reset="subtraction"), 32, None, ("greedy",))
    with pytest.raises(LabError, match="no partitioner 'best'"):
        lab_chips.mapping(picture, settings, 32, None, ("best",))
    with pytest.raises(Cancelled):
        lab_chips.mapping(picture, settings, 32, 4, ("greedy",), cancel=lambda: True)


def test_the_emulators_spikes_can_be_mapped(settings):
    found = lab_chips.mapping(
        lab.sample(0), settings.replace(simulator="loihi"), 32, None, ("round-robin",)
    )
    assert found.traffic.spiked.sum() > 0


def test_progress_rises_to_the_end(settings):
    told = []
    lab_chips.mapping(
        lab.sample(1), settings, 32, None, ("greedy",), lambda share, _: told.append(share)
    )
    assert told == sorted(told) and told[-1] == 1


def test_partitioners_are_listed():
    listed = lab_chips.partitioners_listed()
    assert tuple(name for name, _, _ in listed) == NAMES
    assert all(summary and limits for _, summary, limits in listed)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"method": "bistable"}, "Loihi 1 sends spikes without sizes"),
        ({"method": "multi-threshold"}, "Loihi 1 sends spikes without sizes"),
        ({"method": "ecc"}, "Loihi's neurons reset to zero"),
        ({"method": "data-normalisation", "input": "poisson"}, "a constant current"),
        ({"model": "gates", "method": "data-normalisation"}, "Loihi 1 has no gates"),
    ],
)
def test_what_loihi_has_not_is_refused_in_a_sentence(changes, said, settings, monkeypatch):
    whole, gates = lab.model, small_models.pooled_model()
    monkeypatch.setattr(lab, "model", lambda name: gates if name == "gates" else whole(name))
    with pytest.raises(LabError, match=said) as refused:
        lab_chips.mapping(lab.sample(0), settings.replace(**changes), 32, 2, ("greedy",))
    assert str(refused.value).count(".") == 1 and "choose" in str(refused.value)
