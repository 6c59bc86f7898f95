"""Vectors of floats inside numba functions, spelled out.

The inner loops add short rows of weights and update a group of neurons at
a time. Left to itself the compiler cannot see that those rows do not overlap,
and guards every loop; with vectors as values there is nothing to guess. LLVM
turns them into whatever the machine has (AVX-512, AVX2, NEON, SSE), and
vectors that are longer than its registers into several of those.

Arithmetic is plain IEEE, lane by lane, in the order written: no fused
multiply-add and no reordering, so that a lane gives what NumPy gives.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

LANES = 64  # of a group of neurons: several registers, so that one's latency hides another's


class Vector(types.Type):
    """``lanes`` scalars of one type, held in registers."""

    def __init__(self, scalar, lanes):
        self.scalar = scalar
        self.lanes = lanes
        super().__init__(name=f"Vector({scalar}, {lanes})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, front):
        one = ir.IntType(1)
        scalar = one if front.scalar == types.boolean else manager[front.scalar].get_value_type()
        super().__init__(manager, front, ir.VectorType(scalar, front.lanes))


def address(context, builder, kind, array, index, vector):
    """Pointer to ``array[index]``, a flat array, as a pointer to a vector."""
    data = context.make_array(kind)(context, builder, value=array).data
    return builder.bitcast(builder.gep(data, [index]), vector.as_pointer())


def _loader(lanes):
    @intrinsic
    def load(typing, array, index):
        """Read consecutive elements of a flat array, unaligned, unchecked."""
        vector = Vector(array.dtype, lanes)

        def generate(context, builder, signature, arguments):
            place = address(context, builder, array, *arguments, context.get_value_type(vector))
            return builder.load(place, align=array.dtype.bitwidth // 8)

        return vector(array, types.intp), generate

    return load


load8, load16, load_lanes = _loader(8), _loader(16), _loader(LANES)


@intrinsic
def store(typing, array, index, value):
    """Write a vector to consecutive elements of a flat array, unchecked."""

    def generate(context, builder, signature, arguments):
        place = address(context, builder, array, *arguments[:2], context.get_value_type(value))
        builder.store(arguments[2], place, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate


def _spread(builder, scalar, vector):
    """The scalar in every lane."""
    first = builder.insert_element(
        ir.Constant(vector, ir.Undefined), scalar, ir.Constant(ir.IntType(32), 0)
    )
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), vector.count), [0] * vector.count)
    return builder.shuffle_vector(first, ir.Constant(vector, ir.Undefined), lanes)


@intrinsic
def splat(typing, scalar):
    """The same scalar in all lanes of a group."""
    vector = Vector(scalar, LANES)

    def generate(context, builder, signature, arguments):
        return _spread(builder, arguments[0], context.get_value_type(vector))

    return vector(scalar), generate


def binary(operation):
    """A function of two groups of lanes from what builds its instruction."""

    @intrinsic
    def function(typing, left, right):
        def generate(context, builder, signature, arguments):
            return operation(builder, *arguments)

        return left(left, left), generate

    return function


add = binary(lambda builder, left, right: builder.fadd(left, right))
subtract = binary(lambda builder, left, right: builder.fsub(left, right))
multiply = binary(lambda builder, left, right: builder.fmul(left, right))
divide = binary(lambda builder, left, right: builder.fdiv(left, right))
# the second operand where the first is not a number, which SSE and AVX do in one instruction
maximum = binary(
    lambda builder, left, right: builder.select(builder.fcmp_ordered(">", left, right), left, right)
)


minimum = binary(
    lambda builder, left, right: builder.select(builder.fcmp_ordered("<", left, right), left, right)
)


def _unary(name):
    @intrinsic
    def function(typing, value):
        def generate(context, builder, signature, arguments):
            vector = context.get_value_type(value)
            width = "f64" if value.scalar == types.float64 else "f32"
            called = cgutils.get_or_insert_function(
                builder.module,
                ir.FunctionType(vector, [vector]),
                f"llvm.{name}.v{value.lanes}{width}",
            )
            return builder.call(called, arguments)

        return value(value), generate

    return function


floor, absolute = _unary("floor"), _unary("fabs")


def _comparison(operator):
    @intrinsic
    def compare(typing, left, right):
        mask = Vector(types.boolean, left.lanes)

        def generate(context, builder, signature, arguments):
            return builder.fcmp_ordered(operator, *arguments)

        return mask(left, left), generate

    return compare


above, at_least = _comparison(">"), _comparison(">=")


@intrinsic
def where(typing, mask, value, other):
    """``value`` where the mask is set, else ``other``."""

    def generate(context, builder, signature, arguments):
        return builder.select(*arguments)

    return value(mask, value, value), generate


@intrinsic
def any_set(typing, mask):
    """True if any lane of a mask is set."""

    def generate(context, builder, signature, arguments):
        bits = builder.bitcast(arguments[0], ir.IntType(mask.lanes))
        return builder.icmp_unsigned("!=", bits, ir.Constant(bits.type, 0))

    return types.boolean(mask), generate


@intrinsic
def lanes_set(typing, mask):
    """The lanes of a group's mask as the bits of a word."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(mask.lanes))

    return types.uint64(mask), generate


@intrinsic
def set_bit(typing, words, mask, bit):
    """Set a bit (given as a power of two) in those words whose lane is set."""

    def generate(context, builder, signature, arguments):
        held, lanes, one = arguments
        vector = context.get_value_type(words)
        marked = builder.select(
            lanes, _spread(builder, one, vector), ir.Constant(vector, [0] * words.lanes)
        )
        return builder.or_(held, marked)

    return words(words, mask, words.scalar), generate


@intrinsic
def store_words(typing, array, index, low, high):
    """Write 64-bit words to a flat array, given as two halves."""

    def generate(context, builder, signature, arguments):
        data, place, lower, upper = arguments
        order = [half * low.lanes + lane for lane in range(low.lanes) for half in (0, 1)]
        order = ir.Constant(ir.VectorType(ir.IntType(32), len(order)), order)
        both = builder.shuffle_vector(lower, upper, order)
        # the low half comes first in memory on every machine that numba runs on
        where_to = address(context, builder, array, data, place, both.type)
        builder.store(both, where_to, align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, low, low), generate


@intrinsic
def first_bit(typing, word):
    """Index of the lowest set bit of a 64-bit word; 64 for none."""

    def generate(context, builder, signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@intrinsic
def bits_set(typing, word):
    """Number of set bits of a 64-bit word."""

    def generate(context, builder, signature, arguments):
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


@intrinsic
def word_at(typing, address, index):
    """The 64-bit word number ``index`` from an address on; unchecked."""

    def generate(context, builder, signature, arguments):
        start = builder.inttoptr(arguments[0], ir.IntType(64).as_pointer())
        return builder.load(builder.gep(start, [arguments[1]]), align=8)

    return types.uint64(types.int64, types.int64), generate


@intrinsic
def element(typing, array, index):
    """``array[index]`` of a flat array, unchecked: a negative index is not thought of."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(array)(context, builder, value=arguments[0]).data
        return builder.load(builder.gep(data, [arguments[1]]))

    return array.dtype(array, types.intp), generate
