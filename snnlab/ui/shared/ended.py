"""What is said of an address whose model was a visitor's own, and is there no more."""

import re
from collections.abc import Mapping, Sequence

ENDED = (
    "Your model was lost when the session that it was made in ended. Load its file on the page"
    " Tune, or open the session file that holds it, under Session. Until then another model is"
    " used."
)
_OWN = re.compile(r"[a-z0-9][a-z0-9-]*-[0-9a-f]{6}")  # as the shelf names them


def gently(
    complaints: Sequence[str], query: Mapping[str, str], known: Mapping[str, tuple[str, ...]]
) -> list[str]:
    """Complaints about an address; of a visitor's model it is said how to have it back.

    Parameters
    ----------
    complaints : sequence of str
        From `snnlab.settings.Settings.from_query`.
    query : mapping of str to str
        The address.
    known : mapping of str to tuple of str
        Under ``"model"``, the models that there are.
    """
    name = query.get("model", "")
    if name in known.get("model", (name,)) or not _OWN.fullmatch(name):
        return list(complaints)
    return [ENDED if text.startswith("model in the address") else text for text in complaints]
