"""What students are called: a colour and an animal, so that nobody has to give a name.

There is no text to type, so nothing personal can be, and no two of a class are called the same.
"""

import random
from collections.abc import Collection

COLOURS = (
    "Amber", "Blue", "Coral", "Crimson", "Gold", "Green", "Indigo", "Lime",
    "Mint", "Orange", "Pink", "Purple", "Red", "Silver", "Teal", "Violet",
)  # fmt: skip
ANIMALS = (
    "badger", "bear", "beaver", "crane", "deer", "dolphin", "falcon", "fox", "frog", "hare",
    "heron", "koala", "lynx", "moose", "otter", "owl", "panda", "penguin", "rabbit", "raven",
    "robin", "seal", "squirrel", "turtle",
)  # fmt: skip


def named(colour: str, animal: str) -> str | None:
    """The label, such as ``"Teal otter"``; None if these are not a colour and an animal."""
    return f"{colour} {animal}" if colour in COLOURS and animal in ANIMALS else None


def free(taken: Collection[str], chance: random.Random | None = None) -> tuple[str, str]:
    """A colour and an animal that nobody has yet, at random.

    Parameters
    ----------
    taken : collection of str
        Labels in use; fewer than there are.
    chance : random.Random, optional

    Raises
    ------
    IndexError
        If all are taken.
    """
    left = [(c, a) for c in COLOURS for a in ANIMALS if f"{c} {a}" not in taken]
    return (chance or random.SystemRandom()).choice(left)
