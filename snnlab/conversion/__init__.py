"""Conversion methods, by name. One file a method.

In come a `snnlab.nets.model.Model`, a normalised image and settings, out comes a
`snnlab.simulation.network.SpikingNetwork`: Nengo objects, and which is what. A new
method is a module with ``convert(model, image, settings)`` and an entry in `METHODS`.
Read `rate_scaling` first, then `building`, with which most methods build; `errors` tells
where a converted network errs.
"""

from dataclasses import dataclass
from importlib import import_module

from snnlab.registry import named
from snnlab.settings import Settings


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
    assumes : str
        What must be true for it to be exact.
    needs : str
        What must be there before it can convert: statistics, training.
    loihi : bool
        Whether Loihi 1 can run what it makes.
    inputs : tuple of str
        In which ways an image may come in; see `snnlab.settings.Settings`.
    percentile, bounds : bool
        Whether it reads the percentile and the firing-rate bounds of the settings.
    """

    name: str
    summary: str
    limits: str
    module: str
    assumes: str
    needs: str
    loihi: bool = False
    inputs: tuple[str, ...] = ("current",)
    percentile: bool = False
    bounds: bool = False

    @property
    def unread(self) -> tuple[str, ...]:
        """Fields of the settings that change nothing in what it makes."""
        return ("percentile",) * (not self.percentile) + ("lower_hz", "upper_hz") * (
            not self.bounds
        )

    def convert(self, model, image, settings):
        """Make a `snnlab.simulation.network.SpikingNetwork`."""
        return import_module(self.module).convert(model, image, settings)


_STATISTICS = "Percentiles of the activations on the training sections, stored with each model."

METHODS = (
    Method(
        "rate-scaling",
        "Nengo's own: each layer's input is scaled so that a percentile of its firing rates lies"
        " between two bounds, and its spikes count the inverse.",
        "It does not retrain: a net that was not trained for these rates needs many steps.",
        "snnlab.conversion.rate_scaling",
        "Linear rate curves, and input that comes evenly.",
        _STATISTICS,
        # with reset to zero, at the low rates at which its stepped curve is nearly straight
        loihi=True,
        percentile=True,
        bounds=True,
    ),
    Method(
        "data-normalisation",
        "Rueckauer et al.: a high percentile of a layer's non-zero activations becomes one spike"
        " per step; spiking max-pooling and softmax where the net has them.",
        "Reset by subtraction, Poisson input and gates are not Loihi 1's; with reset to zero the"
        " rates keep an error that no number of steps removes.",
        "snnlab.conversion.data_normalisation",
        "Linear rate curves, and input that comes evenly; what lies above the percentile is"
        " clipped.",
        _STATISTICS,
        inputs=("current", "poisson"),
        percentile=True,
    ),
    Method(
        "spiking-softmax",
        "data-normalisation with a spiking softmax behind it: each step sends one spike per pixel,"
        " and one class gets it, drawn by the softmax of their mean potentials; the picture is the"
        " share that the class cell got.",
        "For models of two classes (pooled). One draw is shared by the classes; SNNtoolbox draws"
        " each class by itself. Shares scatter by one over the root of the steps; not Loihi 1's.",
        "snnlab.conversion.spiking_softmax",
        "As data-normalisation.",
        _STATISTICS,
        inputs=("current", "poisson"),
        percentile=True,
    ),
    Method(
        "ecc",
        "Explicit current control (SpKeras): normalised by the largest activation, starting from"
        " half a threshold, run over time; SpKeras's closed form is there too.",
        "The largest activation is far above most: low rates, and many steps. Reset by subtraction"
        " is not Loihi 1's.",
        "snnlab.conversion.ecc",
        "Input that comes evenly: then it equals its closed form.",
        "The largest activations on the training sections, stored with each model.",
    ),
    Method(
        "bistable",
        "After BSNN: each layer listens for a cycle before it says what it heard, in binary, and"
        " synchronous neurons hold the skips back; no neuron spikes too soon.",
        "Built from the paper's description, because its equations could not be read. Nothing"
        " comes out before one cycle per layer has passed; graded spikes are not Loihi 1's.",
        "snnlab.conversion.bistable",
        "A clock that all neurons share; a cycle's levels are fine enough.",
        _STATISTICS,
        percentile=True,
    ),
    Method(
        "multi-threshold",
        "After Spiking-UNet, in this lab's own form: one graded spike per step, the largest of 2,"
        " 1, 1/2 and 1/4 of a threshold that is reached; each connection normalised by itself.",
        "Not the rule of its authors' code, which is spiking-unet. Spikes with sizes need a chip"
        " that sends them (Loihi 2); not fine-tuned.",
        "snnlab.conversion.multi_threshold",
        "Linear rate curves; input that comes fairly evenly.",
        _STATISTICS,
        percentile=True,
    ),
    Method(
        "spiking-unet",
        "Spiking-UNet as its authors' public code runs it: thresholds 2, 1, 1/2 and 1/4, all of"
        " which may fire in one step; from an empty potential.",
        "Without the authors' fine-tuning, 100 epochs on a GPU. Several spikes with sizes in one"
        " step need a chip that sends them; Loihi 1 does not.",
        "snnlab.conversion.spiking_unet",
        "Linear rate curves up to 3.75 times the percentile; input that comes fairly evenly.",
        _STATISTICS,
        percentile=True,
    ),
    Method(
        "qcfs",
        "Quantisation-clip-floor-shift: a net that was trained to be what its neurons will count,"
        " with one threshold per layer and half of it at the start.",
        "For models that were trained for it (qcfs). Reset by subtraction is not Loihi 1's.",
        "snnlab.conversion.qcfs",
        "Input that comes evenly: then as many steps as levels give exactly the trained net, and"
        " any other number has no expected error.",
        "A training for it; the model of that name has had it.",
    ),
    Method(
        "surrogate",
        "Not converted: a net that was trained as a spiking one, through time with surrogate"
        " gradients, batch norm on its input currents.",
        "For models that were trained for it (surrogate), for few steps. Reset by subtraction is"
        " not Loihi 1's.",
        "snnlab.conversion.surrogate",
        "Nothing: what runs is what was trained, step by step.",
        "A training for it; the model of that name has had it.",
    ),
    Method(
        "nengo-dl-converter",
        "The same scaling through nengo_dl.Converter, from the Keras model: the reference that"
        " rate-scaling is held against, spike for spike.",
        "For tiles of up to 128 x 128 pixels: it lists every neuron in Python.",
        "snnlab.conversion.nengo_dl_converter",
        "As rate-scaling.",
        _STATISTICS,
        loihi=True,
        percentile=True,
        bounds=True,
    ),
)


def method(name: str) -> Method:
    """A method by name.

    Raises
    ------
    LabError
    """
    return named(METHODS, name, "conversion method")


def unread(name: str) -> tuple[str, ...]:
    """Fields of the settings that a method does not read; none of one that there is not."""
    return next((item.unread for item in METHODS if item.name == name), ())


def heeded(settings: Settings) -> Settings:
    """The settings with all that their method does not read at its default.

    Settings that differ in nothing else give the same run.

    Parameters
    ----------
    settings : Settings
    """
    usual = Settings()
    return settings.replace(**{name: getattr(usual, name) for name in unread(settings.method)})


def bounds_hz(settings: Settings) -> tuple[float, float] | tuple[None, None]:
    """The bounds that a run's rates were held between; None twice if its method holds none."""
    if "lower_hz" in unread(settings.method):
        return None, None
    return settings.lower_hz, settings.upper_hz
