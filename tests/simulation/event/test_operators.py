"""Linear operators: application, matrix and layout agree with Nengo and each other."""

import nengo
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snnlab.simulation.event.operators import Convolve, Matrix, Scale, join, of_connection
from snnlab.simulation.event.sparse import from_array
from snnlab.simulation.event.tables import lay_out
from tests.simulation.event.networks import convolutions, transforms
from tests.simulation.event.networks import round_weights as weights

SHAPES = st.tuples(st.integers(1, 8), st.integers(1, 8), st.integers(1, 4))


def operator_of(transform, size):
    """As read from a connection between nodes."""
    with nengo.Network():
        source = nengo.Node(size_in=size)
        out = getattr(transform, "size_out", None)
        if out is None:
            out = size if np.ndim(transform) < 2 else len(transform)
        connection = nengo.Connection(source, nengo.Node(size_in=out), transform=transform)
    return of_connection(connection, seed=lambda thing: 0)


def nengos(transform, x):
    """What Nengo's simulator sends through a transform."""
    with nengo.Network() as network:
        source = nengo.Node(x)
        out = getattr(transform, "size_out", None)
        if out is None:
            out = len(x) if np.ndim(transform) < 2 else len(transform)
        target = nengo.Node(size_in=out)
        nengo.Connection(source, target, transform=transform, synapse=None)
        probe = nengo.Probe(target)
    with nengo.Simulator(network, progress_bar=False) as simulator:
        simulator.step()
    return simulator.data[probe][0]


@given(st.data(), SHAPES)
def test_operators_do_what_nengo_does(data, shape):
    random = np.random.RandomState(data.draw(st.integers(0, 1000)))
    transform, _ = data.draw(transforms(shape, random, 1.0, weights))
    x = random.randint(0, 5, int(np.prod(shape))) * 1.0
    operator, wanted = operator_of(transform, x.size), nengos(transform, x)
    np.testing.assert_array_equal(operator.apply(x), wanted)
    np.testing.assert_array_equal(operator.matrix() @ x, wanted)
    assert operator.sizes == (wanted.size, x.size)


@given(st.data(), SHAPES)
def test_joined_operators_do_one_after_the_other(data, shape):
    random = np.random.RandomState(data.draw(st.integers(0, 1000)))
    first, between = data.draw(transforms(shape, random, 1.0, weights))
    if not 0 < np.prod(between) < 3000:
        return
    then, _ = data.draw(transforms(between, random, 1.0, weights))
    first, then = operator_of(first, int(np.prod(shape))), operator_of(then, int(np.prod(between)))
    joined = join(first, then)
    x = random.randint(0, 5, int(np.prod(shape))) * 1.0
    np.testing.assert_array_equal(joined.apply(x), then.apply(first.apply(x)))


def test_adding_up_all_inputs_is_not_a_copy_into_channels():
    dense = operator_of(np.ones((4, 6)), 6)
    summing = Matrix(from_array(np.repeat(np.eye(6), 2, axis=1)))
    x = np.arange(12.0)
    np.testing.assert_array_equal(join(summing, dense).apply(x), np.full(4, x.sum()))


@pytest.mark.parametrize("factor", [2.0, np.tile([1.0, -2, 3], 20)])
def test_a_convolution_takes_up_factors_of_channels(factor):
    random = np.random.RandomState(0)
    convolve = operator_of(
        nengo.Convolution(3, (4, 5, 3), padding="same", init=weights(random, 3, 3, 3, 3)), 60
    )
    x = random.rand(60)
    for joined, wanted in (
        (join(Scale(factor, 60), convolve), convolve.apply(factor * x)),
        (join(convolve, Scale(factor, 60)), factor * convolve.apply(x)),
    ):
        assert isinstance(joined, Convolve)
        np.testing.assert_allclose(joined.apply(x), wanted, rtol=1e-12)


def test_a_matrix_that_copies_into_channels_leaves_a_smaller_convolution():
    random = np.random.RandomState(0)
    convolve = operator_of(
        nengo.Convolution(2, (4, 5, 6), padding="same", init=weights(random, 3, 3, 6, 2)), 120
    )
    places = np.arange(120).reshape(4, 5, 6)[..., 2:5].ravel()
    copies = np.zeros((120, 60))
    copies[places, np.arange(60)] = 1
    x = random.rand(60)
    joined = join(Matrix(from_array(copies)), convolve)
    assert isinstance(joined, Convolve)
    assert joined.shape_in == (4, 5, 3)
    np.testing.assert_allclose(joined.apply(x), convolve.apply(copies @ x), rtol=1e-12)
    # one pixel of the block elsewhere: no longer a block
    copies[:, 7] = np.roll(copies[:, 7], 3)
    joined = join(Matrix(from_array(copies)), convolve)
    assert isinstance(joined, Matrix)
    np.testing.assert_allclose(joined.apply(x), convolve.apply(copies @ x), rtol=1e-12)


@given(st.data(), SHAPES)
def test_layouts_hold_the_convolution(data, shape):
    """The kernels' arrays, walked slowly, give the operator's matrix."""
    random = np.random.RandomState(data.draw(st.integers(0, 1000)))
    transform = data.draw(convolutions(shape, random, 1.0, weights))
    operator = operator_of(transform, int(np.prod(shape)))
    layout = lay_out(operator, operator.kernel, np.dtype(float))
    height, width, depth = operator.shape_in
    down, across, channels = operator.shape_out
    found = np.zeros((down, across, channels, height, width, depth))
    for y in range(down):
        for entry in range(layout.row_start[y], layout.row_start[y + 1]):
            row, level = layout.row_of[entry], layout.level_of[entry] * layout.level
            for x in range(width):
                start, length = layout.classes[layout.klass[x]]
                for channel in range(depth):
                    first = level + start + channel * length
                    taps = layout.weights[first : first + length]
                    assert not taps[layout.taps * channels :].any()
                    for tap in range(length // channels):
                        column = layout.reach[x] + tap
                        part = taps[tap * channels : (tap + 1) * channels]
                        if 0 <= column < across:
                            found[y, column, :, row, x, channel] += part
    np.testing.assert_array_equal(found.reshape(operator.sizes), operator.matrix().toarray())
