"""What the lab and its documents say: no turn of phrase that nobody would say aloud."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from snnlab.errors import many

ROOT = Path(__file__).parents[1]
SOURCES = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "snnlab").rglob("*.py")]
DRAWN = [path for kind in ("*.js", "*.html") for path in (ROOT / "snnlab").rglob(kind)]
DOCS = sorted((ROOT / "docs").glob("*.md"))
# what visitors of the soak test do, by the names that it has for them
ACTS = re.compile(r"^\| (come anew|take away) \|.*$", re.M)

_UNITS = (
    "[mµn]?s|[mµnp]?J|joules|seconds|spikes?|steps|pixels|MB|MiB|events?|messages?|values|answers"
    "|weights|updates|channels|pieces|neurons"
)
_THINGS = (
    "image|step|timestep|layer|neuron|pixel|side|section|MAC|megapixel|inference|chip|core|cycle"
    "|page|second"
)
BAD = {
    "say Download": r"\b[Tt]aken? away\b(?! from)",
    "say again": r"\banew\b",
    "dashes are short": "—",
    "say 1 step": r"(?<![\d.,])1 (?:time)?steps\b",
    "say per": rf"(?<![\w-])(?:{_UNITS}) an? (?:{_THINGS})\b",
}


def texts(source: str) -> list[tuple[int, str]]:
    """Line and text of all strings of a module but its docstrings, values in them as {}."""
    tree, apart, found = ast.parse(source), set(), []
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            apart.add(node.value)
        if isinstance(node, ast.JoinedStr):
            apart.update(node.values)
            parts = [one.value if isinstance(one, ast.Constant) else "{}" for one in node.values]
            found.append((node.lineno, "".join(parts)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in apart:
            found.append((node.lineno, node.value))
    return found


@cache
def said() -> list[tuple[str, str]]:
    """Place and text of all that pages, messages, errors and commands say."""
    found = []
    for path in SOURCES:
        name = path.relative_to(ROOT).as_posix()
        lines = texts(path.read_text(encoding="utf-8"))
        found += [(f"{name}:{line}", text) for line, text in lines]
    for path in DRAWN:
        name = path.relative_to(ROOT).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found.append((f"{name}:{number}", re.sub(r"(^|\s)//.*", "", line)))
    return found


@pytest.mark.parametrize("advice", BAD)
def test_nothing_is_said_that_nobody_would_say(advice):
    found = [(where, m[0]) for where, text in said() for m in re.finditer(BAD[advice], text)]
    assert found == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_nothing_is_written_in_the_docs_that_nobody_would_say(path):
    text = ACTS.sub("", path.read_text(encoding="utf-8"))
    found = [(advice, m[0]) for advice, bad in BAD.items() for m in re.finditer(bad, text)]
    assert found == []


FILES = re.compile(
    r"\b(?:docs|benchmarks|findings|tests|tools)/[\w./-]*\.\w+|\b[\w-]+\.md\b"
    r"|\b(?:README|CONTRIBUTING|SECURITY|CHANGELOG|LICENSE)\b"
)


def test_no_page_sends_a_visitor_to_a_file_of_the_repository():
    """Who reads a page has a browser; `docs_site.to` links to the documentation there."""
    # what a command says is read by somebody who has the files
    found = [
        (where, m[0])
        for where, text in said()
        if not where.startswith("snnlab/commands/")
        for m in FILES.finditer(text)
    ]
    assert found == []


@pytest.mark.parametrize("text", ["see docs/rbf.md.", "the README says", "benchmarks/energy.py -m"])
def test_the_walk_sees_files(text):
    assert FILES.search(text)


def test_steps_are_counted_by_the_helper():
    """A run may have one step: ``many`` leaves the s out, and a sentence by hand does not."""
    found = [where for where, text in said() if re.search(r"(?:\{|\}|^)\} (?:time)?steps\b", text)]
    assert found == []
    assert many(1, "step") == "1 step" and many(2, "step") == "2 steps"


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("Take away all numbers", "say Download"),
        ("cannot be taken away:", "say Download"),
        ("start it anew", "say again"),
        ("fast — and cheap", "dashes are short"),
        ("after 1 steps", "say 1 step"),
        ("3 ms an image", "say per"),
        ("one spike a step", "say per"),
    ],
)
def test_the_walk_sees_them(text, advice):
    assert [name for name, bad in BAD.items() if re.search(bad, text)] == [advice]


def test_the_walk_hears_what_is_said_and_no_docstring():
    source = '"""ms an image"""\nx = 1\nprint(f"after {x} steps")\nprint("a" "b")\n'
    assert texts(source) == [(3, "after {} steps"), (4, "ab")]
