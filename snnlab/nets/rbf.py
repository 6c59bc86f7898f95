"""An RBF network as data: it tells cell from membrane pixel by pixel, without deep learning.

The baseline beside the U-Net: features that nobody learned (`snnlab.nets.rbf_features`), units
with centres found by k-means, and a linear readout (`snnlab.nets.rbf_kernels` has the equations).
Centres and readout weights are stored as signed 8-bit levels and one step each, as the U-Nets'
kernels are. A network may see, beside an image's features, the features of what a `first` network
made of it: context that one round of features does not have. Made by `snnlab.training.rbf`, stored
by `snnlab.nets.rbf_files`.
"""

import hashlib
import time
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy.special import expit

from snnlab.errors import Cancelled
from snnlab.images import tiles
from snnlab.nets import rbf_features
from snnlab.nets.inference import AnnResult
from snnlab.nets.rbf_kernels import cosine, directions, euclid

ROWS = 1 << 14  # pixels whose kernel values are held at a time


@dataclass(frozen=True)
class Rbf:
    """Centres, mixture and readout of an RBF network, and what is known about it.

    Attributes
    ----------
    name : str
    mean, spread : numpy.ndarray
        float32 ``(features,)``: of the training pixels, by which features are made alike.
    centres : numpy.ndarray
        int8 ``(units, features)``; a centre is ``centres * centre_step``.
    centre_step : float
    width : float
        Of the Gaussian, in standard deviations of the features.
    mixture : tuple of float
        ``a1`` of the Euclidean and ``a2`` of the cosine kernel.
    levels : numpy.ndarray
        int8 ``(units,)``; a readout weight is ``levels * step``.
    step : float
    bias : float
    card : dict
        Where it comes from, as a U-Net's card.
    first : Rbf or None
        The network of the round before, whose output this one sees too.
    """

    name: str
    mean: np.ndarray
    spread: np.ndarray
    centres: np.ndarray
    centre_step: float
    width: float
    mixture: tuple[float, float]
    levels: np.ndarray
    step: float
    bias: float
    card: dict = field(default_factory=dict)
    first: "Rbf | None" = None

    @property
    def reach(self) -> int:
        """Pixels that an output can see, to either side."""
        return rbf_features.HALO + (self.first.reach if self.first else 0)

    @property
    def units(self) -> int:
        """Kernel units."""
        return len(self.levels)

    @cached_property
    def weights(self) -> np.ndarray:
        """Readout weights, float32 ``(units,)``."""
        return self.levels.astype(np.float32) * np.float32(self.step)

    @cached_property
    def places(self) -> np.ndarray:
        """Centres, float32 ``(units, features)``."""
        return self.centres.astype(np.float32) * np.float32(self.centre_step)

    @cached_property
    def digest(self) -> str:
        """sha256 of all that it computes with."""
        digest = hashlib.sha256(repr((self.centre_step, self.width, self.mixture)).encode())
        digest.update(repr((self.step, self.bias)).encode())
        for values in (self.mean, self.spread, self.centres, self.levels):
            digest.update(np.ascontiguousarray(values).tobytes())
        digest.update(self.first.digest.encode() if self.first else b"")
        return digest.hexdigest()

    def features(self, image: np.ndarray, cancel=None) -> np.ndarray:
        """What it sees of an image, float32 ``(height, width, features)``; not yet `alike`."""
        found = rbf_features.features(image)
        return found if self.first is None else after(self.first, found, cancel)

    def said(self, found: np.ndarray, cancel=None) -> np.ndarray:
        """Probability of cell ``(height, width)`` from `features`.

        Raises
        ------
        Cancelled
        """
        rows = found.reshape(-1, found.shape[-1])
        out = np.empty(len(rows), np.float32)
        for first in range(0, len(rows), ROWS):
            if cancel and cancel():
                raise Cancelled
            part = slice(first, first + ROWS)
            out[part] = expit(self.logits(self.alike(rows[part])))
        return out.reshape(found.shape[:-1])

    def alike(self, found: np.ndarray) -> np.ndarray:
        """Features ``(..., features)`` in standard deviations from the mean, ``(n, features)``."""
        return (found.reshape(-1, len(self.mean)) - self.mean) / self.spread

    def kernels(self, x: np.ndarray) -> np.ndarray:
        """Fused kernel values ``phi``, float32 ``(n, units)``, of features made `alike`."""
        a1, a2 = (np.float32(a) for a in self.mixture)
        return a1 * euclid(x, self.places, self.width) + a2 * cosine(x, self.places)

    def logits(self, x: np.ndarray) -> np.ndarray:
        """Log-odds of cell, float32 ``(n,)``, of features made `alike`."""
        a1, a2 = (np.float32(a) for a in self.mixture)
        found = a1 * (euclid(x, self.places, self.width) @ self.weights)
        # all cosines are linear in one vector, so their weighted sum is one product, not one a unit
        found += a2 * (directions(x) @ (directions(self.places).T @ self.weights))
        return found + np.float32(self.bias)


def after(first: Rbf, found: np.ndarray, cancel=None) -> np.ndarray:
    """Features of the round after: those of an image, and the same of what ``first`` makes of it.

    Parameters
    ----------
    first : Rbf
        Of one round.
    found : numpy.ndarray
        What it sees, ``(height, width, features)``.
    """
    own = found[..., : len(rbf_features.NAMES)]
    return np.concatenate([own, rbf_features.features(first.said(found, cancel))], axis=-1)


def segment(model: Rbf, image: np.ndarray, progress=None, cancel=None) -> AnnResult:
    """Segment an image; a large one in tiles.

    Parameters
    ----------
    image : numpy.ndarray
        float32 ``(height, width)``, normalised; any size from 32 x 32.
    progress : callable, optional
        ``progress(share)``, after each tile.
    cancel : callable, optional
        Returns True to stop.

    Raises
    ------
    Cancelled
    """
    begun = time.perf_counter()

    def probability(piece: np.ndarray) -> np.ndarray:
        return model.said(model.features(piece, cancel), cancel)

    large = image.size > rbf_features.WHOLE
    made = tiles.apply(
        probability, image, 1, rbf_features.TILE if large else None, model.reach, progress
    )
    return AnnResult(made, time.perf_counter() - begun)
