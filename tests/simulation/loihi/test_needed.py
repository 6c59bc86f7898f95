"""What of a tile need not be run: the spikes that are kept are those of the whole tile."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.loihi.emulator import Emulator
from snnlab.simulation.loihi.needed import needed, of_layer
from snnlab.simulation.loihi.network import describe
from snnlab.simulation.loihi.reading import BuiltLayer, BuiltLink
from snnlab.simulation.loihi.shapes import block_shapes
from snnlab.simulation.loihi.wired import rounded
from tests.simulation.loihi.networks import converted, random_unet

SIZE, STEPS = (16, 24), 70


def emulate(emulator, image, wanted=None):
    """Spikes of one tile, in memory in which every bit was set before."""
    size = emulator._program.words(STEPS) + 64
    emulator._kept[:] = [(np.full(size, ~np.uint64(0)), emulator._program.scratch())]
    found = {}

    def store(_, spikes):
        found.update({name: part.copy() for name, part in spikes.items()})

    emulator.run([image], STEPS, store, wanted=wanted)
    return found


def chequered(layer):
    """A layer with two kernels, in turn from core to core, so that each core is a strip."""
    if not layer.links:
        return layer
    links = []
    for link in layer.links:
        first = link.kernels[:1]
        links.append(replace(link, kernels=np.concatenate([first, np.roll(first, 1, axis=1)])))
    variants = np.arange(layer.variants.size).reshape(layer.variants.shape) % 2
    return replace(layer, links=tuple(links), variants=variants)


@pytest.fixture(scope="module", params=["one strip", "cores that round apart"])
def tile(request):
    network = converted(random_unet((8, 16), 2), *SIZE)
    layers = describe(network)
    chip = rounded(layers, block_shapes(layers))
    if request.param != "one strip":
        cut = {layer.name: (5, 7, layer.shape[2] // 2) for layer in layers if layer.on_chip}
        chip = tuple(chequered(layer) for layer in rounded(layers, cut))
    emulator = Emulator(chip, layers, 1)
    image = np.asarray(network.image.output).reshape(SIZE)
    return emulator, image, emulate(emulator, image)


def _box(data):
    sides = [data.draw(st.lists(st.integers(0, n), min_size=2, max_size=2)) for n in SIZE]
    return tuple(at for side in sides for at in sorted(side))


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_kept_is_as_of_the_whole_tile(tile, data):
    emulator, image, whole = tile
    box = _box(data)
    found = emulate(emulator, image, [box])
    for layer in emulator.built:
        top, bottom, left, right = of_layer(box, SIZE, layer.shape)
        mine, wanted = (
            spikes[layer.name].reshape(-1, *layer.shape)[:, top:bottom, left:right]
            for spikes in (found, whole)
        )
        assert (mine == wanted).all(), layer.name
    assert any(spikes.any() for spikes in whole.values())


def test_the_last_layers_are_run_where_they_are_kept_only(tile):
    """Memory that was full of spikes is still, around what the kept part depends on."""
    emulator, image, whole = tile
    box = (6, 10, 8, 12)
    found = emulate(emulator, image, [box])
    last = emulator.built[-1]
    spikes = found[last.name].reshape(-1, *last.shape)
    left_alone = np.ones(SIZE, bool)
    left_alone[6:10, 8:12] = False
    assert (spikes[:, left_alone] == ~np.uint64(0)).all()
    assert not (whole[last.name] == ~np.uint64(0)).any()


def test_boxes_by_hand():
    """Rows 4 to 5 of a 3 x 3 convolution hear rows 3 to 6; with stride 2, rows 8 to 12."""

    def layer(name, side, *links):
        return BuiltLayer(
            name,
            (side, side, 1),
            tuple(
                BuiltLink(
                    source,
                    Convolve(
                        np.zeros((3, 3, 1, 1)),
                        (came, came, 1),
                        (side, side, 1),
                        (stride, stride),
                        "same",
                        False,
                    ),
                    np.zeros((1, 3, 3, 1, 1), np.int16),
                )
                for source, came, stride in links
            ),
        )

    layers = (
        layer("first", 16),
        layer("second", 8, ("first", 16, 2)),
        layer("third", 8, ("second", 8, 1)),
    )
    nothing = (0, 0, 0, 0)
    found = needed(layers, {"first": nothing, "second": nothing, "third": (4, 6, 7, 8)})
    assert found["second"] == (3, 7, 6, 8)
    # Nengo pads 16 to 8 with stride 2 by one row below: output 3 begins at row 6
    assert found["first"] == (6, 15, 12, 16)
    assert of_layer((8, 10, 1, 16), (16, 16), (8, 8, 4)) == (4, 5, 1, 8)
    assert of_layer((8, 10, 1, 16), (16, 16), (16, 16, 4)) == (8, 10, 1, 16)
