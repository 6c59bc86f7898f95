"""What a visitor has painted: kept in the session, by image and section, and used as its labels.

While the brush is in hand, strokes are only kept; once it is put down, or another page is
opened, they are the labels of their section, for scores, training and files alike.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import streamlit as st

from snnlab.errors import LabError
from snnlab.images import scribbles
from snnlab.images.pictures import Picture
from snnlab.images.scribbles import Strokes
from snnlab.ui.shared.specimen import Specimen

KEY = "scribbles"  # of what is kept of them
NAME = "scribbles.json"
IMAGES, SECTIONS = 12, 4096  # that may be painted on; the image painted on first goes first
MOST = 64 << 20  # bytes of what is kept of them
_ALL, _COUNTED = "scribbles-all", "scribbles-counted"
_HAND, _CLEARED = "scribbles-hand", "scribbles-cleared"
_NAMES = 400  # characters of an image's key


@dataclass(frozen=True)
class Painted:
    """What was painted on one image.

    Attributes
    ----------
    sections : mapping of int to tuple of Stroke
    used : bool or None
        Whether it counts as the image's labels; None: if it has no others.
    """

    sections: Mapping[int, Strokes] = field(default_factory=dict)
    used: bool | None = None


def key_of(picture: Picture) -> str:
    """Tells an image from others, whatever pixels it was resampled to."""
    return _key(picture.sha256, picture.options)


def _key(sha256: str, options: tuple[str, ...]) -> str:
    return " ".join((sha256, *options))[:_NAMES]


def _all() -> dict[str, Painted]:
    return st.session_state.get(_ALL, {})


def of(picture: Picture) -> Painted:
    """What was painted on an image, all of its sections."""
    return _all().get(key_of(picture), Painted())


def strokes(picture: Picture) -> Strokes:
    """What was painted on this section."""
    return of(picture).sections.get(picture.section, ())


def revision(picture: Picture) -> str:
    """Changes with the strokes of a section."""
    made = strokes(picture)
    return hashlib.sha256(repr(made).encode()).hexdigest()[:16] if made else ""


def put(picture: Picture, made: Strokes) -> None:
    """Keep what was painted on a section, in place of what was there."""
    known = of(picture)
    sections = dict(known.sections)
    sections.pop(picture.section, None)
    if made:
        sections[picture.section] = made
    if len(sections) > SECTIONS:
        raise LabError(f"more than {SECTIONS} sections of an image cannot be painted on.")
    st.session_state.pop(_CLEARED, None)
    _set(key_of(picture), replace(known, sections=sections))


def use(picture: Picture, used: bool) -> None:
    """Say whether what was painted counts as the labels of an image that has others."""
    _set(key_of(picture), replace(of(picture), used=used))


def clear(picture: Picture) -> None:
    """Forget what was painted on a section; `bring_back` undoes it."""
    gone = strokes(picture)
    put(picture, ())
    st.session_state[_CLEARED] = key_of(picture), picture.section, gone


def cleared(picture: Picture) -> Strokes:
    """What was cleared from this section last, and can be brought back."""
    key, section, gone = st.session_state.get(_CLEARED, ("", 0, ()))
    return gone if (key, section) == (key_of(picture), picture.section) else ()


def bring_back(picture: Picture) -> None:
    """Undo `clear`."""
    put(picture, cleared(picture))


def _set(key: str, painted: Painted) -> None:
    # never changed in its place: what counts as labels is held beside it
    made = {name: one for name, one in _all().items() if name != key}
    if painted.sections or painted.used is not None:
        made[key] = painted
    _replace(dict(list(made.items())[-IMAGES:]))


def _replace(made: dict[str, Painted]) -> None:
    st.session_state[_ALL] = made
    st.session_state.pop(KEY, None)


# ---- as labels -------------------------------------------------------------------------------


def hold(page: str | None) -> None:
    """Say on which page the brush is in hand; None: it was put down."""
    st.session_state[_HAND] = page


def held() -> bool:
    """Whether the brush is in hand on this page."""
    return st.session_state.get(_HAND) == (st.session_state.get("page") or "")


def settle() -> None:
    """Let all that was painted count, unless the brush is in hand; once a draw, first of all."""
    state = st.session_state
    if not held():
        state[_HAND] = None
        state[_COUNTED] = _all()


def counts(picture: Picture) -> bool:
    """Whether an image's labels are what was painted on it; of the image as it was picked."""
    used = of(picture).used
    return picture.labels is None if used is None else used


def others(picture: Picture) -> bool:
    """Whether an image on screen came with labels, too."""
    if picture.labels_file != scribbles.FILE:
        return picture.labels is not None
    known = st.session_state.get("scribbles-onto")
    return known is not None and key_of(known[0]) == key_of(picture) and known[0].labels is not None


def labelled(picture: Picture) -> Picture:
    """The picture that was picked, with what was painted on it for labels if that counts."""
    painted = st.session_state.get(_COUNTED, {}).get(key_of(picture), Painted())
    made = painted.sections.get(picture.section, ())
    if not made or not counts(picture):
        return picture
    known = st.session_state.get("scribbles-onto")
    if known is None or known[0] is not picture or known[1] is not made:
        known = picture, made, scribbles.onto(picture, made)
        st.session_state["scribbles-onto"] = known
    return known[2]


def specimen(made: Specimen) -> Specimen:
    """The visitor's file with what was painted on it in place of labels, if that counts."""
    key = _key(made.digest, made.choice.options)
    painted = st.session_state.get(_COUNTED, {}).get(key, Painted())
    used = _all().get(key, Painted()).used
    if not (made.labels is None if used is None else used):
        return made
    inks = {scribbles.MEMBRANE, scribbles.CELL}
    # of one class alone nothing can be learned
    both = [one for one in painted.sections.items() if inks <= {stroke.ink for stroke in one[1]}]
    return replace(made, scribbles=tuple(sorted(both))) if both else made


# ---- kept --------------------------------------------------------------------------------------


def kept() -> tuple[str, bytes] | None:
    """What there is to keep, as a file's name and bytes; None if nothing was painted.

    The bytes are the same object until something else was painted.
    """
    state, everything = st.session_state, _all()
    if not everything:
        return None
    if KEY not in state:
        told = [
            {
                "image": key,
                "used": one.used,
                "sections": {
                    str(section): scribbles.written(made) for section, made in one.sections.items()
                },
            }
            for key, one in everything.items()
        ]
        state[KEY] = json.dumps(told, separators=(",", ":")).encode()
    return NAME, state[KEY]


def take_up(data: bytes) -> None:
    """Go on with what was kept.

    Raises
    ------
    LabError
        If it is damaged, or none.
    """
    wrong = LabError("What was painted cannot be read any more; it is left out.")
    try:
        if len(data) > MOST:
            raise wrong
        told = json.loads(data)
        if not isinstance(told, list) or len(told) > IMAGES:
            raise wrong
        made = {}
        for one in told:
            key, used, sections = one["image"], one["used"], one["sections"]
            if not isinstance(key, str) or len(key) > _NAMES or len(sections) > SECTIONS:
                raise wrong
            if used is not None and type(used) is not bool:
                raise wrong
            made[key] = Painted({int(n): scribbles.read(s) for n, s in sections.items()}, used)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, LabError):
        raise wrong from None
    _replace(made)
