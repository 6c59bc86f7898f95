"""Everything this project knows of Keras 2 and NumPy 1 leftovers.

Imported before anything else (``snnlab/__init__.py`` does so). Importing it
is free: it only sets environment variables, and TensorFlow, NengoDL and
NengoLoihi are imported by the function that hands each of them out. No other
module may work around a dependency.

* NengoDL 3.6 is written for Keras 2. TensorFlow serves ``tf.keras`` from
  ``tf_keras`` if ``TF_USE_LEGACY_KERAS`` is set before its import, but NengoDL
  also imports from a package called ``keras``, which is Keras 3: for the time
  of that import those names point at ``tf_keras``.
* NengoLoihi 1.1 calls ``np.array(..., copy=False)``, by which NumPy 1 meant
  "copy only if needed"; NumPy 2 refuses it when a copy is needed.
"""

import contextlib
import importlib
import logging
import os
import sys
import types
import warnings
from functools import cache

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

_KERAS_2 = ("keras", "keras.engine", "keras.engine.functional", "keras.layers")


@contextlib.contextmanager
def _quiet():
    """No warnings, and nothing on the process's standard error.

    TensorFlow's C++ writes its greeting straight to descriptor 2 before its
    log level is in force, so Python's own stream is not the place to stop it.
    """
    with warnings.catch_warnings(), open(os.devnull, "w") as nowhere:
        warnings.simplefilter("ignore")
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@cache
def tensorflow() -> types.ModuleType:
    """Import TensorFlow with Keras 2 as ``tf.keras``, quietly."""
    with _quiet():
        import tensorflow as tf

        tf.get_logger().setLevel(logging.ERROR)
        tf.keras  # noqa: B018  the lazy module resolves here
        tf.constant(0)  # so that the devices are found, and said, here too
    return tf


@cache
def nengo_dl() -> types.ModuleType:
    """Import NengoDL on top of Keras 2."""
    tensorflow()
    stand_ins = {
        "keras": importlib.import_module("tf_keras"),
        "keras.engine": importlib.import_module("tf_keras.src.engine"),
        "keras.engine.functional": importlib.import_module("tf_keras.src.engine.functional"),
        # the public tf_keras.layers lacks the two names of batch normalisation
        "keras.layers": importlib.import_module("tf_keras.src.layers"),
    }
    kept = {name: sys.modules.get(name) for name in _KERAS_2}
    sys.modules.update(stand_ins)
    try:
        with _quiet():
            module = importlib.import_module("nengo_dl")
    finally:
        for name, original in kept.items():
            if original is None:
                del sys.modules[name]
            else:
                sys.modules[name] = original
    return module


class _CopyIfNeeded:
    """NumPy, with NumPy 1's meaning of ``array(copy=False)``."""

    def __init__(self, numpy):
        self._numpy = numpy

    def __getattr__(self, name):
        return getattr(self._numpy, name)

    def array(self, *args, **kwargs):
        if kwargs.get("copy") is False:
            kwargs["copy"] = None
        return self._numpy.array(*args, **kwargs)


@cache
def nengo_loihi() -> types.ModuleType:
    """Import NengoLoihi so that it runs on NumPy 2."""
    with _quiet():
        module = importlib.import_module("nengo_loihi")
        for name in ("block", "neurons"):
            part = importlib.import_module(f"nengo_loihi.{name}")
            if not isinstance(part.np, _CopyIfNeeded):
                part.np = _CopyIfNeeded(part.np)
    return module
