"""Taking a result away: every file is made when its button is pressed, and not before."""

import re
from collections.abc import Callable
from functools import partial

import streamlit as st

from snnlab.export import everything as zipped
from snnlab.export import partitions, pictures, report, spikes, tables
from snnlab.figures.numbers import short
from snnlab.images import pixel_size
from snnlab.images.pictures import Picture
from snnlab.lab import energy as lab_energy
from snnlab.lab import segmenting as lab
from snnlab.results import approach
from snnlab.results.segmentation import Segmentation
from snnlab.settings import Settings
from snnlab.ui.shared import bench, moments, nir_file, plots, views, words

KINDS = {
    "png": "image/png",
    "tif": "image/tiff",
    "csv": "text/csv",
    "json": "application/json",
    "npz": "application/octet-stream",
    "html": "text/html",
    "zip": "application/zip",
    "nir": "application/x-hdf5",
}
PACKED = 1 << 28  # bytes of a run, above which its spikes are not packed with all else
FIGURES = ("SVG", "PNG")


def draw(result: Segmentation, where: str) -> None:
    """All that can be downloaded.

    Parameters
    ----------
    result : Segmentation
    where : str
        Tells two of these on one page apart.
    """
    nm = _pixel_size(result, where)
    own = result.picture.in_file
    at, ann_at = result.settings.threshold, result.settings.ann_at
    tissue = result.picture.tissue_in_file
    snn, ann = lambda: own(result.snn()), lambda: own(result.ann)
    files: dict[str, Callable] = {}

    def button(label: str, ending: str, make: Callable, name: str = "") -> None:
        files[file_name(stem(result), label, ending, name)] = make
        offered(stem(result), where, label, ending, make, name)

    alone = partial(offered, stem(result), where)  # what is not in the ZIP
    everything = st.container()
    st.markdown("**Pictures**")
    with st.container(horizontal=True):
        button("SNN mask", "png", lambda: pictures.mask_png(snn(), at, tissue))
        button("SNN mask", "tif", lambda: pictures.mask_tiff(snn(), at, nm, tissue))
        button("SNN probability", "png", lambda: pictures.probability_png(snn(), tissue))
        button("SNN probability", "tif", lambda: pictures.probability_tiff(snn(), nm, tissue))
        button("SNN over time", "tif", lambda: pictures.over_time_tiff(result, nm))
        button("ANN mask", "png", lambda: pictures.mask_png(ann(), ann_at, tissue))
        button("ANN mask", "tif", lambda: pictures.mask_tiff(ann(), ann_at, nm, tissue))
        button("ANN probability", "png", lambda: pictures.probability_png(ann(), tissue))
        button("ANN probability", "tif", lambda: pictures.probability_tiff(ann(), nm, tissue))
    resampled = " They have the file's pixels, not those that were resampled for the networks."
    resampled = resampled if result.picture.file_shape else ""
    if tissue is not None:
        resampled += " What is not tissue is 128 in masks, NaN or transparent in probabilities."
    st.caption(
        "Masks: white is cell, where the probability is above"
        f" {words.thresholds(result.settings)}. Probabilities: 16 bits in PNG, 32-bit float in"
        " TIFF; over time: 8 bits, one frame per moment. Fiji opens the TIFFs"
        + (
            f" at {pixel_size.told(nm)} nm per pixel."
            if nm
            else " in pixels: give their size above for a scale."
        )
        + resampled
    )
    st.markdown("**Tables and spikes**")
    with st.container(horizontal=True):
        if result.ann_scores is not None:
            button("Scores", "csv", lambda: tables.scores_csv(result))
        button("Rates", "csv", lambda: tables.rates_csv(result))
        button("Over time", "csv", lambda: _over_time(result))
        button("NeuroBench", "json", lambda: lab_energy.neurobench(result).file())
        if result.recording.timed:
            spiking = lambda: spikes.npz(result)  # noqa: E731
            (button if result.nbytes <= PACKED else alone)("Spikes", "npz", spiking)
            _events(result, where, alone)
        nir_file.draw(result, where, alone)
    if not result.recording.timed:
        st.caption("Spikes cannot be downloaded: the closed form counts them, without times.")
    st.caption(
        "Every line of a table names the image and the settings; a list of events has them in its"
        " file's name. V_Rand over time covers the steps at which the viewer has computed it."
    )
    st.markdown("**Report and figures**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        more = _partitioned(result)
        button(
            "Report",
            "html",
            lambda: report.html(result, lab.model(result.settings.model), nm, more),
        )
        st.segmented_control(
            "Figures are saved as",
            FIGURES,
            default=st.session_state.get(plots.FORMAT, "svg").upper(),
            required=True,
            key=f"figures-{where}",
            on_change=_figures_chosen,
            args=(where,),
        )
    with everything:
        pack = lambda: zipped.packed(files, stem(result))  # noqa: E731
        offered(stem(result), where, "Everything", "zip", pack, primary=True)
        st.caption(
            f"All {len(files)} files below in one. Lists of events and the network are not in it"
            + ("; nor are the spikes, which are too many." if result.nbytes > PACKED else ".")
        )
    st.caption(
        "The report is one file: pictures, scores, rates, settings, versions, hashes, and the"
        " command line that gives the same result; also the partitions, once the page Chips has"
        " shown this image. To save a figure, use the camera that appears above it."
    )


def _partitioned(result: Segmentation) -> tuple[report.Part, ...]:
    """What the page Chips showed of this image, if the visitor was there."""
    made = st.session_state.get("mapped")
    if made is None or bench.named(made.of.picture) != bench.named(result.picture):
        return ()
    return (partitions.reported(made.mapping, made.of.settings),)


def _over_time(result: Segmentation) -> str:
    v_rand = moments.known_rands(result)
    if result.snn_scores is not None:
        v_rand[result.timesteps] = result.snn_scores.v_rand_at_threshold
    return tables.over_time_csv(result, approach.error_curve(result, also=v_rand), v_rand)


def stem(result: Segmentation) -> str:
    """What the files' names begin with: image, model, method if it is not the usual, and steps."""
    return named(result.picture, result.settings)


def named(picture: Picture, settings: Settings, *more: str) -> str:
    """The beginning of a file's name, of small plain letters.

    Parameters
    ----------
    picture : Picture
    settings : Settings
    more : str
        What else tells this file from others.
    """
    image = re.sub("[^A-Za-z0-9]+", "-", picture.name.rsplit(".", 1)[0]).strip("-")
    parts = [image or "snnlab"]
    if picture.sections > 1 and picture.file == picture.name:
        parts.append(f"section-{picture.section}")  # of a visitor's stack
    if picture.file_nm is not None:
        parts.append(f"from-{pixel_size.written(picture.file_nm)}-nm".replace(".", "-"))
    parts.append(settings.model)
    if settings.method != Settings().method:
        parts.append(settings.method)
    return "-".join((*parts, f"{settings.timesteps}-steps", *more))


def _pixel_size(result: Segmentation, where: str) -> pixel_size.Size | None:
    known = result.picture.nm_in_file
    if known is not None and not pixel_size.square(known):
        return known
    given = st.number_input(
        "Pixel size (nm)",
        0.0,
        10_000.0,
        known or 0.0,
        0.5,
        key=f"nm-{where}-{result.picture.content}",
        help=(
            "For the scale in TIFFs and in the report. 0 means not known. It is filled in from a"
            " TIFF that says it."
        ),
        width=180,
    )
    return given or None


def file_name(stem_: str, label: str, ending: str, name: str = "") -> str:
    """What a file is called."""
    return f"{stem_}-{name or label.lower().replace(' ', '-')}.{ending}"


def offered(
    stem_: str,
    where: str,
    label: str,
    ending: str,
    make: Callable,
    name: str = "",
    primary: bool = False,
) -> None:
    """A button; its file is made when it is pressed."""
    st.download_button(
        f"{label} ({ending.upper()})",
        make,
        file_name(stem_, label, ending, name),
        KINDS[ending],
        type="primary" if primary else "secondary",
        on_click="ignore",
        icon=":material/download:",
        key=f"take-{where}-{label}-{ending}",
    )


def _events(result: Segmentation, where: str, button: Callable) -> None:
    """A layer's spikes as a list; of as many of its neurons as a spreadsheet can hold."""
    names = [layer.name for layer in result.layers]
    with st.popover("Events (CSV)", icon=":material/list:", key=f"events-{where}"):
        layer = st.selectbox("Spikes of layer", names, len(names) - 1, key=f"events-layer-{where}")
        trains = result.recording[layer]
        chosen = views.of(result, f"listed/{layer}", lambda: spikes.listed(trains))
        whole = len(chosen) == trains.neurons
        count = int(trains.counts().ravel()[chosen].sum())
        st.caption(
            f"{short(count)} events"
            + (" of all its neurons." if whole else f" of {len(chosen):,} of its"
               f" {trains.neurons:,} neurons, drawn at random, each with all its spikes: a list of"
               " all would be too long for a spreadsheet. The NPZ file holds every spike.")
        )  # fmt: skip
        part = "" if whole else f"-{len(chosen)}-of-{trains.neurons}-neurons"
        # the run is asked anew then: a button is to hold no spikes that were let go
        make = lambda: spikes.events_csv(result.recording[layer], chosen)  # noqa: E731
        button("Events", "csv", make, name=f"events-{layer}{part}")


def _figures_chosen(where: str) -> None:
    st.session_state[plots.FORMAT] = st.session_state[f"figures-{where}"].lower()
