"""What the documents promise about the tree, the version and the commands."""

import re
import tomllib
from pathlib import Path

import pytest

import snnlab
from snnlab import conversion

ROOT = Path(__file__).resolve().parent.parent
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PATH = re.compile(r"`((?:snnlab|pages|assets|benchmarks|findings|tests|tools)/[\w/.-]*)`")


def test_every_place_that_the_plan_names_is_there():
    named = set(PATH.findall(ARCHITECTURE))
    assert len(named) > 50
    assert sorted(place for place in named if not (ROOT / place).exists()) == []


def test_every_room_is_in_the_plan_and_says_what_it_is():
    rooms = {path.parent.name for path in (ROOT / "snnlab").glob("*/__init__.py")}
    listed = set(re.findall(r"^\| `([a-z]+)/` \|", ARCHITECTURE, re.M))
    assert rooms == listed
    assert len(rooms) <= 16
    for room in rooms:
        text = (ROOT / "snnlab" / room / "__init__.py").read_text("utf-8")
        assert re.match(r'"""[A-Z]', text), room
        assert "first" in text.split('"""')[1], f"{room} does not say what to read first"


def test_loose_modules_are_these_and_no_others():
    loose = {path.name for path in (ROOT / "snnlab").glob("*.py")}
    assert loose == {
        "__init__.py", "__main__.py", "compat.py", "errors.py", "registry.py", "settings.py",
    }  # fmt: skip


def test_twenty_changes_have_their_place():
    table = ARCHITECTURE.split("## To change X, open Y")[1].split("## A walk")[0]
    assert len(re.findall(r"^\| (?!to \||---)", table, re.M)) >= 20


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("CITATION.cff", r"^version: (\S+)$"),
        ("CHANGELOG.md", r"^## (\d\S*)$"),
    ],
)
def test_one_version_everywhere(file, pattern):
    found = re.search(pattern, (ROOT / file).read_text("utf-8"), re.M)
    assert found.group(1) == snnlab.__version__


def test_the_project_has_its_name_and_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (project["name"], project["version"]) == ("snnlab", snnlab.__version__)
    assert "MIT" in (ROOT / "LICENSE").read_text("utf-8").splitlines()[0]


@pytest.mark.parametrize("script", sorted((ROOT / "findings").glob("*.sh")), ids=lambda p: p.name)
def test_a_finding_has_the_form_of_one(script):
    text = script.read_text("utf-8")
    assert script.stat().st_mode & 0o111
    assert text.startswith("#!/usr/bin/env bash")
    assert "==" in text  # versions are pinned
    assert "snnlab" not in text.lower()


def test_every_equation_of_every_method_names_a_test_that_there_is():
    text = (ROOT / "docs" / "methods.md").read_text("utf-8")
    part = text.split("## Equation by equation")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z-]+)` \| .* \| `(tests/[\w/]+\.py)::(\w+)` \|$", part, re.M)
    assert len(rows) == len(re.findall(r"^\| `", part, re.M)) > 30
    assert {method for method, _, _ in rows} == {item.name for item in conversion.METHODS}
    for _, file, name in rows:
        assert f"\ndef {name}(" in (ROOT / file).read_text("utf-8"), f"{file}::{name}"


def test_small_rooms():
    """No page script above 60 lines, no module above 400, half of them 130 or shorter."""
    pages = {path.name: len(path.read_text().splitlines()) for path in ROOT.glob("pages/*.py")}
    assert max(pages.values()) < 60
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for path in (ROOT / "snnlab").rglob("*.py")
    }
    assert {name: n for name, n in lengths.items() if n > 400} == {}
    assert sorted(lengths.values())[len(lengths) // 2] <= 130
