"""``familiarity``: keep in models' cards what their training sections look like to them.

Every run then says how familiar its image is. Give it after models were trained anew; ``train`` and
``finetune`` do it by themselves. Without ``--images`` the sections are those that the card says
the model was trained on.
"""

from pathlib import Path

from snnlab.commands.images import ACCEPTED, add_pixels, pictures_of
from snnlab.errors import LabError
from snnlab.nets import model as models
from snnlab.work import stored


def register(commands, shared) -> None:
    """Add the command."""
    command = commands.add_parser(
        "familiarity",
        parents=[shared],
        help="record in the cards what the training sections look like",
    )
    add = command.add_argument
    add("--models", metavar="NAMES", help="comma-separated; default all of the folder")
    add("--folder", metavar="DIR", help="of the models; default those that are shipped")
    add("--data", metavar="DIR", help="ISBI folder; default $SNNLAB_DATA")
    add("--epfl", metavar="DIR", help="EPFL folder, of models that saw it")
    add("--images", dest="image", metavar="STACK", help=f"what they are to know: {ACCEPTED}")
    add_pixels(command)
    command.set_defaults(run=run, show=show)


def run(arguments) -> dict:
    """Compute and write; how many windows of what, and how far apart they lie."""
    from snnlab.commands.cli import progress_line
    from snnlab.training import remembering

    folder = Path(arguments.folder or models.ASSETS)
    names = models.available(folder)
    if arguments.models:
        names = tuple(part.strip() for part in arguments.models.split(",") if part.strip())
    if not names:
        raise LabError(f"there are no models in {folder}; name another --folder.")
    loaded = [models.load(name, folder) for name in names]
    own, found = _own(arguments), []
    for index, model in enumerate(loaded):

        def told(share: float, index: int = index) -> None:
            if not arguments.quiet:
                progress_line((index + share) / len(loaded), names[index])

        known = own or remembering.sections(model, arguments.data, arguments.epfl)
        card = remembering.remembered(model, known, told).card
        if "familiarity" not in card:
            called = "; ".join(seen.called for seen, _ in known)
            raise LabError(f"{called}: too little for {model.name} to learn from; name more.")
        _write(folder / f"{model.name}.json", card)
        entry = card["familiarity"]
        for one in (entry, *entry.get("others", ())):
            kept = {key: one[key] for key in ("of", "held_against", "windows", "distances")}
            found.append({"model": model.name, **kept})
    return {"known": found}


def _own(arguments):
    """The sections that were named, to be held against each other; None if there are none."""
    from snnlab.training import remembering

    if arguments.image is None:
        return None
    first = pictures_of(arguments, [0], blank=True)
    rest = pictures_of(arguments, range(1, first[0].sections), blank=True)
    shown = [(one.normalised, one.tissue) for one in (*first, *rest) if not one.blank]
    return ((remembering.Sections(shown, Path(arguments.image).name), None),)


def _write(path: Path, card: dict) -> None:
    text = models.written(card)
    stored.write(path, lambda stream: stream.write(text.encode()))


def show(answer: dict) -> str:
    """For a person."""
    return "\n".join(
        f"{one['model']}: {one['windows']} windows of {one['of']}, held against"
        f" {one['held_against']}: distance {one['distances']['50']:.2f} in the median,"
        f" {one['distances']['95']:.2f} at the limit"
        for one in answer["known"]
    )
