import io
import json

import numpy as np
import pytest

from snnlab.errors import LabError
from snnlab.nets.graph import files
from snnlab.nets.graph.forward import answer
from snnlab.nets.graph.net import IMAGE, Graph, Node
from tests.conversion.graphs import nets


@pytest.mark.parametrize("which", nets.ALL)
def test_a_graph_comes_back_as_it_was(which, tmp_path):
    graph = nets.ALL[which]()
    path = files.save(graph, tmp_path / "nets")
    assert files.named(path.parent) == (graph.name,)
    again = files.load(path)
    assert again.shapes == graph.shapes and again.name == graph.name
    assert np.array_equal(answer(again, nets.images()), answer(graph, nets.images()))


def test_what_is_shared_is_stored_once():
    layer = nets.Drawn().conv(3, 2, 2)
    nodes = (Node("a", layer, (IMAGE,)), Node("b", layer, ("a",)))
    data = files.pack(Graph("shared", nets.SHAPE, nodes))
    assert len(np.load(io.BytesIO(data))) == 3
    again = files.unpack(data)
    assert again.nodes[0].layer is again.nodes[1].layer


def altered(change):
    with np.load(io.BytesIO(files.pack(nets.classifier()))) as opened:
        arrays = dict(opened)
    about = json.loads(str(arrays["about"]))
    change(about, arrays)
    out = io.BytesIO()
    np.savez(out, **arrays | {"about": np.array(json.dumps(about))})
    return out.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda about, arrays: about.pop("name"),
        lambda about, arrays: about.update(name="a\nb"),
        lambda about, arrays: about["layers"][1].update({"is": "Lambda"}),
        lambda about, arrays: about["layers"][1].update(strides=[0, 1]),
        lambda about, arrays: about["layers"][1].update(strides=[[1, 1], 1]),
        lambda about, arrays: about["layers"][1].update(kernel="w99"),
        lambda about, arrays: about["layers"][1].pop("kernel"),
        lambda about, arrays: about["nodes"][1].__setitem__(1, 999),
        lambda about, arrays: about["nodes"][1].__setitem__(2, ["nobody"]),
        lambda about, arrays: about.update(image_shape=[8, 8, 3]),
        lambda about, arrays: arrays.update(w2=np.zeros(3, "f8")),
        lambda about, arrays: arrays.update(w2=np.full(arrays["w2"].shape, np.nan, "f4")),
    ],
)
def test_a_file_that_is_not_as_it_is_written_is_refused(change):
    assert files.unpack(altered(lambda about, arrays: None)).name == "classifier"
    with pytest.raises(LabError, match="import it again"):
        files.unpack(altered(change))


def test_a_file_that_is_cut_short():
    data = files.pack(nets.classifier())
    for length in (0, 10, len(data) // 2, len(data) - 5):
        with pytest.raises(LabError, match="import it again"):
            files.unpack(data[:length])
