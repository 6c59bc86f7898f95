"""Integer vectors inside numba functions: what `event.simd` has for floats.

Sums of weights are 16-bit lanes. That is not an approximation: Loihi's
synaptic accumulator keeps 21 bits and a sign, every weight is a multiple of
64, and what is left of it wraps around exactly where 16 bits do. In the same
way currents, of 23 bits and a sign, wrap around on their own in 32-bit lanes
when they are held in units of 1/256.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from snnlab.simulation.event.simd import LANES, Vector, address, binary


@intrinsic
def load_sums(typing, array, index):
    """Read a group of 16-bit sums and set them to zero; 32-bit lanes, in units of 1/256."""

    def generate(context, builder, signature, arguments):
        narrow = ir.VectorType(ir.IntType(16), LANES)
        wide = ir.VectorType(ir.IntType(32), LANES)
        place = address(context, builder, array, *arguments, narrow)
        sums = builder.load(place, align=2)
        builder.store(ir.Constant(narrow, [0] * LANES), place, align=2)
        return builder.shl(builder.sext(sums, wide), ir.Constant(wide, [6 + 8] * LANES))

    return Vector(types.int32, LANES)(array, types.intp), generate


def _adder(lanes):
    @intrinsic
    def add_row(typing, into, place, weights, row):
        """Add consecutive 16-bit weights to consecutive sums, wrapping around."""

        def generate(context, builder, signature, arguments):
            vector = ir.VectorType(ir.IntType(16), lanes)
            to = address(context, builder, into, *arguments[:2], vector)
            come = address(context, builder, weights, *arguments[2:], vector)
            total = builder.add(builder.load(to, align=2), builder.load(come, align=2))
            builder.store(total, to, align=2)
            return context.get_dummy_value()

        return types.void(into, types.intp, weights, types.intp), generate

    return add_row


add8, add16, add32 = _adder(8), _adder(16), _adder(32)


plus = binary(lambda builder, left, right: builder.add(left, right))
times = binary(lambda builder, left, right: builder.mul(left, right))
both = binary(lambda builder, left, right: builder.and_(left, right))
larger = binary(
    lambda builder, left, right: builder.select(builder.icmp_signed(">", left, right), left, right)
)
smaller = binary(
    lambda builder, left, right: builder.select(builder.icmp_signed("<", left, right), left, right)
)


@intrinsic
def exceeds(typing, left, right):
    """Mask of the lanes where the first is larger."""

    def generate(context, builder, signature, arguments):
        return builder.icmp_signed(">", *arguments)

    return Vector(types.boolean, left.lanes)(left, left), generate


def _shift(bits, left):
    @intrinsic
    def shift(typing, value):
        def generate(context, builder, signature, arguments):
            vector = context.get_value_type(value)
            amount = ir.Constant(vector, [bits] * value.lanes)
            return (builder.shl if left else builder.ashr)(arguments[0], amount)

        return value(value), generate

    return shift


up8, down8, down12, down31 = _shift(8, True), _shift(8, False), _shift(12, False), _shift(31, False)
