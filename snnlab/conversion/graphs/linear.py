"""Of each linear layer the map that it is; its bias is not part of it."""

from functools import singledispatch

import numpy as np
from scipy import sparse

from snnlab.conversion.graphs.stencils import (
    Map,
    Matrix,
    Scale,
    Stencil,
    View,
    depthwise,
    dilated,
    shape_of,
)
from snnlab.nets.graph.forward import apply
from snnlab.nets.graph.shaping import Add, Borders, Pooling, Reshape, Upsampling
from snnlab.nets.graph.weighted import Affine, Convolution, Dense, TransposedConvolution

Shape = tuple[int, ...]


@singledispatch
def map_of(layer, given: Shape) -> Map | None:
    """The map of a layer for an input of that shape; None for one that is not linear.

    Raises
    ------
    ValueError
        If it is larger than can be handled.
    """
    return None


@map_of.register
def _(layer: Convolution, given):
    axes = layer.axes(given)
    return Stencil(
        dilated(layer.kernel, layer.dilation), given, layer.shape(given), layer.strides,
        (axes[0].before, axes[1].before), groups=layer.groups,
    )  # fmt: skip


@map_of.register
def _(layer: TransposedConvolution, given):
    axes = layer.axes(given)
    return Stencil(
        dilated(layer.kernel, layer.dilation), given, layer.shape(given), layer.strides,
        (axes[0].before, axes[1].before), transposed=True,
    )  # fmt: skip


@map_of.register
def _(layer: Dense, given):
    kernel = layer.kernel.astype(float)[None, None]
    return Stencil(kernel, shape_of(given), shape_of(layer.shape(given)))


@map_of.register
def _(layer: Affine, given):
    return Scale(layer.scale.astype(float), shape_of(given))


@map_of.register
def _(layer: Borders, given):
    one = depthwise(np.ones((1, 1)), given[2])
    before = layer.rows[0], layer.columns[0]
    return Stencil(one, given, layer.shape(given), (1, 1), before, groups=given[2])


@map_of.register
def _(layer: Reshape, given):
    return View(shape_of(given), shape_of(layer.shape(given)))


@map_of.register
def _(layer: Add, given):
    return View(shape_of(given), shape_of(given))


@map_of.register
def _(layer: Pooling, given):
    if layer.kind == "max":
        return None
    (rows, columns), strides = layer.windows(given)
    axes, out = layer.axes(given), layer.shape(given)
    reach = [
        (a.out - 1) * s + t - a.before
        for a, s, t in zip(axes, strides, (rows, columns), strict=True)
    ]
    if any(axis.before for axis in axes) or any(r > n for r, n in zip(reach, given, strict=False)):
        return _by_pixels(layer, given)  # windows at the border have fewer positions
    kernel = depthwise(np.full((rows, columns), 1 / (rows * columns)), given[2])
    return Stencil(kernel, given, out, strides, groups=given[2])


@map_of.register
def _(layer: Upsampling, given):
    if layer.smooth:
        return _by_pixels(layer, given)
    kernel = np.zeros((*layer.factors, given[2], given[2]))
    kernel[:, :, range(given[2]), range(given[2])] = 1
    return Stencil(kernel, given, layer.shape(given), layer.factors, transposed=True)


MOST = 20_000_000  # entries of a matrix


def _by_pixels(layer, given: Shape) -> Matrix:
    """The matrix of a layer that treats every channel alike, and rows and columns one by one."""
    height, width, channels = given
    one = [
        apply(layer, np.eye(size).reshape(size, *shape, 1)).reshape(size, -1).T
        for size, shape, layer in (
            (height, (height, 1), _along(layer, 0)),
            (width, (1, width), _along(layer, 1)),
        )
    ]
    entries = np.count_nonzero(one[0]) * np.count_nonzero(one[1]) * channels
    if entries > MOST:
        raise ValueError(f"is a matrix of {entries:,} weights, and at most {MOST:,} can be wired")
    pixels = sparse.kron(sparse.csr_array(one[0]), sparse.csr_array(one[1]))
    values = sparse.kron(pixels, sparse.eye_array(channels), format="csr")
    return Matrix(sparse.csr_array(values), given, layer.shape(given))


def _along(layer, axis: int):
    """The same layer along one axis alone; mean and interpolation are products of both."""
    if isinstance(layer, Upsampling):
        factors = tuple(by if at == axis else 1 for at, by in enumerate(layer.factors))
        return Upsampling(factors, layer.smooth)
    size = tuple(by if at == axis else 1 for at, by in enumerate(layer.size))
    strides = tuple(by if at == axis else 1 for at, by in enumerate(layer.strides))
    return Pooling(layer.kind, size, strides, layer.padding)
