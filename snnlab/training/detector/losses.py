"""What wrong answers cost: focal loss of the scores, smooth L1 of the offsets.

References
----------
Lin et al. (2017), arXiv:1708.02002: alpha 0.25, gamma 2, divided by the anchors that have a thing.
Girshick (2015), arXiv:1504.08083: smooth L1.
"""

from snnlab.compat import tensorflow

ALPHA, GAMMA = 0.25, 2.0
STRAIGHT = 0.25  # from which on smooth L1 grows evenly, in the units of offsets
PRIOR = 0.01  # share of anchors that are taken to have a thing at the start


def focal(logits, kinds):
    """Focal loss.

    Parameters
    ----------
    logits : tf.Tensor
        ``(batch, anchors)``.
    kinds : tf.Tensor
        float, same shape: 1, 0, or -1, of which nothing is asked.

    Returns
    -------
    tf.Tensor
        Scalar.
    """
    tf = tensorflow()
    thing, asked = tf.cast(kinds > 0, logits.dtype), tf.cast(kinds >= 0, logits.dtype)
    error = tf.nn.sigmoid_cross_entropy_with_logits(thing, logits)
    wrong = 1 - tf.exp(-error)  # what the right answer lacks
    alpha = thing * ALPHA + (1 - thing) * (1 - ALPHA)
    return tf.reduce_sum(asked * alpha * wrong**GAMMA * error) / _things(thing)


def smooth_l1(offsets, wanted, kinds):
    """Smooth L1 of the offsets of anchors that have a thing.

    Parameters
    ----------
    offsets, wanted : tf.Tensor
        ``(batch, anchors, 4)``.
    kinds : tf.Tensor
        As in `focal`.

    Returns
    -------
    tf.Tensor
        Scalar, a mean over boxes of the sum over their four numbers.
    """
    tf = tensorflow()
    thing = tf.cast(kinds > 0, offsets.dtype)
    off = tf.abs(offsets - wanted)
    cost = tf.where(off < STRAIGHT, off**2 / (2 * STRAIGHT), off - STRAIGHT / 2)
    return tf.reduce_sum(cost * thing[..., None]) / _things(thing)


def _things(thing):
    tf = tensorflow()
    return tf.maximum(tf.reduce_sum(thing), 1)
