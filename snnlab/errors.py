"""The one exception a user may see, and how its sentences count.

Anything a person can put right themselves (a broken file, a number out of
range, a model that does not exist) is raised as `LabError`; its text is one
sentence that says what is wrong and what to do. The command line prints it
after ``snnlab: error:`` and exits 2, the pages show it in place; every other
exception is a bug of ours.
"""


def many(count: int, thing: str) -> str:
    """So many things, one of them without the s: 20 steps, 1 step."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


class LabError(Exception):
    """A mistake the user can mend; the message is one sentence that says how."""


class Cancelled(Exception):
    """Raised inside long work when the person who started it asked to stop."""
