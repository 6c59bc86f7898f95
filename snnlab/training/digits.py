"""The small classifier that ships: digits that the lab draws, ten classes, within a minute.

The net goes the way that a visitor's goes: Keras trains it and writes its file, and the lab reads
that file without Keras.
"""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from snnlab.compat import tensorflow
from snnlab.data import digits
from snnlab.errors import Cancelled
from snnlab.nets.graph.forward import answer
from snnlab.nets.graph.net import Graph
from snnlab.nets.keras_files.reading import read

NAME = "digits"
STEPS = 1500
BATCH = 64
RATE = 4e-3  # Adam's first; it falls to nothing along a cosine
SEED = 1000  # of the digits that are trained on; each step draws its own, one seed further
JUDGED = 10_000_000  # first seed of digits that no training of up to that many steps has drawn


def net(keras):
    """The layers: two convolutions, a maximum, a dense end."""
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((digits.SIDE, digits.SIDE, 1)),
            layers.Conv2D(8, 3, padding="same", activation="relu", name="conv1"),
            layers.MaxPooling2D(name="pool"),
            layers.Conv2D(16, 3, strides=2, padding="same", activation="relu", name="conv2"),
            layers.Flatten(name="flatten"),
            layers.Dense(10, activation="softmax", name="answer"),
        ],
        name=NAME,
    )


def train(
    steps: int = STEPS,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> tuple[Graph, list[float]]:
    """Train it from scratch.

    Parameters
    ----------
    steps : int
        Of `BATCH` digits each, which no step has seen before.

    Returns
    -------
    Graph
        As the lab's own import reads it.
    list of float
        The loss of every step, in nats.

    Raises
    ------
    Cancelled
    """
    keras = tensorflow().keras
    keras.utils.set_random_seed(0)
    made, losses = net(keras), []
    falling = keras.optimizers.schedules.CosineDecay(RATE, steps)
    made.compile(keras.optimizers.Adam(falling), "sparse_categorical_crossentropy")
    for step in range(steps):
        if cancel and cancel():
            raise Cancelled
        drawn = digits.drawn(BATCH, seed=SEED + step)
        losses.append(float(made.train_on_batch(drawn.images, drawn.labels)))
        if progress and step % 20 == 0:
            progress(step / steps, f"step {step} of {steps}, loss {np.mean(losses[-20:]):.3f}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{NAME}.keras"
        made.save(path)
        graph = read(path).graph
    return replace(graph, name=NAME), losses


def accuracy(graph: Graph, count: int = 2000, seed: int = JUDGED) -> float:
    """Share of right answers of the ANN on digits drawn for that alone."""
    drawn = digits.drawn(count, graph.image_shape, seed)
    found = np.concatenate(
        [answer(graph, drawn.images[at : at + 100]) for at in range(0, count, 100)]
    )
    return float((found.argmax(-1) == drawn.labels).mean())
