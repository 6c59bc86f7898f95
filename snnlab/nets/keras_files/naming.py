"""Where a layer's weights are in a file: Keras names them by the layers' classes and order."""

import re
from dataclasses import dataclass
from functools import cached_property

from snnlab.images.limits import fit
from snnlab.nets.keras_files.limits import refused


@dataclass(frozen=True)
class Place:
    """A layer's place in a model, perhaps within others.

    Attributes
    ----------
    up : Place, optional
        The model that it is in; None for the model itself.
    name : str
        As the layer is called.
    stored : str
        As ``model.weights.h5`` calls it within its model, such as ``conv2d_1``.
    """

    up: "Place | None" = None
    name: str = ""
    stored: str = ""

    @cached_property
    def said(self) -> str:
        """As sentences and graphs call it."""
        above = self.up.said if self.up else ""
        return f"{above}/{fit(self.name)}" if above else fit(self.name)

    @cached_property
    def path(self) -> tuple[str, ...]:
        """Names of its groups in ``model.weights.h5``, each one within ``layers``."""
        return (*self.up.path, self.stored) if self.up else ()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the models that it is in, and its own."""
        return (*self.up.names, self.name) if self.up else ()


def numbered(up: Place, items: list[dict]) -> list[Place]:
    """The places of a model's layers.

    Raises
    ------
    LabError
        If a layer has no name, or another's.
    """
    many: dict[str, int] = {}
    found: list[Place] = []
    taken = set()
    for item in items:
        config = item.get("config")
        name = config.get("name") if isinstance(config, dict) else None
        name = item.get("name", name) if isinstance(item.get("name"), str) else name
        if not isinstance(name, str) or not 0 < len(name) <= 500 or name in taken:
            raise refused(str(name or "?"), "has no name of its own", "save the model again")
        taken.add(name)
        stem = snake_case(str(item.get("class_name")))
        number = many.get(stem, 0)
        many[stem] = number + 1
        found.append(Place(up, name, f"{stem}_{number}" if number else stem))
    return found


def snake_case(name: str) -> str:
    """As Keras makes ``conv2d_transpose`` of ``Conv2DTranspose``."""
    name = re.sub(r"\W+", "", name[:200])
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
