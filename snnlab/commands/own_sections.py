"""Labelled sections of the user's own: the arguments that name them, pairs, and what is said."""

import os
from pathlib import Path

from snnlab.commands.images import add_choice, add_meaning, choice_of, ignored_of, nm_of, tell
from snnlab.data import pairing
from snnlab.errors import LabError
from snnlab.images.formats import ENDINGS
from snnlab.images.origin import looked_at
from snnlab.images.resampling import MODEL_NM

SUFFIXES = tuple(f".{ending}" for ending in (*ENDINGS, "zarr"))
ALONE = (  # what is of no use without files
    *("invert_labels", "ignore", "invert", "nm", "channel", "frame", "dataset"),
    *("labels_channel", "labels_frame", "labels_dataset"),
)
LISTED = 40  # pairs that are shown one by one


def add_arguments(add, command) -> None:
    """The files, what their labels mean, and what their pixels are."""
    add("--images", nargs="+", default=[], metavar="FILE", help="images, stacks, or a folder")
    add(
        "--labels",
        nargs="+",
        default=[],
        metavar="FILE",
        help="labels of the images, paired by the numbers in their names, or else in the order"
        " given; 0 = membrane",
    )
    add_meaning(command)
    add("--invert", action="store_true", help="the images have light membranes: swap dark and"
        " light")  # fmt: skip
    add_choice(command)
    add(
        "--nm",
        metavar="NM",
        help=(
            "width of their pixels, or width x height such as 4x6; they are resampled to"
            f" {MODEL_NM:g} nm"
        ),
    )


def prepare(arguments) -> None:
    """Name the files by their full paths, in pairs.

    Raises
    ------
    LabError
        If a file has no partner, or options are given that go with files only.
    """
    if not arguments.images and not arguments.labels:
        for name in ALONE:
            if getattr(arguments, name) not in (None, False):
                raise LabError(f"--{name.replace('_', '-')} goes with --images and --labels.")
        arguments.paired = ""
        return
    images, labels = files(arguments.images), files(arguments.labels)
    folders = any(os.path.isdir(one) for one in (*arguments.images, *arguments.labels))
    made = pairing.pair(images, labels, in_order=not folders)
    arguments.images = [images[i] for i, _ in made.pairs]
    arguments.labels = [labels[j] for _, j in made.pairs]
    arguments.paired = made.how


def files(named: list[str] | None) -> list[str]:
    """Files as absolute paths; of a folder the images in it, in natural order.

    Raises
    ------
    LabError
        If one of them is not there, or is neither a file nor a folder.
    """
    found: list[str] = []
    for one in named or ():
        # Path.resolve raises where links go round in circles, before Python 3.13
        path = Path(os.path.realpath(one))
        inside = [path]
        if looked_at(path)[0] and not path.name.lower().endswith(".zarr"):
            inside = [x for x in path.iterdir() if x.name.lower().endswith(SUFFIXES)]
            inside = [x for x in inside if x.is_file() or x.name.lower().endswith(".zarr")]
            inside.sort(key=lambda x: pairing.natural(x.name))
            if not inside:
                raise LabError(f"{one} holds no image that the lab can read; name another folder.")
        found += map(str, inside)
    return found


def read(arguments):
    """Read what `prepare` found.

    Returns
    -------
    snnlab.data.own.OwnData
    """
    from snnlab.data import own as owndata

    pairs = [
        (owndata.File(Path(image), Path(image).name), owndata.File(Path(truth), Path(truth).name))
        for image, truth in zip(arguments.images, arguments.labels, strict=True)
    ]
    return owndata.read(
        pairs,
        arguments.invert_labels,
        nm_of(arguments),
        ignored_of(arguments),
        arguments.invert,
        choice_of(arguments),
        choice_of(arguments, "labels_"),
    )


def show(arguments) -> None:
    """Say which labels were taken for which image, before anything is read."""
    pairs = listed(arguments)
    if len(pairs) == 1:
        return
    tell([f"{len(pairs)} images and their labels, paired {arguments.paired}:"])
    tell(f"  {image} with {truth}" for image, truth in pairs[:LISTED])
    if len(pairs) > LISTED:
        tell([f"  and {len(pairs) - LISTED} more"])


def listed(arguments) -> list[list[str]]:
    """The pairs by the files' names."""
    return [
        [Path(image).name, Path(truth).name]
        for image, truth in zip(arguments.images, arguments.labels, strict=True)
    ]


def words(arguments) -> list[str]:
    """The arguments as they were given, for a command line; where the files lay aside."""
    found = ["--images", *(Path(one).name for one in arguments.images)]
    found += ["--labels", *(Path(one).name for one in arguments.labels)]
    found += ["--invert-labels"] if arguments.invert_labels else []
    found += [f"--ignore={arguments.ignore}"] if arguments.ignore else []
    found += ["--invert"] if arguments.invert else []
    found += choice_of(arguments).options
    found += choice_of(arguments, "labels_").of_labels
    return found + (["--nm", arguments.nm] if arguments.nm is not None else [])
