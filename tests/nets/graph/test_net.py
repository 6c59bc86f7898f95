import numpy as np
import pytest

from snnlab.nets.graph.net import IMAGE, Graph, Node
from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.graph.shaping import Add, Borders, Concatenate, Pooling, Reshape, Upsampling
from snnlab.nets.graph.weighted import Affine, Convolution, Dense, TransposedConvolution


def kernel(*shape):
    return np.zeros(shape, np.float32)


def conv(*shape, **more):
    return Convolution(kernel(*shape), kernel(shape[3]), **more)


def test_shapes_follow_from_the_layers():
    net = Graph(
        "net",
        (9, 8, 3),
        (
            Node("a", conv(3, 3, 3, 4, strides=(2, 2), padding="same"), (IMAGE,)),
            Node("b", conv(1, 1, 2, 6, groups=2), ("a",)),
            Node("c", Concatenate(), ("a", "b")),
            Node("d", TransposedConvolution(kernel(3, 2, 10, 5), kernel(5), (2, 2)), ("c",)),
            Node("e", Borders((1, -2), (0, 1)), ("d",)),
            Node("f", Upsampling((1, 2)), ("e",)),
            Node("g", Pooling("max", (3, 3), (2, 2), "same"), ("f",)),
            Node("h", Pooling("average", None, None), ("g",)),
            Node("i", Reshape(), ("h",)),
            Node("j", Dense(kernel(5, 7), kernel(7)), ("i",)),
            Node("k", OffChip("softmax"), ("j",)),
        ),
    )
    assert net.shapes == {
        IMAGE: (9, 8, 3), "a": (5, 4, 4), "b": (5, 4, 6), "c": (5, 4, 10), "d": (11, 8, 5),
        "e": (10, 9, 5), "f": (10, 18, 5), "g": (5, 9, 5), "h": (1, 1, 5), "i": (5,), "j": (7,),
        "k": (7,),
    }  # fmt: skip
    assert net.users["a"] == ("b", "c")
    assert net.output.name == "k"


@pytest.mark.parametrize(
    ("nodes", "sentence"),
    [
        ([Node("a", conv(3, 3, 2, 1), (IMAGE,))], "a is given 4x4x1, and wants weights for 2"),
        ([Node("a", conv(5, 5, 1, 1), (IMAGE,))], "wants at least 5 pixels per side, not 4"),
        ([Node("a", Add(), ("b", IMAGE))], "its input b is not there"),
        ([Node("a", Neurons(), (IMAGE, IMAGE))], "a: 2 inputs"),
        ([Node("a", Neurons(), (IMAGE,)), Node("a", Neurons(), (IMAGE,))], "two of that name"),
        ([Node("a", Reshape((3, 5)), (IMAGE,))], "wants 15 values"),
        ([Node("a", Borders((-2, -2), (0, 0)), (IMAGE,))], "larger than what is taken off"),
        ([Node("a", Borders((-4, 1), (0, 0)), (IMAGE,))], "larger than what is taken off"),
        ([Node("a", Affine(kernel(2), kernel(2)), (IMAGE,))], "factors for 2 channels"),
        ([Node("a", Upsampling((2, 2)), (IMAGE,)), Node("b", Add(), ("a", IMAGE))], "one shape"),
        (
            # 3 x 5 + 2 - 2 + 9 = 24 positions are of 5 windows, not of 4
            [
                Node(
                    "a",
                    TransposedConvolution(
                        kernel(2, 2, 1, 1), kernel(1), (5, 5), "same", more=(9, 9)
                    ),
                    (IMAGE,),
                )
            ],
            "wants 5 pixels per side for the 24 that come out, not 4",
        ),
        ([], "takes an image"),
    ],
)
def test_what_does_not_fit_is_named(nodes, sentence):
    with pytest.raises(ValueError, match=sentence):
        Graph("net", (4, 4, 1), tuple(nodes))


def test_layers_refuse_weights_that_contradict_each_other():
    with pytest.raises(ValueError, match="bias for each"):
        Convolution(kernel(3, 3, 1, 2), kernel(3))
    with pytest.raises(ValueError, match="groups"):
        conv(1, 1, 1, 3, groups=2)
    with pytest.raises(ValueError, match="padding"):
        conv(1, 1, 1, 3, padding="causal")
    with pytest.raises(ValueError, match="1 or more"):
        Upsampling((0, 1))
    with pytest.raises(ValueError, match="above 0"):
        Neurons(ceiling=0.0)


def test_what_the_answer_does_not_depend_on_can_be_left_out():
    net = Graph(
        "net",
        (4, 4, 1),
        (
            Node("lost", Neurons(), (IMAGE,)),
            Node("kept", Neurons(), (IMAGE,)),
            Node("last", Reshape(), ("kept",)),
        ),
    )
    assert [node.name for node in net.used().nodes] == ["kept", "last"]
