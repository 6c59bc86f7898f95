"""Which of some channels spike in each of 64 steps, as a number a step; and events made of them."""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from snnlab.simulation.event.integer_simd import INT32, called, has
from snnlab.simulation.event.simd import _spread, address

BYTE, LONG = ir.IntType(8), ir.IntType(64)
STEPS, EIGHT = ir.VectorType(BYTE, 64), ir.VectorType(LONG, 8)


def _coder(channels):
    @intrinsic
    def code(typing, start):
        """Which of some channels spike in each of 64 steps, bit by bit, as 64 bytes.

        Takes the address of the channels' words, and gives that of the bytes, which stay until
        the next call.
        """

        def generate(context, builder, signature, arguments):
            total = nothing = ir.Constant(STEPS, [0] * 64)
            words = builder.inttoptr(arguments[0], LONG.as_pointer())
            for channel in range(channels):
                word = builder.load(builder.gep(words, [ir.Constant(LONG, channel)]), align=8)
                set_here = _bits(context, builder, word, STEPS)
                bit = ir.Constant(STEPS, [1 << channel] * 64)
                total = builder.or_(total, builder.select(set_here, bit, nothing))
            place = cgutils.alloca_once(builder, STEPS)
            builder.store(total, place, align=1)
            return builder.ptrtoint(place, LONG)

        return types.int64(types.int64), generate

    return code


@intrinsic
def code_at(typing, codes, step):
    """One of the bytes that are kept from an address on."""

    def generate(context, builder, signature, arguments):
        bytes_ = builder.inttoptr(arguments[0], BYTE.as_pointer())
        return builder.zext(builder.load(builder.gep(bytes_, [arguments[1]]), align=1), LONG)

    return types.int64(types.int64, types.int64), generate


@intrinsic
def lists_eight(typing):
    """Whether the processor has what `list_eight` needs; known when code is made."""

    def generate(context, builder, signature, arguments):
        return ir.Constant(ir.IntType(1), int(has(context, "avx512f")))

    return types.boolean(), generate


@intrinsic
def list_eight(typing, events, count, word, codes, event, pitch, row):
    """List the events of eight steps, the lowest bits of a word; returns their new number.

    Events of all eight are computed, those that are wanted move together, and eight are written:
    the list needs room for as many beyond its last.
    """

    def generate(context, builder, signature, arguments):
        listed, number, bits, start, first, apart, wide = arguments
        if not has(context, "avx512f"):  # never called; see `lists_eight`
            return number
        eight = builder.inttoptr(start, ir.VectorType(BYTE, 8).as_pointer())
        code = builder.zext(builder.load(eight, align=1), EIGHT)
        steps = builder.mul(ir.Constant(EIGHT, list(range(8))), _spread(builder, apart, EIGHT))
        found = builder.add(_spread(builder, first, EIGHT), steps)
        found = builder.add(found, builder.mul(code, _spread(builder, wide, EIGHT)))
        some = builder.trunc(bits, BYTE)
        mask = builder.bitcast(some, ir.VectorType(ir.IntType(1), 8))
        name, nothing = "llvm.x86.avx512.mask.compress.v8i64", ir.Constant(EIGHT, [0] * 8)
        together = called(builder, name, EIGHT, [found, nothing, mask])
        place = address(context, builder, events, listed, number, EIGHT)
        builder.store(together, place, align=8)
        return builder.add(number, builder.zext(builder.ctpop(some), LONG))

    long = types.int64
    return long(events, long, types.uint64, long, long, long, long), generate


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
