"""The U-Net in Keras, of standard layers: to run, to score and to convert.

Keras stores the kernel of a transposed convolution as (rows, columns, out, in);
the project stores every kernel as (rows, columns, in, out).
"""

from snnlab.compat import tensorflow
from snnlab.nets import activations
from snnlab.nets.architecture import IMAGE, Wire, wires
from snnlab.nets.model import Model


def one_logit(logits):
    """Logit of cell: its sigmoid is all of the classes' softmax but the first's, membrane's."""
    if logits.shape[-1] == 1:
        return logits
    rest = logits[..., 1:]
    if rest.shape[-1] > 1:
        rest = tensorflow().reduce_logsumexp(rest, -1, keepdims=True)
    return rest - logits[..., :1]


def keras_model(model: Model, height: int | None = None, width: int | None = None, kernels=None):
    """Build the network of standard Keras layers that is shown, scored and converted.

    Parameters
    ----------
    model : Model
    height, width : int, optional
        Fixed size of the image; any multiple of 16 if not given.
    kernels : dict, optional
        Kernels to use in place of the model's 8-bit ones.

    Returns
    -------
    tf.keras.Model
        ``(batch, height, width, 1)`` to logits ``(batch, height, width, 1)``;
        its layers carry the names of the model's.
    """
    tf = tensorflow()
    kernels = model.kernels if kernels is None else kernels
    image = tf.keras.Input((height, width, 1), name=IMAGE)
    tensors = {IMAGE: image}
    for layer in model.layers:
        kernel, bias = kernels[layer.name], model.biases[layer.name]
        activation = None
        if layer.activation != "linear":
            activation = activations.CURVES[layer.activation](model.rate_hz[layer.name])
        fed = wires(layer, model.layers)
        if layer.kind == "up":
            # two kinds of convolution are not one of a concatenation: their sum
            parts = [
                _keras_layer(
                    wire, kernel[:, :, wire.first : wire.last], bias if wire is fed[0] else None,
                    f"{layer.name}_of_{wire.source}", tensors[wire.source],
                )
                for wire in fed
            ]  # fmt: skip
            x = tf.keras.layers.Add(name=f"{layer.name}_in")(parts)
            tensors[layer.name] = tf.keras.layers.Activation(activation, name=layer.name)(x)
            continue
        x = [tensors[wire.source] for wire in fed]
        x = x[0] if len(x) == 1 else tf.keras.layers.Concatenate(name=f"{layer.name}_in")(x)
        if layer.pool > 1:
            x = tf.keras.layers.MaxPooling2D(layer.pool, name=f"{layer.name}_pool")(x)
        tensors[layer.name] = _keras_layer(fed[0], kernel, bias, layer.name, x, activation)
    logits = one_logit(tensors[model.layers[-1].name])
    return tf.keras.Model(image, logits, name=model.name.replace("-", "_"))


def _keras_layer(wire: Wire, kernel, bias, name, x, activation=None):
    """A standard Keras layer that holds a kernel, applied to a tensor."""
    tf = tensorflow()
    conv = wire.kind == "conv"
    make = tf.keras.layers.Conv2D if conv else tf.keras.layers.Conv2DTranspose
    layer = make(
        kernel.shape[3],
        wire.kernel,
        wire.stride,
        "same",
        activation=activation,
        use_bias=bias is not None,
        name=name,
    )
    output = layer(x)
    kernel = kernel if conv else kernel.transpose(0, 1, 3, 2)
    layer.set_weights([kernel] if bias is None else [kernel, bias])
    return output
