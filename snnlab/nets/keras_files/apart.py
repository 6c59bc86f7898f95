"""A stranger's Keras file, read in a process of its own: libhdf5 may crash over it, or hang.

What comes back is the lab's own form of a net, which is read as if anybody had written it
(`snnlab.nets.graph.files`), or one sentence. The file is on disk for as long as that takes, where
the lab's user alone may read it.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from snnlab.errors import LabError
from snnlab.images.limits import damaged, fit, shown
from snnlab.nets.graph import files
from snnlab.nets.graph.net import Graph

SECONDS = 60  # that it may take
REFUSED = 3  # the process's answer is a sentence
_ROOT = Path(__file__).resolve().parents[3]


def read(data: bytes, name: str, file: str, size: tuple[int, int] | None = None) -> Graph:
    """Read a Keras file that somebody hands in.

    Parameters
    ----------
    data : bytes
        Its content.
    name : str
        What the net is to be called.
    file : str
        What the file is called, for what is said of it.
    size : tuple of int, optional
        Height and width of the image, for a model that takes any.

    Raises
    ------
    LabError
    """
    environment = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG")}
    environment |= {"PYTHONPATH": str(_ROOT), "HDF5_PLUGIN_PATH": os.devnull}
    environment |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.TemporaryDirectory(prefix="snnlab-") as folder:
        (Path(folder) / "file").write_bytes(data)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "snnlab.nets.keras_files.apart_child", "file"]
                + [str(side) for side in size or ()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=SECONDS,
                cwd=folder,
                env=environment,
                start_new_session=True,  # Ctrl-C in the terminal is for the server
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise LabError(
                f"{shown(file)} takes more than {SECONDS} s to read; save a smaller net."
            ) from error
    if done.returncode == REFUSED:
        said = " ".join(done.stdout.decode("utf-8", "replace").split())[:500]
        # by the name that the visitor knows
        said = shown(file) + said[4:] if said.startswith("file ") else said
        raise LabError(said)
    if done.returncode != 0:
        raise damaged(file)
    return replace(files.unpack(done.stdout), name=fit(name))
