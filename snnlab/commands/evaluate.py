"""``evaluate``: scores of the models on several labelled sections, as a table.

The sections are those of ISBI 2012 that no shipped model is to be trained on, 18..23, or those of
anybody's stack (``--images``, ``--labels``). All of them are scored at one threshold, as the
challenge does. Each model's ANN and SNN are run by its own settings; ``--ways`` runs the SNN in six
ways instead: by reset, and in few steps (high rates, no synapse), with few spikes, or in many steps
(75..150 Hz, a 3 ms synapse). Each is run once, for the longest number of timesteps; the shorter
runs are its beginnings, each read out over its own window. A model that was made for one conversion
method, with thresholds of its own, is run by that alone.

``--ranges`` counts, for each model that was trained with rate bounds, how many of its neurons keep
them. ``--choose`` scores nothing: it chooses the thresholds that the models are shown with, and
writes them into their cards; give it after models were trained anew.
"""

from snnlab.commands import evaluate_choose, evaluate_models, evaluate_table
from snnlab.commands.images import add_labels, add_pixels, pictures_of, tell
from snnlab.errors import LabError
from snnlab.lab import segmenting as lab

show = evaluate_table.show


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "evaluate", parents=[shared], help="score the models on several sections together"
    )
    add = command.add_argument
    add("--data", metavar="DIR", help="ISBI folder; default $SNNLAB_DATA")
    add("--images", dest="image", metavar="STACK", help="your own sections to score on")
    add_labels(command, "their labels: 0 = membrane, else cell")
    add_pixels(command)
    add("--models", metavar="NAMES", help="comma-separated; default all")
    add("--timesteps", type=int, metavar="T", help="of the SNNs; default each model's own")
    add("--ways", action="store_true", help="run the SNNs in six ways, not by their own settings")
    add("--ranges", action="store_true", help="also count neurons within their rate bounds (slow)")
    add(
        "--choose",
        action="store_true",
        help="choose the thresholds for the cards on sections 15..17",
    )
    command.set_defaults(run=run, show=show)


def run(arguments) -> dict:
    """Rows of ANN and SNN by model; or the thresholds that were chosen."""
    from snnlab.commands.cli import progress_line

    names = _names(arguments)
    report = (lambda share, stage: None) if arguments.quiet else progress_line
    if arguments.choose:
        return {"chosen": evaluate_choose.choose(names, arguments.data, report)}
    if arguments.ways and arguments.timesteps:
        raise LabError("--ways has timesteps of its own; leave --timesteps out.")
    pictures = _pictures(arguments)
    rows, plain, ranges = [], [], []
    for index, name in enumerate(names):

        def told(share: float, stage: str, index: int = index) -> None:
            report((index + share) / len(names), f"{names[index]}: {stage}")

        rows += evaluate_models.rows(name, pictures, arguments.timesteps, arguments.ways, told)
        plain += evaluate_models.unrounded(name, pictures)
        if arguments.ranges:
            ranges += evaluate_models.ranges(name, pictures, told)
    return {
        "sections": [picture.section for picture in pictures],
        "of": arguments.image or "ISBI 2012",
        "rows": rows,
        "float32": plain,
        "in_range": ranges,
    }


def _names(arguments) -> list[str]:
    if not arguments.models:
        return [name for name, _, _ in lab.models_listed()]
    names = [part.strip() for part in arguments.models.split(",") if part.strip()]
    if not names:
        raise LabError("--models takes names separated by commas, such as relu,regularised.")
    for name in names:
        lab.about(name)  # refuses one that is not there before others are run
    return list(dict.fromkeys(names))


def _pictures(arguments) -> list:
    """The labelled sections to score on."""
    from snnlab.data import isbi

    if arguments.image is None:
        if arguments.labels:
            raise LabError("--labels goes with --images; name both.")
        if not lab.isbi_sections(arguments.data):
            raise LabError(
                "no sections are named; give an ISBI folder with --data or in SNNLAB_DATA, or a"
                " stack with --images and --labels."
            )
        return [lab.isbi_picture(arguments.data, section) for section in isbi.REPORT]
    if not arguments.labels:
        raise LabError("--images needs --labels to score by; name both.")
    first = pictures_of(arguments, [0], blank=True)[0]
    found = [first, *_rest(arguments, first.sections)]
    fit = [one.labels is not None and not one.blank for one in found]
    if not any(fit):
        raise LabError("every section is blank or has no labelled cell; name another stack.")
    if not all(fit):
        left_out = ", ".join(str(one.section) for one, is_fit in zip(found, fit, strict=True)
                             if not is_fit)  # fmt: skip
        tell([f"Not scored, because blank or without a labelled cell: section {left_out}."])
    return [one for one, is_fit in zip(found, fit, strict=True) if is_fit]


def _rest(arguments, sections: int) -> list:
    """All sections but the first, with what is doubtful about them told once."""
    return pictures_of(arguments, range(1, sections), blank=True) if sections > 1 else []
