"""The ANN in 8-bit integer arithmetic, by TensorFlow Lite.

Weights and activations are 8-bit integers and sums 32-bit ones; input and
output stay float. The scales of the activations are found on the images that
are handed in. It is here to be timed: the ANN that the lab shows and scores
rounds its weights only.
"""

import warnings

import numpy as np

from snnlab.compat import quiet, tensorflow
from snnlab.errors import LabError
from snnlab.nets.keras import keras_model
from snnlab.nets.model import Model


def build(model: Model, images: np.ndarray, threads: int):
    """Convert a model for images of one shape.

    Parameters
    ----------
    model : Model
    images : numpy.ndarray
        float32 ``(batch, height, width, 1)``; their shape is fixed.
    threads : int

    Returns
    -------
    callable
        ``run(images)`` gives logits ``(batch, height, width, 1)``.

    Raises
    ------
    LabError
        If TensorFlow Lite has no 8-bit form of one of the layers.
    """
    tf = tensorflow()
    net = keras_model(model)
    with quiet(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fixed = tf.TensorSpec(images.shape, tf.float32)
        forward = tf.function(lambda x: net(x, training=False)).get_concrete_function(fixed)
        converter = tf.lite.TFLiteConverter.from_concrete_functions([forward], net)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: iter([[images.astype(np.float32)]])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        try:
            made = converter.convert()
        except Exception as error:  # its own classes, and whatever its C++ raises
            raise LabError(
                f"TensorFlow Lite has no 8-bit form of the rate curve of the model {model.name};"
                " measure another model for that."
            ) from error
        interpreter = tf.lite.Interpreter(model_content=made, num_threads=threads)
        interpreter.allocate_tensors()
    first, last = interpreter.get_input_details()[0], interpreter.get_output_details()[0]

    def run(values: np.ndarray) -> np.ndarray:
        interpreter.set_tensor(first["index"], values.astype(np.float32))
        interpreter.invoke()
        return interpreter.get_tensor(last["index"])

    return run
