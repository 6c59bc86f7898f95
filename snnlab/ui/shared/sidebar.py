"""The controls that all pages share.

Limits of sliders hold in the browser only, so what they say goes through
`Settings`, which refuses nonsense.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from snnlab import conversion, simulation
from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings
from snnlab.ui.shared import bench, heard, heeded, keep, mine, source, words

STEPS = (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 40, 48, 64, 80, 100, 128, 160, 200, 256, 320,
         400, 500, 640, 800, 1000)  # fmt: skip
PERCENTILES = (50.0, 75.0, 90.0, 95.0, 98.0, 99.0, 99.5, 99.9, 99.99, 100.0)
RATES = (1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0, 75.0, 100.0, 125.0, 150.0,
         175.0, 200.0, 250.0, 300.0, 400.0, 500.0, 600.0, 800.0, 1000.0)  # fmt: skip
INPUTS = {"current": "Current", "poisson": "Random spikes"}
RESETS = {"subtraction": "Subtraction", "zero": "Zero (Loihi 1)"}


def draw() -> bench.Wanted:
    """Draw the sidebar and say what it asks for."""
    state, page = st.session_state, heeded.here()
    with st.sidebar:
        # filled last: it depends on what the controls say now
        history = st.container(key="of-history")
        with st.container(key="of-image"):
            picked = source.draw(state.adopted, state.generation)
        place = {"source": picked.source, "section": picked.section}
        try:
            settings = _controls(state.adopted).replace(**place)
        except LabError as error:
            st.error(words.plain(str(error)), icon=":material/error:")
            settings = state.settings
        bench.settle(settings)
        if page.instead:
            st.caption(page.instead)
        with history:
            keep.history()
    if page.hidden:
        st.html(heeded.style(page))
    bench.write_address(settings)
    return bench.Wanted(settings, picked.picture, picked.missing, picked.wrong)


def key(name: str) -> str:
    """Key of a control; another one each time that the settings come from outside."""
    return f"{name}-{st.session_state.generation}"


def _controls(now: Settings) -> Settings:
    # a control's default must stay as it is while the control lives: `now` is what was last
    # taken from outside, not what the controls said the last time
    with st.container(key="of-model"):
        model = _model(now)
    with st.container(key="of-spikes"):
        chosen = _spikes(now)
    with st.expander("More", icon=":material/tune:", key="more"):
        more = _more(now)
    st.session_state.setdefault("auto", True)
    st.toggle(
        "Update as I move things",
        key="auto",
        persist_state="session",
        help="Only for the event-driven simulator; the others take too long and wait for Run.",
    )
    st.button(
        "Reset all to the model's settings",
        icon=":material/restart_alt:",
        on_click=_reset,
        width="stretch",
        key="defaults",
    )
    return now.replace(model=model, **chosen, **more)


def _model(now: Settings) -> str:
    st.subheader("Network", anchor=False)
    listed = mine.listed()
    limits = {name: text for name, _, text in lab.models_listed()}
    # the callback is told its own control: a choice may arrive after the controls were made anew
    control = key("model")
    model = _choose(
        "Model",
        list(listed),
        now.model,
        "model",
        on_change=_model_chosen,
        args=(control,),
        format_func=words.model,
        help="  \n".join(
            f"**{name}**: {words.plain(' '.join(filter(None, (text, limits.get(name)))))}"
            for name, text in listed.items()
        ),
    )
    heard.drawn(control, model)
    if model not in limits and listed.get(model):  # the lab's own say it in their line
        st.caption(words.plain(listed[model]))
    for sentence in lab.refused().values():
        st.caption(f":material/warning: {words.plain(sentence)}")
    return model


def _spikes(now: Settings) -> dict[str, Any]:
    st.subheader("Spikes", anchor=False)
    timesteps = _slide(
        "Timesteps",
        STEPS,
        now.timesteps,
        "timesteps",
        lambda v: f"{v}",
        help="How long the spiking net runs, in steps of 1 ms. More steps: finer rates, so closer"
        " to the ANN, but more spikes and more energy.",
    )
    method = _method(now)
    percentile = _slide(
        "Percentile",
        PERCENTILES,
        now.percentile,
        "percentile",
        lambda v: f"{v:g}",
        help="Which percentile of each layer's firing rates is held between the bounds. 100 is the"
        " busiest neuron, which may be an outlier that slows all others down.",
        disabled=not method.percentile,
    )
    with st.container(key="of-bounds"):
        lower, upper = _slide(
            "Firing-rate bounds (Hz)",
            RATES,
            (now.lower_hz, now.upper_hz),
            "bounds",
            lambda v: f"{v:g}",
            help="Each layer is scaled so that its percentile lies between these rates. Low bounds"
            " save spikes; high bounds need fewer timesteps.",
            disabled=not method.bounds,
        )
        if not method.bounds:
            st.caption(words.no_bounds(method))
    reset = st.segmented_control(
        "Reset after a spike",
        list(RESETS),
        default=now.reset,
        required=True,
        format_func=RESETS.get,
        key=key("reset"),
        width="stretch",
        help="**Subtraction** takes the threshold off the membrane potential, so nothing is lost;"
        " Loihi 1 cannot do that. **Zero** is what Loihi 1 does: what was above the threshold is"
        " forgotten, and high rates come out too low.",
    )
    return {
        "timesteps": timesteps,
        "percentile": percentile,
        "lower_hz": lower,
        "upper_hz": upper,
        "reset": reset,
    }


def _more(now: Settings) -> dict[str, Any]:
    simulators = {item.name: item for item in simulation.SIMULATORS}
    methods = {item.name: item for item in conversion.METHODS}
    with st.container(key="of-simulator"):
        simulator = _choose("Simulator", list(simulators), now.simulator, "simulator")
        if simulator in simulators:
            st.caption(f"{simulators[simulator].summary} {simulators[simulator].limits}")
    with st.container(key="of-method"):
        method = _choose("Conversion method", list(methods), now.method, "method")
        if method in methods:
            st.caption(f"{methods[method].summary} {methods[method].limits}")
    ways = methods[method].inputs if method in methods else ("current",)
    return {
        "simulator": simulator,
        "method": method,
        "input": _input(now.input, ways),
        "synapse_ms": st.slider(
            "Synapse (ms)",
            0.0,
            50.0,
            now.synapse_ms,
            1.0,
            key=key("synapse"),
            help="Time constant of the low-pass filter on every connection; 0 is none. With one,"
            " only the last 30 % of the run is read out (without one, the last half).",
        ),
        "initial": st.slider(
            "Initial potential",
            0.0,
            1.0,
            now.initial,
            0.05,
            key=key("initial"),
            help="Where every membrane potential starts, as a share of the threshold. A half"
            " rounds to the nearest spike instead of down.",
        ),
        "threshold": st.slider(
            "Cell threshold of the SNN",
            0.0,
            1.0,
            now.threshold,
            0.05,
            key=key("threshold"),
            help="Probability above which a pixel counts as cell. Changes masks and scores only. A"
            " shipped model comes with the one that was best on sections set aside for that"
            " choice.",
        ),
        "ann_threshold": st.slider(
            "Cell threshold of the ANN",
            0.0,
            1.0,
            now.ann_at,
            0.05,
            key=key("ann-threshold"),
            help="The same for the ANN, whose probabilities are spread differently.",
        ),
        "seed": st.number_input(
            "Seed",
            0,
            2**32 - 1,
            now.seed,
            key=key("seed"),
            help="For everything that is random in a run; the same seed gives the same spikes.",
        ),
    }


def _method(now: Settings) -> conversion.Method:
    """The method that its control, which is drawn later, asks for."""
    wanted = st.session_state.get(key("method"), now.method)
    # as the control does with a name that there is not, it takes the first
    return next((m for m in conversion.METHODS if m.name == wanted), conversion.METHODS[0])


def _input(now: str, ways: tuple[str, ...]) -> str:
    """How the image comes in, where the method leaves a choice."""
    if len(ways) < 2:
        return ways[0]
    return st.segmented_control(
        "Image comes in as",
        ways,
        default=now if now in ways else ways[0],
        required=True,
        format_func=INPUTS.get,
        key=key("input"),
        width="stretch",
        help="A **current** that is the same in each step, or **random spikes** with the grey"
        " value as their probability (Poisson input), which scatter and need many more steps. The"
        " seed below decides which.",
    )


def _choose(label: str, options: list[str], now: str, name: str, **more: Any) -> str:
    index = options.index(now) if now in options else 0
    return st.selectbox(label, options, index, key=key(name), **more)


def _slide(label: str, options: Sequence, now: Any, name: str, show: Callable, **more: Any) -> Any:
    """A slider over round values, and those that came from the address or a model's card."""
    values = sorted(set(options) | set(now if isinstance(now, tuple) else (now,)))
    return st.select_slider(label, values, now, format_func=show, key=key(name), **more)


def _model_chosen(control: str) -> None:
    """A model comes with the settings that it was trained for."""
    name = st.session_state[control]
    if heard.moved(control) and name != st.session_state.settings.model:
        take_model(name)


def take_model(name: str) -> None:
    """Make this the model, with the settings that it was trained for; it can be undone."""
    now = st.session_state.settings
    try:
        suited = lab.defaults(name)
    except LabError as error:
        bench.note(str(error))
        return
    kept = {each: getattr(now, each) for each in ("source", "section", "simulator", "seed")}
    bench.adopt(suited.replace(**kept))


def _reset() -> None:
    now = st.session_state.settings
    suited = bench.suited(now.model)
    bench.adopt(suited.replace(source=now.source, section=now.section))
