"""Keras files made by hand, so that anything may be wrong with them."""

import io
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np


def layer(kind: str, name: str, fed_by: str | None = None, **settings) -> dict:
    """A layer as Keras 3 describes it."""
    history = {"keras_history": [fed_by, 0, 0]}
    calls = [{"args": [{"class_name": "__keras_tensor__", "config": history}], "kwargs": {}}]
    return {
        "module": "keras.layers",
        "class_name": kind,
        "config": {"name": name, **settings},
        "registered_name": None,
        "name": name,
        "inbound_nodes": calls if fed_by else [],
    }


def image(height=6, width=6, channels=1) -> dict:
    """The layer that takes the image."""
    return layer("InputLayer", "picture", batch_shape=[None, height, width, channels])


def model(*layers: dict) -> dict:
    """A Functional model whose last layer is the output."""
    return {
        "class_name": "Functional",
        "config": {
            "name": "handmade",
            "layers": list(layers),
            "input_layers": ["picture", 0, 0],
            "output_layers": [layers[-1]["name"], 0, 0],
        },
    }


def conv(name="conv", fed_by="picture", **more) -> dict:
    """A convolution of 3 x 3 taps with 2 channels out."""
    return layer("Conv2D", name, fed_by, filters=2, kernel_size=[3, 3], **more)


def weights(**arrays) -> dict:
    """Of that convolution."""
    return {
        "layers/conv2d/vars/0": np.full((3, 3, 1, 2), 0.25, np.float32),
        "layers/conv2d/vars/1": np.zeros(2, np.float32),
        **{key.replace("__", "/"): value for key, value in arrays.items()},
    }


def hdf5(fill) -> bytes:
    """An HDF5 file; ``fill(file)`` writes into it, or a dict of arrays is written."""
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        if callable(fill):
            fill(file)
        else:
            for path, values in fill.items():
                file[path] = values
    return out.getvalue()


def keras(path: Path, config, fill, compression=zipfile.ZIP_STORED) -> Path:
    """A ``.keras`` file."""
    with zipfile.ZipFile(path, "w", compression) as file:
        text = config if isinstance(config, str) else json.dumps(config)
        file.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        file.writestr("config.json", text)
        file.writestr("model.weights.h5", fill if isinstance(fill, bytes) else hdf5(fill))
    return path
