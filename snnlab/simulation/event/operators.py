"""What a connection does to a signal, as a linear operator.

Three kinds are enough: `Scale` (none, scalar or diagonal transforms),
`Convolve` (both convolutions, and dense matrices, which are convolutions of
one pixel) and `Matrix` (everything else). Operators that follow each other
are joined where the result is of a kind again, so that passthrough nodes
disappear.

A convolution, transposed or not, is one rule on each axis: output position
``o``, source position ``s`` and kernel index ``k`` belong together if
``s = o stride + k - pad`` (convolution) or ``o = s stride + k - pad``
(transposed).
"""

from dataclasses import dataclass, replace

import nengo
import numpy as np
from nengo.builder.transforms import calc_gradx_pad, calc_pad, conv2d, conv2d_gradx

from snnlab.simulation.event.errors import Unsupported
from snnlab.simulation.event.sparse import Rows, from_entries

LARGEST_MATRIX = 20_000_000  # entries; above that a convolution is not unrolled


@dataclass(frozen=True)
class Scale:
    """``y = factor x``, ``factor`` a float or an array ``(size,)``."""

    factor: float | np.ndarray
    size: int

    @property
    def sizes(self) -> tuple[int, int]:
        """Elements out and in."""
        return self.size, self.size

    def apply(self, x: np.ndarray) -> np.ndarray:
        """``x`` is ``(size,)``."""
        return self.factor * x

    def matrix(self) -> Rows:
        """As a sparse matrix ``(out, in)``."""
        factor = np.broadcast_to(np.asarray(self.factor, float), self.size)
        there = np.flatnonzero(factor)
        return from_entries(there, there, factor[there], self.sizes)


@dataclass(frozen=True)
class Convolve:
    """A two-dimensional convolution or transposed convolution, channels last.

    Attributes
    ----------
    kernel : numpy.ndarray
        float64 ``(rows, columns, in, out)``.
    shape_in, shape_out : tuple of int
        ``(height, width, channels)``.
    strides : tuple of int
    padding : {"same", "valid"}
    transposed : bool
    groups : int
        Of channels that are connected; the kernel is 0 between them.
    """

    kernel: np.ndarray
    shape_in: tuple[int, int, int]
    shape_out: tuple[int, int, int]
    strides: tuple[int, int]
    padding: str
    transposed: bool
    groups: int = 1

    @property
    def sizes(self) -> tuple[int, int]:
        """Elements out and in."""
        return int(np.prod(self.shape_out)), int(np.prod(self.shape_in))

    @property
    def is_matrix(self) -> bool:
        """Whether it is a dense matrix, from one pixel to one pixel."""
        return self.kernel.shape[:2] == self.shape_in[:2] == self.shape_out[:2] == (1, 1)

    @property
    def pads(self) -> tuple[int, int]:
        """Rows above and columns left of the first output that a kernel reaches."""
        pads = []
        for axis in range(2):
            size, into = self.shape_in[axis], self.shape_out[axis]
            stride, taps = self.strides[axis], self.kernel.shape[axis]
            if self.transposed:
                total = calc_gradx_pad(self.padding, size, into, stride, taps)
                pads.append(taps - 1 - -(-total // 2))
            else:
                pads.append(calc_pad(self.padding, size, into, stride, taps) // 2)
        return pads[0], pads[1]

    def apply(self, x: np.ndarray) -> np.ndarray:
        """With Nengo's own function; ``x`` is ``(in,)``, the result ``(out,)``."""
        if self.kernel.shape[:3] == (1, 1, 1) and self.strides == (1, 1):
            # the same products without a matrix product, which is slow for this shape
            return np.outer(x, self.kernel[0, 0, 0]).reshape(-1)
        x = x.reshape(1, *self.shape_in)
        pad, stride = self.padding.upper(), self.strides
        if self.transposed:
            y = conv2d_gradx(self.kernel, x, xsize=self.shape_out[:2], pad=pad, stride=stride)
        else:
            y = conv2d(x, self.kernel, pad=pad, stride=stride)
        return y.reshape(-1)

    def matrix(self) -> Rows:
        """As a sparse matrix ``(out, in)``."""
        rows, columns, values = [np.zeros(0, int)], [np.zeros(0, int)], [np.zeros(0)]
        (_, width, depth), channels = self.shape_in, self.shape_out[2]
        for row in range(self.kernel.shape[0]):
            for column in range(self.kernel.shape[1]):
                out_y, in_y = self.meet(0, row)
                out_x, in_x = self.meet(1, column)
                block = self.kernel[row, column].T
                out, come_from = np.nonzero(block)
                into = (out_y[:, None] * self.shape_out[1] + out_x).ravel()
                come = (in_y[:, None] * width + in_x).ravel()
                # no two taps join the same pixels
                rows.append((into[:, None] * channels + out).ravel())
                columns.append((come[:, None] * depth + come_from).ravel())
                values.append(np.tile(block[out, come_from], len(into)))
        entries = (np.concatenate(part) for part in (rows, columns, values))
        return from_entries(*entries, self.sizes)

    def meet(self, axis: int, tap: int) -> tuple[np.ndarray, np.ndarray]:
        """Output and source positions that a kernel index joins, along one axis."""
        pad, stride = self.pads[axis], self.strides[axis]
        if self.transposed:
            come = np.arange(self.shape_in[axis])
            into = come * stride + tap - pad
            inside = (into >= 0) & (into < self.shape_out[axis])
        else:
            into = np.arange(self.shape_out[axis])
            come = into * stride + tap - pad
            inside = (come >= 0) & (come < self.shape_in[axis])
        return into[inside], come[inside]


@dataclass(frozen=True)
class Matrix:
    """Any other linear operator, as a sparse matrix ``(out, in)``."""

    values: Rows

    @property
    def sizes(self) -> tuple[int, int]:
        """Elements out and in."""
        return self.values.shape

    def apply(self, x: np.ndarray) -> np.ndarray:
        """``x`` is ``(in,)``, the result ``(out,)``."""
        return self.values @ x

    def matrix(self) -> Rows:
        """As a sparse matrix ``(out, in)``."""
        return self.values


Operator = Scale | Convolve | Matrix


def _size(operator: Operator) -> float:
    """Entries of the operator's matrix, roughly."""
    if isinstance(operator, Matrix):
        return operator.values.nnz
    if isinstance(operator, Scale):
        return operator.size
    pixels = operator.shape_in if operator.transposed else operator.shape_out
    return operator.kernel.size * pixels[0] * pixels[1]


def join(first: Operator, then: Operator) -> Operator | None:
    """One operator that does ``first`` and then ``then``; None if that would be too large."""
    if isinstance(first, Scale) and isinstance(then, Scale):
        return Scale(first.factor * then.factor, first.size)
    if isinstance(first, Scale) and isinstance(then, Convolve):
        factor = _per_channel(first.factor, then.shape_in[2])
        if factor is not None:
            return replace(then, kernel=then.kernel * factor.reshape(1, 1, -1, 1))
    if isinstance(first, Convolve) and isinstance(then, Scale):
        factor = _per_channel(then.factor, first.shape_out[2])
        if factor is not None:
            return replace(first, kernel=first.kernel * factor)
    if isinstance(first, Matrix) and isinstance(then, Convolve):
        block, factor = _channels(first, then.shape_in)
        if block is not None:
            return replace(
                then,
                kernel=then.kernel[:, :, block] * factor.reshape(1, 1, -1, 1),
                shape_in=(*then.shape_in[:2], len(factor)),
                groups=1,
            )
    if _size(first) + _size(then) > LARGEST_MATRIX:
        return None
    values = then.matrix() @ first.matrix()
    return Matrix(values) if values.nnz <= LARGEST_MATRIX else None


def _per_channel(factor, channels: int) -> np.ndarray | None:
    """The factor of each channel, if all pixels share it."""
    if np.ndim(factor) == 0:
        return np.full(channels, float(factor))
    pixels = factor.reshape(-1, channels)
    return pixels[0] if (pixels == pixels[0]).all() else None


def _channels(matrix: Matrix, shape: tuple[int, int, int]):
    """The channels into which a matrix copies its input, and times what; else two None.

    So a part of a concatenation looks.
    """
    values, pixels = matrix.values, shape[0] * shape[1]
    many = values.shape[1] // pixels
    into = np.flatnonzero(np.diff(values.indptr))
    if not len(into) == values.nnz == values.shape[1] == many * pixels:
        return None, None
    into = into.reshape(pixels, many)
    start = int(into[0, 0])
    expected = np.arange(pixels)[:, None] * shape[2] + start + np.arange(many)
    factor = _per_channel(values.data, many)
    in_order = np.array_equal(values.indices, np.arange(values.nnz))
    if factor is None or not in_order or not np.array_equal(into, expected):
        return None, None
    return slice(start, start + many), factor


def of_connection(connection: nengo.Connection, seed) -> Operator:
    """Read the operator of a connection, slices of both ends included.

    Parameters
    ----------
    connection : nengo.Connection
    seed : callable
        Gives the seed with which Nengo would sample the transform; only
        called for a transform that is a distribution.

    Raises
    ------
    Unsupported
        For a transform that cannot be read.
    """
    operator = _of_transform(connection.transform, connection, seed)
    before = _selection(connection.pre_slice, connection.pre_obj.size_out)
    if before is not None:
        operator = join_any(before, operator)
    return into_slice(operator, connection)


def into_slice(operator: Operator, connection: nengo.Connection) -> Operator:
    """An operator and then the slice of a connection's target."""
    after = _selection(connection.post_slice, connection.post_obj.size_in)
    if after is not None:
        operator = join_any(operator, Matrix(after.values.transposed()))
    return operator


def join_any(first: Operator, then: Operator) -> Operator:
    """As `join`.

    Raises
    ------
    Unsupported
        If it would be too large.
    """
    if isinstance(first, Scale) and np.ndim(first.factor) == 0 and first.factor == 1:
        return then
    if isinstance(then, Scale) and np.ndim(then.factor) == 0 and then.factor == 1:
        return first
    joined = join(first, then)
    if joined is None:
        raise Unsupported("a connection with a slice is too large; connect the whole population.")
    return joined


def _selection(piece, size: int) -> Matrix | None:
    """The matrix that takes a slice of ``size`` elements; None for all of them."""
    if isinstance(piece, slice) and piece == slice(None):
        return None
    chosen = np.arange(size)[piece]
    if len(chosen) == size and np.array_equal(chosen, np.arange(size)):
        return None
    many = len(chosen)
    return Matrix(from_entries(np.arange(many), chosen, np.ones(many), (many, size)))


def _of_transform(transform, connection, seed) -> Operator:
    name = f"the connection from {connection.pre_obj} to {connection.post_obj}"
    if transform is None or isinstance(transform, nengo.transforms.NoTransform):
        return Scale(1.0, connection.size_mid)
    random = isinstance(getattr(transform, "init", None), nengo.dists.Distribution) or isinstance(
        getattr(getattr(transform, "init", None), "data", None), nengo.dists.Distribution
    )
    rng = np.random.RandomState(seed(connection)) if random else np.random
    if isinstance(transform, nengo.Dense):
        return of_dense(transform.sample(rng=rng).astype(float), transform.size_in)
    if isinstance(transform, nengo.Sparse):
        values = transform.sample(rng=rng)
        if hasattr(values, "tocoo"):  # SciPy's
            values = values.tocoo()
            return Matrix(from_entries(values.row, values.col, values.data, values.shape))
        return Matrix(from_entries(*np.transpose(values.indices), values.data, values.shape))
    if isinstance(transform, (nengo.Convolution, nengo.transforms.ConvolutionTranspose)):
        return _of_convolution(transform, transform.sample(rng=rng), name)
    raise Unsupported(
        f"{name} has a {type(transform).__name__} transform, which the event-driven simulator "
        "cannot run."
    )


def of_dense(weights: np.ndarray, size: int) -> Operator:
    """A matrix ``(out, in)``, or one number, or one for each of ``size`` elements."""
    if weights.ndim < 2:
        return Scale(float(weights) if weights.ndim == 0 else weights, size)
    return Convolve(
        np.ascontiguousarray(weights.T)[None, None],
        (1, 1, weights.shape[1]),
        (1, 1, weights.shape[0]),
        (1, 1),
        "valid",
        False,
    )


def _of_convolution(transform, kernel: np.ndarray, name: str) -> Operator:
    if transform.dimensions > 2:
        raise Unsupported(
            f"{name} is a convolution of {transform.dimensions} dimensions; the event-driven "
            "simulator runs one and two."
        )
    transposed = isinstance(transform, nengo.transforms.ConvolutionTranspose)
    ahead = (1,) * (2 - transform.dimensions)
    spaces = [shape.spatial_shape for shape in (transform.input_shape, transform.output_shape)]
    depths = [transform.input_shape.n_channels, transform.output_shape.n_channels]
    shapes = [(*ahead, *space, depth) for space, depth in zip(spaces, depths, strict=True)]
    kernel = np.asarray(kernel, float).reshape(*ahead, *kernel.shape)
    groups = getattr(transform, "groups", 1)
    if groups > 1:
        kernel = _ungroup(kernel, groups)
    operator = Convolve(
        kernel, *shapes, (*ahead, *transform.strides), transform.padding, transposed, groups
    )
    if not transform.channels_last:
        return _channels_first(operator)
    return operator


def _ungroup(kernel: np.ndarray, groups: int) -> np.ndarray:
    """The full kernel of a grouped convolution: zeros between the groups."""
    rows, columns, depth, out = kernel.shape
    full = np.zeros((rows, columns, depth * groups, out))
    for group in range(groups):
        into = slice(group * (out // groups), (group + 1) * (out // groups))
        full[:, :, group * depth : (group + 1) * depth, into] = kernel[..., into]
    return full


def _channels_first(operator: Convolve) -> Matrix:
    """The same convolution between signals whose first axis is the channels."""
    if _size(operator) > LARGEST_MATRIX:
        raise Unsupported(
            "the event-driven simulator runs large convolutions with channels last only; "
            "set channels_last=True."
        )
    height, width, depth = operator.shape_in
    come = np.arange(height * width * depth).reshape(depth, height, width).transpose(1, 2, 0)
    height, width, depth = operator.shape_out
    into = np.arange(height * width * depth).reshape(height, width, depth).transpose(2, 0, 1)
    # column j of the new matrix is the old column of the same pixel and channel
    order = np.argsort(come.ravel())
    values = operator.matrix()
    rows = np.argsort(into.ravel())[values.rows]
    columns = np.argsort(order)[values.indices]
    return Matrix(from_entries(rows, columns, values.data, values.shape))
