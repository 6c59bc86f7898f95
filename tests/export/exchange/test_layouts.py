"""A convolution, transposed or not, between two layouts is one plain convolution."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nengo import Convolution
from nengo.transforms import ConvolutionTranspose

from snnlab.export.exchange.layouts import Layout, phases_for, phases_of_all, plain
from snnlab.export.exchange.literal import convolved
from snnlab.simulation.event.operators import Convolve


def operator(random, size, taps, stride, padding, turned):
    """Nengo's own sizes; rows and columns differ."""
    shape, out = (size, size + 1, 2), 3
    kernel = random.normal(size=(taps, taps, 2, out))
    if turned:
        into = tuple(side * stride for side in shape[:2]) + (out,)
        made = ConvolutionTranspose(
            out, shape, into, kernel_size=(taps, taps), strides=(stride, stride), padding="same",
            init=kernel,
        )  # fmt: skip
    else:
        made = Convolution(out, shape, (taps, taps), (stride, stride), padding, init=kernel)
    return Convolve(kernel, shape, tuple(made.output_shape.shape), (stride,) * 2, made.padding,
                    turned)  # fmt: skip


@given(
    st.integers(4, 9), st.integers(1, 4), st.integers(1, 3), st.sampled_from(("same", "valid")),
    st.booleans(), st.sampled_from((1, 2, 3, 4)), st.integers(1, 2),
)  # fmt: skip
def test_it_is_what_the_engine_computes(size, taps, stride, padding, turned, phases, more):
    random = np.random.default_rng(size)
    one = operator(random, size, taps, stride, padding, turned)
    source = Layout(one.shape_in, (phases, phases))
    needed = phases_for(one, source.phases)
    target = Layout(one.shape_out, phases_of_all([needed, (more, more)]))
    try:
        found = plain(one, source, target)
    except ValueError:
        # rows and columns that are not divided alike may need windows that no square kernel has
        assert size % 2 or phases > 1 or stride > 1 or taps % 2 == 0
        return
    x = random.normal(size=int(np.prod(one.shape_in)))
    node = SimpleNamespace(
        weight=found.weight, stride=found.stride, padding=found.padding, dilation=(1, 1), groups=1,
        bias=np.zeros(len(found.weight)),
    )  # fmt: skip
    got = convolved(node, source.to_nir(x))
    assert got.shape == target.nir_shape
    np.testing.assert_allclose(target.from_nir(got), one.apply(x), atol=1e-12)
    assert found.weight.shape[2] == found.weight.shape[3]


@pytest.mark.parametrize("phases", [(1, 1), (2, 2), (4, 2), (3, 1), None])
def test_there_and_back(phases):
    layout = Layout((5, 6, 2), phases)
    values = np.arange(3 * 60.0).reshape(3, 60)
    there = layout.to_nir(values, -1)
    assert there.shape == (3, *layout.nir_shape)
    np.testing.assert_array_equal(layout.from_nir(there), values)


def test_by_phases_as_the_docs_say():
    layout = Layout((4, 4, 3), (2, 2))
    values = np.arange(48.0)
    there = layout.to_nir(values)
    for y, x, c in ((0, 0, 0), (3, 2, 1), (2, 1, 2), (1, 3, 0)):
        assert there[((y % 2) * 2 + x % 2) * 3 + c, y // 2, x // 2] == values[(y * 4 + x) * 3 + c]


def test_keras_same_with_stride_two_is_a_kernel_of_four():
    """0 before and 1 behind, where NIR pads alike: a row and a column of zeros lead."""
    kernel = np.ones((3, 3, 1, 1))
    one = Convolve(kernel, (8, 8, 1), (4, 4, 1), (2, 2), "same", False)
    found = plain(one, Layout((8, 8, 1)), Layout((4, 4, 1)))
    assert found.weight.shape == (1, 1, 4, 4) and found.padding == (1, 1)
    assert not found.weight[0, 0, 0].any() and not found.weight[0, 0, :, 0].any()
