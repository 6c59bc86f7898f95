"""NeuroBench's metrics of a run in words: a name, a value and what was counted, a row each."""

from snnlab.energy.neurobench import VERSION, Metrics
from snnlab.figures.numbers import short

NOTE = (
    f"Counted as the package neurobench {VERSION} counts them on the same network in torch, with"
    " the same spikes. Inputs that a layer gets in several steps count in each of them."
)
PART = (
    " Only the spikes in the middle of this large image were kept, so ACs are scaled up by the"
    " spikes that each layer sent in the whole."
)


def rows(found: Metrics) -> tuple[tuple[str, str, str], ...]:
    """Each metric.

    Parameters
    ----------
    found : Metrics

    Returns
    -------
    tuple of (str, str, str)
        Name, value, and what was counted.
    """
    return (
        (
            "Footprint",
            f"{short(found.footprint)}B",
            f"All {found.parameters:,} weights and biases at 4 bytes each. With 1 byte per weight,"
            f" as on a chip, it would be {short(found.footprint_8bit)}B.",
        ),
        (
            "Connection sparsity",
            f"{100 * found.connection_sparsity:.2f} %",
            "Weights that are exactly zero.",
        ),
        (
            "Activation sparsity",
            f"{100 * found.activation_sparsity:.2f} %",
            "Neurons that stay silent in a step, over all neurons and steps. The encoder's neurons"
            " count; pixels and the readout do not.",
        ),
        (
            "Effective MACs",
            short(found.effective_macs),
            "Numbers other than 0 and 1 that meet a weight other than zero. These are the image's"
            " grey values at the encoder, in every step, and spikes that have sizes.",
        ),
        (
            "Effective ACs",
            short(found.effective_acs),
            "Spikes that meet a weight other than zero, the readout's included.",
        ),
        (
            "Dense operations",
            short(found.dense),
            "The same if no input and no weight were zero: all synapses in all steps.",
        ),
    )


def note(found: Metrics) -> str:
    """What the numbers assume."""
    return NOTE + PART * found.estimated
