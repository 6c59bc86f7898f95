"""What an activation is: neurons, or something that a host computes."""

from snnlab.images.limits import fit
from snnlab.nets.graph.net import Layer
from snnlab.nets.graph.pointwise import Neurons, OffChip
from snnlab.nets.keras_files.allowed import REFUSED
from snnlab.nets.keras_files.checking import AGAIN, CORRECT, kind_of, settings_of
from snnlab.nets.keras_files.layers import layers_of
from snnlab.nets.keras_files.limits import refused

KNOWN = ("linear", "relu", "relu6", "sigmoid", "softmax")
CURVES = (
    "elu", "selu", "celu", "gelu", "silu", "swish", "mish", "leaky_relu", "hard_silu", "hard_swish",
    "tanh", "softplus", "softsign", "exponential", "hard_sigmoid", "hard_tanh", "glu", "prelu",
)  # fmt: skip


def activation_of(value: str | dict, name: str) -> list[Layer]:
    """The layers that an activation is: one, or none if it is linear.

    Raises
    ------
    LabError
    """
    if isinstance(value, dict):
        kind = kind_of(value, name)
        if kind not in ("ReLU", "Softmax", "Activation"):
            raise refused(name, f"has a {fit(kind)} as its activation", AGAIN)
        settings = settings_of(value, kind, name)
        if kind == "Activation":
            value = settings["activation"]
            return activation_of(value if isinstance(value, str) else "?", name)
        try:
            return layers_of(kind, settings, [], ())
        except ValueError as error:
            raise refused(name, f"wants {error}", CORRECT) from error
    if value in CURVES:
        what, do = REFUSED["curve"]
        raise refused(name, f"has the activation {value}, which neurons cannot follow", do)
    if value not in KNOWN:
        raise refused(name, f"has the activation {fit(value)}, which this lab does not know", AGAIN)
    if value == "linear":
        return []
    if value.startswith("relu"):
        return [Neurons(6.0 if value == "relu6" else None)]
    return [OffChip(value)]
