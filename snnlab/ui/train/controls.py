"""Train on your own images: what to train on, and what to train."""

import hashlib
from collections.abc import Callable

import streamlit as st

from snnlab.data import pairing
from snnlab.errors import LabError
from snnlab.figures.numbers import many
from snnlab.images.choice import Choice
from snnlab.lab import training as lab_training
from snnlab.ui.shared import files, kept, pixel_sizes, words
from snnlab.ui.shared.upload import LIGHT, not_counted, on_page
from snnlab.ui.train.given import ON_SCREEN, Given, from_screen, labelled

NAMED = "mine"
_SOURCES = {"screen": ON_SCREEN, "own": "Other files"}


# ---- the sections -----------------------------------------------------------


def sections() -> Given | None:
    """What to train on: labelled tissue that is on screen, if there is some, or other files."""
    if kept.say_awaited():  # what is on screen is not known yet
        return None
    held = labelled()
    if held is None:
        return chosen()
    source = st.segmented_control(
        "Train on",
        list(_SOURCES),
        default="screen",
        required=True,
        format_func=_SOURCES.get,
        key=f"training-from-{held.digest}",
        persist_state="session",
        help="All sections of the image in the sidebar, with its labels, its pixel size and its"
        " polarity, or files that you choose here.",
    )
    if source != "screen":
        return chosen()
    given = from_screen(held)
    if given is not None:
        told(given)
    return given


def chosen() -> Given | None:
    """Let the visitor choose images and labels; what was chosen stays for the session."""
    left, right = st.columns(2, gap="medium")
    key = _keys()
    with left:
        images = st.file_uploader(
            "Images or stacks", files.TYPES, accept_multiple_files=True, key="training-images",
            on_change=_images_changed, help=f"{files.FORMATS}; a stack holds many sections.",
        )  # fmt: skip
    with right:
        labels = st.file_uploader(
            "Their labels", files.TYPES, accept_multiple_files=True, key=key("training-labels"),
            help=(
                "The same number of files, with the same sizes. They are paired by the numbers in"
                " their names."
            ),
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        black = st.segmented_control(
            "Black in the labels is",
            ("membrane", "cell"),
            default="membrane",
            required=True,
            key=key("training-polarity"),
            persist_state="session",
        )
        nm = pixel_sizes.field(
            key("training-nm"),
            "Sections with pixels of another size are resampled to that. Use the net in the same"
            " way: give the pixel size in the sidebar too.",
            220,
        )
        ignore = not_counted(key("training-ignore"), 200)
        negative = st.checkbox("Light membranes", key=key("training-negative"), help=LIGHT)
        st.button(
            "Try it with synthetic sections", icon=":material/science:", on_click=_example,
            key="training-example",
        )  # fmt: skip
    if images or labels:
        _read(images, labels, (black == "cell", nm, ignore, negative), (left, right))
    return _facts()


def _keys() -> Callable[[str], str]:
    """Keys of what belongs to the images that lie there; others for others."""
    count = st.session_state.get("training_set", 0)
    return lambda name: f"{name}-{count}" if count else name


def _images_changed() -> None:
    """Where none of the images before is left, nothing that was given with them is either."""
    state = st.session_state
    now = {file.file_id for file in state["training-images"]}
    before = state.get("training_images", set())
    if now and before and not now & before:
        state["training_set"] = state.get("training_set", 0) + 1
    if now:  # an empty field is on the way to others
        state["training_images"] = now


def _read(images: list, labels: list, said: tuple, fields: tuple) -> None:
    """Read what lies in the two fields, once; below them is chosen what of the files is meant."""
    state = st.session_state
    try:
        made = pairing.pair([file.name for file in images], [file.name for file in labels])
        images = [images[i] for i, _ in made.pairs]
        labels = [labels[j] for _, j in made.pairs]
        with fields[0]:
            choice = _meant(images, "images")
        with fields[1]:
            labels_choice = _meant(labels, "labels")
    except LabError as error:
        _forget(str(error))
        return
    open_questions = [one for one in (choice, labels_choice) if isinstance(one, str)]
    if open_questions:
        _forget("")
        asked = words.plain(" ".join(dict.fromkeys(open_questions)))
        st.info(asked, icon=":material/rule:")
        return
    digest = hashlib.sha256(f"{said} {choice} {labels_choice}".encode())
    digest.update("".join(map(_ident, (images, labels))).encode())
    if state.get("training_read") == digest.hexdigest():
        return
    _forget("")
    state.training_read = digest.hexdigest()
    pairs = [
        ((image.name, image.getvalue()), (truth.name, truth.getvalue()))
        for image, truth in zip(images, labels, strict=True)
    ]
    try:
        own = lab_training.read(pairs, *said, choice, labels_choice)
    except LabError as error:
        state.training_wrong = str(error)
        return
    told = tuple(
        f"{image.name} with {truth.name}" for image, truth in zip(images, labels, strict=True)
    )
    about = told[0] if len(told) == 1 else f"{len(told)} images and their labels, paired {made.how}"
    state.training_given = Given(own, words.plain(about), told)


def _forget(wrong: str) -> None:
    """Of what was read before; and what is wrong with what lies there now."""
    state = st.session_state
    state.training_wrong, state.training_read = wrong, None
    state.pop("training_given", None)


def _ident(given: list) -> str:
    """Tells files from others."""
    digest = hashlib.sha256()
    for file in given:
        digest.update(file.name.encode() + hashlib.sha256(file.getvalue()).digest())
    return digest.hexdigest()


def _meant(given: list, what: str) -> Choice | str:
    """Which channel, time or data set of these files; choosers are drawn where they hold several.

    Returns
    -------
    Choice or str
        Or what is still to be chosen.

    Raises
    ------
    LabError
    """
    ident = _ident(given)
    held = st.session_state.setdefault("training_opened", {})

    def attempt(choice: Choice) -> Choice:
        if (ident, choice) not in held:  # opened once, and not again on every draw
            while len(held) > 8:
                held.pop(next(iter(held)))
            try:
                lab_training.check([(file.name, file.getvalue()) for file in given], choice)
                held[ident, choice] = None
            except LabError as error:
                held[ident, choice] = error
        if held[ident, choice] is not None:
            raise held[ident, choice].with_traceback(None)
        return choice

    start = Choice(labels=what == "labels")
    return files.settled(attempt, f"training-{what}", ident, start, f" of the {what}")


def _example() -> None:
    state = st.session_state
    state.training_wrong, state.training_read = "", None
    state.training_given = Given(lab_training.example(), "Synthetic sections, made by the lab")


def _facts() -> Given | None:
    """Say what was read from the files, or what is wrong with them."""
    state = st.session_state
    if state.get("training_wrong"):
        text = on_page(state.training_wrong)
        st.error(words.plain(text[:1].upper() + text[1:]), icon=":material/error:")
    given: Given | None = state.get("training_given")
    if given is not None:
        told(given)
    return given


def told(given: Given) -> None:
    """What they are, and what is doubtful about them."""
    own = given.own
    st.markdown(
        f"{given.about}: **{many(len(own.train), 'section')}** to train on, {own.pixels / 1e6:.2f}"
        f" million pixels; {own.split}, to validate on."
    )
    if len(given.pairs) > 1:
        with st.expander("Which labels for which image", icon=":material/join_inner:"):
            st.markdown("\n".join(f"- {words.plain(pair)}" for pair in given.pairs))
    for note in own.notes:
        st.warning(words.plain(on_page(note)), icon=":material/info:")


def instead(given: Given | None) -> None:
    """Where there is little to learn from, offer the page Tune, with these sections as its data."""
    if given is not None and given.own.little:
        tune_button("above", given)
    follow()


def tune_button(where: str, given: Given) -> None:
    """Leads to the page Tune, with these sections."""
    st.button("Fine-tune a trained model on these", icon=":material/tune:", on_click=_leave,
              args=(given,), key=f"training-tune-{where}")  # fmt: skip


def _leave(given: Given) -> None:
    state = st.session_state
    # the control there is a new one, which begins with these
    arrivals = state.get("tune_arrived", (0, ""))[0] + 1
    state.tune_arrived = arrivals, "own" if given is state.get("training_given") else "screen"
    state.training_left = True


def follow() -> None:
    """Turn to the page Tune if that was asked for."""
    if st.session_state.pop("training_left", False):
        st.switch_page("pages/finetune.py")


# ---- what to train ----------------------------------------------------------


def order(given: Given) -> lab_training.Order | None:
    """Let the visitor say what to train; None while that makes no sense."""
    first, second, third = st.columns((2, 2, 2), gap="medium")
    kinds = lab_training.kinds()
    with first:
        kind = st.selectbox(
            "Recipe", kinds, key="training-kind", persist_state="session",
            help="The way the shipped model of that name was trained, but from random weights and"
            " on your sections.",
        )  # fmt: skip
    with second:
        usual = sum(lab_training.steps(lab_training.Order(kind), given.own))
        steps = st.number_input(
            "Steps", 10, 200_000, usual, step=100, key=f"training-steps-{kind}",
            help=(
                f"About {usual} are what the shipped model took. Fewer steps are quicker, but the"
                " net is worse."
            ),
        )  # fmt: skip
    with third:
        seed = st.number_input(
            "Seed", 0, 999, 0, key="training-seed",
            help=(
                "For the first weights and the crops. Another seed gives another net that is just"
                " as good."
            ),
        )  # fmt: skip
    st.caption(lab_training.summary(kind))
    asked = _bounds(kind)
    try:
        return lab_training.Order(kind, NAMED, int(steps), None, *asked, int(seed))
    except LabError as error:
        text = str(error)
        st.error(words.plain(text[:1].upper() + text[1:]), icon=":material/error:")
        return None


def _bounds(kind: str) -> tuple[float | None, float | None, float | None]:
    usual = lab_training.bounded(kind)
    if usual is None:
        return None, None, None
    columns = st.columns((2, 2, 2), gap="medium")
    labels = ("Percentile", "Lower bound (Hz)", "Upper bound (Hz)")
    limits = ((50.0, 100.0), (1.0, 1000.0), (1.0, 1000.0))
    found = []
    for column, label, value, (low, high) in zip(columns, labels, usual, limits, strict=True):
        with column:
            found.append(
                st.number_input(label, low, high, float(value), key=f"training-{label}-{kind}")
            )
    return tuple(None if one == own else one for one, own in zip(found, usual, strict=True))
