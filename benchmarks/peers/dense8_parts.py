"""What the dense rival's libraries share: a layer's products as whole numbers, and ``dense8.cpp``.

A product is what one source sends to a layer: levels in 8 bits and one scale. Everything is
turned by 180 degrees, as in ``libraries.py``.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


def compiled(onednn: bool, folder: Path | None = None) -> ctypes.CDLL:
    """``dense8.cpp`` as machine code for this processor, made once in the environment.

    Parameters
    ----------
    onednn : bool
        With oneDNN, which the environment has in ``include`` and ``lib``.
    folder : Path, optional
        Where it is kept; otherwise in the environment.
    """
    prefix = Path(sys.prefix)
    made = (folder or prefix) / f"libdense8{'-onednn' if onednn else ''}.so"
    source = HERE / "dense8.cpp"
    if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
        command = [os.environ.get("CXX", "c++"), "-std=c++17", "-O3", "-march=native"]
        command += ["-fno-trapping-math", "-fopenmp", "-shared", "-fPIC"]
        command += [str(source), "-o", str(made)]
        if onednn:
            command += ["-DONEDNN", f"-I{prefix / 'include'}", f"-L{prefix / 'lib'}", "-ldnnl"]
            command += [f"-Wl,-rpath,{prefix / 'lib'}"]
        subprocess.run(command, check=True)
    library = ctypes.CDLL(str(made))
    if onednn:
        library.source_new.restype = library.source_name.restype = ctypes.c_void_p
    return library


def at(array: np.ndarray | None) -> ctypes.c_void_p:
    """Where an array's numbers are."""
    return ctypes.c_void_p(None if array is None else array.ctypes.data)


class Product:
    """What one source sends to a layer: levels, their scale, and the geometry.

    Attributes
    ----------
    levels : numpy.ndarray
        int8, ``(out, in, size, size)``, turned.
    scale : float
        Of a level, in thresholds.
    bias, exact_bias : numpy.ndarray or None
        ``(out,)``, float32 and float64; with the first product of a layer.
    up : bool
        A transposed convolution.
    side : tuple of int
        Height and width of the source.
    """

    def __init__(self, levels, scale, bias, stride, up, side):
        turned = levels[::-1, ::-1].transpose(3, 2, 0, 1)
        self.levels, self.scale = np.ascontiguousarray(turned), float(scale)
        self.exact_bias = bias
        self.bias = None if bias is None else np.ascontiguousarray(bias, np.float32)
        self.stride, self.up, self.side = stride, up, side


def products(layer: dict, arrays: dict, sides: dict, channels: dict) -> list[Product]:
    """The products of a layer, one a source, a transposed one first.

    Parameters
    ----------
    layer : dict
        As ``compare.export`` writes it.
    arrays : dict of str to numpy.ndarray
        Of it, ``<layer>/levels``, ``<layer>/scale`` (a source channel) and ``<layer>/bias``.
    sides, channels : dict
        Height and width, and channels, of every source.
    """
    name = layer["name"]
    levels, scale = arrays[f"{name}/levels"], arrays[f"{name}/scale"]
    first, made = 0, []
    for source in layer["inputs"]:
        of = slice(first, first + channels[source])
        up = layer["kind"] in ("up", "transposed") and not first
        bias = None if made else arrays[f"{name}/bias"]
        stride = 1 if first else layer["stride"]
        assert np.ptp(scale[of]) == 0
        made.append(Product(levels[:, :, of], scale[of][0], bias, stride, up, sides[source]))
        first = of.stop
    return made


def phases(levels: np.ndarray) -> np.ndarray:
    """A transposed convolution of size 3 and stride 2 as a plain one of size 2.

    Parameters
    ----------
    levels : numpy.ndarray
        ``(out, in, 3, 3)``.

    Returns
    -------
    numpy.ndarray
        ``(2 * 2 * out, in, 2, 2)``: what rows and columns that are even and odd get of the source
        at the same place and at the next one.
    """
    out, wide = levels.shape[:2]
    made = np.zeros((2, 2, out, wide, 2, 2), levels.dtype)
    # row 2 m is fed by row m alone, row 2 m + 1 by rows m and m + 1
    taps = {0: ((0, 1),), 1: ((0, 2), (1, 0))}
    for row, downs in taps.items():
        for column, acrosses in taps.items():
            for down, of_row in downs:
                for across, of_column in acrosses:
                    made[row, column, :, :, down, across] = levels[:, :, of_row, of_column]
    return made.reshape(4 * out, wide, 2, 2)
