"""Where windows lie: sizes and paddings along one axis, as TensorFlow has them.

An odd pixel of ``same`` padding goes behind. A transposed convolution is the gradient of the one
that it turns round, whose padding it therefore has.
"""

from dataclasses import dataclass

PADDINGS = ("same", "valid")


@dataclass(frozen=True)
class Axis:
    """Windows along one axis.

    Of a convolution, output ``o`` sees position ``o stride + tap dilation - before``; of a
    transposed one, position ``p`` reaches output ``p stride + tap dilation - before``.

    Attributes
    ----------
    out : int
        Positions of the output.
    before : int
        Positions in front of the first that the first window covers.
    """

    out: int
    before: int


def window(size: int, taps: int, stride: int, dilation: int, padding: str) -> Axis:
    """Of a convolution or a pooling.

    Raises
    ------
    ValueError
        If not one window fits in; its text is what is wanted.
    """
    reach = (taps - 1) * dilation + 1
    if padding == "same":
        out = -(-size // stride)
        return Axis(out, max((out - 1) * stride + reach - size, 0) // 2)
    if reach > size:
        raise ValueError(f"at least {reach} pixels per side, not {size}")
    return Axis((size - reach) // stride + 1, 0)


def transposed_window(
    size: int, taps: int, stride: int, dilation: int, padding: str, more: int | None
) -> Axis:
    """Of a transposed convolution.

    Parameters
    ----------
    more : int or None
        Keras's ``output_padding``: positions beyond the smallest output.

    Raises
    ------
    ValueError
        If no convolution of that output gives an input of ``size``.
    """
    reach = (taps - 1) * dilation + 1
    if more is None:
        out = size * stride + (max(reach - stride, 0) if padding == "valid" else 0)
    else:
        out = (size - 1) * stride + reach - (2 * (reach // 2) if padding == "same" else 0) + more
    if out < 1 or (padding == "valid" and out < reach):
        raise ValueError(f"at least {reach} pixels per side to come out, not {out}")
    turned = window(out, taps, stride, dilation, padding)
    if turned.out != size:
        raise ValueError(f"{turned.out} pixels per side for the {out} that come out, not {size}")
    return Axis(out, turned.before)
