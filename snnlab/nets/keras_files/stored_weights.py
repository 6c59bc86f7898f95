"""Where Keras keeps the weights of a layer: in ``model.weights.h5``, and in an old ``.h5``."""

import h5py
import numpy as np

from snnlab.images.limits import fit
from snnlab.nets.keras_files.description import Described
from snnlab.nets.keras_files.hdf5 import AGAIN, Unread, member, numbers, texts
from snnlab.nets.keras_files.limits import refused

# of today's files, and of those that tf-keras wrote for a while
CONTAINERS = ("layers", "_layer_checkpoint_dependencies")


class OfKeras3:
    """The weights of a ``.keras`` file: ``layers/conv2d_1/vars/0``.

    Parameters
    ----------
    file : h5py.File
        ``model.weights.h5``.
    """

    def __init__(self, file: h5py.File):
        self.file = file

    def __call__(self, layer: Described, wanted: list) -> list[np.ndarray]:
        """The weights of a layer; ``wanted`` says their names and shapes.

        Raises
        ------
        LabError
        """
        found = []
        for number, (_, shape) in enumerate(wanted):
            try:
                there = self._at(layer, number)
            except Unread as error:
                raise refused(layer.place.said, f"has weights that {error}", AGAIN) from error
            found.append(numbers(there, shape, layer.place.said))
        return found

    def _at(self, layer: Described, number: int):
        for container in CONTAINERS:
            steps = [part for name in layer.place.path for part in (container, name)]
            there = member(self.file, "/".join([*steps, "vars", str(number)]))
            if there is not None:
                return there
        return None


class OfKeras2:
    """The weights of an ``.h5`` file, by layers of the model; those within one by their names.

    Parameters
    ----------
    file : h5py.File
    """

    def __init__(self, file: h5py.File):
        self.file = file
        self.lists: dict[str, list[str]] = {}

    def __call__(self, layer: Described, wanted: list) -> list[np.ndarray]:
        """The weights of a layer; ``wanted`` says their names and shapes.

        Raises
        ------
        LabError
        """
        if not wanted:
            return []
        said, names = layer.place.said, layer.place.names
        try:
            group = member(self.file, f"model_weights/{names[0]}")
            if not isinstance(group, h5py.Group):
                raise Unread("are not in the file")
            if names[0] not in self.lists:
                self.lists[names[0]] = texts(group, "weight_names")
            listed = self.lists[names[0]]
            paths = (
                _by_order(listed, wanted) if len(names) == 1 else _by_name(listed, names, wanted)
            )
            there = [member(group, path) for path in paths]
        except Unread as error:
            raise refused(said, f"has weights that {error}", AGAIN) from error
        return [numbers(one, shape, said) for one, (_, shape) in zip(there, wanted, strict=True)]


def _by_order(listed: list[str], wanted: list) -> list[str]:
    if len(listed) != len(wanted):
        raise Unread(f"are {len(listed)} arrays, where its settings ask for {len(wanted)}")
    return listed


def _by_name(listed: list[str], names: tuple[str, ...], wanted: list) -> list[str]:
    """Of all that a model within the model has, what belongs to one of its layers."""
    found = []
    for called, _ in wanted:
        ends = [f"/{names[-1]}/{one}" for one in called]
        fits = [one for one in listed if f"/{one.split(':')[0]}".endswith(tuple(ends))]
        if len(fits) > 1:  # models within models may use a name again
            longer = [f"/{'/'.join(names[-2:])}/{one}" for one in called]
            fits = [one for one in fits if f"/{one.split(':')[0]}".endswith(tuple(longer))]
        if len(fits) != 1:
            many = "more than once" if fits else "not"
            raise Unread(f"are {many} in the file ({fit(called[0])})")
        found.append(fits[0])
    return found
