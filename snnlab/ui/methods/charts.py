"""Figures of the page Methods: quality against cost, and where errors come from."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from snnlab.figures import methods as figures
from snnlab.figures.numbers import joules, many, short
from snnlab.lab import methods as lab_methods
from snnlab.ui.shared import plots, words

SCORES = {
    "pixel_accuracy": "pixel accuracy",
    "v_rand": "V_Rand",
    "v_info": "V_Info",
    "agreement": "agreement with the ANN",
}
FROM_BEST = {"v_rand": 0.3, "v_info": 0.3}  # of quality; what is worse is at the figure's edge
NEAR = 0.12  # the same of the others
COSTS = {"timesteps": "timesteps", "spikes": "spikes", "joules": "energy (J per image)"}


# ---- quality against cost -----------------------------------------------------------


def quality(compared: Sequence[lab_methods.Compared]) -> None:
    """Quality against timesteps, spikes or energy, the ANNs as lines."""
    st.subheader("Quality against cost", anchor=False)
    words.look_for(
        "**Up and to the left is better: the same quality for less.** A line that meets its ANN's"
        " (dashed) early needs few steps. Against spikes the order can change: several thresholds"
        " need few steps, but many spikes. Hollow marks are runs that Loihi 1 cannot do."
    )
    known = [name for name in SCORES if name == "agreement" or compared[0].ann_scores]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        measure = st.segmented_control(
            "Quality",
            known,
            default=known[0],
            required=True,
            format_func=(SCORES | {"agreement": "SNN = ANN"}).get,  # all fit a phone
            key=f"methods-measure-{len(known)}",
            persist_state="session",
        )
        cost = st.segmented_control(
            "Against",
            list(COSTS),
            default="timesteps",
            required=True,
            format_func={**COSTS, "joules": "energy"}.get,
            key="methods-cost",
            persist_state="session",
        )
        chip = ann = None
        if cost == "joules":
            chip = _device("SNN on", "snn", lab_methods.CHIP)
            ann = _device("ANN on", "ann", "gpu-online")
    series, left_out = [], 0
    for one in compared:
        cells = [cell for cell in one.cells if not cell.silent]
        left_out += len(one.cells) - len(cells)
        costs = {
            "timesteps": lambda cell: cell.timesteps,
            "spikes": lambda cell: cell.work.spikes,
            "joules": lambda cell: lab_methods.joules(cell, chip),
        }
        series.append(
            {
                "name": one.contender.title,
                "x": [costs[cost](cell) for cell in cells],
                "y": [_score(cell, measure) for cell in cells],
                "steps": [cell.timesteps for cell in cells],
                "able": not one.contender.loihi,
                "ann": one.ann_scores.get(measure) if one.contender.own else None,
            }
        )
    anns = _ann(compared, measure)
    top = max([value for one in series for value in one["y"]], default=1.0)
    figure = figures.quality(
        series,
        anns,
        (COSTS[cost], SCORES[measure]),
        {"ANN": lab_methods.joules(compared[0].cells[-1], ann)} if ann else None,
        max(
            min([value for one in series for value in one["y"]], default=0.0),
            top - FROM_BEST.get(measure, NEAR),
        ),
    )
    plots.draw(
        figure,
        key="methods-quality",
        alt=f"{SCORES[measure]} against {COSTS[cost]}, by method",
    )
    st.caption(_said(compared, cost, chip, ann, left_out))


def _device(label: str, kind: str, first: str) -> str:
    names = {one.name: one.title for one in lab_methods.entries(kind)}
    return st.selectbox(
        label,
        list(names),
        list(names).index(first),
        format_func=names.get,
        key=f"methods-{kind}",
        width=260,
        persist_state="session",
    )


def _score(cell: lab_methods.Cell, measure: str) -> float:
    return cell.agreement if measure == "agreement" else cell.scores[measure]


def _ann(compared: Sequence[lab_methods.Compared], measure: str) -> list[tuple[str, float]]:
    """Quality of the ANN that is converted: one for all methods without weights of their own."""
    same = [one.ann_scores for one in compared if not one.contender.own]
    return [("ANN", same[0][measure])] if same and measure in same[0] else []


def _said(compared, cost: str, chip: str | None, ann: str | None, left_out: int) -> str:
    text = (
        "Marks are 4, 8, 16, 32 and 64 steps. Dashed: the ANN that is converted. Dotted, in a"
        " method's colour: the method's own ANN. Anything far below the best is drawn at the lower"
        " edge. "
    )
    if left_out:
        text += (
            f"{many(left_out, 'run')} whose readout heard no spike"
            f" {'is' if left_out == 1 else 'are'} left out. "
        )
    if cost == "joules":
        names = {
            one.name: one.title for kind in ("snn", "ann") for one in lab_methods.entries(kind)
        }
        value = lab_methods.joules(compared[0].cells[-1], ann)
        text += (
            f"Energy: counts times published constants, not a measurement; SNN on {names[chip]},"
            " with the fewest messages that any partition needs. Vertical line: the ANN of the"
            f" first method on {names[ann]}, {joules(value)}. **Spikes with sizes and gates are"
            " counted as plain spikes and neurons: Loihi 1 has neither**, and what they would cost"
            " on a chip that has them is not published. The page Energy lists all assumptions."
        )
    elif cost == "spikes":
        text += "A spike with a size counts as one."
    return text


# ---- errors -------------------------------------------------------------------------


def errors(compared: Sequence[lab_methods.Compared]) -> None:
    """A method's errors by layer, and all methods' beside it, after a chosen number of steps."""
    st.subheader("Where errors come from", anchor=False)
    words.look_for(
        "**Which bar does a method make short?** *Clipping*: there was more to say than the"
        " highest rate can. *Quantisation*: a count has rungs. *Unevenness*: input came in the"
        " wrong order. *Wrongly fired*: the neuron should have been silent. *Inherited* is what"
        " earlier layers got wrong; it has to be fixed there, not here."
    )
    titles = {one.contender.key: one for one in compared}
    left, right = st.columns(2)
    with left:
        key = st.selectbox(
            "Method",
            list(titles),
            format_func=lambda name: titles[name].contender.title,
            key=f"methods-errors-{'/'.join(titles)}",
        )
    with right:
        steps = st.segmented_control(
            "Timesteps",
            lab_methods.TIMESTEPS,
            default=16,
            required=True,
            key="methods-steps",
            persist_state="session",
        )
    one = titles[key]
    layers = lab_methods.parts(one, one.cell(steps))
    means = {
        each.contender.title: _mean(lab_methods.parts(each, each.cell(steps)))
        for each in compared
        if each.cell(steps).errors and not each.cell(steps).silent
    }
    by_method, by_layer = st.columns(2, gap="large")
    with by_method:
        st.markdown("**All methods, mean over the layers**")
        if means:
            _bars(means, "mean over layers, % of activation", "methods-means")
        else:
            st.info("No method has got this far yet.", icon=":material/hourglass_empty:")
    with by_layer:
        st.markdown(f"**{one.contender.title}, layer by layer**")
        if layers:
            _bars(layers, "root mean square, % of the layer's activation", "methods-layers")
        else:
            st.info("No layer has spiked yet.", icon=":material/hourglass_empty:")
    cell = one.cell(steps)
    silent = [each.contender.title for each in compared if each.contender.title not in means]
    if silent and means:
        st.caption(
            f"Left out, because no spike has reached the readout after {many(steps, 'step')}:"
            f" {'; '.join(silent)}."
        )
    st.caption(
        f"{one.contender.title} after {many(steps, 'step')}: {100 * cell.wrong_share:.1f} % of the"
        f" neurons that the ANN leaves at zero spiked anyway, {short(cell.wrong_spikes)} of"
        f" {short(cell.work.spikes)} spikes. Root mean squares over a layer's neurons in the"
        " readout window. Parts have signs and partly cancel, so the diamond is not their sum."
        " Bars above 120 % are cut off."
    )


def _mean(parts: dict[str, dict[str, float]]) -> dict[str, float]:
    names = next(iter(parts.values()))
    return {name: float(np.mean([layer[name] for layer in parts.values()])) for name in names}


def _bars(parts: dict[str, dict[str, float]], title: str, key: str) -> None:
    plots.draw(figures.errors(parts, title), key=key, alt="Parts of the error")
