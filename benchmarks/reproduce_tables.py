"""Tables of the documents held against tables made anew: which numbers moved.

A table is found by how its head begins, rows by their first cells, columns by their heads. In a
cell every number is held against the one at its place; what is left of the cell without its
numbers (a unit, bold type, "never near") has to be the same.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_NUMBER = re.compile(r"(?<![\w.])[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?")
_RULE = re.compile(r"[|:\- ]+")


@dataclass(frozen=True)
class Table:
    """A Markdown table: heads of its columns, rows of cells, and the lines of these (from 1)."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]


@dataclass(frozen=True)
class Tolerance:
    """By how much a number may move: so much, or such a share of the old one if ``relative``."""

    most: float
    relative: bool = False

    @classmethod
    def of(cls, said: float | str) -> "Tolerance":
        """From ``0.0005``, or ``"20 %"``; refuses anything else with a ValueError."""
        if isinstance(said, str):
            number, sign = said[:-1].strip(), said[-1:]
            if sign != "%":
                raise ValueError(f"a tolerance is a number, or a share as '20 %', not {said!r}")
            return cls(float(number) / 100, True)
        return cls(float(said))

    def holds(self, old: float, new: float) -> bool:
        """Whether the new number is near enough; rounding of the last digit aside."""
        allowed = self.most * abs(old) if self.relative else self.most
        return abs(new - old) <= allowed + 1e-9 * max(1.0, abs(old))

    def __str__(self) -> str:
        return f"{100 * self.most:g} %" if self.relative else f"{self.most:g}"


@dataclass(frozen=True)
class Wanted:
    """Which table of a document, and how it is compared.

    Attributes
    ----------
    doc : str
        Its file.
    head : str
        How the line of its heads begins.
    tolerance : Tolerance
    columns : dict of str to Tolerance
        Of single columns.
    keys : int or tuple of str
        So many first cells name a row, or those of these heads; empty ones are as above.
    nth : int
        Of several tables with such a head, from 0.
    free : tuple of str
        Columns that are not compared: the machine's load, say.
    part : bool
        The document has some of the rows that are made; others are no news.
    short : bool
        Names of rows count up to their first comma: ``SNN, 64 steps`` is ``SNN``.
    """

    doc: str
    head: str
    tolerance: Tolerance
    columns: Mapping[str, Tolerance] = field(default_factory=dict)
    keys: int | tuple[str, ...] = 1
    nth: int = 0
    free: tuple[str, ...] = ()
    part: bool = False
    short: bool = False


def cells(line: str) -> tuple[str, ...]:
    """Of a line of a table."""
    return tuple(part.strip() for part in line.strip().strip("|").split("|"))


def tables(text: str) -> list[Table]:
    """All Markdown tables of a text."""
    found: list[Table] = []
    lines = text.splitlines()
    at = 0
    while at < len(lines) - 1:
        if not lines[at].startswith("|") or not _is_rule(lines[at + 1]):
            at += 1
            continue
        end = at + 2
        while end < len(lines) and lines[end].startswith("|"):
            end += 1
        rows = tuple(cells(line) for line in lines[at + 2 : end])
        found.append(Table(cells(lines[at]), rows, tuple(range(at + 3, end + 1))))
        at = end
    return found


def _is_rule(line: str) -> bool:
    return line.startswith("|") and "-" in line and bool(_RULE.fullmatch(line))


def pick(text: str, head: str, nth: int = 0) -> Table | None:
    """The table whose heads begin so; None if there are not so many."""
    begins = cells(head)
    fit = [one for one in tables(text) if one.head[: len(begins)] == begins]
    return fit[nth] if nth < len(fit) else None


def by_row(
    table: Table, keys: int | tuple[str, ...], short: bool = False
) -> dict[tuple[str, ...], tuple[int, dict[str, str]]]:
    """Of each row, by the cells that name it: its line and its other cells by the heads' names.

    An empty first cell is as above. Rows of one name are told apart by their order.
    """
    found: dict[tuple[str, ...], tuple[int, dict[str, str]]] = {}
    heads = _unique(table.head)
    places = range(keys) if isinstance(keys, int) else [heads.index(key) for key in keys]
    above: tuple[str, ...] = ("",) * len(places)
    for line, row in zip(table.lines, table.rows, strict=True):
        first = [row[place] for place in places]
        name = _named([one.split(",")[0] for one in first] if short else first, above)
        above, count = name, 2
        while name in found:
            name, count = (*above, f"({count})"), count + 1
        rest = zip(heads, row, strict=False)
        found[name] = line, {head: cell for at, (head, cell) in enumerate(rest) if at not in places}
    return found


def _named(first: Sequence[str], above: Sequence[str]) -> tuple[str, ...]:
    """First cells, of which those that are empty at the beginning are as above."""
    said = next((at for at, cell in enumerate(first) if cell), 0)
    return (*above[:said], *map(_bare, first[said:]))


def _unique(heads: Sequence[str]) -> list[str]:
    return [head if head not in heads[:at] else f"{head} ({at})" for at, head in enumerate(heads)]


def _bare(cell: str) -> str:
    return cell.replace("`", "").replace("*", "")


def numbers(cell: str) -> tuple[list[float], str]:
    """The numbers of a cell, and the cell without them."""
    read = [float(one.replace(",", "").replace("−", "-")) for one in _NUMBER.findall(cell)]
    return read, " ".join(_NUMBER.sub("#", cell).split())


def compare(wanted: Wanted, old: Table, new: Table) -> Iterator[str]:
    """What is to be told of a table that was made anew, a line each; nothing if all holds."""
    was, now = (by_row(table, wanted.keys, wanted.short) for table in (old, new))
    heads = [{head for _, row in rows.values() for head in row} for rows in (was, now)]
    for head in sorted(heads[0] - heads[1] - set(wanted.free)):
        yield f"{wanted.doc}: column “{head}” was not made"
    for head in sorted(heads[1] - heads[0] - set(wanted.free)):
        yield f"{wanted.doc}: new column “{head}”"
    for name, (line, row) in was.items():
        where = f"{wanted.doc}:{line}: {', '.join(part for part in name if part)}"
        if name not in now:
            yield f"{where}: this row was not made"
            continue
        for head, cell in row.items():
            if head in wanted.free or head not in now[name][1]:
                continue
            tolerance = wanted.columns.get(head, wanted.tolerance)
            yield from differing(f"{where}, {head}", cell, now[name][1][head], tolerance)
    for name, (_, row) in now.items():
        if name not in was and not wanted.part:
            told = ", ".join(f"{head} {cell}" for head, cell in row.items() if cell)
            yield f"{wanted.doc}: new row {', '.join(part for part in name if part)}: {told}"


def differing(where: str, old: str, new: str, tolerance: Tolerance) -> Iterator[str]:
    """What moved in a cell, or a sentence."""
    (was, said), (now, says) = numbers(old), numbers(new)
    if said != says or len(was) != len(now):
        yield f"{where}: reads “{new}”, not “{old}”"
        return
    for one, other in zip(was, now, strict=True):
        if not tolerance.holds(one, other):
            yield f"{where}: {other:.10g}, was {one:.10g} (tolerance {tolerance})"
