"""From 16-bit sums to what they add to potentials: a factor each, two neurons at once.

A pair of sums is multiplied with a factor and 0, or with 0 and a factor, and added up
(``vpmaddwd``, ``vpdpwssd``): so even and odd lanes come apart by themselves.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from snnlab.simulation.event.integer_simd import HALF, INT32, PAIRS, called, has
from snnlab.simulation.event.simd import LANES, _spread, address


def _charge(first):
    @intrinsic
    def load(typing, given, array, index, factor):
        """Read a group's 16-bit sums, multiply those of even or of odd lanes, and add them."""

        def generate(context, builder, signature, arguments):
            total, data, place, number = arguments
            number = builder.trunc(number, INT32) if factor.bitwidth > 32 else number
            group = ir.VectorType(ir.IntType(16), LANES)
            found = builder.load(address(context, builder, array, data, place, group), align=2)
            for feature, many, name, adds in _MULTIPLY:
                if has(context, feature):
                    pair = builder.and_(number, ir.Constant(INT32, 0xFFFF))
                    if first:
                        pair = builder.shl(pair, ir.Constant(INT32, 16))
                    return _charged(builder, total, found, pair, many, name, adds)
            pairs = builder.bitcast(found, PAIRS)
            sixteen = ir.Constant(PAIRS, [16] * HALF)
            if first == 0:
                pairs = builder.shl(pairs, sixteen)
            product = builder.mul(builder.ashr(pairs, sixteen), _spread(builder, number, PAIRS))
            return builder.add(total, product)

        return given(given, array, types.intp, factor), generate

    return load


# what a processor may have: 16-bit numbers at once, its instruction, and whether that adds too
_MULTIPLY = (
    ("avx512vnni", 32, "llvm.x86.avx512.vpdpwssd.512", True),
    ("avx512bw", 32, "llvm.x86.avx512.pmaddw.d.512", False),
    ("avx2", 16, "llvm.x86.avx2.pmadd.wd", False),
)


def _charged(builder, total, found, pair, many, name, adds):
    """Products of pairs, of which one factor is 0, in as many pieces as it takes."""
    short = ir.VectorType(ir.IntType(16), many)
    result = ir.VectorType(INT32, many // 2)
    factors = _spread(builder, pair, result)
    factors = factors if adds else builder.bitcast(factors, short)
    pieces = []
    for start in range(0, LANES, many):
        sums = _some(builder, found, range(start, start + many))
        before = _some(builder, total, range(start // 2, (start + many) // 2))
        if adds:
            given = [before, builder.bitcast(sums, result), factors]
            pieces.append(called(builder, name, result, given))
        else:
            product = called(builder, name, result, [sums, factors])
            pieces.append(builder.add(before, product))
    while len(pieces) > 1:
        pieces = [
            builder.shuffle_vector(one, other, _order(range(2 * one.type.count)))
            for one, other in zip(pieces[::2], pieces[1::2], strict=True)
        ]
    return pieces[0]


def _order(lanes):
    return ir.Constant(ir.VectorType(INT32, len(lanes)), list(lanes))


def _some(builder, vector, lanes):
    return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), _order(lanes))


charge_even, charge_odd = _charge(0), _charge(1)
