"""The one loop of the ANN's forward pass, compiled: sums of weighted, shifted rows.

Beside a layer's pixels lie its neighbours in memory, so that every tap of a convolution is the
same run of numbers, begun elsewhere. Four taps and four output channels at a time are kept in
registers; the compiler makes vectors of the loop over pixels, on any processor.
"""

from functools import cache
from pathlib import Path

import numpy as np

from snnlab.work import machine_code

TOGETHER = 4  # taps, and output channels, that are summed in one pass
LINE = 16  # numbers of a line of the cache
RUN = 512  # pixels summed at once: four sums of that length stay in a core's nearest cache


@cache
def _source() -> str:
    return machine_code.digest_of([Path(__file__)])


def packed(weights: np.ndarray) -> np.ndarray:
    """Weights ``(taps, channels)``, padded by zeros, in the order in which the loop reads them."""
    taps, channels = (-(-size // TOGETHER) for size in weights.shape)
    full = np.zeros((taps * TOGETHER, channels * TOGETHER), np.float32)
    full[: weights.shape[0], : weights.shape[1]] = weights
    parts = full.reshape(taps, TOGETHER, channels, TOGETHER).transpose(2, 0, 1, 3)
    return np.ascontiguousarray(parts).reshape(channels, taps, TOGETHER * TOGETHER)


@machine_code.keeping(_source, nogil=True, error_model="numpy", fastmath={"contract"})
def weighted(out, source, starts, pitch, weights, bias, rectified, first, last):  # pragma: no cover
    """Rows ``first <= r < last`` of all output channels.

    Parameters
    ----------
    out : float32 (channels, height, width)
        May be every second row and column, say, of something larger.
    source : float32 (n,)
        Of which a tap's number for row ``r``, column ``x`` is at ``starts[tap] + r * pitch + x``.
    starts : int64 (taps,)
        A multiple of `TOGETHER`, as are the channels of ``bias``.
    pitch : int
        At least the width: what lies between rows is computed too, and dropped.
    weights : float32 (channels / TOGETHER, taps / TOGETHER, TOGETHER * TOGETHER)
        As `packed` lays them out.
    bias : float32 (channels,)
    rectified : bool
        What is below zero becomes zero.
    """
    channels, _, width = out.shape
    most = max(1, RUN // pitch)
    room = -(-most * pitch // LINE) * LINE
    raw = np.empty(TOGETHER * room + LINE, np.float32)
    begin = -(raw.ctypes.data // 4) % LINE
    sums = raw[begin : begin + TOGETHER * room].reshape(TOGETHER, room)
    a0, a1, a2, a3 = sums[0], sums[1], sums[2], sums[3]
    for top in range(first, last, most):
        rows = min(most, last - top)
        length = (rows - 1) * pitch + width
        for o in range(0, bias.size, TOGETHER):
            for k in range(TOGETHER):
                sums[k, :length] = bias[o + k]
            for t in range(0, starts.size, TOGETHER):
                at = top * pitch
                s0 = source[starts[t] + at : starts[t] + at + length]
                s1 = source[starts[t + 1] + at : starts[t + 1] + at + length]
                s2 = source[starts[t + 2] + at : starts[t + 2] + at + length]
                s3 = source[starts[t + 3] + at : starts[t + 3] + at + length]
                w = weights[o // TOGETHER, t // TOGETHER]
                p0, p1, p2, p3 = w[0], w[1], w[2], w[3]
                q0, q1, q2, q3 = w[4], w[5], w[6], w[7]
                r0, r1, r2, r3 = w[8], w[9], w[10], w[11]
                u0, u1, u2, u3 = w[12], w[13], w[14], w[15]
                for x in range(length):
                    v0, v1, v2, v3 = s0[x], s1[x], s2[x], s3[x]
                    # one after the other: each is then one instruction
                    a0[x] = ((a0[x] + v0 * p0) + v1 * q0) + v2 * r0 + v3 * u0
                    a1[x] = ((a1[x] + v0 * p1) + v1 * q1) + v2 * r1 + v3 * u1
                    a2[x] = ((a2[x] + v0 * p2) + v1 * q2) + v2 * r2 + v3 * u2
                    a3[x] = ((a3[x] + v0 * p3) + v1 * q3) + v2 * r3 + v3 * u3
            for k in range(min(TOGETHER, channels - o)):
                if rectified:
                    for x in range(length):
                        sums[k, x] = max(sums[k, x], np.float32(0))
                for row in range(rows):
                    for x in range(width):
                        out[o + k, top + row, x] = sums[k, row * pitch + x]
