"""A file of the visitor's: taken, kept, opened, and said what it is."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from snnlab.images.choice import Choice, Undecided
from snnlab.images.formats import ENDINGS
from snnlab.images.limits import MIB
from snnlab.images.looking import Look, look
from snnlab.ui.shared import words

TYPES = ENDINGS
FORMATS = "PNG, JPEG, TIFF, MRC, DM3, DM4, HDF5, NRRD, NIfTI or a zipped OME-Zarr"
LARGE = 8 * MIB  # from here on it is said that it is being read
_WORDS = {"channel": "Channel", "frame": "Frame (time)", "dataset": "Data set"}


def take(
    label: str, key: str, about: str, types: Sequence[str] = TYPES
) -> tuple[str, bytes] | None:
    """A file to upload: its name and bytes.

    The browser's field forgets its file when another source is chosen, so that
    the file is kept here until it is removed or the session ends.
    """
    state = st.session_state
    kept = state.setdefault("files", {})
    again = state.get("files_again", 0)
    field = f"{key}-again-{again}" if again else key
    given = st.file_uploader(
        label, types, key=field, help=about, on_change=_changed, args=(key, field)
    )
    if given is not None:
        kept[key] = given.name, given.getvalue()
    elif key in kept:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Still here: {words.plain(kept[key][0])}")
            if st.button("Remove", key=f"remove-{key}", type="tertiary", icon=":material/close:"):
                del kept[key]
                st.rerun()
    return kept.get(key)


def only(kind: str, ident: str) -> None:
    """Of what was taken under keys that begin so, keep that with this ending alone."""
    kept = st.session_state.get("files", {})
    for key in [key for key in kept if key.startswith(kind) and key != kind + ident]:
        del kept[key]


def renew() -> None:
    """New fields, which know of no file: what is kept counts from now on."""
    st.session_state["files_again"] = st.session_state.get("files_again", 0) + 1


def _changed(key: str, field: str) -> None:
    if st.session_state.get(field) is None:
        st.session_state.get("files", {}).pop(key, None)


def digest(data: bytes) -> str:
    """sha256 of the bytes, computed once and not again on every draw."""
    known = st.session_state.setdefault("digests", [])
    for held, found in known:
        if held is data:
            return found
    found = hashlib.sha256(data).hexdigest()
    known.append((data, found))
    del known[:-2]  # of the image and its labels
    return found


def opened(name: str, data: bytes, key: str, labels: bool = False) -> Look | str:
    """What a file says of itself, once it is clear which part of it is meant.

    Where it holds several channels, times or data sets, choosers are drawn for them.

    Parameters
    ----------
    name, data : str, bytes
    key : str
        Tells its choosers from others.
    labels : bool
        Whether labels are looked for in it.

    Returns
    -------
    Look or str
        Or what is still to be chosen.

    Raises
    ------
    LabError
    """
    ident = digest(data)
    return settled(
        lambda choice: _looked(name, data, ident, choice), key, ident, Choice(labels=labels)
    )


def settled(
    attempt: Callable[[Choice], Any], key: str, ident: str, choice: Choice, of: str = ""
) -> Any:
    """What an attempt to open gives, once it is clear what is meant: choosers are drawn until then.

    Parameters
    ----------
    attempt : callable
        Takes a choice; raises Undecided where more has to be chosen.
    key, ident : str
        Tell its choosers from others, and its files from those before.
    choice : Choice
        To begin with.
    of : str
        Whose, at the end of the choosers' names.

    Returns
    -------
    object or str
        Or what is still to be chosen.
    """
    while True:
        try:
            return attempt(choice)
        except Undecided as asked:
            values, what = dict(asked.values), _WORDS[asked.option]
            name = f"{key}-{asked.option}-{ident[:16]}"
            if st.session_state.get(name) not in values:  # from a session that was kept
                st.session_state.pop(name, None)
            value = st.selectbox(
                f"{what}{of}",
                list(values),
                None,
                format_func=values.get,
                key=name,
                placeholder=f"choose one of {len(values)}",
                persist_state="session",
            )
            if value is None:
                return f"Choose the {what.lower()} of {asked.name} to go on."
            choice = replace(choice, **{asked.option: value})


def _looked(name: str, data: bytes, ident: str, choice: Choice) -> Look:
    """Opened once, and not again on every draw."""
    held = st.session_state.setdefault("looked", {})
    place = (name, ident, choice)
    if place not in held:
        found = reading(name, data, lambda: look(data, name, choice))
        while len(held) > 3:  # of an image and its labels, and those before
            held.pop(next(iter(held)))
        held[place] = found
    return held[place]


def reading(name: str, data: bytes, work):
    """Do something that takes a while with a large file, and say so meanwhile."""
    if len(data) < LARGE:
        return work()
    with st.spinner(f"Reading {words.plain(name)} ({len(data) / MIB:.0f} MB)", show_time=True):
        return work()


def tell(seen: Look) -> None:
    """Say what a file is: size, kind, axes, size of a pixel and where it was read."""
    size = f"{seen.size / 1e6:.1f} MB" if seen.size >= 1e5 else f"{seen.size / 1e3:.0f} kB"
    st.caption(
        f":material/description: {words.plain(seen.name)}, {size}: {words.plain(seen.kind)},"
        f" {words.plain(seen.sides)}; {words.plain(seen.pixel)}."
    )
    notes(seen.notes)


def notes(told: Iterable[str]) -> None:
    """Say what was taken for granted, a sentence each."""
    text = " ".join(map(words.plain, told))
    if text:
        st.caption(f":material/info: {text}")
