"""Conversion methods, by name. One file a method."""

from dataclasses import dataclass
from importlib import import_module

from snnlab.registry import named


@dataclass(frozen=True)
class Method:
    """A way from the U-Net to a spiking network.

    Attributes
    ----------
    name : str
    summary : str
        What it is.
    limits : str
        What it is not, or needs.
    module : str
        Where ``convert(model, image, settings)`` is.
    """

    name: str
    summary: str
    limits: str
    module: str

    def convert(self, model, image, settings):
        """Make a `snnlab.network.SpikingNetwork`."""
        return import_module(self.module).convert(model, image, settings)


METHODS = (
    Method(
        "rate-scaling",
        "Nengo's own: each layer's input is scaled so that a percentile of its firing rates lies"
        " between two bounds, and its spikes count the inverse.",
        "It retrains nothing: a net that was not trained for these rates needs many steps.",
        "snnlab.conversion.rate_scaling",
    ),
    Method(
        "nengo-dl-converter",
        "The same scaling through nengo_dl.Converter, from the Keras model: the reference that"
        " rate-scaling is held against, spike for spike.",
        "For tiles of up to 128 x 128 pixels: it lists every neuron in Python.",
        "snnlab.conversion.nengo_dl_converter",
    ),
)


def method(name: str) -> Method:
    """A method by name.

    Raises
    ------
    LabError
    """
    return named(METHODS, name, "conversion method")
