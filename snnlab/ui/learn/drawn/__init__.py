"""The lessons' figures, each drawn from the visitor's own run; `DRAWN` knows them by name.

`pictures` has those of the image, `neurons` those of spikes and rates, `pairs` those of two runs,
`cost` those of chips and energy.
"""

from collections.abc import Callable

from snnlab.results.segmentation import Segmentation
from snnlab.ui.learn.drawn import cost, neurons, pairs, pictures

DRAWN: dict[str, Callable[[Segmentation], None]] = {
    "image": pictures.image,
    "membrane": pictures.membrane,
    "cells": pictures.cells,
    "net": pictures.net,
    "both": pictures.both,
    "viewer": pictures.forming,
    "neuron": neurons.one,
    "dots": neurons.dots,
    "histogram": neurons.histogram,
    "wave": neurons.wave,
    "resets": neurons.resets,
    "bands": neurons.bands,
    "errors": pairs.errors,
    "lost": pairs.lost,
    "spent": pairs.spent,
    "patches": cost.patches,
    "partitions": cost.partitions,
    "counts": cost.counts,
    "joules": cost.joules,
}
