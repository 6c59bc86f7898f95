"""What the methods know of a model's activations: statistics of the training data.

All of it is read off the percentiles that are stored with the model
(`snnlab.nets.model.PERCENTILES`), which were taken over all neurons of the
training sections; no method sees another section.
"""

import numpy as np

from snnlab.nets.model import PERCENTILES, Model


def silent_share(model: Model, layer: str) -> float:
    """Share of a layer's activations that are 0, of all neurons and training sections.

    Where the smallest stored percentile, the median, is above 0, the share lies
    below a half and is extrapolated from the next percentile, 0 at the least.
    An error of 0.1 in it moves the 99.9th percentile of the rest by less than
    that of 0.02 percent points.
    """
    model.activation_at(layer, 50)  # refuses a model without statistics
    values = np.asarray(model.quantiles[layer], float)
    above = np.flatnonzero(values > 0)
    if not len(above):
        return 1.0
    first = above[0]
    if first == 0:
        slope = (values[1] - values[0]) / (PERCENTILES[1] - PERCENTILES[0])
        share = PERCENTILES[0] - values[0] / slope if slope > 0 else 0.0
        return float(np.clip(share, 0, PERCENTILES[0])) / 100
    # between two percentiles: where the line through the next two meets 0
    share = PERCENTILES[first]
    if first + 1 < len(values) and values[first + 1] > values[first]:
        slope = (values[first + 1] - values[first]) / (PERCENTILES[first + 1] - PERCENTILES[first])
        share = PERCENTILES[first] - values[first] / slope
    return float(np.clip(share, PERCENTILES[first - 1], PERCENTILES[first])) / 100


def percentile_of_active(model: Model, layer: str, percentile: float) -> float:
    """A percentile (0..100) of those activations of a layer that are not 0.

    The q-th percentile of a share ``a`` of all is the ``100 - a (100 - q)``-th
    of all. Below the median of all, which is the smallest that is stored, the
    median stands in.

    Raises
    ------
    LabError
        If the model has no statistics.
    """
    active = 1 - silent_share(model, layer)
    return model.activation_at(layer, max(50.0, 100 - active * (100 - percentile)))


def largest(model: Model, layer: str) -> float:
    """A layer's largest activation on the training data."""
    return model.activation_at(layer, 100)


def scale(value: float) -> float:
    """A factor to divide by: the value, or 1 for a layer that is silent."""
    return value if value > 0 else 1.0
