"""``train``: make one of the shipped models anew, or one like it with other rate bounds.

One model, several at once, and own sections are in the modules beside this one.
"""

from snnlab.commands import (
    outputs,
    train_detector,
    train_one,
    train_own,
    train_rbf,
    train_several,
)
from snnlab.errors import LabError, many

KINDS = ("npz", "json")  # files of a model
DEFAULT = "regularised"


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser("train", parents=[shared], help="train a model (can be resumed)")
    add = command.add_argument
    add(
        "--kind",
        choices=("unet", "classes", "rbf", "detector"),
        default="unet",
        help="classes: membrane, cell and mitochondria, from generalist on (organelles); rbf: a"
        " pixel classifier without deep learning, trained in seconds; detector: boxes around"
        " mitochondria, on the EPFL slices",
    )
    add("--units", type=int, metavar="N", help="kernel units of an RBF network; default 300")
    add("--model", metavar="NAME", help=f"one of those that are shipped; default {DEFAULT}")
    add("--percentile", type=float, metavar="P", help="of the rate bounds")
    add("--range", type=float, nargs=2, metavar=("LO", "HI"), help="rate bounds, Hz")
    add("--minutes", type=float, metavar="M")
    add(
        "--steps",
        type=int,
        metavar="N",
        help="instead of minutes: a run that can be repeated exactly",
    )
    add("--data", metavar="DIR", help="ISBI folder; default $SNNLAB_DATA")
    add("--epfl", metavar="DIR", help="EPFL folder; default $SNNLAB_EPFL, or next to ISBI's")
    add("--out", metavar="DIR", help="default runs/trained; of own sections, the lab's models")
    train_several.add_arguments(add)
    train_own.add_arguments(add, command)
    command.set_defaults(run=run, show=show)


def run(arguments) -> dict:
    """Train what is asked for: one model or several, on these sections or those."""
    from snnlab.commands.cli import progress_line

    progress = (lambda fraction, stage: None) if arguments.quiet else progress_line
    if arguments.kind == "rbf":
        return train_rbf.run(arguments, progress)
    if arguments.kind == "detector":
        return train_detector.run(arguments, progress)
    if arguments.kind == "classes":
        train_one.take_classes(arguments)
    arguments.model = arguments.model or DEFAULT
    if arguments.units is not None:
        raise LabError("--units goes with --kind rbf.")
    several = train_several.names(arguments)
    train_own.prepare(arguments)
    arguments.out = arguments.out or "runs/trained"
    if not arguments.estimate:
        made = several or (arguments.model,)
        if arguments.images:
            made = tuple(arguments.name or f"own-{name}" for name in made)
        outputs.folder(arguments.out, (f"{name}.{kind}" for name in made for kind in KINDS))
    if several:
        if arguments.estimate:
            raise LabError("--estimate is for one model; name it with --model.")
        return train_several.run(arguments, progress)
    if arguments.images:
        return train_own.run(arguments, progress)
    return train_one.make(arguments, progress)


def show(answer: dict) -> str:
    """For a person."""
    if answer.get("kind") == "rbf":
        return train_rbf.show(answer)
    if answer.get("kind") == "detector":
        return train_detector.show(answer)
    if "models" in answer:
        return train_several.show(answer, show)
    if "estimate" in answer:
        return answer["told"]
    lines = [f"{answer['model']}, trained {answer['minutes']:.1f} min, on {answer['sections']}:"]
    scored = {"": answer} | {
        f" on {name}": found for name, found in answer.get("elsewhere", {}).items()
    }
    for where, scores in scored.items():
        for key, name in (("ann", "ANN 8 bit"), ("snn", "SNN")):
            told = ", ".join(f"{k} {v:.4f}" for k, v in scores[key].items())
            lines.append(f"{name}{where}: {told}")
    for steps, scores in answer.get("snn_by_timesteps", {}).items():
        told = ", ".join(f"{k} {scores[k]:.4f}" for k in ("pixel_accuracy", "v_rand"))
        lines.append(f"SNN, {many(steps, 'step')}: {told}")
    if answer["in_range"] is not None:
        section, tile = (100 * answer["in_range"][key] for key in ("section", "all"))
        lines.append(f"{section:.2f} % of a section's neurons in range, {tile:.2f} % of a tile's")
    if answer.get("warning"):
        lines.append(f"WARNING: {answer['warning']}")
    return "\n".join(lines)
