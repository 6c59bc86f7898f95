"""Train on your own images: what to train on, and what to train."""

import hashlib
from dataclasses import dataclass

import streamlit as st

from snnlab.data import pairing
from snnlab.errors import LabError
from snnlab.images.choice import Choice
from snnlab.lab import training as lab_training
from snnlab.ui.shared import files, pixel_sizes, words
from snnlab.ui.shared.upload import LIGHT, not_counted, on_page

NAMED = "mine"


@dataclass(frozen=True)
class Given:
    """A visitor's sections as they were read.

    Attributes
    ----------
    own : OwnData
    about : str
        Where they are from, in words.
    pairs : tuple of str
        Which labels were taken for which image.
    """

    own: lab_training.OwnData
    about: str
    pairs: tuple[str, ...] = ()


# ---- the sections -----------------------------------------------------------


def sections() -> Given | None:
    """Let the visitor choose images and labels; what was chosen stays for the session."""
    left, right = st.columns(2, gap="medium")
    with left:
        images = st.file_uploader(
            "Images or stacks", files.TYPES, accept_multiple_files=True, key="training-images",
            help=f"{files.FORMATS}; a stack holds many sections.",
        )  # fmt: skip
    with right:
        labels = st.file_uploader(
            "Their labels", files.TYPES, accept_multiple_files=True, key="training-labels",
            help="As many files, of the same sizes; paired by the numbers in their names.",
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        black = st.segmented_control(
            "Black in the labels is",
            ("membrane", "cell"),
            default="membrane",
            required=True,
            key="training-polarity",
            persist_state="session",
        )
        nm = pixel_sizes.field(
            "training-nm",
            "Sections with pixels of another size are resampled to that. What learned so is used"
            " so: give the pixel size in the sidebar too.",
            220,
        )
        ignore = not_counted("training-ignore", 200)
        negative = st.checkbox("Light membranes", key="training-negative", help=LIGHT)
        st.button(
            "Try it with synthetic sections", icon=":material/science:", on_click=_example,
            key="training-example",
        )  # fmt: skip
    if images or labels:
        _read(images, labels, (black == "cell", nm, ignore, negative), (left, right))
    return _facts()


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
    """Say what was read, and what is wrong or doubtful about it."""
    state = st.session_state
    if state.get("training_wrong"):
        text = on_page(state.training_wrong)
        st.error(words.plain(text[:1].upper() + text[1:]), icon=":material/error:")
    given: Given | None = state.get("training_given")
    if given is None:
        return None
    own = given.own
    st.markdown(
        f"{given.about}: **{len(own.train)}** section{'s' * (len(own.train) != 1)} to train on,"
        f" {own.pixels / 1e6:.2f} million pixels; {own.split}, to validate on."
    )
    if len(given.pairs) > 1:
        with st.expander("Which labels for which image", icon=":material/join_inner:"):
            st.markdown("\n".join(f"- {words.plain(pair)}" for pair in given.pairs))
    for note in own.notes:
        st.warning(words.plain(on_page(note)), icon=":material/info:")
    return given


def instead(given: Given | None) -> None:
    """Where there is little to learn from, offer the page Tune, with these sections as its data."""
    if given is not None and given.own.little:
        tune_button("above")
    follow()


def tune_button(where: str) -> None:
    """Leads to the page Tune."""
    st.button("Fine-tune a trained model on these", icon=":material/tune:", on_click=_leave,
              key=f"training-tune-{where}")  # fmt: skip


def _leave() -> None:
    state = st.session_state
    # the control there is a new one, which begins with the visitor's own
    state.tune_arrivals = state.get("tune_arrivals", 0) + 1
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
            help="How a shipped model of that name was trained; here from random weights, on your"
            " sections.",
        )  # fmt: skip
    with second:
        usual = sum(lab_training.steps(lab_training.Order(kind), given.own))
        steps = st.number_input(
            "Steps", 10, 200_000, usual, step=100, key=f"training-steps-{kind}",
            help=f"About {usual} are what the shipped model took. Fewer are quicker and worse.",
        )  # fmt: skip
    with third:
        seed = st.number_input(
            "Seed", 0, 999, 0, key="training-seed",
            help="Of the first weights and the crops: another one, another net as good.",
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
