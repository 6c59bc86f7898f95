"""Build the documentation into ``site/``: ``python -m tools.docs_site [--strict]``.

With ``--strict`` a link that leads nowhere is a failure. The site takes the place of the one
before only when it is whole, since the lab may be serving that one.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "site"
NEW = ROOT / "site.new"


def build(into: Path, strict: bool) -> int:
    """Build it into a folder; the exit code of MkDocs, which says what is wrong.

    Parameters
    ----------
    into : pathlib.Path
        What is in it goes.
    strict : bool
        Whether a warning is a failure.
    """
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(into)]
    # Material's word on what will follow it is for whoever chooses, not for whoever builds; with
    # --quiet warnings would not count
    done = subprocess.run(
        [*command, *["--strict"] * strict],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    said = [line for line in done.stderr.splitlines() if not line.startswith("INFO")]
    print(*said, sep="\n", end="\n" * bool(said), file=sys.stderr)
    return done.returncode


def main() -> None:
    """Build it, and put it in the place of the one before."""
    code = build(NEW, "--strict" in sys.argv[1:])
    if code:
        shutil.rmtree(NEW, ignore_errors=True)
        sys.exit(code)
    shutil.rmtree(SITE, ignore_errors=True)
    NEW.rename(SITE)


if __name__ == "__main__":
    main()
