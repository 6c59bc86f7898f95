"""What the page Chips shows: the mapping on the board, the one asked for, the work between.

As with the bench there always is a mapping to show: at first that of the
default result, later the last one that was finished.
"""

import hashlib
from dataclasses import dataclass

import streamlit as st

from snnlab.chips.board import Mapping
from snnlab.errors import LabError
from snnlab.export import partitions as chips_tables
from snnlab.images.pictures import Picture
from snnlab.lab import chips as lab_chips
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings
from snnlab.ui.shared import bench, glossary, long_work, status, visitors, words

MOST = 64  # chips that can be asked for
_ASIDE = ("source", "section", "threshold", "ann_threshold")  # settings that no spike depends on
_LEFT, _RIGHT = ("co-design", "co-design@searched"), ("greedy-interchip",)  # best: ours
_ALONE = "nothing"
_CHIP, _BENCH = "chip", "bench"


@dataclass(frozen=True)
class Wanted:
    """What is to be mapped.

    Attributes
    ----------
    picture : Picture
    settings : Settings
    tile : int
        Side of the part of the image, in pixels.
    chips : int or None
        None for as few as are needed.
    """

    picture: Picture
    settings: Settings
    tile: int
    chips: int | None

    @property
    def key(self) -> str:
        """Names the mapping that comes of it."""
        parts = (
            self.picture.content,
            self.picture.section,
            self.settings.key(without=_ASIDE),
            self.tile,
            self.chips,
        )
        return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()


@dataclass(frozen=True)
class Mapped:
    """A mapping, and what it was made of."""

    of: Wanted
    mapping: Mapping


@dataclass(frozen=True)
class Shown:
    """What is on the page: a mapping, and names of the one or two partitions on the board."""

    of: Wanted
    mapping: Mapping
    partitions: tuple[str, ...]


@st.cache_resource(show_spinner=False)
def first() -> Mapped:
    """What the page opens with."""
    picture, settings = lab.default_result().picture, lab_chips.chip_settings()
    return Mapped(Wanted(picture, settings, lab_chips.TILE, None), lab_chips.default_mapping())


@visitors.own(bench.Desk.clear)
def _desk() -> bench.Desk:
    return bench.Desk()


def shown() -> Shown:
    """Draw the controls, follow the work, and give what is to be shown meanwhile."""
    state = st.session_state
    if "mapped" not in state:
        state.mapped, state.chips_refused, state.chips_mistake = first(), None, None
    _collect()
    # closed at first: the board is to be seen without going past what it is made of
    with st.expander("What is mapped, and how", icon=":material/tune:", key="chips-of"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            wanted = _controls(first().of)
            if wanted.key == first().of.key:
                state.mapped = first()  # nothing to wait for on the way back
            partitions = _chosen(state.mapped.mapping)
        glossary.caption("  \n".join(explained(state.mapped.mapping, one) for one in partitions))
    changed = changes(state.mapped.of, wanted)
    _follow(wanted, changed)
    with st.container(key="chips-status"):
        _say(wanted, changed)
    return Shown(state.mapped.of, state.mapped.mapping, partitions)


def _controls(first: Wanted) -> Wanted:
    # defaults stay as they are while the controls live
    names = {_CHIP: f"model {lab_chips.MODEL}", _BENCH: "as in the sidebar"}
    network = st.segmented_control(
        "Network",
        list(names),
        default=_CHIP,
        required=True,
        format_func=names.get,
        key="network",
        persist_state="session",
        help=f"The model *{lab_chips.MODEL}* was trained for Loihi 1's neurons and rates. Or use"
        " the sidebar's model and settings, with reset to zero, the only reset that Loihi 1 has.",
    )
    tile = st.segmented_control(
        "Tile (pixels)",
        lab_chips.SIDES,
        default=first.tile,
        required=True,
        key="tile",
        persist_state="session",
        help="Side of the square, in the middle of the image, that is put on the chips. A whole"
        " section needs hundreds of chips; it is computed one tile after another.",
    )
    chips = st.number_input(
        "Chips",
        1,
        MOST,
        value=first.chips,
        key="chips",
        persist_state="session",
        placeholder="fewest",
        width=150,
        help="Number of chips on the board. If empty: as few as hold all cores, with 128 on each."
        " If there are more, a partitioner may leave some empty.",
    )
    result = bench.shown()
    settings = first.settings
    if network == _BENCH:
        settings = result.settings.replace(reset="zero")
    return Wanted(result.picture, settings, tile, chips)


def changes(old: Wanted, new: Wanted) -> list[str]:
    """What differs between two mappings, in words."""
    if old.key == new.key:
        return []
    found = []
    if (old.picture.content, old.picture.section) != (new.picture.content, new.picture.section):
        names = (words.plain(one.picture.called) for one in (old, new))
        found.append("image: " + " → ".join(names))
    for name, told in bench.NAMES.items():
        before, after = getattr(old.settings, name), getattr(new.settings, name)
        if name not in _ASIDE and before != after:
            found.append(f"{told}: {_shown(before)} → {_shown(after)}")
    if old.tile != new.tile:
        found.append(f"tile: {old.tile} → {new.tile}")
    if old.chips != new.chips:
        few = "fewest"
        found.append(f"chips: {old.chips or few} → {new.chips or few}")
    return found


def _shown(value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


# ---- the work -----------------------------------------------------------------


def _collect() -> None:
    """Take what is finished, or what went wrong."""
    state, desk = st.session_state, _desk()
    job = desk.job
    if job is None or not job.status.over:
        return
    if job.status.state == "done":
        try:
            state.mapped = Mapped(state.chips_wanted, job.result)
        except LabError as error:
            state.chips_mistake = str(error)
    else:
        state.chips_refused, state.chips_mistake = job.key, job.status.error
    desk.job = None  # last: a draw may be broken off at any line above


def _follow(wanted: Wanted, changed: list[str]) -> None:
    """End work that nobody wants any more, and start what is wanted."""
    state, desk = st.session_state, _desk()
    if desk.job is not None and (not changed or desk.job.key != wanted.key):
        desk.clear()
    if state.chips_refused != wanted.key:
        state.chips_mistake = None
        if changed and desk.job is None and state.get("auto", True):
            _submit(wanted)


def _submit(wanted: Wanted) -> None:
    state, desk = st.session_state, _desk()
    state.chips_wanted, state.chips_refused, state.chips_mistake = wanted, None, None
    try:
        desk.job = bench.worker().submit(
            lab_chips.mapping,
            wanted.picture,
            wanted.settings,
            wanted.tile,
            wanted.chips,
            owner=state.owner,
            key=wanted.key,
        )
    except LabError as error:
        state.chips_refused, state.chips_mistake = wanted.key, str(error)


def _say(wanted: Wanted, changed: list[str]) -> None:
    if st.session_state.chips_mistake:
        st.error(words.plain(st.session_state.chips_mistake), icon=":material/error:")
    if changed:
        on = st.session_state.mapped.of
        st.warning(
            f"**Still on the board: model {on.settings.model}, {on.tile} × {on.tile} px.**"
            f" Changed since: {'; '.join(changed)}.",
            icon=":material/update:",
        )
    active = _desk().job is not None
    place = st.container(width="content")
    if changed and not active:
        long_work.start(place, "Map it", "map", _submit, wanted)
    st.fragment(_watch, run_every=status.POLL if active else None)()


def _watch() -> None:
    """Follow the work under way; polled by the browser as long as there is some."""
    job = _desk().job
    if job is None:
        return
    if job.status.over:
        st.rerun()
    bar, stop = st.columns((5, 2), vertical_alignment="center")
    bar.progress(job.status.fraction, text=_told(job.status))
    stop.button(
        "Cancel", icon=":material/close:", on_click=job.cancel, key="chips-cancel", width="stretch"
    )


def _told(now) -> str:
    if now.state == "queued":
        return status.told(now)
    return now.stage + status.left(now)


# ---- which partitions -----------------------------------------------------------


def label(mapping: Mapping, name: str) -> str:
    """What a partition is called: its partitioner, and the blocks if not the searched ones."""
    partition = mapping.partitions[name]
    whose = {"searched": "", partition.partitioner: " (own)"}
    return partition.partitioner + whose.get(partition.layout, f" ({partition.layout})")


def explained(mapping: Mapping, name: str) -> str:
    """A line on a partition: how it was found, and on which blocks."""
    partition = mapping.partitions[name]
    summary = {one: text for one, text, _ in lab_chips.partitioners_listed()}[partition.partitioner]
    blocks = {"searched": "the ones that were searched for", partition.partitioner: "its own"}
    on = blocks.get(partition.layout, "those of NengoLoihi's splitting")
    return f"**{label(mapping, name)}**: {summary.rstrip('.')}. Blocks: {on}."


def _chosen(mapping: Mapping) -> tuple[str, ...]:
    names = [name for name, _ in chips_tables.partitions(mapping)]
    left, right = (
        next((name for name in liked if name in names), names[0]) for liked in (_LEFT, _RIGHT)
    )
    one = _choose("Partitioner", names, left, "left", mapping)
    other = _choose("Compare with", [*names, _ALONE], right, "right", mapping)
    return (one,) if other in (_ALONE, one) else (one, other)


def _choose(text: str, names: list[str], default: str, key: str, mapping: Mapping) -> str:
    if st.session_state.get(f"partition-{key}") not in names:
        st.session_state[f"partition-{key}"] = default
    return st.selectbox(
        text,
        names,
        key=f"partition-{key}",
        persist_state="session",
        width=230,
        help="The fewest spikes between chips come first. "
        + " ".join(f"**{one}**: {text}" for one, text, _ in lab_chips.partitioners_listed()),
        format_func=lambda name: name if name == _ALONE else label(mapping, name),
    )
