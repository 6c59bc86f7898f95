"""The two commands of the Makefile: what they say, and when they set up what."""

import fcntl
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PLAIN = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}


def fake_python(path: Path, prelude: str) -> Path:
    """A Python that runs the prelude before any ``-c`` code it is given."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"""#!/bin/sh
exec {sys.executable} -c 'import sys; {prelude}; exec(sys.argv[1])' "$2"
""")
    path.chmod(0o755)
    return path


OLD = "sys.version_info = (3, 10, 4)"
NEW = "sys.version_info = (3, 14, 0)"
BARE = 'sys.version_info = (3, 12, 1); sys.modules["ensurepip"] = None'


def good(version: tuple, base: str) -> str:
    """Prelude of a Python that will do, and says that its path is `base`."""
    return f'sys.version_info = {version}; sys._base_executable = "{base}"'


def copy_project(folder: Path) -> Path:
    """Copy what sets the project up, with no .venv and nothing to install."""
    (folder / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "Makefile", folder)
    for tool in ("find_python.sh", "environment.py"):
        shutil.copy(ROOT / "tools" / tool, folder / "tools")
    for kind in ("-build", "", "-dev", "-docs"):
        (folder / f"requirements{kind}.txt").write_text("# nothing\n")
    return folder


@pytest.fixture
def project(tmp_path):
    """A project that is not set up."""
    return copy_project(tmp_path / "project")


@pytest.fixture(scope="module")
def set_up(tmp_path_factory):
    """A project that is, in which nothing is left changed; and what the set-up said."""
    folder = copy_project(tmp_path_factory.mktemp("set-up") / "project")
    return folder, prepare(folder)


@pytest.fixture
def tools(tmp_path):
    """A folder for PATH with what make and the shell need, but no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for needed in ("make", "sh", "dirname", "sed"):
        (folder / needed).symlink_to(shutil.which(needed))
    return folder


def make(project, *arguments, path=None):
    """Run make as a terminal would, with nothing of this test's environment."""
    return subprocess.run(
        ["make", *arguments],
        cwd=project,
        env=PLAIN | {"PATH": str(path or os.environ["PATH"])},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
    )


def sentence(done) -> str:
    """The one sentence that a failed make said, beside make's own last line."""
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(said) == 1 and said[0].startswith("SNN Lab: ") and said[0].endswith(".")
    assert "Traceback" not in done.stderr
    return said[0]


@pytest.mark.parametrize("target", ["run", "test"])
def test_a_python_that_is_not_there(project, target):
    said = sentence(make(project, target, "PYTHON=python3.77"))
    assert "python3.77 cannot be run: install Python 3.11, 3.12 or 3.13" in said


@pytest.mark.parametrize(("prelude", "version"), [(OLD, "3.10"), (NEW, "3.14")])
def test_a_python_of_another_age(project, tmp_path, prelude, version):
    python = fake_python(tmp_path / "python", prelude)
    said = sentence(make(project, "run", f"PYTHON={python}"))
    assert f"is Python {version}, which the lab does not run on: install Python 3.11" in said


def test_a_python_without_venv(project, tmp_path):
    python = fake_python(tmp_path / "python", BARE)
    said = sentence(make(project, "run", f"PYTHON={python}"))
    assert "has no venv module: install it" in said and "python3.12-venv" in said


def test_no_python_at_all(project, tools):
    said = sentence(make(project, "test", path=tools))
    assert "no Python that the lab runs on was found: install Python 3.11, 3.12 or 3.13" in said


def test_only_unfit_pythons(project, tools):
    fake_python(tools / "python3.11", "sys.exit(127)")
    fake_python(tools / "python3", OLD)
    assert "no Python that the lab runs on was found" in sentence(make(project, "run", path=tools))
    fake_python(tools / "python3.12", BARE)
    said = sentence(make(project, "run", path=tools))
    assert "Python 3.12 is here but has no venv module" in said


def find_python(project, path, **environment):
    """Path of the Python that make would set up with."""
    return subprocess.run(
        [project / "tools" / "find_python.sh"],
        env=PLAIN | {"PATH": str(path)} | environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_a_shim_with_nothing_behind_it_is_passed_over(project, tools):
    (tools / "python3.11").write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
    (tools / "python3.11").chmod(0o755)
    fake_python(tools / "python3.12", good((3, 12, 9), "real 3.12"))
    fake_python(tools / "python3.13", good((3, 13, 0), "real 3.13"))
    assert find_python(project, tools) == "real 3.12"
    assert find_python(project, tools, PYTHON="python3.13") == "real 3.13"


def test_the_python_of_an_existing_environment_is_kept(project, tools):
    fake_python(tools / "python3.11", good((3, 11, 2), "real 3.11"))
    (project / ".venv").mkdir()
    fake_python(project / ".venv" / "bin" / "python", good((3, 13, 0), "real 3.13"))
    assert find_python(project, tools) == "real 3.13"


def prepare(project, kind="run"):
    """Run the set-up alone, by the Python of this test; what it said."""
    return subprocess.run(
        [sys._base_executable, "tools/environment.py", kind],
        cwd=project,
        env=PLAIN | {"PATH": os.environ["PATH"], "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )


def installs(done) -> list[str]:
    """The requirement files that pip was called with."""
    assert done.returncode == 0, done.stderr
    return re.findall(r"^\+ .* pip install .* -r (\S+)$", done.stdout, re.MULTILINE)


def test_set_up_is_done_once_and_added_to(set_up):
    project, first = set_up
    assert installs(first) == ["requirements-build.txt", "requirements.txt"]
    again = prepare(project)
    assert installs(again) == []
    assert "up to date (Python {}.{})".format(*sys.version_info) in again.stdout

    # development tools are installed on top, and then a run needs nothing more
    assert installs(prepare(project, "test")) == ["requirements-build.txt", "requirements-dev.txt"]
    assert installs(prepare(project, "test")) == installs(prepare(project, "run")) == []

    # changed requirements are installed into what is there
    (project / ".venv" / "kept").touch()
    (project / "requirements.txt").write_text("# something else\n")
    assert installs(prepare(project)) == ["requirements-build.txt", "requirements.txt"]
    assert (project / ".venv" / "kept").exists()


def test_kernels_are_compiled_once_for_the_same_sources(project, set_up, tmp_path):
    """By a stand-in for the simulators, which says where it puts what it makes."""
    shutil.copytree(set_up[0] / ".venv", project / ".venv", symlinks=True)
    kept, main = tmp_path / "kept", project / "snnlab" / "simulation" / "__main__.py"
    main.parent.mkdir(parents=True)
    main.write_text(f"import pathlib; pathlib.Path({str(kept)!r}).touch(); print({str(kept)!r})")
    told = "compiling what the networks run on"
    assert told in prepare(project).stdout
    assert kept.exists()
    assert told not in prepare(project).stdout
    # again when it is gone, and when the sources changed
    kept.unlink()
    assert told in prepare(project).stdout
    main.write_text(main.read_text() + "\n")
    assert told in prepare(project).stdout
    assert told not in prepare(project).stdout
    # and when what was noted down is damaged, as a power failure leaves it
    for content in (b"", b"\0" * 90, b"\xff\xfe"):
        (project / ".venv" / ".snnlab-kernels").write_bytes(content)
        done = prepare(project)
        assert told in done.stdout and done.returncode == 0
    # a failure is told and does no harm, and is tried again
    main.write_text("raise SystemExit(1)")
    for _ in range(2):
        done = prepare(project)
        assert done.returncode == 0
        assert "that failed" in done.stdout


def docs_by_stand_in(project, code: str):
    """Give the project documents, and a stand-in for what builds them."""
    (project / "README.md").write_text("# Lab")
    (project / "mkdocs.yml").touch()
    (project / "tools" / "docs_site.py").write_text(code)


BUILDS = """
import pathlib, sys
print("built", *sys.argv[1:])
pathlib.Path("site").mkdir(exist_ok=True)
"""


def test_the_documentation_is_built_once_for_the_same_documents(project, set_up):
    shutil.copytree(set_up[0] / ".venv", project / ".venv", symlinks=True)
    docs_by_stand_in(project, BUILDS)
    assert "\nbuilt\n" in prepare(project).stdout
    assert "built" not in prepare(project).stdout
    assert "built" not in prepare(project, "docs").stdout
    (project / "README.md").write_text("# The lab")
    done = prepare(project, "docs")
    assert "\nbuilt --strict\n" in done.stdout and done.returncode == 0
    assert "built" not in prepare(project).stdout
    # and again where the site is gone
    shutil.rmtree(project / "site")
    assert "built" in prepare(project).stdout


def test_the_lab_runs_where_its_documentation_cannot_be_built(project, set_up):
    shutil.copytree(set_up[0] / ".venv", project / ".venv", symlinks=True)
    docs_by_stand_in(project, "raise SystemExit(1)")
    done = prepare(project)
    assert "that failed; the lab runs without it" in done.stdout and done.returncode == 0
    done = make(project, "docs")
    assert "the documentation was not built" in sentence(done)


def test_a_damaged_note_of_what_was_installed_is_written_anew(project, set_up):
    shutil.copytree(set_up[0] / ".venv", project / ".venv", symlinks=True)
    (project / ".venv" / ".snnlab-test").unlink(missing_ok=True)
    for content in (b"", b"\xff\xfe\0"):
        (project / ".venv" / ".snnlab-run").write_bytes(content)
        assert installs(prepare(project)) == ["requirements-build.txt", "requirements.txt"]
        assert installs(prepare(project)) == []


def test_one_make_waits_for_another(set_up):
    project, _ = set_up
    here = os.open(project, os.O_RDONLY)
    fcntl.flock(here, fcntl.LOCK_EX)
    second = subprocess.Popen(
        [sys._base_executable, "tools/environment.py", "run"], cwd=project, stdout=subprocess.PIPE
    )
    assert second.stdout.readline() == b"waiting for another make to finish with .venv\n"
    assert second.poll() is None
    os.close(here)
    assert second.communicate(timeout=60)[0].startswith(b".venv is up to date")


def half_made(venv):
    (venv / ".snnlab-unfinished").touch()


def no_python(venv):
    (venv / "bin" / "python").unlink()


def other_python(venv):
    no_python(venv)
    (venv / "bin" / "python").write_text("#!/bin/sh\necho 3.10\n")
    (venv / "bin" / "python").chmod(0o755)


def lost_pip(venv):
    shutil.rmtree(*venv.glob("lib/python*/site-packages/pip"))


def lost_files(venv):
    (about,) = venv.glob("lib/python*/site-packages/pip-*.dist-info")
    with open(about / "RECORD", "a") as record:
        record.write("gone/__init__.py,,\n")


def fault(project) -> str:
    """What is wrong with .venv, by the set-up's own judgement."""
    code = "import sys; sys.path.insert(0, 'tools'); import environment; print(environment.fault())"
    return subprocess.run(
        [sys._base_executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (half_made, "was left half-made"),
        (no_python, "has no Python that runs"),
        (other_python, "was made by Python 3.10"),
        (lost_pip, "does not work any more"),
        (lost_files, "lacks files of pip"),
    ],
)
def test_a_broken_environment_is_known(project, set_up, harm, reason):
    shutil.copytree(set_up[0] / ".venv", project / ".venv", symlinks=True)
    assert fault(project) == "None"
    harm(project / ".venv")
    assert fault(project) == reason


def test_a_broken_environment_is_made_anew(project):
    # as `python -m venv` leaves it when it is interrupted early
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "pyvenv.cfg").touch()
    done = prepare(project)
    assert ".venv has no Python that runs: making it anew" in done.stdout
    assert installs(done) == ["requirements-build.txt", "requirements.txt"]
    assert installs(prepare(project)) == []


def test_a_failed_set_up_is_not_taken_for_a_good_one(project, set_up):
    shutil.copytree(set_up[0] / ".venv", project / ".venv", symlinks=True)
    (project / "requirements.txt").write_text("there-is-no-such-package==1.0\n")
    done = prepare(project)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("SNN Lab: setting up .venv failed")
    assert (project / ".venv" / ".snnlab-unfinished").exists()


def stand_in(project, script: str):
    """Put a shell script in the place of .venv's Python, for all but the set-up's own calls."""
    python = project / ".venv" / "bin" / "python"
    real = python.resolve()
    python.unlink()
    python.write_text(f'#!/bin/sh\n[ "$1" = -c ] && exec {real} "$@"\n{script}\n')
    python.chmod(0o755)


def test_what_the_commands_start(project, set_up):
    shutil.copytree(set_up[0] / ".venv", project / ".venv", symlinks=True)
    for stamp in ("run", "test"):
        prepare(project, stamp)
    stand_in(project, 'echo "started: data=$SNNLAB_DATA${SNNLAB_CLASS:+ class=$SNNLAB_CLASS} $*"')

    done = make(project, "run", "PORT=8600", "DATA=some folder")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == (
        "started: data=some folder -m streamlit run serve.py"
        " --server.address 127.0.0.1 --server.port 8600 --server.headless true"
    )
    assert "--server.port 8501" in make(project, "run").stdout
    # a class: on the network, and without the greeting for which Streamlit asks the internet
    assert make(project, "class", "PORT=8600").stdout.splitlines()[-1] == (
        "started: data= class=yes -m streamlit run serve.py --server.address 0.0.0.0"
        " --server.port 8600 --server.headless true --logger.hideWelcomeMessage true"
    )
    done = make(project, "test", "ARGS=-k x")
    assert done.stdout.splitlines()[-1] == "started: data= -m pytest -k x"


def test_a_failed_test_fails_make(project, set_up):
    shutil.copytree(set_up[0] / ".venv", project / ".venv", symlinks=True)
    prepare(project, "test")
    stand_in(project, "exit 1")
    assert make(project, "test").returncode == 2


def pins() -> dict[str, str]:
    """Name and version of everything that the requirement files name."""
    found = {}
    for path in sorted(ROOT.glob("requirements*.txt")):
        for line in path.read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                requirement = re.fullmatch(r"([a-z0-9-]+)==([0-9][0-9a-z.]*)( ; .+)?", line)
                assert requirement, f"{path.name}: {line} is not an exact version"
                marker = Requirement(line).marker
                if marker is not None and not marker.evaluate():
                    continue  # not on this machine
                assert requirement[1] not in found, f"{requirement[1]} is named twice"
                found[requirement[1]] = requirement[2]
    return found


def left_out() -> set[str]:
    """What only the documentation is built with, where an environment of one's own lacks it."""
    text = (ROOT / "requirements-docs.txt").read_text()
    here = importlib.util.find_spec("mkdocs") or os.environ.get("CI")
    return set() if here else set(re.findall(r"^([a-z0-9-]+)==", text, re.M))


def test_every_requirement_is_pinned_and_so_is_all_it_requires():
    pinned = pins()
    environment = default_environment() | {"extra": ""}
    for name in set(pinned) - left_out():
        for line in importlib.metadata.requires(name) or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate(environment):
                version = pinned.get(canonicalize_name(needed.name))
                assert version, f"{name} requires {needed.name}, which is not pinned"
                assert needed.specifier.contains(version), f"{name} requires {needed}"


@pytest.mark.parametrize("name", sorted(pins()))
def test_the_pinned_version_is_the_one_tested(name):
    if name in left_out():
        pytest.skip("what builds the documentation is not installed here: make docs")
    assert importlib.metadata.version(name) == pins()[name]


def test_make_alone_says_what_there_is(project, tools):
    done = make(project, path=tools)
    assert done.returncode == 0
    assert "make run" in done.stdout and "make test" in done.stdout
