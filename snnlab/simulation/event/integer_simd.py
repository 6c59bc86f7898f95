"""Vectors of whole numbers inside numba functions; see `simd`.

A group of `LANES` neurons is two vectors of half as many 32-bit numbers, those of
even and those of odd lanes: so the processor multiplies 16-bit sums
(``vpmaddwd``), and no lane has to change its place.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from snnlab.simulation.event.simd import LANES, Vector, _loader, _spread, address, binary

HALF = LANES // 2
INT32 = ir.IntType(32)
PAIRS = ir.VectorType(INT32, HALF)

load32, load_whole16, load_whole8 = _loader(32), _loader(16), _loader(8)
add_whole = binary(lambda builder, left, right: builder.add(left, right))
subtract_whole = binary(lambda builder, left, right: builder.sub(left, right))
both_bits = binary(lambda builder, left, right: builder.and_(left, right))
any_bits = binary(lambda builder, left, right: builder.or_(left, right))
times = binary(lambda builder, left, right: builder.mul(left, right))
shifted_down = binary(lambda builder, left, right: builder.ashr(left, right))
largest = binary(
    lambda builder, left, right: builder.select(builder.icmp_signed(">", left, right), left, right)
)
smallest = binary(
    lambda builder, left, right: builder.select(builder.icmp_signed("<", left, right), left, right)
)
smallest_unsigned = binary(
    lambda builder, left, right: builder.select(
        builder.icmp_unsigned("<", left, right), left, right
    )
)


def has(context, feature: str) -> bool:
    """Whether code is made for a processor with some instructions."""
    return f"+{feature}" in context.codegen().magic_tuple()[2].split(",")


def _comparison(compare):
    @intrinsic
    def function(typing, left, right):
        def generate(context, builder, signature, arguments):
            return compare(builder, *arguments)

        return Vector(types.boolean, left.lanes)(left, left), generate

    return function


passes = _comparison(lambda builder, left, right: builder.icmp_signed(">", left, right))
below = _comparison(lambda builder, left, right: builder.icmp_signed("<", left, right))
within = _comparison(lambda builder, left, right: builder.icmp_unsigned("<=", left, right))
either = binary(lambda builder, left, right: builder.or_(left, right))
both = binary(lambda builder, left, right: builder.and_(left, right))


@intrinsic
def whole(typing, scalar):
    """The same 32-bit number in all lanes of half a group."""

    def generate(context, builder, signature, arguments):
        number = arguments[0]
        if scalar.bitwidth > 32:
            number = builder.trunc(number, INT32)
        return _spread(builder, number, PAIRS)

    return Vector(types.int32, HALF)(scalar), generate


def _every_second(first):
    @intrinsic
    def load(typing, array, index):
        """Read a group's 32-bit numbers, of its even or of its odd lanes."""

        def generate(context, builder, signature, arguments):
            group = ir.VectorType(INT32, LANES)
            place = address(context, builder, array, *arguments, group)
            found = builder.load(place, align=4)
            order = ir.Constant(PAIRS, list(range(first, LANES, 2)))
            return builder.shuffle_vector(found, ir.Constant(group, ir.Undefined), order)

        return Vector(types.int32, HALF)(array, types.intp), generate

    return load


load_even, load_odd = _every_second(0), _every_second(1)


def _interleaved(builder, even, odd):
    order = [half * HALF + lane for lane in range(HALF) for half in (0, 1)]
    return builder.shuffle_vector(even, odd, ir.Constant(ir.VectorType(INT32, len(order)), order))


@intrinsic
def store_both(typing, array, index, even, odd):
    """Write a group's 32-bit numbers."""

    def generate(context, builder, signature, arguments):
        data, place, left, right = arguments
        group = _interleaved(builder, left, right)
        builder.store(group, address(context, builder, array, data, place, group.type), align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, even, odd), generate


@intrinsic
def store_spikes(typing, array, index, low, high, low_odd, high_odd):
    """Write the 64-bit words of a group, given as two halves of its even and odd lanes."""

    def generate(context, builder, signature, arguments):
        data, place, *halves = arguments
        words = ir.VectorType(ir.IntType(64), HALF)
        # the low half comes first in memory on every machine that numba runs on
        even = builder.bitcast(_interleaved(builder, *halves[:2]), words)
        odd = builder.bitcast(_interleaved(builder, *halves[2:]), words)
        group = _interleaved(builder, even, odd)
        builder.store(group, address(context, builder, array, data, place, group.type), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, low, low, low, low), generate


def called(builder, name, result, arguments):
    """Call an instruction of LLVM's by its name."""
    kind = ir.FunctionType(result, [one.type for one in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)


@intrinsic
def ones(typing, low, high):
    """Number of set bits of 64-bit words, given as two halves."""

    def generate(context, builder, signature, arguments):
        name = f"llvm.ctpop.v{HALF}i32"
        return builder.add(*(called(builder, name, PAIRS, [half]) for half in arguments))

    return low(low, high), generate
