"""The model's own settings, which the lessons' texts are about, and what a lesson's buttons set.

A lesson's buttons move the controls. What they set belongs to that lesson: when another one is
opened, the model's own settings come back. Any other run that differs from them in what a lesson's
text relies on is named before the lesson's first figure (see `differing`).
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import streamlit as st

from snnlab import conversion
from snnlab.results import summary
from snnlab.settings import Settings
from snnlab.ui.shared import bench

_MADE = "lesson-made"  # session: what the open lesson's buttons set
# which image it is, how the picture is looked at, and draws that are as good as others
ASIDE = ("source", "section", "threshold", "ann_threshold", "seed", "simulator")
_RUN = tuple(one.name for one in fields(Settings) if one.name not in (*ASIDE, "model"))
# what a lesson's text relies on: one looks at the image alone, one at the mapping on Chips, and the
# one on spikes says of reset and first potential what is true of the run
RELIES: dict[str, tuple[str, ...]] = {
    "picture": (),
    "spike": ("method",),
    "rates": _RUN,
    "few": _RUN,
    "reset": _RUN,
    "bounds": _RUN,
    "chips": (),
    "energy": _RUN,
}


@dataclass(frozen=True)
class Made:
    """What the buttons of a lesson set since it was opened.

    Attributes
    ----------
    lesson : str
    model : str
        Of the run that was there before.
    settings : tuple of Settings
        One for each press.
    names : frozenset of str
        Settings that were changed by it.
    """

    lesson: str
    model: str
    settings: tuple[Settings, ...]
    names: frozenset[str]


def of(now: Settings) -> Settings:
    """The model's own, on the image of these and looked at as these."""
    return kept(bench.suited(now.model), now)


def kept(settings: Settings, now: Settings) -> Settings:
    """On the image of now, and looked at as now."""
    same = ("source", "section", "threshold", "ann_threshold", "seed")
    return settings.replace(**{name: getattr(now, name) for name in same})


def is_own(settings: Settings, names: tuple[str, ...] = _RUN) -> bool:
    """Whether these are the model's own, in these settings; what a method ignores is no matter."""
    return not _changed(settings, names)


def differing(lesson: str, shown: Settings) -> tuple[str, ...]:
    """What of the run on screen is not as a lesson's text has it, in words.

    Nothing of what this lesson's own buttons changed, as long as that is on screen.
    """
    names = _changed(shown, RELIES[lesson])
    made = st.session_state.get(_MADE)
    if made is not None and made.lesson == lesson and any(_alike(shown, s) for s in made.settings):
        names = [name for name in names if name not in made.names]
    own = of(shown)
    told = shown.replace(
        **{one.name: getattr(own, one.name) for one in fields(Settings) if one.name not in names}
    )
    return tuple(bench.in_words(own, told))


def _changed(settings: Settings, names: tuple[str, ...]) -> list[str]:
    own = of(settings)
    idle = conversion.unread(settings.method)  # moving these changed nothing
    found = summary.differing(own, settings)
    return [name for name in found if name in names and name not in idle]


def _alike(one: Settings, other: Settings) -> bool:
    """Whether they give the same run, on whatever image."""
    found = summary.differing(conversion.heeded(one), conversion.heeded(other))
    return not found.keys() - set(ASIDE)


def made(lesson: str, settings: Settings) -> None:
    """Note that a lesson's button sets these; before it does."""
    state = st.session_state
    now, before = state.settings, state.get(_MADE)
    if before is None or before.lesson != lesson:
        before = Made(lesson, now.model, (), frozenset())
    changed = before.names | summary.differing(now, settings).keys()
    state[_MADE] = Made(lesson, before.model, (*before.settings, settings), frozenset(changed))


def opened(lesson: str) -> bool:
    """Note which lesson is open, and bring the model's own settings back after another one.

    Only if the settings are still those of that lesson's button. Undo brings them back.

    Returns
    -------
    bool
        Whether the settings were changed: the page is to be drawn again.
    """
    state = st.session_state
    before = state.get(_MADE)
    if before is None or before.lesson == lesson:
        return False
    del state[_MADE]
    now = state.settings
    if not any(_alike(now, one) for one in before.settings):
        return False
    own = kept(bench.suited(before.model), now)
    if own == now:
        return False
    bench.adopt(own)
    return True


def note(lesson: str, shown: Settings, otherwise: str, button: Callable[[Settings], None]) -> None:
    """Say before the first figure that the run on screen is not what the text is about.

    Parameters
    ----------
    lesson : str
    shown : Settings
        Of the run on screen.
    otherwise : str
        What else is to be said of it, if it is the model's own; empty if nothing is.
    button : callable
        Draws a button that moves the controls to settings.
    """
    changed = differing(lesson, shown)
    if not changed and not otherwise:
        return
    with st.container(border=True, key="lesson-note"):
        if not changed:
            st.markdown(f":material/info: {otherwise}")
            return
        st.markdown(
            ":material/info: **The figures below are not what the text describes.** The text is"
            " about the model's own settings, and the run on screen has others:"
            f" {'; '.join(changed)}."
        )
        button(of(shown))
