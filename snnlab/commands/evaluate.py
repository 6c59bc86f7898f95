"""``evaluate``: scores of the models on ISBI sections 18..23, as a table.

The SNN is run in six ways: by reset, and in few steps (high rates, no synapse),
with few spikes, or in many steps (75..150 Hz, a 3 ms synapse). Each is run once, for
the longest number of timesteps; the shorter runs are its beginnings, each read
out over its own window. A model that was made for one conversion method, with
thresholds of its own, is run by that alone. Under the table stands, for each
model that was trained with rate bounds, how many of its neurons keep them.
"""

from dataclasses import asdict

import numpy as np

from snnlab import conversion
from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.lab import trials as lab_trials
from snnlab.nets.model import SCORES
from snnlab.results import approach

TIMESTEPS = (16, 32, 64, 100, 200)
FEW = (4, 8, 16, 32, 64)


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "evaluate", parents=[shared], help="score the models on ISBI sections 18..23"
    )
    command.add_argument("--data", metavar="DIR", help="ISBI folder; default $SNNLAB_DATA")
    command.add_argument("--models", metavar="NAMES", help="comma-separated; default all")
    command.set_defaults(run=run, show=show)


def run(arguments) -> dict:
    """One row a model and network: ANN float32, ANN 8 bit, SNN by reset and timesteps."""
    from snnlab.commands.cli import progress_line
    from snnlab.data import isbi

    if not lab.isbi_sections(arguments.data):
        raise LabError("no ISBI folder is named; give it with --data or in SNNLAB_DATA.")
    pictures = [lab.isbi_picture(arguments.data, section) for section in isbi.REPORT]
    names = arguments.models.split(",") if arguments.models else [m[0] for m in lab.models_listed()]
    rows, ranges = [], []
    for index, name in enumerate(names):
        report = None
        if not arguments.quiet:
            report = lambda share, stage, i=index: progress_line(  # noqa: E731
                (i + share) / len(names), f"{names[i]}: {stage}"
            )
        rows += _rows(name, pictures, report)
        ranges += _range(name, pictures)
    return {"sections": list(isbi.REPORT), "rows": rows, "in_range": ranges}


def _range(name: str, pictures) -> list[dict]:
    """The share of a model's neurons within the rate bounds that it was trained with, if any."""
    from snnlab.training import ranging
    from snnlab.training.regulariser import RateRange

    model = lab.model(name)
    asked = model.card.get("range")
    if asked is None:
        return []
    images = np.stack([picture.normalised for picture in pictures])
    return [{"model": name, **asked, "share": ranging.kept(model, images, RateRange(**asked))}]


def _rows(name: str, pictures, report) -> list[dict]:
    from snnlab.nets import inference
    from snnlab.results import metrics

    model = lab.model(name)
    rows = []
    for network, kernels in (("ANN float32", model.floats), ("ANN 8 bit", None)):
        scored = [
            metrics.score(
                inference.segment(model, p.normalised, kernels=kernels).probability, p.labels
            )
            for p in pictures
        ]
        rows.append(_row(name, network, None, None, scored))
    runs, timesteps = _runs(name)
    for index, (way, settings) in enumerate(runs):
        scored = {steps: [] for steps in timesteps}
        rates = []
        for place, picture in enumerate(pictures):
            result = lab.segment(picture, settings)
            for steps in timesteps:
                scored[steps].append(approach.score_at(result, steps))
            rates.append(result.mean_rate_hz)
            if report:
                done = index + (place + 1) / len(pictures)
                report(done / len(runs), f"reset {settings.reset}, {way}")
        rows += [
            _row(name, "SNN", settings.reset, steps, scored[steps])
            | {"way": way, "mean_rate_hz": float(np.mean(rates))}
            for steps in timesteps
        ]
    return rows


def _runs(name: str) -> tuple[list, tuple[int, ...]]:
    """Names and settings of a model's runs, and the timesteps at which they are read."""
    suited = lab.defaults(name)
    bounded = conversion.method(suited.method).bounds
    timesteps = TIMESTEPS if bounded else FEW
    runs = [
        (
            _called(way) if bounded else suited.method,
            lab_trials.settings_of(name, way, suited, reset).replace(timesteps=max(timesteps)),
        )
        for reset, way in lab_trials.ways(name)
    ]
    return runs, timesteps


def _called(way: lab_trials.Way) -> str:
    return f"{way.lower_hz:g}..{way.upper_hz:g} Hz, {way.synapse_ms:g} ms"


def _row(model: str, network: str, reset, timesteps, scored) -> dict:
    means = {
        key: float(np.mean([asdict(s)[key] for s in scored]))
        for key in (*SCORES, "v_rand_at_threshold")
    }
    return {"model": model, "network": network, "reset": reset, "timesteps": timesteps} | means


def show(answer: dict) -> str:
    """As a Markdown table."""
    lines = [
        "| model | network | reset | rates and synapse | T | pixel accuracy | Dice | IoU |"
        " V_Rand | V_Info | V_Rand at 0.5 | mean rate (Hz) |",
        "|---|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in answer["rows"]:
        values = [f"{row[key]:.4f}" for key in (*SCORES, "v_rand_at_threshold")]
        rate = f"{row['mean_rate_hz']:.1f}" if "mean_rate_hz" in row else ""
        how = row.get("way", "")
        cells = [row["model"], row["network"], row["reset"] or "", how]
        cells.append(str(row["timesteps"] or ""))
        lines.append("| " + " | ".join([*cells, *values, rate]) + " |")
    for row in answer["in_range"]:
        share = dict(row["share"])
        section, tile = share.pop("section"), share.pop("all")
        lowest, least = min(share.items(), key=lambda item: item[1])
        lines += [
            "",
            f"{row['model']}: {100 * section:.2f} % of the neurons of a whole section's network "
            f"({100 * tile:.2f} % of one tile's, which has more border) have a rate "
            f"(percentile {row['percentile']:g} over all tiles of 128 x 128 pixels) in the "
            f"{row['lower_hz']:g}..{row['upper_hz']:g} Hz that it was trained for; "
            f"fewest in {lowest}, {100 * least:.2f} % of a tile's.",
        ]
    return "\n".join(lines)
