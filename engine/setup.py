"""Collects the engine's modules, and what they import, from the lab's sources.

    pip install ./engine
    pip wheel --no-deps ./engine
    python -m build --sdist ./engine
    pip install --editable ./engine

Nothing is listed by hand: beginning with `START`, imports are followed. The lab's own
``snnlab/__init__.py`` stays behind, since it prepares TensorFlow. An sdist has the modules beside
this file, and is built without the repository. An editable installation has the lab's own folder,
whole: what is changed there is changed at once.
"""

import ast
import os
import re
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.editable_wheel import editable_wheel
from setuptools.command.sdist import sdist
from setuptools.errors import SetupError

HERE = Path(__file__).resolve().parent
LAB = HERE if (HERE / "snnlab").is_dir() else HERE.parent  # beside this file in an sdist
START = ("snnlab.simulation.event", "snnlab.simulation.event.__main__")
INIT = '"""The part of SNN Lab that snnlab-event needs."""\n\n__version__ = "{}"\n'


def version() -> str:
    """The lab's."""
    own = LAB / "snnlab" / "__init__.py"
    if not own.is_file():
        raise SetupError("snnlab-event is built inside SNN Lab's repository; clone that whole.")
    return re.search(r'^__version__ = "(.+)"', own.read_text("utf-8"), re.MULTILINE)[1]


def sources() -> dict[str, Path]:
    """Every module that the engine needs and its file, packages and all."""
    found, waiting = {}, list(START)
    while waiting:
        name = waiting.pop()
        path = LAB.joinpath(*name.split("."))
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if name in found or name == "snnlab" or not path.is_file():
            continue  # or what was imported is no module but something in it
        found[name] = path
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            else:
                continue
            for one in names:
                parts = one.split(".")
                if parts[0] == "snnlab":
                    waiting += [".".join(parts[:many]) for many in range(2, len(parts) + 1)]
    return found


def collect(into: Path) -> None:
    """Copy the modules into a folder."""
    (into / "snnlab").mkdir(parents=True, exist_ok=True)
    (into / "snnlab" / "__init__.py").write_text(INIT.format(version()), "utf-8")
    for path in sources().values():
        target = into / path.relative_to(LAB)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


class Collecting(build_py):
    """Beside the modules of this folder those of the lab."""

    def run(self):
        """Copy them."""
        if self.editable_mode:
            super().run()
            return
        shutil.rmtree(self.build_lib, ignore_errors=True)  # what an earlier version left there
        super().run()
        collect(Path(self.build_lib))


class WithModules(sdist):
    """An archive that needs nothing beside it."""

    def make_release_tree(self, base_dir, files):
        """Put the modules in."""
        super().make_release_tree(base_dir, files)
        collect(Path(base_dir))


class InPlace(editable_wheel):
    """The lab's folder as it lies there."""

    def run(self):
        """Say where it is."""
        self.distribution.packages = ["snnlab"]
        self.distribution.package_dir = {"snnlab": os.path.relpath(LAB / "snnlab", HERE)}
        super().run()


COMMANDS = {"build_py": Collecting, "sdist": WithModules, "editable_wheel": InPlace}
setup(version=version(), cmdclass=COMMANDS)
