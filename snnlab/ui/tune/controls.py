"""The page Tune: what to tune into which bounds, on what."""

from dataclasses import dataclass

import streamlit as st

from snnlab.errors import LabError
from snnlab.lab import finetuning as lab_finetune
from snnlab.lab import segmenting as lab
from snnlab.lab.finetuning import Wish
from snnlab.ui.shared import isbi_folder, kept, mine, sidebar, words
from snnlab.ui.train import controls as training
from snnlab.ui.train.given import ON_SCREEN, Given, from_screen, labelled

WEIGHTS = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
FIRST = (200.0, 400.0)  # Hz
LOWEST, HIGHEST, STEP = 1.0, 1000.0, 10.0  # Hz; any number between may be typed
LONGEST = 30.0  # minutes on the page; the command line takes more


@dataclass(frozen=True)
class Asked:
    """What the controls say.

    Attributes
    ----------
    wish : Wish
    folder : str or None
        Of the ISBI volumes.
    own : OwnData or None
        The visitor's sections.
    about : str
        Where those are from, in words.
    """

    wish: Wish
    folder: str | None = None
    own: object = None
    about: str = ""


# ---- the controls -------------------------------------------------------------


def controls() -> Asked | None:
    """Let the visitor say what to do; None while that makes no sense."""
    settings = st.session_state.settings
    if kept.say_awaited():  # what there is to train on is not known yet
        return None
    data, given = _data()
    first, second, third = st.columns((2, 2, 1), gap="medium", vertical_alignment="bottom")
    names = list(mine.listed())
    # a net that somebody began is no start to fine-tune from, unless it is chosen
    usual = settings.model
    if usual not in names or "order" in lab.about(usual).card:
        usual = names[0]
    with first:
        model = st.selectbox(
            "Start from",
            names,
            names.index(usual),
            format_func=words.model,
            key="tune-model",
            persist_state="session",
            help="A trained net. It keeps what it has learnt.",
        )
    with second:
        curve = st.segmented_control(
            "Rate curve",
            list(lab_finetune.CURVES),
            default="relu",
            required=True,
            format_func=lab_finetune.CURVES.get,
            key="tune-curve",
            persist_state="session",
            width="stretch",
            help="What a neuron does in the forward pass of training. **ReLU**: the rate-based"
            " model. **Loihi**: Loihi 1's stepped curve, for reset to zero. **Spiking**: whole"
            " spikes are counted over 64 steps.",
        )
    with third:
        st.session_state.setdefault("tune-minutes", 2.0)  # a reload may have brought others
        minutes = st.number_input(
            "Minutes", 0.1, LONGEST, step=0.5, format="%g", key="tune-minutes",
            persist_state="session",
            help="For training, including checks and previews. Finishing and scoring take about"
            " half a minute more.",
        )  # fmt: skip
    first, second, third = st.columns((2, 2, 1), gap="medium", vertical_alignment="bottom")
    with first:
        lower, upper = _bounds(
            ("Lower bound (Hz)", "Upper bound (Hz)"), "all",
            "Each neuron's percentile rate should lie between these, in all layers that have no"
            " bounds of their own. The narrower they are, the more the net has to give up"
            " elsewhere.",
        )  # fmt: skip
    with second:
        percentile = st.select_slider(
            "Percentile of each neuron's rate", sidebar.PERCENTILES, 99.9,
            format_func=lambda v: f"{v:g}", key="tune-percentile", persist_state="session",
            help="Over everything that a neuron sees: 99.9 is nearly its highest rate.",
        )  # fmt: skip
    with third:
        weight = st.select_slider(
            "Weight of the rates", WEIGHTS, Wish.weight, format_func=lambda v: f"{v:g}",
            key="tune-weight", persist_state="session",
            help="How much the rates count in the loss, compared with the segmentation: w/2 times"
            " the sum of squared distances from the bounds, each as a share of the upper one. 0"
            " only scales. A larger weight than the preset one seldom brings more neurons into"
            " band, and harms the segmentation.",
        )  # fmt: skip
    with st.expander("Single layers, bits, seed", icon=":material/tune:"):
        more = _more(model)
    if more is None:
        return None
    layers, bits, seed = more
    folder = isbi_folder.given()
    own = None if given is None else given.own
    try:
        wish = Wish(
            model, percentile, lower, upper, layers, weight, curve, bits, seed, minutes, None, data
        )
        if wish.data != "own" or own is not None:
            lab_finetune.begun(wish, folder, own)  # refuses data that are not there
    except LabError as error:
        st.error(words.plain(_sentence(error)), icon=":material/error:")
        return None
    if wish.data == "own" and own is None:
        st.info("Choose your images and labels above.", icon=":material/upload_file:")
        return None
    return Asked(wish, folder, own, "" if given is None else given.about)


def _bounds(labels: tuple[str, str], name: str, tip: str | None = None) -> tuple[float, float]:
    """Two numbers side by side, on narrow screens too."""
    found = []
    with st.container(horizontal=True, gap="small"):
        for label, value in zip(labels, FIRST, strict=True):
            found.append(
                st.number_input(
                    label, LOWEST, HIGHEST, value, STEP, format="%g",
                    key=f"tune-{label[:5].lower()}-{name}", persist_state="session", help=tip,
                )
            )  # fmt: skip
    return found[0], found[1]


def _sentence(error: LabError) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]


def _data() -> tuple[str, Given | None]:
    """What to train on, first of all: labelled tissue that is on screen, if there is some.

    Returns
    -------
    str
        As `Wish.data`.
    Given or None
        The visitor's own sections.
    """
    state = st.session_state
    held, (arrivals, from_train) = labelled(), state.get("tune_arrived", (0, ""))
    offered = ({"screen": ON_SCREEN} if held is not None else {}) | lab_finetune.DATA
    source = state.settings.source
    first = from_train if from_train in offered else source if source in offered else "synthetic"
    if held is not None and not from_train:
        first = "screen"
    data = st.segmented_control(
        "Train on", list(offered), default=first, required=True, format_func=offered.get,
        # another image on screen is another first choice
        key=f"tune-data-{arrivals}-{first}-{held.digest if held is not None else ''}",
        persist_state="session",
        help="**Synthetic** sections, made by the lab. **ISBI**: sections 0–17 of the folder"
        " that the sidebar names; judged by 18–23. **My own** labelled images."
        + " **What is on screen**: the image in the sidebar with its labels." * (held is not None),
    )  # fmt: skip
    if data == "screen":
        given = from_screen(held)
        if given is not None:
            training.told(given)
        return "own", given
    return data, training.chosen() if data == "own" else None


def _more(model: str) -> tuple | None:
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    with left:
        bits = st.slider("Bits per weight", 2, 8, 8, key="tune-bits", persist_state="session")
    with right:
        seed = st.number_input("Seed", 0, 2**32 - 1, 0, key="tune-seed", persist_state="session")
    layers = _layers(model)
    return None if layers is None else (layers, bits, seed)


def _layers(model: str) -> tuple[tuple[str, float, float], ...] | None:
    """Bounds of single layers; None if the model cannot be read."""
    try:
        names = [layer.name for layer in lab.model(model).populations()]
    except LabError as error:
        st.error(words.plain(_sentence(error)), icon=":material/error:")
        return None
    chosen = st.multiselect(
        "Layers with bounds of their own", names, key=f"tune-layers-{model}",
        placeholder="None: all have the bounds above", persist_state="session",
    )  # fmt: skip
    found = []
    with st.grid(3, min_column_width=260, gap="medium"):
        for name in chosen:
            labels = f"Lower, {name} (Hz)", f"Upper, {name} (Hz)"
            found.append((name, *_bounds(labels, name)))
    return tuple(found)
