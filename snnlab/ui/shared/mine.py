"""Models of the visitor's own: in this session's lists, to take away, to load again."""

import os
import re
from urllib.parse import urlsplit

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.nets import files as model_file
from snnlab.nets import shelf as model_store
from snnlab.nets.model import Model
from snnlab.ui.shared import hosts, visitors

VARIABLE = "SNNLAB_MODEL_UPLOAD"
_YES, _NO = ("1", "yes", "on", "true"), ("0", "no", "off", "false")


@visitors.own(model_store.SHELF.drop)
def _owner() -> str:
    """Whose models are forgotten when the visitor is gone for good."""
    return st.session_state.owner


def models() -> tuple[Model, ...]:
    """The visitor's models, the newest last."""
    return model_store.SHELF.of(st.session_state.owner)


def listed() -> dict[str, str]:
    """Name and summary of every model that this visitor may choose, the lab's first."""
    found = {name: summary for name, summary, _ in lab.models_listed()}
    return found | {model.name: model.card.get("summary", "") for model in models()}


def put(model: Model) -> Model:
    """Add a model; it comes back with the name it has in the lists.

    Raises
    ------
    LabError
        If there are too many.
    """
    return model_store.SHELF.put(_owner(), model)


def remove(name: str) -> None:
    """Forget a model.

    Raises
    ------
    LabError
        If it is in use.
    """
    state = st.session_state
    if name in (state.settings.model, state.shown.settings.model):
        raise LabError(f"{name} is the model in use; choose another one in the sidebar first.")
    model_store.SHELF.drop(state.owner, name)


def load(data: bytes, file: str) -> Model:
    """Add a model from a file.

    Raises
    ------
    LabError
        If the file is not one that this lab wrote, or loading is switched off.
    """
    if not may_load():
        raise LabError(f"loading models is switched off on this server ({VARIABLE}).")
    stem = file.rsplit("/", 1)[-1].removesuffix(".npz")
    stem = re.sub(r" ?\([0-9]+\)$", "", stem)  # a browser numbers files of one name
    return put(model_file.unpack(data, stem or "model"))


def may_load() -> bool:
    """Whether model files may be loaded: by default only where the lab runs for one person.

    That is, where the page was opened at this computer's own address.
    """
    said = os.environ.get(VARIABLE, "").strip().lower()
    if said in _YES or said in _NO:
        return said in _YES
    return (urlsplit(st.context.url or "").hostname or "") in hosts.HERE
