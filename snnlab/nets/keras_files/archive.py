"""The two parts of a file: what the model is, and the HDF5 file that holds its weights."""

import contextlib
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py

from snnlab.errors import LabError
from snnlab.images.limits import shown
from snnlab.nets.keras_files.hdf5 import Unread, text
from snnlab.nets.keras_files.limits import CONFIG, FILE
from snnlab.nets.keras_files.stored_weights import OfKeras2, OfKeras3
from snnlab.work import stored

ENTRIES = 4096
_ZIP, _HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
SAVE = "save it again with model.save('net.keras')"


@contextlib.contextmanager
def opened(path: Path) -> Iterator[tuple[object, Callable]]:
    """Open a file of either kind.

    Yields
    ------
    config
        The description, as JSON holds it.
    callable
        Gives the weights of a layer; see `snnlab.nets.keras_files.stored_weights`.

    Raises
    ------
    LabError
        If it is neither, too large, or lacks a part.
    """
    name = shown(str(path))
    with path.open("rb") as stream:
        begins = stream.read(8)
        stream.seek(0)
        if begins.startswith(_ZIP):
            with _zipped(stream, name) as found:
                yield found
        elif begins == _HDF5:
            with _old(stream, name) as found:
                yield found
        else:
            raise LabError(f"{name} is no Keras model; {SAVE}, or choose an .h5 or .keras file.")


@contextlib.contextmanager
def _zipped(stream, name: str):
    with zipfile.ZipFile(stream) as archive:
        listed = {item.filename: item for item in archive.infolist()}
        if len(archive.infolist()) > ENTRIES or len(listed) != len(archive.infolist()):
            raise LabError(f"{name} lists too many parts, or one of them twice; {SAVE}.")
        if any(one.endswith("saved_model.pb") for one in listed):
            raise LabError(f"{name} is a zipped SavedModel; unpack it and name the folder.")
        missing = [one for one in ("config.json", "model.weights.h5") if one not in listed]
        if missing:
            raise LabError(f"{name} is a zip file without {missing[0]}, so no Keras model; {SAVE}.")
        config = stored.parsed(_part(archive, listed["config.json"], CONFIG, name))
        # None, until the description has been found good
        with contextlib.ExitStack() as until:

            def weights():
                data = _part(archive, listed["model.weights.h5"], FILE, name)
                return OfKeras3(until.enter_context(h5py.File(io.BytesIO(data), "r")))

            yield config, weights


def _part(archive: zipfile.ZipFile, item: zipfile.ZipInfo, most: int, name: str) -> bytes:
    if item.compress_type not in (0, 8) or item.flag_bits & 1:
        raise LabError(f"{name} is packed or locked in a way that is not read here; {SAVE}.")
    if item.file_size > most:
        raise LabError(
            f"{name} has a {item.filename} of {item.file_size >> 20} MB, above {most >> 20} MB;"
            " save it without its optimizer (include_optimizer=False), or a smaller net."
        )
    with archive.open(item) as stream:
        data = stream.read(most + 1)
    if len(data) != item.file_size:
        raise LabError(f"{name} is damaged or cut short; copy it again, or {SAVE}.")
    return data


@contextlib.contextmanager
def _old(stream, name: str):
    with h5py.File(stream, "r") as file:
        try:
            config = text(file, "model_config")
        except Unread as error:
            raise LabError(f"{name} has a description that {error}; {SAVE}.") from error
        if config is None:
            raise LabError(
                f"{name} does not say what the model is: it may hold weights alone; save the whole"
                " model with model.save('net.keras')."
            )
        yield stored.parsed(config), lambda: OfKeras2(file)
