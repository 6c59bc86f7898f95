"""What a file holds several of, and a person has to choose from: channels, times, data sets."""

from collections.abc import Sequence
from dataclasses import dataclass

from snnlab.errors import LabError
from snnlab.images.limits import fit, shown

SECTIONS = "sections"
"""In place of a channel's or a frame's number: all of them are sections after all."""

COLOURS = "colours"
"""The same, where all of them are the colours of one picture."""

_WORDS = {"channel": "channels", "frame": "frames (times)", "dataset": "data sets"}
_ALL = {
    SECTIONS: "all of them are sections",
    COLOURS: "all of them are the colours of one picture",
}


@dataclass(frozen=True)
class Choice:
    """What was chosen; None: nothing, so that a file with several asks.

    Attributes
    ----------
    channel, frame : int, "sections" or None
        Counted from 0; a channel may be "colours" too.
    dataset : str or None
        Name of an array or image within the file.
    labels : bool
        Whether labels are looked for, where a file holds both, and nothing was chosen.
    """

    channel: int | str | None = None
    frame: int | str | None = None
    dataset: str | None = None
    labels: bool = False

    @property
    def words(self) -> str:
        """For a title and for telling pictures apart; empty if nothing was chosen."""
        return ", ".join(f"{name} {value}" for name, value in self._made())

    @property
    def options(self) -> tuple[str, ...]:
        """The same for a command line."""
        return tuple(word for name, value in self._made() for word in (f"--{name}", str(value)))

    @property
    def of_labels(self) -> tuple[str, ...]:
        """`options` as those of the labels' file."""
        return tuple(
            word for name, value in self._made() for word in (f"--labels-{name}", str(value))
        )

    @classmethod
    def of(cls, options: Sequence[str]) -> "Choice":
        """What `options`, or `of_labels`, gave."""
        names = [word.removeprefix("--").removeprefix("labels-") for word in options[::2]]
        found = dict(zip(names, options[1::2], strict=True))
        numbers = {
            name: int(value) if value.isdecimal() else value
            for name in ("channel", "frame")
            if (value := found.get(name)) is not None
        }
        return cls(**numbers, dataset=found.get("dataset"))

    def _made(self) -> list[tuple[str, int | str]]:
        found = [(name, getattr(self, name)) for name in ("channel", "frame", "dataset")]
        return [(name, value) for name, value in found if value is not None]


class Undecided(LabError):
    """A file holds several of something, and none was chosen.

    Attributes
    ----------
    option : {"channel", "frame", "dataset"}
    values : tuple of (value, str)
        What can be chosen, and what it is called.
    """

    def __init__(
        self, name: str, option: str, values: Sequence[tuple[int | str, str]], of: str = ""
    ):
        self.name, self.option, self.values = name, option, tuple(values)
        counted = [(value, called) for value, called in values if value not in _ALL]
        if isinstance(counted[0][0], int):
            which = f" 0 to {len(counted) - 1}"
            names = [fit(called) for value, called in counted if called != str(value)][:6]
            which += f" ({', '.join(names)})" if names else ""
        else:
            names = [fit(called) for _, called in counted]
            which = f": {', '.join(names[:6])}" + (", ..." if len(names) > 6 else "")
        for value, called in values[len(counted) :]:
            which += f", or --{of}{option} {value} if {called}"
        super().__init__(
            f"{shown(name)} holds {len(counted)} {_WORDS[option]}; choose one with"
            f" --{of}{option}{which}."
        )

    def of_labels(self) -> "Undecided":
        """The same, asked of the file of labels."""
        return Undecided(self.name, self.option, self.values, "labels-")


def numbered(
    option: str,
    chosen: int | str | None,
    count: int,
    name: str,
    names: Sequence[str],
    alone: bool,
    coloured: bool = False,
) -> int | str:
    """Which channel or frame is meant.

    Parameters
    ----------
    option : {"channel", "frame"}
    chosen : int, "sections" or None
    count : int
        How many there are.
    name : str
        Of the file, for errors.
    names : sequence of str
        What the file calls them, as far as it does.
    alone : bool
        Whether there is but one section, so that they might be sections.
    coloured : bool
        Whether they might be the colours of one picture.

    Raises
    ------
    Undecided
        If there are several and none was chosen.
    LabError
        If there is no such one.
    """
    if chosen == SECTIONS:
        if count > 1 and not alone:
            raise LabError(
                f"{shown(name)} has sections beside its {_WORDS[option]}; choose one of these with"
                f" --{option} 0 to {count - 1}."
            )
        return SECTIONS if count > 1 else 0
    if chosen == COLOURS and coloured:
        return COLOURS
    if chosen is None:
        if count == 1:
            return 0
        called = [
            (i, f"{i}: {names[i][:40]}" if i < len(names) and names[i] else str(i))
            for i in range(count)
        ]
        if alone:
            called.append((SECTIONS, _ALL[SECTIONS]))
        if coloured:
            called.append((COLOURS, _ALL[COLOURS]))
        raise Undecided(name, option, called)
    if not (isinstance(chosen, int) and 0 <= chosen < count):
        there = f"0 to {count - 1}" if count > 1 else f"only {option} 0"
        raise LabError(f"{shown(name)} has no {option} {chosen}, but {there}; choose that.")
    return chosen


def nothing_to_choose(choice: Choice, name: str) -> None:
    """Refuse a choice from what there is but one of.

    Raises
    ------
    LabError
    """
    for option in ("channel", "frame"):
        numbered(option, getattr(choice, option), 1, name, (), False)
    if choice.dataset is not None:
        raise LabError(f"{shown(name)} holds one image and no data sets; leave --dataset out.")


def named(
    chosen: str | None, candidates: Sequence[tuple[str, str]], name: str, best: str | None = None
) -> str:
    """Which data set is meant.

    Parameters
    ----------
    chosen : str or None
    candidates : sequence of (str, str)
        Their names, and what to say of each.
    name : str
        Of the file, for errors.
    best : str, optional
        The one that is meant where nothing was chosen.

    Raises
    ------
    Undecided, LabError
    """
    names = [one for one, _ in candidates]
    if chosen is not None:
        wanted = chosen.strip("/")
        for one in names:
            if one.strip("/") == wanted:
                return one
        listed = ", ".join(map(fit, names[:6])) + (", ..." if len(names) > 6 else "")
        raise LabError(
            f"{shown(name)} has no data set {fit(chosen) if chosen else 'of that name'} to"
            f" segment; choose one of {listed}."
        )
    if best is not None:
        return best
    if len(names) == 1:
        return names[0]
    raise Undecided(name, "dataset", candidates)
