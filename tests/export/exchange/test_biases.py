"""A bias that is not the same everywhere, as a convolution of ones."""

from types import SimpleNamespace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from snnlab.export.exchange import biases, literal
from snnlab.export.exchange.layouts import Layout, Plain


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_what_padding_takes_away_is_found_again(data):
    draw = lambda least, most: data.draw(st.integers(least, most))  # noqa: E731
    random = np.random.default_rng(draw(0, 1000))
    grid, taps, stride, padding = (draw(3, 7), draw(3, 7)), draw(1, 3), draw(1, 2), draw(0, 2)
    like = Plain(random.normal(size=(2, 3, taps, taps)), (stride, stride), (padding, padding))
    node = SimpleNamespace(weight=like.weight, bias=np.zeros(2), stride=like.stride,
                           padding=like.padding, dilation=(1, 1), groups=1)  # fmt: skip
    # a constant of each channel, in front of the padding
    shift = random.normal(size=3)
    bias = literal.convolved(node, np.broadcast_to(shift[:, None, None], (3, *grid)))
    found = biases.by_border(bias, like, grid)
    node.weight = found
    assert found.shape == (2, 1, taps, taps)
    np.testing.assert_allclose(literal.convolved(node, np.ones((1, *grid))), bias, atol=1e-10)


def test_what_is_none_is_not_made_up():
    like = Plain(np.zeros((1, 1, 3, 3)), (1, 1), (1, 1))
    bias = np.zeros((1, 5, 5))
    bias[0, 2, 3] = 1
    assert biases.by_border(bias, like, (5, 5)) is None


def test_a_channels_bias_is_told_from_a_map_of_them():
    layout = Layout((3, 3, 2), (2, 2))
    values = layout.to_nir(np.tile([0.5, 2.0], 9))
    of_channel, rest = biases.parted(values, layout)
    # places beyond the map have none, and do not count
    assert rest is None and of_channel.tolist() == [0.5, 2.0] * 4
    values[0, 0, 0] += 1e-6
    of_channel, rest = biases.parted(values, layout)
    assert of_channel is None and rest is values
    assert biases.parted(None, layout) == (None, None)
