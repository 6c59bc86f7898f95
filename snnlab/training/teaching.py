"""Labels softened by teachers: what trained nets say of a training section, turned every way.

Where people drew a membrane one pixel to the side, its label is wrong, and a net
that sees the section in eight orientations says so on average. A net taught by
a mixture of both learns less of the noise. Teachers see training sections only.

References
----------
Hinton, Vinyals, Dean (2015), arXiv:1503.02531, distillation.
"""

from dataclasses import replace

import numpy as np

from snnlab.data.drawn import Data
from snnlab.nets import inference
from snnlab.nets.model import Model


def softened(data: Data, teachers: list[Model], share: float) -> Data:
    """The same sections with labels that are this share the teachers' mean.

    Parameters
    ----------
    teachers : list of Model
    share : float
        0..1 of the label; the rest is the label drawn by people.

    Returns
    -------
    Data
        Labels for training are float32, 0..1; those for validation stay.
    """
    known: dict[int, tuple] = {}  # by the section drawn, which is kept, so that no id comes twice

    def draw(random):
        image, labels = data.draw(random)
        if id(image) not in known:
            taught = (1 - share) * labels.astype(np.float32) + share * said(teachers, image)
            # what does not count is not taught either
            taught = np.where(labels < 0, -1, taught) if labels.dtype != bool else taught
            known[id(image)] = (image, taught.astype(np.float32))
        return known[id(image)]

    return replace(data, draw=draw, name=f"{data.name}, labels {share:g} by teachers")


def said(teachers: list[Model], image: np.ndarray) -> np.ndarray:
    """Mean cell probability by all teachers in eight orientations, ``(h, w)``."""
    told = []
    for teacher in teachers:
        for turns in range(4):
            turned = np.rot90(image, turns)
            for mirror in (slice(None), slice(None, None, -1)):
                seen = np.ascontiguousarray(turned[:, mirror])
                probability = inference.segment(teacher, seen).probability[:, mirror]
                told.append(np.rot90(probability, -turns))
    return np.mean(told, axis=0)
