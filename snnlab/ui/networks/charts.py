"""Figures of the page Networks: one image, the test set, the layers."""

import hashlib

import numpy as np
import streamlit as st

from snnlab.figures import agreement, spikes
from snnlab.figures import networks as figures
from snnlab.figures.numbers import many
from snnlab.lab import networks
from snnlab.ui.shared import plots, words

_PIXELS = 240  # of the image on the page, about
_DOTS = 600  # of a layer
_WHICH = ("all", "SNN is wrong", "SNN ≠ ANN")


def one_image(tested: networks.Tested, run: networks.Run) -> None:
    """An image, its class bars step by step, and when the answer settles."""
    st.subheader("One image", anchor=False)
    labels, last = tested.examples.labels, run.classes[:, -1]
    which = st.segmented_control(
        "Images",
        _WHICH,
        default=_WHICH[0],
        required=True,
        key="networks-which",
        persist_state="session",
    )
    wanted = np.ones(len(last), bool)
    if which == _WHICH[1]:
        wanted = last != (tested.ann if labels is None else labels)
    elif which == _WHICH[2]:
        wanted = last != tested.ann
    choice = np.flatnonzero(wanted).tolist()
    if not choice:
        st.success("No image is like that, so all of them are listed.", icon=":material/check:")
        choice = list(range(len(last)))
    rows = networks.by_image(tested, run)

    def said(at: int) -> str:
        row = rows[at]
        truth = f"{row['label']}, " if row["label"] else ""
        return f"{row['image']}: {truth}read as {row['snn']}"

    picked, picture = st.columns((2, 1), vertical_alignment="bottom")
    with picked:
        # one that takes long, at first: there is most to see
        hardest = max(range(len(choice)), key=lambda place: run.settled[choice[place]])
        at = st.selectbox("Image", choice, hardest, format_func=said, key=_key(tested, which))
    row = rows[at]
    with picture:
        st.image(_picture(tested.examples.images[at]), width=_PIXELS // 2, alt=f"Image {at + 1}")
    st.markdown(_answered(row, run.timesteps))
    left, right = st.columns(2, gap="large")
    with left:
        words.look_for(
            "**Press ▶: the bars grow as spikes arrive.** After one step the SNN knows little. Its"
            " bars should then reach the ANN's marks, and the highest bar should stay the highest."
        )
        plots.draw(
            figures.bars(tested.classes, run.answers[at], tested.expected[at]),
            "networks-bars",
            "What the SNN answers after each step, and the ANN's answer",
        )
    with right:
        words.look_for(
            "**Where does the green line come out on top and stay there?** At that step the answer"
            " settles, and the run need not be longer. Where another class crosses it, the image"
            " is a hard one."
        )
        plots.draw(
            figures.course(
                tested.classes, run.answers[at], int(run.settled[at]),
                None if labels is None else int(labels[at]),
            ),
            "networks-course",
            "Each class over the timesteps",
        )  # fmt: skip


def _answered(row: dict, timesteps: int) -> str:
    """What an image is, and what both networks say of it; classes are called as somebody likes."""
    label, ann, snn = (words.plain(row[name]) for name in ("label", "ann", "snn"))
    told = f"Its label is **{label}**. " if row["label"] else ""
    at = f"at step **{row['settled_after']}** of {timesteps}"
    if row["ann"] == row["snn"]:
        return f"{told}Both networks say **{ann}**; the SNN settles on it {at}."
    return f"{told}The ANN says **{ann}**; the SNN says **{snn}**, and settles on it {at}."


def _picture(image: np.ndarray) -> np.ndarray:
    """An image as one looks at it: whole grey values, pixels large."""
    image = np.asarray(image, float)
    low, high = image.min(), image.max()
    scaled = (image - low) / max(high - low, 1e-9)
    if image.shape[2] != 3:
        scaled = scaled[..., :1].repeat(3, axis=2)
    times = max(1, round(_PIXELS / max(image.shape[:2])))
    grey = np.rint(255 * scaled).astype(np.uint8)
    return grey.repeat(times, axis=0).repeat(times, axis=1)


def test_set(tested: networks.Tested, run: networks.Run) -> None:
    """Accuracy against timesteps, and which class is taken for which."""
    st.subheader("The test set", anchor=False)
    labelled = tested.examples.labels is not None
    right = "right answers, %" if labelled else "answers that are the ANN's, %"
    settled = np.sort(run.settled)
    late = int(settled[min(int(0.95 * len(settled)), len(settled) - 1)])
    st.markdown(
        f"{many(len(settled), 'image')}. ANN **{100 * tested.right(tested.ann):.1f} %** right, SNN"
        f" (*{run.method}*) **{100 * tested.right(run.classes[:, -1]):.1f} %** after"
        f" {many(run.timesteps, 'step')}. Half of the answers have settled by step"
        f" {int(np.median(settled))}, 95 % by step {late}."
    )
    left, right_column = st.columns(2, gap="large")
    with left:
        words.look_for(
            "**The line that meets the ANN's first is the best method here.** Steps cost energy and"
            " time, so what counts is how soon, not only how high."
        )
        plots.draw(
            figures.accuracy(
                {one.method: tested.right(one.classes) for one in tested.runs},
                float(tested.right(tested.ann)),
                right,
            ),
            "networks-accuracy",
            "Accuracy against timesteps, by method, and the ANN's",
        )
    with right_column:
        words.look_for(
            "**Green on the diagonal, and little else.** A strong cell off the diagonal is a pair"
            " of classes that look alike to the net: the row is what it was, the column what was"
            " said."
        )
        whose = st.segmented_control(
            "Answers of",
            ("SNN", "ANN"),
            default="SNN",
            required=True,
            key="networks-whose",
            persist_state="session",
        )
        classes = run.classes[:, -1] if whose == "SNN" else tested.ann
        plots.draw(
            figures.confusion(
                tested.classes,
                tested.confusion(classes),
                "it was" if labelled else "the ANN said",
                f"the {whose} says",
            ),
            "networks-confusion",
            f"Confusion matrix of the {whose}",
        )


def layers(known: networks.Known, tested: networks.Tested, run: networks.Run) -> None:
    """Rates of each layer, how well they say what the ANN says, and a raster of one image."""
    st.subheader("Layer by layer", anchor=False)
    rows = [row for row in networks.by_layer(known, tested, run) if "mean_rate_hz" in row]
    names = [row["name"] for row in rows]
    left, right = st.columns(2, gap="large")
    with left:
        words.look_for(
            "**Short bars, and diamonds well below 1000 Hz.** A neuron cannot send more than one"
            " spike per step, which is 1000 Hz: a diamond there means that the layer's busiest"
            " neurons are cut off."
        )
        plots.draw(
            figures.rates(
                names, [row["mean_rate_hz"] for row in rows], [row["p999_rate_hz"] for row in rows]
            ),
            "networks-rates",
            "Firing rates by layer",
        )
    with right:
        words.look_for(
            "**Correlation near 1 and a small error, from layer to layer.** Errors are passed on:"
            " where the right bar jumps, the conversion loses something. The whole run is counted,"
            " including its first steps."
        )
        none = float("nan")
        plots.draw(
            figures.fidelity(
                names,
                [none if row["correlation"] is None else row["correlation"] for row in rows],
                [none if row["error"] is None else row["error"] for row in rows],
            ),
            "networks-fidelity",
            "Correlation and error of each layer against the ANN",
        )
    pairs = {figures.named(name): _thinned(run.said(name)) for name in names}
    pairs = {name: both for name, both in pairs.items() if _known(both)}
    words.look_for(
        "**Dots along the dashed line**, for some neurons of each layer on all images. A fan that"
        " opens means too few timesteps; dots that bend below the line are neurons that ought to"
        " fire more than once per step."
    )
    plots.draw(
        agreement.multiples(pairs), "networks-pairs", "ANN against SNN, some neurons of each layer"
    )
    at = _on_show(tested, run)
    words.look_for(
        f"**One dot, one spike; one row, one neuron**, of image {at + 1}. Later layers begin as"
        " soon as earlier ones have said enough, and quiet rows cost little."
    )
    plots.draw(
        spikes.raster(
            {figures.named(name): run.raster[at][:, run.part(name)].astype(int) for name in names}
        ),
        "networks-raster",
        f"Spikes of some neurons of each layer, image {at + 1}",
    )


def _thinned(both: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Not more dots than can be told apart."""
    every = max(1, len(both[0]) // _DOTS)
    return both[0][::every], both[1][::every]


def _known(both: tuple[np.ndarray, np.ndarray]) -> bool:
    return not np.isnan(both[0]).any()


def _key(tested: networks.Tested, which: str) -> str:
    """Of the box with the images: another one for other images."""
    images = tested.examples.images
    several = hashlib.sha256(np.ascontiguousarray(images[:, ::4, ::4]).tobytes()).hexdigest()
    return f"networks-image-{several[:12]}-{which}"


def _on_show(tested: networks.Tested, run: networks.Run) -> int:
    """The image that was chosen above."""
    which = st.session_state.get("networks-which", _WHICH[0])
    found = st.session_state.get(_key(tested, which))
    return found if isinstance(found, int) else int(run.settled.argmax())
