"""Integer vectors inside numba functions: what `event.simd` has for floats.

Sums of weights are 16-bit lanes. That is not an approximation: Loihi's
synaptic accumulator keeps 21 bits and a sign, every weight is a multiple of
64, and what is left of it wraps around exactly where 16 bits do. Currents, of
23 bits and a sign, are 32-bit lanes.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from snnlab.simulation.event.integer_simd import called, has
from snnlab.simulation.event.simd import LANES, Vector, address, binary

REGISTER = 16  # 32-bit lanes of AVX-512
TOWARDS_ZERO = 3 | 8  # how an instruction of AVX-512 rounds; and it raises nothing


@intrinsic
def load_sums(typing, array, index):
    """Read a group of 16-bit sums and set them to zero; as weights, 32-bit lanes."""

    def generate(context, builder, signature, arguments):
        narrow = ir.VectorType(ir.IntType(16), LANES)
        wide = ir.VectorType(ir.IntType(32), LANES)
        place = address(context, builder, array, *arguments, narrow)
        sums = builder.load(place, align=2)
        builder.store(ir.Constant(narrow, [0] * LANES), place, align=2)
        return builder.shl(builder.sext(sums, wide), ir.Constant(wide, [6] * LANES))

    return Vector(types.int32, LANES)(array, types.intp), generate


@intrinsic
def put(typing, array, index, number):
    """``array[index] = number`` in a flat array, unchecked: a negative index is not thought of."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(array)(context, builder, value=arguments[0]).data
        builder.store(arguments[2], builder.gep(data, [arguments[1]]))
        return context.get_dummy_value()

    return types.void(array, types.intp, array.dtype), generate


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


@intrinsic
def wrapped(typing, value):
    """What 24 bits hold of a number."""

    def generate(context, builder, signature, arguments):
        eight = _every(context.get_value_type(value), 8)
        return builder.ashr(builder.shl(arguments[0], eight), eight)

    return value(value), generate


@intrinsic
def decayed(typing, current, decay):
    """``sign(u) floor(|u| decay / 4096)``, for currents of 24 bits and decays of 12."""

    def generate(context, builder, signature, arguments):
        way = _decay_in_floats if has(context, "avx512f") else _decay_in_integers
        return way(builder, *arguments)

    return current(current, current), generate


def _every(vector, number):
    return ir.Constant(vector, [number] * vector.count)


def _decay_in_integers(builder, current, decay):
    def every(number):
        return _every(current.type, number)

    # towards zero: what is negative gets all but one added before the shift
    missing = builder.and_(builder.ashr(current, every(31)), every(4095))
    low = builder.add(builder.mul(builder.and_(current, every(4095)), decay), missing)
    high = builder.mul(builder.ashr(current, every(12)), decay)
    return builder.add(high, builder.ashr(low, every(12)))


def _decay_in_floats(builder, current, decay):
    """The same with a third of the instructions, as a product may be rounded towards zero.

    A current of 24 bits is a float without loss. The product is below 2**24, so
    what rounding it towards zero takes away lies behind the point, and what is
    left there the conversion cuts off.
    """
    share = builder.fmul(
        builder.sitofp(decay, _floats(decay)),
        ir.Constant(_floats(decay), [1 / 4096] * decay.type.count),
    )
    current = builder.sitofp(current, _floats(current))
    mode = ir.Constant(ir.IntType(32), TOWARDS_ZERO)
    parts = []
    for first in range(0, current.type.count, REGISTER):
        pair = [_part(builder, vector, first) for vector in (current, share)]
        parts.append(called(builder, "llvm.x86.avx512.mul.ps.512", pair[0].type, [*pair, mode]))
    while len(parts) > 1:
        parts = [_joined(builder, *pair) for pair in zip(parts[::2], parts[1::2], strict=True)]
    return builder.fptosi(parts[0], decay.type)


def _floats(vector):
    return ir.VectorType(ir.FloatType(), vector.type.count)


def _part(builder, vector, first):
    lanes = ir.Constant(
        ir.VectorType(ir.IntType(32), REGISTER), list(range(first, first + REGISTER))
    )
    return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), lanes)


def _joined(builder, left, right):
    count = 2 * left.type.count
    return builder.shuffle_vector(
        left, right, ir.Constant(ir.VectorType(ir.IntType(32), count), list(range(count)))
    )
