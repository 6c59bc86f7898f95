"""Make every number of README and docs anew, in steps, and print those that moved.

    benchmarks/reproduce.sh --data FOLDER [--epfl FOLDER] [--list] [--fast] [--only STEP,...]

`benchmarks/reproduce.toml` lists the steps: the command, the tables and sentences that it makes,
and by how much their numbers may move. What a step printed is kept under `--out` with a stamp of
all that it depends on (command, code, weights, data), so a run that was stopped goes on where it
was, and a step whose code, weights and data are as they were is only compared again. Timings
are compared too, with wide tolerances: on another machine they move.

Exit code 0: all holds. 1: numbers moved. 2: a step failed, or could not be run. Nothing is
written into the documents: a person reads what moved, and says why.
"""

import argparse
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reproduce_readers import READERS
from benchmarks.reproduce_tables import (
    Tolerance,
    Wanted,
    compare,
    differing,
    numbers,
    pick,
    tables,
)
from snnlab.data import isbi

ROOT = Path(__file__).parents[1]
LISTED = Path(__file__).with_suffix(".toml")
FAST = 20  # minutes on two cores that a step of --fast takes at most


@dataclass(frozen=True)
class Says:
    """A sentence: where it stands, and where its numbers are printed, as regular expressions."""

    doc: str
    find: str
    printed: str
    tolerance: Tolerance


@dataclass(frozen=True)
class Step:
    """A command, and what of the documents it makes.

    Attributes
    ----------
    name, run : str
        ``run`` is a command line; ``{data}``, ``{epfl}`` and ``{out}`` are filled in.
    minutes : float
        About, on two cores.
    tables : tuple of (Wanted, str, str)
        Each with the reader's name and the file under ``{out}`` that holds it; empty: what
        is printed, as it is.
    says : tuple of Says
    depends : tuple of str
        Patterns of files, beside those of all steps.
    why : str
        Why nothing is compared, where nothing is.
    """

    name: str
    run: str
    minutes: float
    tables: tuple[tuple[Wanted, str, str], ...] = ()
    says: tuple[Says, ...] = ()
    depends: tuple[str, ...] = ()
    why: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """Folders of data that it asks for."""
        return tuple(name for name in ("data", "epfl") if f"{{{name}}}" in self.run)


@dataclass(frozen=True)
class Outcome:
    """What came of a step: ``made``, ``kept``, ``failed`` or ``left out``, why, and what moved."""

    state: str
    why: str = ""
    moved: tuple[str, ...] = ()


# ---- the list ----------------------------------------------------------------------


def listed(text: str) -> list[Step]:
    """The steps of a list in TOML.

    Raises
    ------
    ValueError
        If a step names no reader that there is, or two have one name.
    """
    read = tomllib.loads(text)
    usual = tuple(read.get("depends", ()))
    steps = [_step(item, usual) for item in read["step"]]
    names = [step.name for step in steps]
    if len(set(names)) < len(names):
        raise ValueError("two steps have the same name")
    return steps


def _step(item: Mapping, usual: tuple[str, ...]) -> Step:
    whole = Tolerance.of(item.get("tolerance", 0))
    tables = []
    for one in item.get("table", ()):
        wanted = Wanted(
            one["doc"],
            one["head"],
            Tolerance.of(one["tolerance"]) if "tolerance" in one else whole,
            {name: Tolerance.of(said) for name, said in one.get("columns", {}).items()},
            tuple(keys) if isinstance(keys := one.get("keys", 1), list) else keys,
            one.get("nth", 0),
            tuple(one.get("free", ())),
            one.get("part", False),
            one.get("short", False),
        )
        reader = one.get("reader", "")
        if reader and reader not in READERS:
            raise ValueError(f"{item['name']}: there is no reader {reader!r}")
        tables.append((wanted, reader, one.get("file", "")))
    says = tuple(
        Says(one["doc"], one["find"], one["printed"],
             Tolerance.of(one["tolerance"]) if "tolerance" in one else whole)
        for one in item.get("says", ())
    )  # fmt: skip
    return Step(item["name"], item["run"], item["minutes"], tuple(tables), says,
                (*usual, *item.get("depends", ())), item.get("why", ""))  # fmt: skip


# ---- stamps ------------------------------------------------------------------------


def key(step: Step, folders: Mapping[str, Path | None], root: Path = ROOT) -> str:
    """Names all that a step depends on: its command, and what is in files and data."""
    digest = hashlib.sha256(step.run.encode())
    for path in sorted(_files(step, root)):
        digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    for name in step.needs:
        for path in sorted(folders[name].iterdir()):
            if path.is_file():
                digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _files(step: Step, root: Path) -> set[Path]:
    found: set[Path] = set()
    scripts = re.findall(r"benchmarks[/.][\w/.]+", step.run)
    named = [one if one.endswith((".py", ".sh")) else one.replace(".", "/") + ".py"
             for one in scripts]  # fmt: skip
    for pattern in (*step.depends, *named):
        if pattern.startswith("!"):
            found -= set(root.glob(pattern[1:]))
        else:
            found |= {path for path in root.glob(pattern) if path.is_file()}
    return found


# ---- a step --------------------------------------------------------------------------


def perform(step: Step, folders: Mapping[str, Path | None], out: Path, again: bool) -> Outcome:
    """Run a step, or take what it printed before if nothing changed since; then compare."""
    lacking = [f"--{name}" for name in step.needs if folders[name] is None]
    if lacking:
        return Outcome("left out", f"it needs {' and '.join(lacking)}")
    place, now = out / step.name, key(step, folders)
    stamp, printed = place / "stamp.json", place / "printed.txt"
    known = json.loads(stamp.read_text()) if stamp.exists() else {}
    state = "kept"
    if again or known.get("key") != now:
        place.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)
        begun = time.monotonic()
        code = _ran(step, folders, place, printed)
        if code:
            return Outcome("failed", f"exit code {code}; see {place / 'errors.txt'}")
        minutes = round((time.monotonic() - begun) / 60, 1)
        stamp.write_text(json.dumps({"key": now, "minutes": minutes}))
        state = "made"
    return Outcome(state, "", tuple(moved(step, printed.read_text("utf-8"), place)))


def _ran(step: Step, folders: Mapping[str, Path | None], place: Path, printed: Path) -> int:
    filled = {name: shlex.quote(str(path)) for name, path in folders.items() if path}
    command = step.run.format(out=shlex.quote(str(place)), **filled)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    part = printed.with_suffix(".part")
    with part.open("wb") as out, (place / "errors.txt").open("wb") as errors:
        code = subprocess.run(
            command, shell=True, cwd=ROOT, env=environment, stdout=out, stderr=errors
        ).returncode
    part.replace(printed)
    return code


def moved(step: Step, printed: str, place: Path, root: Path = ROOT) -> Iterator[str]:
    """What of the documents does not hold against what a step made, a line each."""
    for wanted, reader, file in step.tables:
        text = (place / file).read_text("utf-8") if file else printed
        text = READERS[reader](text) if reader else text
        old = pick((root / wanted.doc).read_text("utf-8"), wanted.head, wanted.nth)
        new = pick(text, wanted.head, wanted.nth) or pick(text, wanted.head)
        if new is None and reader:  # which may leave out columns that the document has
            new = next(iter(tables(text)), None)
        if old is None or new is None:
            where = "in the document" if old is None else "in what was printed"
            yield f"{wanted.doc}: no table “{wanted.head}” {where}"
            continue
        yield from compare(wanted, old, new)
    for one in step.says:
        yield from _sentence(one, printed, root)


def _sentence(one: Says, printed: str, root: Path) -> Iterator[str]:
    text = (root / one.doc).read_text("utf-8")
    old, new = re.search(one.find, text), re.search(one.printed, printed)
    if old is None or new is None:
        where, what = ("in the document", one.find) if old is None else ("printed", one.printed)
        yield f"{one.doc}: nothing like “{what}” {where}"
        return
    line = text[: old.start()].count("\n") + 1
    for was, now in zip(old.groups(), new.groups(), strict=True):
        # as many digits as the sentence has
        digits = len(was.partition(".")[2])
        shown = f"{numbers(now)[0][0]:.{digits}f}"
        yield from differing(f"{one.doc}:{line}: “{old[0][:60]}”", was, shown, one.tolerance)


# ---- the command ---------------------------------------------------------------------


def chosen(steps: Sequence[Step], only: str | None, fast: bool) -> list[Step]:
    """The steps that are asked for.

    Raises
    ------
    ValueError
        If there is none of a name.
    """
    names = [name.strip() for name in only.split(",")] if only else None
    for name in names or ():
        if name not in {step.name for step in steps}:
            raise ValueError(f"there is no step {name!r}; --list names them")
    asked = [step for step in steps if names is None or step.name in names]
    return [step for step in asked if not fast or step.minutes <= FAST]


def main() -> int:
    """Run, compare, and print what moved."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", metavar="FOLDER", help="of ISBI 2012; default $SNNLAB_DATA")
    parser.add_argument("--epfl", type=Path, metavar="FOLDER", help="default $SNNLAB_EPFL")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/build/reproduced")
    parser.add_argument("--only", metavar="STEPS", help="with commas between")
    parser.add_argument("--fast", action="store_true", help=f"steps of up to {FAST} minutes")
    parser.add_argument("--again", action="store_true", help="even what has not changed")
    parser.add_argument("--list", action="store_true", help="name the steps and run none")
    options = parser.parse_args()
    try:
        steps = chosen(listed(LISTED.read_text("utf-8")), options.only, options.fast)
    except ValueError as error:
        parser.error(str(error))
    if options.list:
        for step in steps:
            _tell(step)
        return 0
    found, epfl = isbi.find(options.data), options.epfl or os.environ.get("SNNLAB_EPFL")
    folders = {
        name: Path(folder).resolve() if folder else None
        for name, folder in (("data", found), ("epfl", epfl))
    }
    outcomes = {}
    for at, step in enumerate(steps):
        print(f"[{at + 1}/{len(steps)}] {step.name}, about {step.minutes:g} minutes", flush=True)
        outcome = outcomes[step.name] = perform(step, folders, options.out, options.again)
        why = outcome.why or step.why
        print(f"    {outcome.state}" + (f": {why}" if why else ""))
        for line in outcome.moved:
            print(f"    {line}")
        sys.stdout.flush()
    states = [one.state for one in outcomes.values()]
    lines = sum(len(one.moved) for one in outcomes.values())
    told = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    print(f"{len(states)} steps: {told}; {lines} {'line' if lines == 1 else 'lines'} moved")
    if {"failed", "left out"} & set(states):
        return 2
    return 1 if lines else 0


def _tell(step: Step) -> None:
    needs = f", needs {' and '.join(f'--{name}' for name in step.needs)}" if step.needs else ""
    print(f"{step.name}: {step.minutes:g} minutes{needs}\n    {step.run}")
    for wanted, *_ in step.tables:
        print(f"    {wanted.doc}: {wanted.head} (tolerance {wanted.tolerance})")
    for one in step.says:
        print(f"    {one.doc}: “{one.find}” (tolerance {one.tolerance})")
    if step.why:
        print(f"    not compared: {step.why}")


if __name__ == "__main__":
    sys.exit(main())
