"""``evaluate``: scores of the models on ISBI sections 18..23, as a table.

The SNN is run once for each reset, for the longest number of timesteps; with
reset by subtraction and no synapse the shorter runs are its beginnings, with a
synapse they are read out over their own last 30 %.
"""

from dataclasses import asdict

import numpy as np

from snnlab import lab
from snnlab.errors import LabError

TIMESTEPS = (16, 32, 64, 100, 200)
SCORES = ("pixel_accuracy", "dice", "iou", "v_rand", "v_info")


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
    from snnlab import isbi
    from snnlab.cli import progress_line

    if not lab.isbi_sections(arguments.data):
        raise LabError("no ISBI folder is named; give it with --data or in SNNLAB_DATA.")
    pictures = [lab.isbi_picture(arguments.data, section) for section in isbi.VALIDATION]
    names = arguments.models.split(",") if arguments.models else [m[0] for m in lab.models_listed()]
    rows = []
    for index, name in enumerate(names):
        report = None
        if not arguments.quiet:
            report = lambda share, stage, i=index: progress_line(  # noqa: E731
                (i + share) / len(names), f"{names[i]}: {stage}"
            )
        rows += _rows(name, pictures, report)
    return {"sections": list(isbi.VALIDATION), "rows": rows}


def _rows(name: str, pictures, report) -> list[dict]:
    from snnlab import metrics
    from snnlab.unet import inference

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
    done = 0
    for reset in ("subtraction", "zero"):
        settings = lab.defaults(name).replace(timesteps=max(TIMESTEPS), reset=reset)
        if reset != lab.defaults(name).reset:
            settings = settings.replace(synapse_ms=0.0)
        scored = {steps: [] for steps in TIMESTEPS}
        rates = []
        for picture in pictures:
            result = lab.segment(picture, settings)
            for steps in TIMESTEPS:
                scored[steps].append(lab.score_at(result, steps))
            rates.append(result.mean_rate_hz)
            done += 1
            if report:
                report(done / (2 * len(pictures)), f"reset {reset}")
        rows += [
            _row(name, "SNN", reset, steps, scored[steps])
            | {
                "mean_rate_hz": float(np.mean(rates)),
                "synapse_ms": settings.synapse_ms,
            }
            for steps in TIMESTEPS
        ]
    return rows


def _row(model: str, network: str, reset, timesteps, scored) -> dict:
    means = {
        key: float(np.mean([asdict(s)[key] for s in scored]))
        for key in (*SCORES, "v_rand_at_threshold")
    }
    return {"model": model, "network": network, "reset": reset, "timesteps": timesteps} | means


def show(answer: dict) -> str:
    """As a Markdown table."""
    lines = [
        "| model | network | reset | T | pixel accuracy | Dice | IoU | V_Rand | V_Info |"
        " V_Rand at 0.5 | mean rate (Hz) |",
        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in answer["rows"]:
        values = [f"{row[key]:.4f}" for key in (*SCORES, "v_rand_at_threshold")]
        rate = f"{row['mean_rate_hz']:.1f}" if "mean_rate_hz" in row else ""
        cells = [row["model"], row["network"], row["reset"] or "", str(row["timesteps"] or "")]
        lines.append("| " + " | ".join([*cells, *values, rate]) + " |")
    return "\n".join(lines)
