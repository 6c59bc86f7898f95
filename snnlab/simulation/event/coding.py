"""Which of some channels spike in each of 64 steps, as a number a step."""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from snnlab.simulation.event.integer_simd import INT32, has
from snnlab.simulation.event.simd import address


def _coder(channels):
    @intrinsic
    def code(typing, array, index, start):
        """Write for each of 64 steps which of some channels spike, bit by bit, as 64 bytes.

        ``start`` is the address of the channels' words.
        """

        def generate(context, builder, signature, arguments):
            data, place, begin = arguments
            steps = ir.VectorType(ir.IntType(8), 64)
            total = nothing = ir.Constant(steps, [0] * 64)
            words = builder.inttoptr(begin, ir.IntType(64).as_pointer())
            for channel in range(channels):
                at = builder.gep(words, [ir.Constant(ir.IntType(64), channel)])
                word = builder.load(at, align=8)
                set_here = _bits(context, builder, word, steps)
                bit = ir.Constant(steps, [1 << channel] * 64)
                total = builder.or_(total, builder.select(set_here, bit, nothing))
            builder.store(total, address(context, builder, array, data, place, steps), align=1)
            return context.get_dummy_value()

        return types.void(array, types.intp, types.int64), generate

    return code


def _bits(context, builder, word, steps):
    """The bits of a word as a mask of 64 lanes."""
    if has(context, "avx512bw"):  # a word is a mask already
        return builder.bitcast(word, ir.VectorType(ir.IntType(1), 64))
    eight = builder.bitcast(word, ir.VectorType(ir.IntType(8), 8))
    order = ir.Constant(ir.VectorType(INT32, 64), [step // 8 for step in range(64)])
    spread = builder.shuffle_vector(eight, ir.Constant(eight.type, ir.Undefined), order)
    picked = builder.and_(spread, ir.Constant(steps, [1 << step % 8 for step in range(64)]))
    return builder.icmp_unsigned("!=", picked, ir.Constant(steps, [0] * 64))


codes_of_4, codes_of_8 = _coder(4), _coder(8)
