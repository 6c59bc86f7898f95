"""What the pages say about their figures: what to look for, and what good looks like."""

import re
from collections.abc import Collection

from snnlab import conversion
from snnlab.errors import LabError
from snnlab.figures.numbers import many
from snnlab.lab import segmenting as lab
from snnlab.results import read_rates, summary
from snnlab.results.segmentation import Segmentation
from snnlab.settings import DEFAULT_MODEL, Settings
from snnlab.ui.shared import glossary


def look_for(text: str, met: set[str] | None = None, basic: bool = False) -> None:
    """A note above a figure; ``met`` and ``basic`` as in `glossary.explained`."""
    glossary.write(f":material/visibility: {text}", met, basic)


# before other characters a backslash would show
_MARKS = re.compile(r"([!#$&(-+/:<->@\[-`{-~-]|(?<=^[0-9])\.|(?<=^[0-9]{2})\.)")
# what Streamlit seeks in the text that is left, after a backslash too: addresses, its logo, arrows
_SOUGHT = re.compile(r"(?i)https?(?=:)|www(?=\.)|@|:(?=streamlit)|(?<!\S)[-<>~](?=[-=>])")
_APART = "\u2060"  # a word joiner: has no width, and is no letter
_JOINED = "\u200c\u200d"  # without a width as well, but some scripts spell with these


def plain(text: str) -> str:
    """A name or a sentence by somebody else, so that Markdown takes nothing in it for its own.

    For whatever Streamlit draws as Markdown: labels, tips, captions, cells of ``st.table``. The
    values of select boxes, of fields and of data frames are no Markdown. It comes back as one line.
    """
    seen = "".join(
        c if c.isprintable() or c in _JOINED else " " if c.isspace() else "\ufffd" for c in text
    )
    apart = _SOUGHT.sub(lambda found: found[0] + _APART, " ".join(seen.split()))
    return _MARKS.sub(r"\\\1", apart)


# in a list of models, so that a newcomer knows which to take; short, for the sidebar is narrow
_MODELS = {
    "regularised": "few spikes",
    "generalist": "other tissue",
    "organelles": "mitochondria",
    "relu": "plain conversion",
    "loihi": "for the chip Loihi",
    "surrogate": "for 8 steps",
    "qcfs": "for 16 steps",
    "pooled": "max-pooling",
    "phantom": "synthetic only",
}


def model(name: str) -> str:
    """A model in a list: its name, and what it is for in a few words, of the lab's own."""
    told = "start here" if name == DEFAULT_MODEL else _MODELS.get(name)
    return f"{name}: {told}" if told else name


# settings that go without saying as long as they are the usual ones
_UNUSUAL = {
    "method": "method {}",
    "percentile": "{:g}th percentile",
    "reset": "reset to {}",
    "synapse_ms": "synapse of {:g} ms",
    "initial": "potential from {:g}",
    "input": "{} input",
    "threshold": "cell above {:g}",
    "ann_threshold": "the ANN's above {:g}",
    "seed": "seed {}",
    "simulator": "simulator {}",
}


def unusual(settings: Settings, among: Collection[str] = tuple(_UNUSUAL)) -> tuple[str, ...]:
    """What sets a run apart beside its model, steps and bounds: nothing of the usual one."""
    read = conversion.heeded(settings)
    changed = summary.differing(_usual(settings.model), read)
    return tuple(
        told.format(getattr(read, name))
        for name, told in _UNUSUAL.items()
        if name in changed and name in among and getattr(read, name) is not None
    )


def _usual(model: str) -> Settings:
    """The defaults, and the thresholds that a model comes with."""
    try:
        own = lab.defaults(model)
    except LabError:  # there is no such model any more
        return Settings()
    return Settings(threshold=own.threshold, ann_threshold=own.ann_threshold)


def thresholds(settings: Settings) -> str:
    """The threshold in use, or both: of the SNN, and of the ANN where it is another."""
    if settings.ann_threshold is None:
        return f"{settings.threshold:g}"
    return f"{settings.threshold:g} for the SNN and {settings.ann_threshold:g} for the ANN"


def no_bounds(method: conversion.Method) -> str:
    """Why the firing-rate bounds are out of use, in a line."""
    held = "the bounds do" if method.percentile else "percentile and bounds do"
    return f"*{method.name}* sets its thresholds itself: {held} nothing here."


_MEANINGS = {
    "pixel_accuracy": "Share of pixels whose class, cell or membrane, is right. High even when"
    " cells merge.",
    "pixel_accuracy_at_half": "The same with a threshold of 0.5 for both networks, whatever"
    " thresholds are in use: where these differ, so do the scores, conversion or not.",
    "dice": "Overlap of the cell pixels with the labels', 2|A∩B| / (|A| + |B|).",
    "iou": "The same overlap, |A∩B| / |A∪B|; stricter.",
    "v_rand": "Do pixels of one cell stay together, and pixels of two cells apart? A single gap in"
    " a membrane costs a lot. The largest over the thresholds 0, 0.1 … 1, which is how ISBI 2012"
    " ranked its entries.",
    "v_rand_at_threshold": "The same at the threshold in use.",
    "v_rand_at_half": "The same with a threshold of 0.5 for both networks.",
    "v_info": (
        "The same question, measured as shared information; small cells count for more than in"
        " V_Rand."
    ),
    "v_info_at_threshold": "The same at the threshold in use.",
}
# name and meaning
SCORES = {name: (title, _MEANINGS[name]) for name, title in summary.SCORES.items()}

COUNTS = {
    "spikes": ("Spikes", "Sent by all neurons over the whole run."),
    "synaptic_events": (
        "Synaptic events",
        "Spikes times the synapses that each one reaches. Most of a neuromorphic chip's energy"
        " goes with these.",
    ),
    "neurons": (
        "Neurons",
        "In all layers. Each is updated once per timestep, which costs energy too.",
    ),
    "mean_rate_hz": (
        "Mean rate",
        "Of all neurons over the whole run. Low rates save energy; if they are too low, many"
        " timesteps are needed.",
    ),
    "timesteps": ("Timesteps", "Of 1 ms each."),
    "agreement": (
        "SNN = ANN",
        "Share of pixels that both networks call cell, or both call membrane, at the end.",
    ),
}

# of a figure that shows the bounds, and of the same one for a method that holds none
RATES_TITLE = ("All layers against their bounds", "Rates of all layers")
RATES = (
    "**Diamonds should lie in the grey band, or one spike ({apart} Hz here) outside it.** They are"
    " the percentile that the conversion puts between the bounds on the training sections. The"
    " next figure shows why one is further off. A short bar there means that this image drives the"
    " layer less, or more, than those sections did. A long bar means that spikes are missing: use"
    " more timesteps or higher bounds.",
    "**Look at the means: every layer should speak, and none in most steps.** This method sets its"
    " thresholds itself and has no bounds, so there is no band to lie in. With few timesteps, a"
    " mean near 0 is too little. A diamond at one spike per step means that the busiest neurons"
    " can say no more, which is usual where steps are few.",
)
SEVERAL = (
    " This model learned several kinds of section, and its rates were set on all of them together:"
    " the kind that drives a layer hardest reaches the band, and on the others that layer may stay"
    " well below it."
)
HISTOGRAM = (
    "**Most neurons at 0, a thin tail into the band.** The count is logarithmic, so you can see"
    " the one neuron at the end next to the million at 0. The percentile leaves a few neurons to"
    " the right of the band; a tail far beyond it is outliers.",
    "**Most neurons at 0, and a thin tail.** The count is logarithmic, so you can see the one"
    " neuron at the end next to the million at 0. Neurons piled up at the right end send a spike"
    " in every step, and cannot say more.",
)
INTERVALS = (
    "**Hardly any interval should lie more than one step to the left of the upper bound's line.**"
    " There, neurons fire faster than they were meant to, or their input came in bursts. A few"
    " sharp peaks mean regular firing; a broad hump is jitter from few input spikes, which more"
    " timesteps average out.",
    "**A few sharp peaks mean regular firing**; a broad hump is jitter from few input spikes,"
    " which more timesteps average out. Intervals of 1 ms come from neurons that cannot fire any"
    " faster.",
)


def where(result: Segmentation) -> str:
    """Which part of a large image is looked into, as rows and columns."""
    top, left, height, width = result.region
    return f"rows {top} to {top + height - 1}, columns {left} to {left + width - 1}"


def part(result: Segmentation) -> str:
    """What the spikes of a large image are of, and whether another part can be looked into."""
    box = f"This image is large. Spikes are shown for the part in the dashed box: {where(result)}"
    if not result.anywhere:
        return (
            f"{box}. It was run by itself, so near its edges they differ from those of the whole"
            " image."
        )
    return (
        f"{box}. They are computed when you look there, and are the same as in a run of the whole"
        " image. **Click or tap anywhere in the image to look there.**"
    )


def rates_counted(result: Segmentation) -> str:
    """Over which steps the page Rates counts, and how fine its rates are."""
    read, apart = _read(result)
    here = "" if result.whole else f", for the neurons in {where(result)} of the image"
    if not result.recording.timed:
        return (
            f"Counts of the closed form over all {many(read, 'step')}{here}, not of a simulation:"
            f" one spike more or less is {apart:.4g} Hz."
        )
    speaking = any(trains.cycle > 1 for trains in result.recording.populations)
    cycles = "; of layers that begin to speak later, over their own whole cycles" * speaking
    return (
        f"Counted over the last {read} of {many(result.timesteps, 'step')}, from which the"
        f" segmentation is read{here}: one spike more or less is {apart:.4g} Hz{cycles}. Before"
        " that, deep layers are waiting for their first spikes. Spikes, mean rate and energy on"
        " other pages cover the whole run."
    )


def rates_rule(result: Segmentation) -> str:
    """What the rates of all layers should look like."""
    told = fitting(RATES, result.settings).format(apart=f"{_read(result)[1]:.4g}")
    banded = conversion.bounds_hz(result.settings)[0] is not None
    kinds = lab.cards().get(result.settings.model, {}).get("familiarity", {}).get("others")
    return told + SEVERAL if banded and kinds else told


def _read(result: Segmentation) -> tuple[int, float]:
    """Steps that are read out, and the rate of one spike in them."""
    read = read_rates.steps_read(result)
    return read, 1 / (read * result.recording.dt)


def fitting(told: tuple[str, str], settings: Settings) -> str:
    """What fits a run: the first if its method holds rates between bounds, else the second."""
    return told[conversion.bounds_hz(settings)[0] is None]
