"""Everything this project knows of Keras 2 and NumPy 1 leftovers.

Imported before anything else (``snnlab/__init__.py`` does so). Importing it
is free: it only sets environment variables, and TensorFlow, NengoDL and
NengoLoihi are imported by the function that hands each of them out. No other
module may work around a dependency.

* NengoDL 3.6 is written for Keras 2. TensorFlow serves ``tf.keras`` from
  ``tf_keras`` if ``TF_USE_LEGACY_KERAS`` is set before its import, but NengoDL
  also imports from a package called ``keras``, which is Keras 3: for the time
  of that import those names point at ``tf_keras``.
* NengoDL asks a second Python, which imports TensorFlow for three seconds,
  whether there is a GPU, and warns of every simulator that has none.
* TensorFlow's import asks Python for the folder of temporary files, which Python
  finds by writing into it: on a full disk there is none, and no TensorFlow either.
* NengoLoihi 1.1 calls ``np.array(..., copy=False)``, by which NumPy 1 meant
  "copy only if needed"; NumPy 2 refuses it when a copy is needed. It also fills
  integer arrays with NaN until it has their values, which NumPy 2 warns of.

Each function may be called from any thread; the first call does the import.
"""

import contextlib
import importlib
import logging
import os
import subprocess
import sys
import tempfile
import threading
import types
import warnings
from functools import cache

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")

_LOCK = threading.RLock()


@contextlib.contextmanager
def _quiet():
    """No warnings, and nothing on the process's standard error.

    TensorFlow's C++ writes its greeting straight to descriptor 2 before its
    log level is in force, so Python's own stream is not the place to stop it.
    One thread at a time: two that overlapped would put each other's silence back.
    """
    with _LOCK, warnings.catch_warnings(), open(os.devnull, "w") as nowhere:
        warnings.simplefilter("ignore")
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def quiet():
    """As a context: nothing of what TensorFlow's C++ says reaches the terminal.

    For what is not an import: TensorFlow Lite tells of its conversions.
    """
    return _quiet()


def _name_a_temporary_folder() -> None:
    """Where none can be written to, one that is there: its name is all that is asked for."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        places = (os.environ.get("TMPDIR"), "/tmp", os.path.expanduser("~"))
        tempfile.tempdir = next((one for one in places if one and os.path.isdir(one)), os.curdir)


@cache
def tensorflow() -> types.ModuleType:
    """Import TensorFlow with Keras 2 as ``tf.keras``, quietly."""
    _name_a_temporary_folder()
    with _quiet():
        import tensorflow as tf

        tf.get_logger().setLevel(logging.ERROR)
        tf.keras  # noqa: B018  the lazy module resolves here
        tf.constant(0)  # so that the devices are found, and said, here too
    return tf


@cache
def _nengo_dl() -> types.ModuleType:
    tf = tensorflow()
    with _quiet():
        keras_2 = {
            "keras": importlib.import_module("tf_keras"),
            "keras.engine": importlib.import_module("tf_keras.src.engine"),
            "keras.engine.functional": importlib.import_module("tf_keras.src.engine.functional"),
            # the public tf_keras.layers lacks the two names of batch normalisation
            "keras.layers": importlib.import_module("tf_keras.src.layers"),
        }
        no_gpu = not tf.config.list_physical_devices("GPU")
        kept, call = {name: sys.modules.get(name) for name in keras_2}, subprocess.call
        sys.modules.update(keras_2)
        subprocess.call = lambda *_, **__: int(no_gpu)
        try:
            return importlib.import_module("nengo_dl")
        finally:
            subprocess.call = call
            for name, original in kept.items():
                if original is None:
                    del sys.modules[name]
                else:
                    sys.modules[name] = original


def nengo_dl() -> types.ModuleType:
    """Import NengoDL on top of Keras 2."""
    module = _nengo_dl()
    # the second is of Converter.verify(), about an input of its own making
    for text in ("No GPU support detected", "Number of elements .* does not match number of Nodes"):
        warnings.filterwarnings("ignore", text, UserWarning, r"nengo_dl\.simulator")
    return module


class _NumPy1:
    """NumPy, with NumPy 1's meaning of ``array(copy=False)`` and ``full(..., nan)``."""

    def __init__(self, numpy):
        self._numpy = numpy

    def __getattr__(self, name):
        return getattr(self._numpy, name)

    def array(self, *args, **kwargs):
        if kwargs.get("copy") is False:
            kwargs["copy"] = None
        return self._numpy.array(*args, **kwargs)

    def full(self, *args, **kwargs):
        with self._numpy.errstate(invalid="ignore"):
            return self._numpy.full(*args, **kwargs)


@cache
def nengo_loihi() -> types.ModuleType:
    """Import NengoLoihi so that it runs on NumPy 2."""
    with _quiet():
        module = importlib.import_module("nengo_loihi")
        for name in ("block", "neurons", "emulator.interface"):
            part = importlib.import_module(f"nengo_loihi.{name}")
            if not isinstance(part.np, _NumPy1):
                part.np = _NumPy1(part.np)
    return module
