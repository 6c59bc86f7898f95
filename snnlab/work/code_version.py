"""Which code a result was computed by: a hash of that code and of nothing else.

Results that are kept on disk stay good as long as nothing they depend on
changes. So the hash covers the modules that were named and every module of
the lab that these import, read off the source; comments, docstrings and
layout do not count.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# registries name modules and compute nothing; a method more changes no result
PASSED_OVER = frozenset(
    {"snnlab", "snnlab.conversion", "snnlab.simulation", "snnlab.registry", "snnlab.errors"}
)


@cache
def code_version(*modules: str) -> str:
    """Hash what the modules do.

    Parameters
    ----------
    modules : str
        Full names, such as ``"snnlab.results.metrics"``.

    Returns
    -------
    str
        SHA-256, hexadecimal.
    """
    digest = hashlib.sha256()
    for name in sorted(reached(modules)):
        digest.update(f"{name}\n{_bare(name)}\n".encode())
    return digest.hexdigest()


def reached(modules) -> set[str]:
    """The modules and all of the lab that they import, directly or not."""
    found: set[str] = set()
    waiting = [name for name in modules if _path(name)]
    while waiting:
        name = waiting.pop()
        if name not in found and name not in PASSED_OVER:
            found.add(name)
            waiting += _imports(name)
    return found


@cache
def _path(name: str) -> Path | None:
    place = ROOT.joinpath(*name.split("."))
    for candidate in (place / "__init__.py", place.with_suffix(".py")):
        if candidate.is_file():
            return candidate
    return None


@cache
def _tree(name: str) -> ast.Module:
    return ast.parse(_path(name).read_text(encoding="utf-8"))


@cache
def _imports(name: str) -> tuple[str, ...]:
    """Modules of the lab that one imports, wherever in it."""
    found = set()
    for node in ast.walk(_tree(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return tuple(sorted(one for one in found if one.startswith("snnlab.") and _path(one)))


def _bare(name: str) -> str:
    """The source as a tree, without docstrings."""
    tree = _tree(name)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            node.body = body[1:]
    return ast.dump(tree)


def _is_text(node) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
