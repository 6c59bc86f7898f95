"""A U-Net with max-pooling on the way down and two classes out.

The lab's U-Net has neither: chips pool by striding. Conversion methods that
have a way to spike for both (`snnlab.conversion.data_normalisation`) are shown
on this one. A level on the way down is one population, fed by the maxima of
2 x 2 windows of the level above.

References
----------
Ronneberger, Fischer, Brox (2015), arXiv:1505.04597: pooling and softmax.
"""

from snnlab.nets.architecture import IMAGE, Layer

CLASSES = 2  # membrane, cell


def pooled(
    encoder: int = 4, widths: tuple[int, ...] = (8, 16, 32, 64, 64), activation: str = "relu"
) -> tuple[Layer, ...]:
    """Lay out the U-Net; see `snnlab.nets.architecture.unet` for the parameters."""
    a = activation
    layers = [
        Layer("encoder", "conv", (IMAGE,), encoder, 1, activation=a, on_chip=False),
        Layer("down0", "conv", ("encoder",), widths[0], 3, activation=a),
    ]
    for level, width in enumerate(widths[1:], start=1):
        layers.append(
            Layer(f"down{level}", "conv", (f"down{level - 1}",), width, 3, activation=a, pool=2)
        )
    below = layers[-1].name
    for level in reversed(range(len(widths) - 1)):
        up = f"up{level}"
        layers.append(Layer(up, "up", (below, f"down{level}"), widths[level], 3, 2, a))
        below = up
    readout = Layer("readout", "conv", (below,), CLASSES, 1, activation="linear", on_chip=False)
    return (*layers, readout)
