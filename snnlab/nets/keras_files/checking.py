"""The settings of one layer, held against the list of what is known."""

from snnlab.images.limits import fit
from snnlab.nets.keras_files.allowed import (
    DROPPED,
    ENDINGS,
    KIND_OF,
    KNOWN,
    PASSED_OVER,
    REFUSED,
)
from snnlab.nets.keras_files.limits import refused

ALIASES = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
}
AGAIN = (
    "put a layer in its place that the documentation lists under 'Import a Keras network', and save"
    " the model again"
)
CORRECT = "correct that in Keras and save the model again"
_FULL = "float32", "mixed_float16", "mixed_bfloat16"  # in which weights are float32


def kind_of(item: dict, name: str) -> str:
    """The kind of a layer that is known.

    Raises
    ------
    LabError
        For any other: it names the layer, and says what to do.
    """
    kind = item.get("class_name")
    if not isinstance(kind, str):
        raise refused(name, "does not say what it is", AGAIN)
    registered = item.get("registered_name")
    if isinstance(registered, str) and ">" in registered:
        raise refused(name, f"is a {fit(registered)}, which is somebody's own code", AGAIN)
    kind = ALIASES.get(kind, kind)
    if kind in KIND_OF:
        raise refused(name, *REFUSED[KIND_OF[kind]])
    if kind not in KNOWN and kind not in DROPPED:
        raise refused(name, f"is a {fit(kind)}, which this lab does not know", AGAIN)
    return kind


def settings_of(item: dict, kind: str, name: str) -> dict:
    """The settings of a layer, each checked, what is left out filled in.

    Raises
    ------
    LabError
    """
    config = item.get("config")
    if not isinstance(config, dict):
        raise refused(name, "has no settings", "save the model again")
    _precision(config.get("dtype"), name)
    if kind in DROPPED:
        return {}
    known = KNOWN[kind].settings
    for key, value in config.items():
        if key in known or key in PASSED_OVER or key.endswith(ENDINGS) or value is None:
            continue
        raise refused(name, f"has a setting {fit(key)}, which this lab does not know", CORRECT)
    found = {}
    for key, (check, usual) in known.items():
        if key not in config:
            if usual is None and key in _NEEDED.get(kind, ()):
                raise refused(name, f"does not say its {key}", "save the model again")
            found[key] = usual
            continue
        try:
            found[key] = check(config[key])
        except ValueError as error:
            raise refused(name, f"has a setting {key} that {error}", CORRECT) from error
    return found


_NEEDED = {
    "Conv2D": ("filters", "kernel_size"),
    "SeparableConv2D": ("filters", "kernel_size"),
    "Conv2DTranspose": ("filters", "kernel_size"),
    "DepthwiseConv2D": ("kernel_size",),
    "Dense": ("units",),
    "Activation": ("activation",),
    "Reshape": ("target_shape",),
    "Rescaling": ("scale",),
}


def _precision(dtype, name: str) -> None:
    """Refuse a layer that computes in another precision than single."""
    if isinstance(dtype, dict):
        inner = dtype.get("config")
        dtype = inner.get("name") if isinstance(inner, dict) else None
    if dtype is not None and dtype not in _FULL:
        what = f"computes in {fit(dtype)}" if isinstance(dtype, str) else "has no known precision"
        raise refused(name, what, "build the model in float32 and copy the weights into it")
