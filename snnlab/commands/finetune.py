"""``finetune``: train a model on, so that its firing rates keep to other bounds.

A run that was stopped goes on where it stopped when it is started with the same
arguments. Weights and card are written to ``--out``, by default the folder of
the user's models, whose models are in all lists.
"""

import sys
from dataclasses import replace
from pathlib import Path

from snnlab.commands import outputs, own_sections
from snnlab.commands.images import tell
from snnlab.errors import LabError
from snnlab.lab import finetune_verdict
from snnlab.lab import finetuning as lab_finetune
from snnlab.nets import shelf as model_store
from snnlab.settings import DEFAULT_MODEL

SCORES = ("pixel_accuracy", "v_rand")


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "finetune",
        parents=[shared],
        help="fine-tune a model to other firing rates (can be resumed)",
    )
    add = command.add_argument
    add("--model", default=DEFAULT_MODEL, help="to start from")
    add("--percentile", type=float, default=99.9, metavar="P", help="of the rate bounds")
    add("--range", type=float, nargs=2, default=(75.0, 150.0), metavar=("LO", "HI"), help="Hz")
    add(
        "--layer", nargs=3, action="append", default=[], metavar=("NAME", "LO", "HI"),
        help="bounds of one layer; may be given several times",
    )  # fmt: skip
    add("--weight", type=float, default=lab_finetune.Wish.weight, help="of the rates in the loss")
    add("--curve", default="relu", help="rate curve: relu, loihi or spiking")
    add("--bits", type=int, default=8, help="of the weights, 2 to 8")
    add("--seed", type=int, default=0)
    add("--minutes", type=float, default=2.0, metavar="M")
    add(
        "--steps",
        type=int,
        metavar="N",
        help="instead of minutes: a run that can be repeated exactly",
    )
    add("--data", metavar="DIR", help="ISBI folder; without it, synthetic sections")
    own_sections.add_arguments(add, command)
    add("--name", help="of the result")
    add("--out", metavar="DIR", help="default: the folder of your own models")
    command.set_defaults(run=run, show=show)


def wish_of(arguments) -> lab_finetune.Wish:
    """What the arguments ask for."""
    if arguments.data and arguments.images:
        raise LabError("give either --data or --images, not both.")
    own_sections.prepare(arguments)
    try:
        layers = tuple((name, float(low), float(high)) for name, low, high in arguments.layer)
    except ValueError as error:
        raise LabError(
            "--layer takes a name and two rates in Hz, such as --layer down1 50 80."
        ) from error
    source = "isbi" if arguments.data else "own" if arguments.images else "synthetic"
    return lab_finetune.Wish(
        arguments.model,
        arguments.percentile,
        *arguments.range,
        layers,
        arguments.weight,
        arguments.curve,
        arguments.bits,
        arguments.seed,
        arguments.minutes,
        arguments.steps,
        source,
    )


def run(arguments) -> dict:
    """Fine-tune; scores before and after, and where the model lies."""
    from snnlab.commands.cli import progress_line

    wish = wish_of(arguments)
    name = model_store.check_name(arguments.name or lab_finetune.name_of(wish))
    out = Path(arguments.out or model_store.folder())
    outputs.folder(out, (f"{name}.npz", f"{name}.json"))
    own = None
    if arguments.images:
        if not arguments.quiet:
            own_sections.show(arguments)
        own = own_sections.read(arguments)
        if not arguments.quiet:
            tell(own.notes)
    progress = None if arguments.quiet else _sparing(progress_line)
    sections = lab_finetune.material(wish, arguments.data, own, progress)
    tuned = lab_finetune.run(
        wish, sections, None if arguments.quiet else _Told(), name, True, progress
    )
    path = model_store.save(replace(tuned.model, name=name), out)
    return {
        "model": name,
        "minutes": tuned.model.card["minutes"],
        "sections": tuned.held_out,
        **{key: tuned.after[key] for key in ("ann", "snn", "in_range", "counted")},
        "before": tuned.before,
        "verdict": finetune_verdict.of(tuned.before, tuned.after, tuned.history).whole,
        "warning": tuned.model.card["scores"]["warning"],
        "out": str(path),
    }


def _sparing(say):
    """Progress after every per cent and not after every step."""
    told = set()

    def progress(fraction: float, stage: str) -> None:
        if round(100 * fraction) not in told:
            told.add(round(100 * fraction))
            say(fraction, stage)

    return progress


class _Told(lab_finetune.Live):
    """Says every check on stderr."""

    def enter(self, entry: dict) -> None:

        super().enter(entry)
        losses = "" if entry["loss"] is None else (
            f"loss {entry['loss']:.4f}, rate term {entry['rate_loss']:.4f}, "
        )  # fmt: skip
        print(
            f"step {entry['step']}, {entry['seconds']:.0f} s: {losses}pixel accuracy"
            f" {entry['pixel_accuracy']:.4f}, V_Rand {entry['v_rand']:.4f},"
            f" {100 * entry['in_range']:.1f} % of channels in band",
            file=sys.stderr,
        )


def show(answer: dict) -> str:
    """For a person."""
    lines = [f"{answer['model']}, {answer['minutes']:.1f} min; on {answer['sections']}:"]
    for key, name in (("ann", "ANN"), ("snn", "SNN")):
        lines.append(
            f"{name}: "
            + ", ".join(
                f"{score} {answer['before'][key][score]:.4f} -> {answer[key][score]:.4f}"
                for score in SCORES
            )
        )
    was, now = (100 * part["in_range"]["section"] for part in (answer["before"], answer))
    lines.append(
        f"neurons in band, {answer['counted']}, neuron by neuron: {was:.2f} -> {now:.2f} %"
    )
    lines.append(answer["warning"] or answer["verdict"])
    lines.append(f"written to {answer['out']}")
    return "\n".join(lines)
