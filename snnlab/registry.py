"""Looking up by name what the lab offers: conversion methods, simulators and the like."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from snnlab.errors import LabError


class Named(Protocol):
    """Anything with a name."""

    name: str


Item = TypeVar("Item", bound=Named)


def named(items: Iterable[Item], name: str, kind: str) -> Item:
    """The item of that name.

    Parameters
    ----------
    items : iterable
        What there is.
    name : str
        As a person or an address gave it.
    kind : str
        What the items are, for the sentence: "conversion method".

    Raises
    ------
    LabError
        If there is none; it lists those that there are.
    """
    items = tuple(items)
    for item in items:
        if item.name == name:
            return item
    names = ", ".join(item.name for item in items)
    raise LabError(f"there is no {kind} {name!r}; choose one of {names}.")
