"""The detector as a graph for one size of image, and its answer as boxes.

The answer is one row: a logit for each anchor of levels 3, 4 and 5, then four offsets for each.
"""

from collections.abc import Mapping

import numpy as np
from scipy.special import expit

from snnlab.nets.detector.anchors import anchors, decoded
from snnlab.nets.detector.boxes import Detections, candidates, chosen
from snnlab.nets.detector.plan import LEVELS, MULTIPLE, OFFSETS, Plan
from snnlab.nets.graph.net import Graph, Node
from snnlab.nets.graph.pointwise import Neurons
from snnlab.nets.graph.shaping import Add, Concatenate, Reshape, Upsampling
from snnlab.nets.graph.weighted import Convolution

SUMS = "-sums"  # after a step's name: what its neurons are given
SCORES, BOXES, ANSWER = "scores", "boxes", "answer"


def detector_graph(
    name: str,
    plan: Plan,
    kernels: Mapping[str, np.ndarray],
    biases: Mapping[str, np.ndarray],
    height: int,
    width: int,
) -> Graph:
    """Make the graph.

    Parameters
    ----------
    kernels, biases : dict
        By the name of the weights.
    height, width : int
        Of the image; multiples of `snnlab.nets.detector.plan.MULTIPLE`.

    Raises
    ------
    ValueError
        If they are not, or if weights do not fit.
    """
    if height % MULTIPLE or width % MULTIPLE:
        raise ValueError(f"{height}x{width} is not a multiple of {MULTIPLE}")
    stride = {one.name: one.stride for one in plan.weights()}
    shared = {
        key: Convolution(kernels[key], biases[key], (by, by), "same") for key, by in stride.items()
    }
    nodes: list[Node] = []
    for step in plan.steps():
        layer, sums = shared[step.weights], step.name + SUMS
        if not step.neurons:
            nodes.append(Node(step.name, layer, (step.source,)))
            continue
        if step.above is None:
            nodes.append(Node(sums, layer, (step.source,)))
        else:
            side, up = f"{step.name}-lateral", f"{step.name}-above"
            nodes += [
                Node(side, layer, (step.source,)),
                Node(up, Upsampling((2, 2)), (step.above,)),
                Node(sums, Add(), (side, up)),
            ]
        nodes.append(Node(step.name, Neurons(), (sums,)))
    rows = []
    for subnet in ("score", "box"):
        for level in LEVELS:
            rows.append(f"{subnet}-level{level}-row")
            nodes.append(Node(rows[-1], Reshape(), (f"{subnet}-level{level}",)))
    nodes.append(Node(ANSWER, Concatenate(), tuple(rows)))
    return Graph(name, (height, width, 1), tuple(nodes))


def all_anchors(height: int, width: int) -> np.ndarray:
    """Anchors of all levels, in the order of the answer, float32 ``(anchors, 4)``."""
    return np.concatenate([anchors(height, width, level) for level in LEVELS])


def parted(answer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits ``(..., anchors)`` and offsets ``(..., anchors, 4)`` of ``(..., values)``."""
    many = answer.shape[-1] // (1 + OFFSETS)
    return answer[..., :many], answer[..., many:].reshape(*answer.shape[:-1], many, OFFSETS)


def read(
    answer: np.ndarray,
    at: np.ndarray,
    height: int,
    width: int,
    **settings,
) -> Detections:
    """Detections from an answer.

    Parameters
    ----------
    answer : numpy.ndarray
        ``(values,)``.
    at : numpy.ndarray
        `all_anchors` of the size that the answer is of.
    height, width : int
        Of the image without what was added to its sides.
    settings
        As `snnlab.nets.detector.boxes.chosen` takes them.
    """
    return chosen(*_said(answer, at), height, width, **settings)


def read_all(answer: np.ndarray, at: np.ndarray, height: int, width: int) -> Detections:
    """The same before suppression; see `snnlab.nets.detector.boxes.candidates`."""
    return candidates(*_said(answer, at), height, width)


def _said(answer: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    logits, offsets = parted(np.asarray(answer, np.float64))
    return decoded(offsets, at), expit(logits)
