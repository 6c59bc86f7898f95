"""Keras's own net of what was read: the check that an import runs."""

from dataclasses import replace

import numpy as np
import pytest

from snnlab.nets.graph.net import Node
from snnlab.nets.keras_files.reading import read
from snnlab.nets.keras_files.rebuilt import difference, keras_net
from tests.nets.keras_files import kerases
from tests.nets.keras_files.test_layers import LAYERS, branched

pytestmark = pytest.mark.filterwarnings("ignore:You are saving", "ignore:__array__")


def net(keras):
    """A row of nearly all kinds of layers."""
    kinds = (
        "same, even kernel, stride 2", "transposed, more", "depthwise", "separable", "batch norm",
        "relu6 inside", "average pooling, same", "upsampling, bilinear", "dropped", "zero padding",
        "global average",
    )  # fmt: skip
    rest = [layer for kind in kinds for layer in LAYERS[kind](keras.layers)]
    return kerases.sequence(keras, (9, 8, 3), [keras.layers.Rescaling(1 / 255), *rest])


@pytest.mark.parametrize("name", kerases.NAMES)
@pytest.mark.parametrize("made", [net, branched])
def test_what_is_rebuilt_is_the_same_net(made, name, tmp_path):
    model = kerases.drawn(made(kerases.of(name)))
    path = tmp_path / "net.keras"
    model.save(path)
    found = read(path)
    images, theirs = kerases.seen(model, found.graph.image_shape)
    assert np.abs(np.asarray(keras_net(found)(images)[-1]) - theirs).max() <= 1e-4
    for off in (difference(found), difference(found, images * 3)):
        assert 0 < off.share <= 1e-5 and off.answer <= 1e-4 and off.layer


def test_a_graph_that_has_a_layer_wrong_is_found_out(tmp_path):
    path = tmp_path / "net.keras"
    kerases.drawn(net(kerases.of("tf_keras"))).save(path)
    found = read(path)
    graph = found.graph
    wrong = [
        Node(node.name, replace(node.layer, ceiling=0.2), node.inputs)
        if getattr(node.layer, "ceiling", None) == 6
        else node
        for node in graph.nodes
    ]
    translated = replace(found.translated, graph=replace(graph, nodes=tuple(wrong)))
    assert difference(found).answer <= 1e-4
    off = difference(replace(found, translated=translated))
    assert off.answer > 1e-3 and off.share > 0.1
