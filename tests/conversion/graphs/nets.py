"""Graphs of random weights that are alive from end to end, for tests."""

import numpy as np

from snnlab.nets.graph.forward import forward
from snnlab.nets.graph.net import IMAGE, Graph, Node
from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.graph.shaping import Add, Borders, Concatenate, Pooling, Reshape, Upsampling
from snnlab.nets.graph.weighted import Affine, Convolution, Dense, TransposedConvolution

SHAPE = (8, 8, 2)


class Drawn:
    """Layers with weights that are drawn one after the other."""

    def __init__(self, seed=0):
        self.random = np.random.default_rng(seed)

    def _of(self, *shape):
        values = self.random.normal(0.1, 1, shape) / np.sqrt(np.prod(shape[:-1]))
        return values.astype(np.float32), self.random.normal(0.1, 0.1, shape[-1]).astype("f4")

    def conv(self, side, depth, out, stride=1, padding="same", groups=1):
        kernel, bias = self._of(side, side, depth // groups, out)
        return Convolution(kernel, bias, (stride, stride), padding, groups=groups)

    def up(self, side, depth, out, stride=2):
        return TransposedConvolution(*self._of(side, side, depth, out), (stride, stride), "same")

    def dense(self, depth, out):
        return Dense(*self._of(depth, out))

    def norm(self, many):
        scale = self.random.uniform(0.5, 1.5, many).astype(np.float32)
        return Affine(scale, self.random.normal(0.1, 0.2, many).astype(np.float32))


def images(count=6, shape=SHAPE, seed=1):
    return np.random.default_rng(seed).uniform(0, 1, (count, *shape)).astype(np.float32)


def classifier(seed=0) -> Graph:
    """Rescaled input, ReLU6, a residual block, depthwise, pooling of both kinds, a softmax."""
    d = Drawn(seed)
    nodes = (
        Node("rescaled", Affine(np.full(2, 2, "f4"), np.full(2, -0.5, "f4")), (IMAGE,)),
        Node("conv1", d.conv(3, 2, 6), ("rescaled",)),
        Node("norm1", d.norm(6), ("conv1",)),
        Node("relu1", Neurons(6.0), ("norm1",)),
        Node("depth", d.conv(3, 6, 6, groups=6), ("relu1",)),
        Node("point", d.conv(1, 6, 6), ("depth",)),
        Node("norm2", d.norm(6), ("point",)),
        Node("sum", Add(), ("norm2", "relu1")),
        Node("relu2", Neurons(), ("sum",)),
        Node("pool", Pooling("max", (2, 2), (2, 2)), ("relu2",)),
        Node("norm3", d.norm(6), ("pool",)),
        Node("conv3", d.conv(2, 6, 8, 2), ("norm3",)),
        Node("relu3", Neurons(), ("conv3",)),
        Node("mean", Pooling("average", None, None), ("relu3",)),
        Node("flat", Reshape(), ("mean",)),
        Node("dense1", d.dense(8, 7), ("flat",)),
        Node("relu4", Neurons(), ("dense1",)),
        Node("dense2", d.dense(7, 3), ("relu4",)),
        Node("answer", OffChip("softmax"), ("dense2",)),
    )
    return Graph("classifier", SHAPE, nodes)


def copied_unet(seed=0) -> Graph:
    """The most copied U-Net: max-pooling of sums, upsampling and convolution, concatenation."""
    d = Drawn(seed)
    nodes = (
        Node("c1", d.conv(3, 2, 4), (IMAGE,)),
        Node("r1", Neurons(), ("c1",)),
        Node("c2", d.conv(3, 4, 4), ("r1",)),
        Node("p1", Pooling("max", (2, 2), (2, 2)), ("c2",)),
        Node("r2", Neurons(), ("p1",)),
        Node("skip", Neurons(), ("c2",)),
        Node("c3", d.conv(3, 4, 6), ("r2",)),
        Node("r3", Neurons(), ("c3",)),
        Node("up", Upsampling((2, 2)), ("r3",)),
        Node("c4", d.conv(2, 6, 4), ("up",)),
        Node("r4", Neurons(), ("c4",)),
        Node("join", Concatenate(), ("skip", "r4")),
        Node("c5", d.conv(3, 8, 4), ("join",)),
        Node("r5", Neurons(), ("c5",)),
        Node("c6", d.conv(1, 4, 1), ("r5",)),
        Node("answer", OffChip("sigmoid"), ("c6",)),
    )
    return Graph("copied", SHAPE, nodes)


def assorted(seed=0) -> Graph:
    """Borders, bilinear upsampling, transposed convolutions, wide maxima, a join that is pooled."""
    d = Drawn(seed)
    nodes = (
        Node("pad", Borders((1, 2), (2, 0)), (IMAGE,)),
        Node("c1", d.conv(4, 2, 4, 2, "valid"), ("pad",)),
        Node("r1", Neurons(), ("c1",)),
        Node("n1", d.norm(4), ("r1",)),
        Node("m1", Pooling("max", (3, 3), (1, 1), "same"), ("n1",)),
        Node("smooth", Upsampling((2, 2), True), ("m1",)),
        Node("c2", d.conv(3, 4, 3), ("smooth",)),
        Node("r2", Neurons(), ("c2",)),
        Node("t1", d.up(3, 4, 3), ("r1",)),
        Node("r3", Neurons(), ("t1",)),
        Node("a1", Pooling("average", (3, 3), (1, 1), "same"), ("r3",)),
        Node("cut", Borders((0, 0), (0, 0)), ("a1",)),
        Node("c3", d.conv(3, 3, 3), ("cut",)),
        Node("r4", Neurons(), ("c3",)),
        Node("join", Concatenate(), ("r2", "r4")),
        Node("all", Pooling("max", None, None), ("r2",)),
        Node("flat", Reshape(), ("all",)),
        Node("d1", d.dense(3, 5), ("flat",)),
        Node("r5", Neurons(), ("d1",)),
        Node("c4", d.conv(3, 6, 5, 2), ("join",)),
        Node("m2", Pooling("average", None, None), ("c4",)),
        Node("row", Reshape(), ("m2",)),
        Node("sum", Add(), ("row", "r5")),
        Node("r6", Neurons(), ("sum",)),
        Node("d2", d.dense(5, 3), ("r6",)),
    )
    return Graph("assorted", SHAPE, nodes)


ALL = {"classifier": classifier, "copied": copied_unet, "assorted": assorted}


def alive(graph: Graph) -> bool:
    """Whether some of each layer's neurons are active, and some not."""
    shares = [
        float((values > 0).mean())
        for name, values in forward(graph, images())
        if isinstance(graph.by_name[name].layer, Neurons)
    ]
    return min(shares) > 0.05
