"""Maps, fused ones too, against the forward pass of the layers that they are of."""

import nengo
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snnlab.conversion.graphs.fusing import fused
from snnlab.conversion.graphs.linear import map_of
from snnlab.conversion.graphs.stencils import Place, shape_of
from snnlab.conversion.graphs.transforms import transform_of
from snnlab.nets.graph.forward import apply
from snnlab.nets.graph.shaping import Borders, Pooling, Reshape, Upsampling
from snnlab.nets.graph.weighted import Affine, Convolution, Dense, TransposedConvolution
from snnlab.simulation.event.operators import of_connection


def through(transforms, x):
    """What Nengo makes of a constant, one transform after the other, and the event engine too."""
    with nengo.Network() as network:
        now = nengo.Node(x.ravel())
        for one in transforms:
            there = nengo.Node(size_in=one.size_out)
            nengo.Connection(now, there, transform=one, synapse=None)
            now = there
        probe = nengo.Probe(now)
    with nengo.Simulator(network, progress_bar=False) as simulator:
        simulator.run_steps(2)
    ours = x.ravel()
    for connection in network.connections:
        ours = of_connection(connection, None).apply(ours)
    np.testing.assert_allclose(ours, simulator.data[probe][-1], atol=1e-9)
    return ours


def check(layers, shape, at_most=None):
    random = np.random.default_rng(0)
    x = random.normal(0, 1, shape)
    maps, now = [], x[None]
    for layer in layers:
        maps.append(map_of(layer, now.shape[1:]))
        now = apply(layer, now)
    made = fused(maps)
    if at_most is not None:
        assert len(made) <= at_most
    found = through([transform_of(one) for one in made], x)
    np.testing.assert_allclose(found, now.ravel(), atol=1e-9)


def weights(*shape):
    return np.random.default_rng(sum(shape)).normal(0, 1, shape).astype(np.float32)


def none(many):
    return np.zeros(many, np.float32)


def conv(rows, columns, depth, out, *more, groups=1):
    return Convolution(
        weights(rows, columns, depth // groups, out), none(out), *more, groups=groups
    )


def up(rows, columns, depth, out, *more):
    return TransposedConvolution(weights(rows, columns, depth, out), none(out), *more)


def norm(many):
    return Affine(weights(many), none(many))


CHAINS = {
    "separable": ([conv(3, 3, 4, 4, (2, 2), "same", groups=4), conv(1, 1, 4, 3)], 1),
    "norm before": ([norm(4), conv(3, 2, 4, 6, groups=2)], 1),
    "norm behind": ([conv(3, 2, 4, 6, groups=2), norm(6)], 1),
    "norms of a row": ([Reshape(), norm(320), Dense(weights(320, 3), none(3))], 2),
    "padded": ([Borders((1, 1), (0, 2)), conv(3, 3, 4, 2, (2, 2))], 1),
    "padded, larger than its input": ([Borders((2, 2), (2, 2)), conv(3, 3, 4, 2)], 1),
    "padded, not of a size of Nengo's": ([Borders((1, 1), (1, 1)), conv(2, 2, 4, 2, (2, 2))], 1),
    "cropped before": ([Borders((-1, 0), (0, -2)), conv(3, 3, 4, 2)], 1),
    "cropped before, with a border": (
        [Borders((-1, 0), (0, -2)), conv(3, 3, 4, 2, (1, 1), "same")], 2,
    ),
    "cropped behind": ([conv(3, 3, 4, 2, (2, 2), "same"), Borders((-1, 0), (0, -2))], 1),
    "transposed, cropped": ([up(3, 3, 4, 2, (2, 2), "valid"), Borders((-1, -1), (0, -2))], 1),
    "upsampled": ([Upsampling((2, 2)), conv(2, 2, 4, 3, (1, 1), "same")], 1),
    "upsampled by three": ([Upsampling((3, 2)), conv(3, 3, 4, 3)], 1),
    "upsampled, alone": ([Upsampling((2, 3))], 1),
    "bilinear": ([Upsampling((2, 2), True), conv(3, 3, 4, 3, (1, 1), "same")], 2),
    "averaged": ([conv(1, 1, 4, 5), Pooling("average", (2, 2), (2, 2))], 1),
    "averaged, conv before": ([conv(3, 3, 4, 5), Pooling("average", (2, 2), (2, 2))], 2),
    "averaged, borders": ([Pooling("average", (3, 3), (2, 2), "same")], 1),
    "averaged over all, dense": (
        [Pooling("average", None, None), Reshape(), Dense(weights(4, 3), none(3))], 1,
    ),
    "flattened": ([norm(4), Reshape(), Dense(weights(320, 3), none(3))], 1),
    "flattened, depthwise before": (
        [conv(1, 1, 4, 4, groups=4), Reshape(), Dense(weights(320, 3), none(3))], 1,
    ),
    "dilated": ([conv(3, 2, 4, 3, (1, 1), "same", (2, 3))], 1),
    "reshaped": ([Reshape((20, 16)), norm(16)], 2),
}  # fmt: skip


@pytest.mark.parametrize("which", CHAINS)
def test_layers_that_follow_each_other_are_few_transforms(which):
    layers, at_most = CHAINS[which]
    check(layers, (10, 8, 4), at_most)


def test_a_part_of_a_concatenation():
    shape, whole = (5, 4, 2), (5, 4, 6)
    x = np.random.default_rng(1).normal(0, 1, shape)
    joined = np.zeros(whole)
    joined[..., 3:5] = x
    for layers, many in (
        ([conv(3, 3, 6, 2)], 1),
        ([norm(6), conv(3, 3, 6, 2, (1, 1), "same", groups=6 // 6)], 1),
        ([conv(3, 3, 6, 6, groups=6)], 2),
        ([norm(6)], 2),
        ([Reshape(), Dense(weights(120, 3), none(3))], 1),
        ([conv(3, 3, 6, 4, groups=2)], 2),
    ):
        maps, now = [Place(3, shape, whole)], joined[None]
        for layer in layers:
            maps.append(map_of(layer, now.shape[1:]))
            now = apply(layer, now)
        made = fused(maps)
        assert len(made) == many
        found = through([transform_of(one) for one in made], x)
        np.testing.assert_allclose(found, now.ravel(), atol=1e-9)


@settings(max_examples=60)
@given(
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    taps=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.sampled_from(["same", "valid"]),
    around=st.tuples(*[st.integers(0, 3)] * 4),
    turned=st.booleans(),
)
def test_every_window_is_as_it_should_be(size, taps, stride, padding, around, turned):
    layers = [Borders(around[:2], around[2:])]
    layers.append((up if turned else conv)(*taps, 2, 2, stride, padding))
    shape = (*size, 2)
    try:
        layers[1].shape(layers[0].shape(shape))
    except ValueError:
        return
    check(layers, shape)


def test_shapes_of_populations():
    assert shape_of((3,)) == (1, 1, 3) and shape_of((2, 3)) == (1, 2, 3)
    with pytest.raises(ValueError, match="4 axes"):
        shape_of((1, 2, 3, 4))
