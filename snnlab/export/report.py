"""One HTML file that says what was run, shows what came of it, and how to do it again.

It needs nothing beside it and asks nobody for anything: pictures and the
plotting library are inside, and a content security policy forbids the rest.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from snnlab import conversion
from snnlab.energy import neurobench
from snnlab.export import complexity, pictures, provenance
from snnlab.figures import agreement as agreement_figure
from snnlab.figures import compare, rates, style
from snnlab.figures.numbers import many
from snnlab.images import pixel_size
from snnlab.images.hatching import hatched
from snnlab.images.tissue import told_blank
from snnlab.nets.model import Model
from snnlab.results import agreement, approach, read_rates, summary
from snnlab.results.segmentation import Segmentation
from snnlab.settings import Settings

TEMPLATE = Path(__file__).with_name("report.html")
_RESET = {
    "subtraction": "Reset by subtraction is an idealised neuron, which Loihi 1 does not have.",
    "zero": "Reset to zero is what Loihi 1 has; only the simulators loihi and nengo-loihi"
    " compute in its integers.",
}


@dataclass(frozen=True)
class Part:
    """A table that somebody else adds: a partition, an estimate of energy.

    Attributes
    ----------
    title : str
    heads : sequence of str
    rows : sequence of sequence
    note : str
        What its numbers assume.
    """

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence]
    note: str = ""


def html(
    result: Segmentation, unet: Model, nm: float | None = None, more: Sequence[Part] = ()
) -> bytes:
    """The report.

    Parameters
    ----------
    result : Segmentation
    unet : Model
        The one that gave it.
    nm : float or None
        Width of a pixel; the picture's own if not given.
    more : sequence of Part
        Put behind the figures.
    """
    from jinja2 import Environment, FileSystemLoader

    # autoescape: a file's name is whatever a visitor called it
    loader = FileSystemLoader(TEMPLATE.parent)
    template = Environment(loader=loader, autoescape=True).get_template(TEMPLATE.name)
    return template.render(**_about(result, unet, nm), **_charts(result), more=more).encode()


def _about(result: Segmentation, unet: Model, nm: float | None) -> dict:
    settings, picture = result.settings, result.picture
    method = conversion.method(settings.method)
    height, width = result.image.shape
    # gates, relays and pixels are no layers of the ANN
    errors = dict.fromkeys(layer.name for layer in result.layers)
    errors |= {item.name: 100 * item.error for item in agreement.layers(result)}
    counted = neurobench.metrics(result, unet)
    return {
        "name": picture.title,
        "made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        "width": width,
        "height": height,
        "nm": picture.nm if nm is None or picture.file_nm else nm,
        "file_nm": picture.file_nm and pixel_size.told(picture.file_nm),
        "settings": settings,
        "pictures": _pictures(result),
        "scores": _scores(result),
        "best_at": [
            scores and scores.best_threshold for scores in (result.ann_scores, result.snn_scores)
        ],
        "agreement": result.agreement(),
        "blank": picture.blank and told_blank(picture.section),
        "layers": [
            {
                "name": layer.name,
                "neurons": layer.neurons,
                "spikes": layer.spikes,
                "events": layer.synaptic_events,
                "mean": layer.mean_rate_hz,
                "percentile": layer.percentile_hz(settings.percentile),
                "error": errors[layer.name],
            }
            for layer in result.layers
        ],
        "total": {
            "neurons": sum(layer.neurons for layer in result.layers),
            "spikes": result.spikes,
            "events": result.synaptic_events,
            "mean": result.mean_rate_hz,
        },
        "complexity": complexity.rows(counted),
        "complexity_note": complexity.note(counted),
        "whole": result.whole,
        "listed": {
            key: json.dumps(value) + " (not read by this method)" * (key in method.unread)
            for key, value in asdict(settings).items()
        },
        "isbi": settings.source == "isbi",
        "upload": settings.source == "upload",
        "has_labels": picture.labels is not None,
        "command": provenance.command(result),
        "versions": provenance.versions(settings.simulator),
        "hashes": provenance.hashes(result, unet.digest),
        "model_not": unet.card.get("not", "") or "A trained model is as good as its data.",
        "reset_note": _RESET[settings.reset],
        "method": method.name,
        "usual": method.name == Settings().method,
        "method_limits": method.limits,
        "on_loihi": method.loihi,
    }


def _difference(ann: np.ndarray, snn: np.ndarray):
    from PIL import Image

    levels = [np.rint(255 * np.asarray(values)).astype(np.uint8) for values in (ann, snn)]
    return Image.fromarray(compare.difference(*levels))


def _pictures(result: Segmentation) -> list[dict[str, str]]:
    picture, labels = result.picture, result.picture.labels
    beside = "" if picture.tissue is None else "; hatched: not tissue"

    def there(values: np.ndarray) -> np.ndarray:
        return hatched(values, picture.tissue)

    image, ann, snn = there(result.image), there(result.ann), there(result.snn())
    shown = [("Image", "as both networks saw it" + beside, pictures.grey_png(image))]
    if labels is not None:
        counted = None if picture.uncounted is None else ~picture.uncounted
        told = "cell is white" + ("" if counted is None else "; hatched: does not count")
        truth = hatched(labels.astype(np.float32), counted)
        shown.append(("Labels", told, pictures.grey_png(truth)))
    shown += [
        ("ANN", "probability of cell, 8-bit weights" + beside, pictures.grey_png(ann)),
        ("SNN", f"the same, after {many(result.timesteps, 'step')}", pictures.grey_png(snn)),
        (
            "Difference",
            "purple: ANN says cell; green: SNN does",
            pictures.png(_difference(ann, snn)),
        ),
    ]
    return [
        {"title": title, "about": about, "data": base64.b64encode(data).decode()}
        for title, about, data in shown
    ]


def _scores(result: Segmentation) -> list[dict]:
    if result.ann_scores is None or result.snn_scores is None:
        return []
    return [
        {
            "name": title,
            "ann": getattr(result.ann_scores, name),
            "snn": getattr(result.snn_scores, name),
        }
        for name, title in summary.SCORES.items()
    ]


def _charts(result: Segmentation) -> dict:
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    settings = result.settings
    read = [read_rates.of(result, layer.name) for layer in result.layers]
    held = conversion.bounds_hz(settings)
    curve = approach.error_curve(result)
    errors = agreement.layers(result)
    drawn = (
        (
            "Firing rates of all layers",
            "This method holds rates between no bounds: whoever is silent says nothing, whoever"
            " spikes in each step can say no more."
            if held[0] is None
            else "Diamonds should lie in the grey band, or one spike outside it: the percentile"
            " that the conversion puts between the bounds on the training sections. Counted over"
            f" the last {many(read[-1].timesteps, 'step')}, from which the segmentation is read:"
            f" one spike is {read[-1].apart_hz:.4g} Hz.",
            rates.overview(
                [one.name for one in read],
                [one.mean_rate_hz for one in read],
                [one.percentile_hz(settings.percentile) for one in read],
                [one.percentile_hz(100) for one in read],
                settings.percentile,
                *held,
            ),
        ),
        (
            "ANN against SNN, layer by layer",
            "Short bars are good; a layer that stands out is where the conversion loses.",
            agreement_figure.layers([e.name for e in errors], [e.error for e in errors]),
        ),
        (
            "Error against timesteps",
            "Steep at first, then flat: where it flattens, more timesteps gain nothing.",
            rates.error(curve["step"], curve["error"], curve["agreement"], curve["pixel_accuracy"]),
        ),
    )
    charts = []
    for title, about, figure in drawn:
        figure.update_layout(template="plotly_white")
        text = figure.to_html(full_html=False, include_plotlyjs=False, config=style.CONFIG)
        charts.append({"title": title, "about": about, "html": Markup(text)})
    # the library is ours and holds no closing tag of a script
    return {"charts": charts, "plotly": Markup(get_plotlyjs())}
