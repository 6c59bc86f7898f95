"""The page Segment: a baseline without deep learning, an RBF network trained on this section."""

import streamlit as st

from snnlab.export import pictures
from snnlab.figures import rbf as figures
from snnlab.lab import rbf_baseline as lab
from snnlab.nets import rbf_files
from snnlab.results.segmentation import Segmentation
from snnlab.ui.shared import bench, docs_site, errands, plots, visitors, words
from snnlab.ui.shared.errands import Errand

SHOWN = ("pixel_accuracy", "pixel_accuracy_at_half", "v_rand", "v_info")


@visitors.own(Errand.clear)
def errand() -> Errand:
    """The visitor's own."""
    return Errand()


def draw(result: Segmentation) -> None:
    """Offer it where there are labels, watch it, and show what came of it."""
    if result.picture.labels is None or result.picture.blank:
        return
    mine = errand()
    mine.collect()
    key = "rbf/" + bench.identity(result.picture, result.settings)
    known = mine.result is not None and mine.of == key
    busy = mine.job is not None
    with st.expander(
        "A baseline without deep learning", known or busy, icon=":material/bubble_chart:"
    ):
        st.markdown(
            "An **RBF network** tells cell from membrane pixel by pixel. It learns from the upper"
            " half of this section's labels, in seconds; then all three networks are judged on the"
            " lower half. A pixel is described by its surroundings at several scales, and compared"
            " with 300 typical ones: by how *near* they are, and by how far they point in"
            " the *same direction*. How much each of the two counts is learned too."
        )
        if not known and not busy:
            errands.offer("Train it here", mine, lab.beside, result, key=key)
        errands.watch(mine, "rbf")
        if known:
            _shown(mine.result)


def _shown(found: lab.Baseline) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        _scores(found)
        _mixture(found.model.card["mixture"])
    with right, st.container(key="of-run-baseline"):
        st.image(
            pictures.grey_png(found.probability),
            f"The RBF network's probability of cell; it is judged on rows from {found.first} on",
            "stretch",
            alt="Segmentation by the RBF network",
        )
        st.download_button(
            "The network",
            lambda: rbf_files.pack(found.model),
            "baseline.rbf.npz",
            icon=":material/download:",
            on_click="ignore",
            help="For `python -m snnlab segment IMAGE --model rbf:baseline.rbf.npz`.",
        )


def _mixture(moments: list[dict]) -> None:
    columns = ([one[name] for one in moments] for name in ("step", "a1", "a2", "euclid"))
    plots.draw(
        figures.mixture(*columns),
        key="rbf-mixture",
        alt="Weights of the two kernels against steps",
    )
    share = 100 * moments[-1]["euclid"]
    st.caption(
        f"How the mixture was learned. In the end {share:.0f} % of the output's spread comes from"
        " the Euclidean kernel, the rest from the cosine."
    )


def _scores(found: lab.Baseline) -> None:
    table = {"": [words.SCORES[name][0] for name in SHOWN]}
    for key, head in (("rbf", "RBF"), ("ann", "ANN"), ("snn", "SNN")):
        scores = found.scores[key].as_dict()
        table[head] = [f"{scores[name]:.4f}" for name in SHOWN]
    st.table(table, hide_index=True, border="horizontal", alt="Scores on the lower half")
    model = found.model
    st.caption(
        f"Lower half only. The RBF network: {model.units} units, 8-bit weights, trained in"
        f" {found.seconds:.0f} s on {model.card['pixels']:,} pixels of this very section, cell"
        " above 0.5; ANN and SNN at their own thresholds, and they have not seen this section"
        " unless their card says so. It has no spikes:"
        f" {docs_site.to('rbf', 'the documentation')} says what it is, and what it is worth."
    )
