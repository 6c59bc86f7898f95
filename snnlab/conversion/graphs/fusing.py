"""Two maps, one after the other, as one: so that a connection needs no way station."""

from dataclasses import replace

import numpy as np

from snnlab.conversion.graphs.stencils import Map, Place, Scale, Stencil, View

MOST = 8_000_000  # entries of a kernel that groups are spread out into


def fused(maps: list[Map]) -> list[Map]:
    """The same, with as few maps as can be; views that change nothing are left out."""
    made: list[Map] = []
    for one in maps:
        made.append(one)
        while made:
            last = made[-1]
            if isinstance(last, View) and last.shape_in == last.shape_out:
                made.pop()
                continue
            if len(made) > 2 and isinstance(made[-2], View) and _dense(last):
                made[-2:] = [_of_map(made[-2], last)]
                continue
            both = _both(made[-2], last) if len(made) > 1 else None
            if both is None:
                break
            made[-2:] = both
            if len(both) > 1:  # they changed places: the first may go on
                made[:] = [*fused(made[:-1]), made[-1]]
                break
    return made


def _dense(one: Map) -> bool:
    """Whether it weighs a row of values."""
    return isinstance(one, Stencil) and one.shape_in[:2] == (1, 1) and one.pointwise


def _of_map(view: View, then: Stencil) -> Stencil:
    """A weighing of a flattened map as a window over all of the map."""
    kernel = then.full.reshape(*view.shape_in, then.shape_out[2])
    return Stencil(kernel, view.shape_in, then.shape_out)


def _both(first: Map, then: Map) -> list[Map] | None:
    """One map that does both, or the two in another order; None if there is none."""
    if isinstance(first, Scale) and isinstance(then, Scale):
        return [replace(first, factors=first.factors * then.factors)]
    if isinstance(first, Place):
        return _placed(first, then)
    if isinstance(first, View) and isinstance(then, View):
        return [View(first.shape_in, then.shape_out)]
    if isinstance(first, Scale) and isinstance(then, Stencil):
        by_group = first.factors.reshape(then.groups, -1).T
        share = then.shape_out[2] // then.groups
        return [replace(then, kernel=then.kernel * np.repeat(by_group, share, axis=1))]
    if not isinstance(first, Stencil):
        return None
    if isinstance(then, Scale):
        return [replace(first, kernel=first.kernel * then.factors)]
    if isinstance(then, Stencil):
        one = _stencils(first, then)
        return None if one is None else [one]
    return None


def _placed(first: Place, then: Map) -> list[Map] | None:
    """A part of a concatenation, and what follows."""
    many = first.shape_in[2]
    part = slice(first.first, first.first + many)
    if isinstance(then, Place):
        return [Place(first.first + then.first, first.shape_in, then.shape_out)]
    if isinstance(then, Scale):
        return [Scale(then.factors[part], first.shape_in), first]
    if not isinstance(then, Stencil):
        return None
    if then.groups == 1:
        return [replace(then, kernel=then.kernel[:, :, part], shape_in=first.shape_in)]
    if then.groups == then.shape_in[2] == then.shape_out[2]:
        kernel, out = then.kernel[..., part], (*then.shape_out[:2], many)
        made = replace(then, kernel=kernel, groups=many, shape_in=first.shape_in, shape_out=out)
        return [made, Place(first.first, out, then.shape_out)]
    return None


def _stencils(first: Stencil, then: Stencil) -> Stencil | None:
    if first.shape_out != then.shape_in:
        return None
    if first.shifts and not then.transposed and _inside(first, then):
        before = tuple(a + b for a, b in zip(first.before, then.before, strict=True))
        return replace(then, before=before, shape_in=first.shape_in)
    if then.shifts and all(
        by <= 0 and out - by <= has
        for by, out, has in zip(then.before, then.shape_out, first.shape_out, strict=False)
    ):
        # rows and columns are taken off
        before = tuple(
            b - by if first.transposed else b + by * stride
            for b, by, stride in zip(first.before, then.before, first.strides, strict=True)
        )
        return replace(first, before=before, shape_out=then.shape_out)
    if max(_full(first), _full(then)) > MOST:
        return None
    if then.pointwise and not then.transposed:
        return replace(
            first, kernel=first.full @ then.full[0, 0], shape_out=then.shape_out, groups=1
        )
    if first.pointwise and not first.transposed:
        kernel = np.einsum("im,rcmo->rcio", first.full[0, 0], then.full, optimize=True)
        return replace(then, kernel=kernel, shape_in=first.shape_in, groups=1)
    if first.transposed and not then.transposed and then.strides == (1, 1) and _uncut(first):
        return _upsampled(first, then)
    return None


def _full(one: Stencil) -> int:
    return one.kernel.size * one.groups


def _inside(first: Stencil, then: Stencil) -> bool:
    """Whether the second sees nothing that the first has taken off."""
    for axis in range(2):
        back = first.before[axis]
        ahead = first.shape_out[axis] - first.shape_in[axis] - back
        taps, stride = then.kernel.shape[axis], then.strides[axis]
        last = (then.shape_out[axis] - 1) * stride + taps - 1 - then.before[axis]
        if back < 0 and then.before[axis] > 0:
            return False
        if ahead < 0 and last >= first.shape_out[axis]:
            return False
    return True


def _uncut(one: Stencil) -> bool:
    """Whether a transposed convolution gives all that it reaches."""
    return one.before == (0, 0) and all(
        one.shape_out[axis] == (one.shape_in[axis] - 1) * one.strides[axis] + one.kernel.shape[axis]
        for axis in range(2)
    )


def _upsampled(first: Stencil, then: Stencil) -> Stencil:
    """A convolution of what a transposed one gives is a transposed one."""
    a, b = first.kernel, then.full
    rows, columns = (a.shape[axis] + b.shape[axis] - 1 for axis in range(2))
    kernel = np.zeros((rows, columns, a.shape[2], b.shape[3]))
    for row, column in np.ndindex(b.shape[:2]):
        top, left = b.shape[0] - 1 - row, b.shape[1] - 1 - column
        part = a @ b[row, column]
        kernel[top : top + a.shape[0], left : left + a.shape[1]] += part
    before = (b.shape[0] - 1 - then.before[0], b.shape[1] - 1 - then.before[1])
    return replace(
        first, kernel=kernel, shape_out=then.shape_out, before=before,
    )  # fmt: skip
