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
from snnlab.data.synthetic import synthetic
from snnlab.images.contrast import normalise
from snnlab.nets import inference
from snnlab.nets.model import Model

REHEARSED = 24  # synthetic sections
SIDE = 256  # of each, pixels
FIRST_SEED = 1000


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


def rehearsing(data: Data, model: Model, share: float) -> Data:
    """The same sections, and for this share of the crops others, with what a model says of them.

    Those are synthetic, since they are at hand wherever the lab is; a net that is to learn another
    tissue keeps what it could do by hearing its own word on them (Li, Hoiem 2016,
    arXiv:1606.09282, learning without forgetting).

    Parameters
    ----------
    model : Model
        As it was before it began to learn.
    share : float
        0..1.
    """
    known: dict[int, tuple] = {}

    def draw(random):
        if random.random() >= share:
            return data.draw(random)
        seed = FIRST_SEED + int(random.integers(REHEARSED))
        if seed not in known:  # each is made when it is first drawn: a tenth of a second
            image = normalise(synthetic(SIDE, seed).image)
            known[seed] = image, inference.segment(model, image).probability.astype(np.float32)
        return known[seed]

    name = f"{data.name}; {100 * share:.0f} % of the crops synthetic, as {model.name} segments them"
    return replace(data, draw=draw, name=name)


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
