import numpy as np
import pytest

from snnlab.nets.forward import forward as of_the_lab
from snnlab.nets.graph.forward import forward
from snnlab.nets.graph.unet import unet_graph
from tests import small_models


@pytest.mark.parametrize("made", ["plain", "pooled", "loihi"])
def test_the_labs_models_are_graphs_that_compute_the_same(made):
    model = {
        "plain": lambda: small_models.model(3),
        "pooled": lambda: small_models.pooled_model(1),
        "loihi": lambda: small_models.model(2, activation="loihi"),
    }[made]()
    image = small_models.image(32, 48)
    graph = unet_graph(model, *image.shape)
    found = dict(forward(graph, image[None, ..., None]))
    for name, values in of_the_lab(model, image):
        ours = found[name][0].transpose(2, 0, 1)
        assert ours.shape == values.shape
        # of loihi's stepped curve a neuron may stand on the other side of a step
        far = np.abs(ours - values) > 1e-5 * max(1, np.abs(values).max())
        assert far.mean() <= (1e-3 if made == "loihi" else 0), name
    assert sum(node.layer.weights for node in graph.nodes) == model.weights
