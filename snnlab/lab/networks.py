"""The front door for nets of any kind on a page: which there are, what they are, how they do."""

from functools import lru_cache

from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.nets.graph import files
from snnlab.nets.graph.net import Graph
from snnlab.work import stored

SHIPPED = lab.ASSETS / "nets"
DEMO = "digits"


@lru_cache(maxsize=1)
def demo() -> Graph:
    """The classifier of drawn digits that ships."""
    return files.load(SHIPPED / f"{DEMO}{files.ENDING}")


@lru_cache(maxsize=1)
def demo_card() -> dict:
    """What it is, and what it is worth.

    Raises
    ------
    LabError
        If the file is missing or damaged.
    """
    path = SHIPPED / f"{DEMO}.json"
    with stored.as_one_sentence(f"{path.name} is missing or damaged; get it again."):
        card = stored.parsed(stored.content(path))
        if card["name"] != DEMO:
            raise LabError(f"{path.name} is of another net; get it again.")
        return card
