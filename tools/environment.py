"""Bring .venv up to date: ``python tools/environment.py run|test|docs``.

Run by the Python that .venv is to be made from, with nothing but its standard
library. When a stamp in .venv says that these very requirements were installed,
and what was installed is still there, nothing is done; changed requirements are
installed on top; an environment that is broken, was left half-made or belongs
to another version of Python is made anew. Then the simulators' kernels are
compiled, once for all later starts, and the documentation is built.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PIP = (PYTHON, "-m", "pip", "install", "--disable-pip-version-check")
# there while something is being installed; found at the start, it was interrupted
UNFINISHED = VENV / ".snnlab-unfinished"
BUILD = "requirements-build.txt"
REQUIREMENTS = {"run": "requirements.txt", "test": "requirements-dev.txt"}
DOCS = "requirements-docs.txt"
SITE = ROOT / "site"

# Run in .venv: first line its Python, then what a RECORD promises and is gone.
INSPECT = """
import importlib.metadata, pathlib, sys
import pip
print("%d.%d" % sys.version_info[:2])
for one in importlib.metadata.distributions():
    record = one.read_text("RECORD") or ""
    tops = {line.split(",")[0].strip('"').split("/")[0] for line in record.splitlines()}
    if not all(pathlib.Path(one.locate_file(top)).exists() for top in tops - {"", "__pycache__"}):
        print(one.name)
"""


def version() -> str:
    """Return the running Python's version, such as ``3.11``."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def key() -> str:
    """Return what a stamp must hold: the Python and every requirement, hashed."""
    digest = hashlib.sha256(version().encode())
    for name in (BUILD, DOCS, *REQUIREMENTS.values()):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def fault() -> str | None:
    """Say why .venv cannot be used or mended; None if it can, or is not there."""
    if not VENV.exists() and not VENV.is_symlink():
        return None
    if UNFINISHED.exists():
        return "was left half-made"
    try:
        done = subprocess.run([PYTHON, "-c", INSPECT], capture_output=True, text=True)
    except OSError:
        return "has no Python that runs"
    found, *gone = done.stdout.split() or [""]
    if done.returncode or not found:
        return "does not work any more"
    if found != version():
        return f"was made by Python {found}"
    return f"lacks files of {', '.join(gone)}" if gone else None


def remove() -> None:
    """Remove .venv, whatever it is."""
    if VENV.is_dir() and not VENV.is_symlink():
        shutil.rmtree(VENV)
    else:
        VENV.unlink()


def shown(*arguments: str | Path) -> int:
    """Show a command and run it; return its exit code."""
    print("+", *(str(a).replace(f"{ROOT}/", "") for a in arguments), flush=True)
    return subprocess.run(arguments, cwd=ROOT).returncode


def command(*arguments: str | Path) -> None:
    """Show a command and run it; leave if it fails."""
    if shown(*arguments):
        print(
            "SNN Lab: setting up .venv failed, see the lines above;"
            " mend the cause and run make again.",
            file=sys.stderr,
        )
        sys.exit(2)


def said(stamp: Path) -> str:
    """Return what a stamp says; nothing if it is not there or cannot be read."""
    try:
        return stamp.read_text(errors="replace")
    except OSError:
        return ""


def prepare(kind: str) -> None:
    """Make .venv hold what `kind` needs, ``run`` or ``test``."""
    # tests need all that a run needs, so their stamp is good for both
    stamps = {name: VENV / f".snnlab-{name}" for name in REQUIREMENTS}
    enough = [stamps["test"]] if kind == "test" else list(stamps.values())
    if why := fault():
        print(f".venv {why}: making it anew", flush=True)
        remove()
    elif any(said(stamp) == key() for stamp in enough):
        print(f".venv is up to date (Python {version()})", flush=True)
        return

    fresh = not VENV.exists()
    VENV.mkdir(exist_ok=True)
    UNFINISHED.touch()
    if fresh:
        command(sys.executable, "-m", "venv", VENV)
    command(*PIP, "-r", BUILD)
    command(*PIP, "--no-build-isolation", "-r", REQUIREMENTS[kind])
    stamps[kind].write_text(key())
    UNFINISHED.unlink()


def compile_kernels() -> None:
    """Compile what both networks run on, unless it was done for these sources and is there.

    Whatever is missing is compiled at the first run, so that a failure here
    costs half a minute later, and nothing else.
    """
    sources = sorted(
        [*ROOT.glob("snnlab/simulation/**/*.py"), *ROOT.glob("snnlab/nets/kernels.py")]
    )
    if not sources:
        return
    digest = hashlib.sha256(key().encode())
    for source in sources:
        digest.update(str(source.relative_to(ROOT)).encode() + source.read_bytes())
    stamp = VENV / ".snnlab-kernels"
    done, *kept = said(stamp).splitlines() or [""]
    if done == digest.hexdigest() and all(Path(path).is_file() for path in kept):
        return
    print("compiling what the networks run on, unless they are kept: half a minute", flush=True)
    found = subprocess.run(
        [PYTHON, "-m", "snnlab.simulation"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    if found.returncode:
        print("that failed; the first run will try again", flush=True)
        return
    with contextlib.suppress(OSError):  # on a full disk it is found out anew each time
        stamp.write_text(f"{digest.hexdigest()}\n{found.stdout}")


def build_docs(*arguments: str) -> bool:
    """Build the documentation, unless the site there is made of the same; False if that failed.

    The lab runs without it, and then says at ``/docs`` what to do. Nothing is fetched where the
    packages are there.
    """
    builder = ROOT / "tools" / "docs_site.py"
    if not builder.exists():
        return True
    digest = hashlib.sha256(key().encode())
    sources = (*ROOT.glob("docs/**/*"), *ROOT.glob("*.md"), *ROOT.glob("tools/docs_*"))
    for source in sorted((*sources, ROOT / "mkdocs.yml")):
        if source.is_file():
            digest.update(str(source.relative_to(ROOT)).encode() + source.read_bytes())
    stamp = SITE / ".made-of"
    if said(stamp) == digest.hexdigest():
        return True
    print("building the documentation: some seconds", flush=True)
    pip = (*PIP, "--quiet", "--only-binary", ":all:", "-r", DOCS)
    if shown(*pip) or shown(PYTHON, "-m", "tools.docs_site", *arguments):
        return False
    with contextlib.suppress(OSError):  # then it is built again next time
        stamp.write_text(digest.hexdigest())
    return True


def main() -> None:
    """Prepare .venv, one make at a time."""
    kind = sys.argv[1]
    here = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(here, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("waiting for another make to finish with .venv", flush=True)
        fcntl.flock(here, fcntl.LOCK_EX)
    try:
        prepare("run" if kind == "docs" else kind)
        if kind != "docs":
            compile_kernels()
        built = kind == "test" or build_docs(*["--strict"] * (kind == "docs"))
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        print(
            f"SNN Lab: .venv cannot be set up: {error.strerror}; mend that and run make again.",
            file=sys.stderr,
        )
        sys.exit(2)
    if kind == "docs":
        if not built:
            told = "SNN Lab: the documentation was not built, see the lines above."
            print(told, file=sys.stderr)
            sys.exit(2)
        print(f"the documentation is in {SITE.name}/, and the lab serves it at /docs")
    elif not built:
        print("that failed; the lab runs without it, and `make docs` tries again", flush=True)


if __name__ == "__main__":
    main()
