"""The two parts of the page Energy that take a while: trials of all models, and this machine."""

import streamlit as st

from snnlab.energy.estimate import estimate
from snnlab.figures import energy as figures
from snnlab.figures.numbers import digits, many, short
from snnlab.lab import energy as lab_energy
from snnlab.lab import trials as lab_trials
from snnlab.ui.energy import asked as energy
from snnlab.ui.shared import bench, errands, plots, visitors, words
from snnlab.ui.shared.errands import Errand

QUALITIES = {
    "pixel_accuracy": "Pixel accuracy",
    "v_rand": "V_Rand, best threshold",
    "agreement": "Agreement with the ANN",
}
NEAR = 0.005  # half a point


@visitors.own(Errand.clear)
def trials_errand() -> Errand:
    """The visitor's own trials."""
    return Errand()


@visitors.own(Errand.clear)
def machine_errand() -> Errand:
    """The visitor's own measurement."""
    return Errand()


# ---- quality against energy -----------------------------------------------------


def pareto(asked: energy.Asked) -> None:
    """Every model, several ways: offered, watched, drawn."""
    result, errand = asked.result, trials_errand()
    errand.collect()
    key = "trials/" + bench.identity(result.picture, result.settings.replace(timesteps=1))
    found = lab_trials.trials_known(result.picture, result.settings)
    if found is None:
        if errand.job is None:
            errands.offer(
                "Run all models",
                errand,
                lab_trials.trials,
                result.picture,
                result.settings,
                key=key,
            )
            st.caption(
                "Runs every model on this image at three pairs of rate bounds, and reads out each"
                " run after several numbers of timesteps. This takes from a few seconds to two"
                " minutes."
            )
        errands.watch(errand, "trials")
        return
    known = [name for name in QUALITIES if all(name in seen for seen in found[0].quality)]
    quality = st.segmented_control(
        "Quality",
        known,
        default=known[0],
        required=True,
        format_func=QUALITIES.get,
        key=f"energy-quality-{len(known)}",
        persist_state="session",
    )
    words.look_for(
        "**Up and to the left is better.** A filled mark is within half a point of its own ANN,"
        " the star; a hollow one is not. Spikes pay off where a filled mark lies more than a"
        " factor of two to the left of the star. Each line has few steps on the left and many on"
        " the right."
    )
    _drawn(asked, found, quality)


def _drawn(asked: energy.Asked, found, quality: str) -> None:
    chip, ann = asked.of(asked.chip).device, asked.of(asked.ann).device
    series, anns = [], {}
    for one in found:
        own = one.ann.get(quality, 1.0)
        values = [seen[quality] for seen in one.quality]
        series.append(
            {
                "model": one.model,
                "way": one.way,
                "steps": one.steps,
                "joules": [estimate(chip, work, idle=_idle()).joules for work in one.works],
                "quality": values,
                "near": [value >= own - NEAR for value in values],
            }
        )
        cost = estimate(ann, one.works[-1], asked.batch, idle=_idle()).joules
        anns.setdefault(one.model, (one.model, cost, own))
    figure = figures.pareto(series, list(anns.values()), QUALITIES[quality], ann.title)
    plots.draw(figure, key="energy-pareto", alt="Quality against energy, by model")
    best = [
        (joules, one["model"], one["way"], steps)
        for one in series
        for joules, steps, near in zip(one["joules"], one["steps"], one["near"], strict=True)
        if near
    ]
    text = f"SNN on {chip.title}, ANN on {ann.title}; this image only, not a validation set. "
    if best:
        joules, model, way, steps = min(best)
        text += (
            f"The lowest energy within half a point: *{model}*, {way}, {many(steps, 'step')},"
            f" {figures.joules(joules)}; its ANN takes {short(anns[model][1] / joules)} times"
            " that."
        )
    else:
        text += "No SNN comes within half a point of its ANN here."
    resets = {f"*{one.model}*" for one in found if one.reset == "zero"}
    if resets:
        text += (
            f" Reset to zero, which Loihi 1 has: {', '.join(sorted(resets))}; all others reset by"
        )
        text += " subtraction, which Loihi 1 cannot do."
    st.caption(text)


def _idle() -> bool:
    return bool(st.session_state.get("energy-idle"))


# ---- this machine ---------------------------------------------------------------


def machine(asked: energy.Asked) -> None:
    """Both networks on the machine that runs the lab: offered, watched, tabulated."""
    result, errand = asked.result, machine_errand()
    errand.collect()
    key = "machine/" + bench.identity(result.picture, result.settings)
    if errand.job is None and (errand.result is None or errand.of != key):
        errands.offer("Measure here", errand, lab_energy.measure, result, key=key)
        st.caption(
            "Runs the ANN in fp32, with 8-bit weights and in 8-bit arithmetic, and the event"
            " simulator, one image at a time and four, several times each. This takes about a"
            " minute."
        )
    errands.watch(errand, "machine")
    if errand.result is None:
        return
    found = errand.result
    rows = [
        {
            "": one.what,
            "at once": one.batch,
            "ms per image": _ms(one.seconds),
            "range": f"{_ms(one.low)} – {_ms(one.high)}",
            "ms of busy cores": _ms(one.busy[1]) if one.busy else "not known",
            "joules per image": "not known" if one.joules is None else figures.joules(one.joules),
        }
        for one in found.readings
    ]
    st.table(rows, hide_index=True, border="horizontal", alt="Measured on this machine")
    notes = [one.note for one in found.readings if one.note] + list(found.notes)
    text = f"{found.machine}, {many(found.threads, 'thread')} of"
    text += f" TensorFlow, {found.shape[1]} × {found.shape[0]} px. Median of several runs. "
    if found.missing:
        text += found.missing
    else:
        text += "Joules are those of the whole processor, whatever else it is doing."
    for note in dict.fromkeys(notes):
        text += f" {note[:1].upper()}{note[1:].rstrip('.')}."
    if lab_energy.paces(found):
        text += " *CPU, measured seconds* above now uses this machine."
    text += " A conventional processor has more work with spikes than with numbers, not less."
    st.caption(text)


def _ms(seconds: float) -> str:
    return digits(1000 * seconds) if seconds < 0.9995 else f"{1000 * seconds:.0f}"
