"""House rules that import-linter cannot express, read off the source."""

import ast
import importlib.metadata
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SNNLAB = sorted((ROOT / "snnlab").rglob("*.py"))
PAGES = sorted((*ROOT.glob("app.py"), *ROOT.glob("pages/*.py")))

# TensorFlow costs seconds and prints; only compat may hand these out
BEHIND_COMPAT = {"keras", "keras_spiking", "nengo_dl", "nengo_loihi", "tensorflow", "tf_keras"}
PAGES_MAY_IMPORT = ("streamlit", "snnlab.ui", "snnlab.lab", "snnlab.settings", "snnlab.figures")
RELATIVE = "a relative import"


def imports(source: str) -> set[str]:
    """Every module that the source imports, wherever in it and however it does so."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {name.name for name in names}
            case ast.ImportFrom(module="snnlab", names=names, level=0):
                found |= {f"snnlab.{name.name}" for name in names}
            case ast.ImportFrom(module=module, level=0):
                found.add(module)
            case ast.ImportFrom():
                found.add(RELATIVE)
            case ast.Call(
                func=ast.Attribute(attr=function) | ast.Name(id=function),
                args=[ast.Constant(value=str(module)), *_],
            ) if function in ("import_module", "__import__"):
                found.add(module)
    return found


def within(module: str, packages) -> bool:
    """Whether the module is one of the packages or inside one."""
    return any(module == one or module.startswith(f"{one}.") for one in packages)


def name(path: Path) -> str:
    """Path from the repository's root, as a test's name."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import a.b as c", {"a.b"}),
        ("def f():\n    from a.b import c", {"a.b"}),
        ("from snnlab import compat, lab", {"snnlab.compat", "snnlab.lab"}),
        ("from . import x", {RELATIVE}),
        ("import importlib\nimportlib.import_module('tensorflow')", {"importlib", "tensorflow"}),
        ("__import__('keras')", {"keras"}),
    ],
)
def test_imports_are_found(source, expected):
    assert imports(source) == expected


@pytest.mark.parametrize("path", SNNLAB, ids=name)
def test_only_compat_imports_tensorflow(path):
    found = {module for module in imports(path.read_text()) if within(module, BEHIND_COMPAT)}
    assert not found or path == ROOT / "snnlab" / "compat.py"


@pytest.mark.parametrize("path", SNNLAB, ids=name)
def test_only_the_interface_knows_streamlit(path):
    known = any(within(module, ["streamlit"]) for module in imports(path.read_text()))
    assert not known or path.is_relative_to(ROOT / "snnlab" / "ui")


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_pages_only_ask_and_show(path):
    strange = {one for one in imports(path.read_text()) if not within(one, PAGES_MAY_IMPORT)}
    assert not strange


def test_all_that_is_imported_is_required():
    """Development tools and what others happen to install may not be leant on."""
    required = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.txt").read_text(), re.M))
    offered = {
        module: {re.sub("[-_.]+", "-", one).lower() for one in distributions}
        for module, distributions in importlib.metadata.packages_distributions().items()
    }
    own = {"snnlab", RELATIVE} | sys.stdlib_module_names
    used = {one.split(".")[0] for path in (*SNNLAB, *PAGES) for one in imports(path.read_text())}
    assert {"numpy", "nengo", "tensorflow"} <= used
    # a module that is one compiled file is not listed before Python 3.12
    assert {one for one in used - own if not offered.get(one, {one}) & required} == set()
