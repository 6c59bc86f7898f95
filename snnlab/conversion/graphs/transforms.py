"""A linear map as Nengo's transform.

Nengo pads by itself, ``same`` or ``valid``, as TensorFlow does. A map that begins elsewhere gets a
kernel with zeros around it, of a size for which Nengo begins there too.
"""

from dataclasses import replace

import nengo
import numpy as np
from nengo.builder.transforms import calc_gradx_pad
from scipy import sparse

from snnlab.conversion.graphs.linear import MOST
from snnlab.conversion.graphs.stencils import Map, Matrix, Place, Scale, Stencil, View, rows_of


def transform_of(one: Map) -> nengo.transforms.Transform:
    """The transform.

    Raises
    ------
    ValueError
        If it would be a matrix that is too large.
    """
    if isinstance(one, View):
        return nengo.transforms.NoTransform(rows_of(one.shape_in))
    if isinstance(one, Scale):
        many = one.shape_in[2]
        kernel = one.factors.reshape(1, 1, 1, many)
        return transform_of(Stencil(kernel, one.shape_in, one.shape_in, groups=many))
    if isinstance(one, Place):
        kernel = np.zeros((1, 1, one.shape_in[2], one.shape_out[2]))
        kernel[0, 0, range(one.shape_in[2]), range(one.first, one.first + one.shape_in[2])] = 1
        return transform_of(Stencil(kernel, one.shape_in, one.shape_out))
    if isinstance(one, Matrix):
        return _of_matrix(one.values)
    if one.transposed:
        return _transposed(one) or _sparse(one)
    return _convolution(one) or _sparse(one)


def _convolution(one: Stencil) -> nengo.Convolution | None:
    for padding, fit in (("valid", _valid), ("same", _same)):
        room = [fit(one, axis) for axis in range(2)]
        if None in room:
            continue
        kernel = np.pad(one.kernel, [*room, (0, 0), (0, 0)])
        return nengo.Convolution(
            one.shape_out[2], one.shape_in, kernel.shape[:2], one.strides, padding, init=kernel,
            groups=one.groups,
        )  # fmt: skip
    if one.strides == (1, 1) and one.groups == 1:
        # larger than its input: the transposed convolution that is the same
        taps = one.kernel.shape[:2]
        before = tuple(t - 1 - b for t, b in zip(taps, one.before, strict=True))
        return _transposed(
            replace(one, kernel=one.kernel[::-1, ::-1], before=before, transposed=True)
        )
    return None


def _about(one: Stencil, axis: int) -> tuple[int, int, int, int, int]:
    return (
        one.shape_in[axis], one.shape_out[axis], one.kernel.shape[axis], one.strides[axis],
        one.before[axis],
    )  # fmt: skip


def _valid(one: Stencil, axis: int) -> tuple[int, int] | None:
    """Zeros in front of and behind the kernel for which ``valid`` is what is wanted."""
    size, out, taps, stride, before = _about(one, axis)
    if before > 0:
        return None
    for behind in range(stride):
        wide = taps - before + behind
        if wide <= size and (size - wide) // stride + 1 == out:
            return -before, behind
    # there is more behind than is looked at
    behind = size - (out - 1) * stride - taps + before
    return (-before, behind) if behind >= 0 else None


def _same(one: Stencil, axis: int) -> tuple[int, int] | None:
    """The same for ``same``."""
    size, out, taps, stride, before = _about(one, axis)
    if out != -(-size // stride):
        return None
    for ahead in range(max(0, -before), taps + size + abs(before) + 1):
        for odd in (0, 1):
            total = 2 * (ahead + before) + odd
            behind = total - (out - 1) * stride + size - taps - ahead
            if behind >= 0:
                return ahead, behind
    return None


def _transposed(one: Stencil) -> nengo.transforms.ConvolutionTranspose | None:
    """As Nengo has it, which takes a size of its input for which a convolution gives it."""
    room = []
    for padding in ("valid", "same"):
        room = [_turned(one, axis, padding) for axis in range(2)]
        if None not in room:
            break
    else:
        return None
    kernel = np.pad(one.full, [*room, (0, 0), (0, 0)])
    return nengo.transforms.ConvolutionTranspose(
        one.shape_out[2], one.shape_in, one.shape_out, kernel.shape[:2], one.strides, padding,
        init=kernel,
    )  # fmt: skip


def _turned(one: Stencil, axis: int, padding: str) -> tuple[int, int] | None:
    size, out, taps, stride, before = _about(one, axis)
    least = max(0, -before)
    for wide in range(taps + least, 2 * (taps + abs(before) + stride) + size + 1):
        fits = -(-out // stride) if padding == "same" else -(-(out - wide + 1) // stride)
        if fits != size:
            continue
        starts = wide - 1 - -(-calc_gradx_pad(padding, size, out, stride, wide) // 2)
        ahead = starts - before
        if ahead >= 0 and ahead + taps <= wide:
            return ahead, wide - taps - ahead
    return None


def _sparse(one: Stencil) -> nengo.Sparse:
    """As a matrix, if that is not too large."""
    places = one.shape_in if one.transposed else one.shape_out
    if one.full.size * places[0] * places[1] > MOST:
        raise ValueError(f"cannot be wired in fewer than {MOST:,} weights")
    found = sparse.csr_array((rows_of(one.shape_out), rows_of(one.shape_in)))
    height, width = one.shape_in[:2]
    for row, column in np.ndindex(one.kernel.shape[:2]):
        (out_y, in_y), (out_x, in_x) = (
            _meet(one, axis, tap) for axis, tap in enumerate((row, column))
        )
        into = (out_y[:, None] * one.shape_out[1] + out_x).ravel()
        come = (in_y[:, None] * width + in_x).ravel()
        spots = sparse.coo_array(
            (np.ones(len(into)), (into, come)),
            shape=(one.shape_out[0] * one.shape_out[1], height * width),
        )
        found = found + sparse.kron(spots, one.full[row, column].T, format="csr")
    return _of_matrix(found)


def _of_matrix(values) -> nengo.Sparse:
    return nengo.Sparse(values.shape, init=sparse.csr_matrix(values))  # Nengo knows no other


def _meet(one: Stencil, axis: int, tap: int) -> tuple[np.ndarray, np.ndarray]:
    size, out, _, stride, before = _about(one, axis)
    if one.transposed:
        come = np.arange(size)
        into = come * stride + tap - before
        inside = (into >= 0) & (into < out)
    else:
        into = np.arange(out)
        come = into * stride + tap - before
        inside = (come >= 0) & (come < size)
    return into[inside], come[inside]
