"""What all tests share: few threads, repeatable examples, real data, a browser."""

import gc
import os
import shutil
from pathlib import Path

# Before anything numeric is imported: the machine may be shared, and results
# must not depend on how many processors it has.
for _name in (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
):
    os.environ.setdefault(_name, "2")

# models that somebody made on this machine are none of the tests'
os.environ["SNNLAB_MODELS"] = str(Path(__file__).resolve().parent / "no-models")

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
ISBI_FILES = ("train-volume.tif", "train-labels.tif")
EPFL_FILES = ("epfl-images.tif", "epfl-membranes.tif", "epfl-mitochondria.tif", "epfl-slices.txt")

# The same examples every time; `pytest --hypothesis-profile=search` looks for new ones.
settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("search", deadline=None, max_examples=500)
settings.load_profile("ci")


def find_chromium() -> str | None:
    """Return the path of the system's Chromium, if it has one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def pytest_make_parametrize_id(val, argname):
    """Bytes that are a file give no name to a test: a zip holds the time at which it was made,
    and two workers that collect at different moments must find the same names."""
    return argname if isinstance(val, bytes) and len(val) > 40 else None


def pytest_collection_modifyitems(items):
    """Browser tests come last, and are skipped where there is no browser."""
    browser = [item for item in items if (ROOT / "tests" / "browser") in item.path.parents]
    # their server and their browser stay until all tests are done
    items.sort(key=lambda item: item in browser)
    if not find_chromium():
        skip = pytest.mark.skip(reason="no Chromium here (Debian: apt-get install chromium)")
        for item in browser:
            item.add_marker(skip)


def pytest_collection_finish():
    """See `settled`: seven thousand tests are large, too."""
    settled()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item, nextitem):
    """See `settled`: after the last test of each file."""
    found = yield
    if nextitem is None or nextitem.path != item.path:
        settled()
    return found


def settled():
    """What outlives a file of tests is not searched for garbage again.

    Each full collection goes through all that a process holds: late in a worker of all tests,
    which has imported and kept a lot, a page took ten times as long as in a process of its own.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the system's Chromium."""
    return find_chromium() or pytest.skip("no Chromium here (Debian: apt-get install chromium)")


@pytest.fixture(scope="session")
def isbi_folder() -> Path:
    """Folder of the ISBI 2012 volumes, which may not be shipped."""
    named = os.environ.get("SNNLAB_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data" / "isbi2012"
    if not all((folder / name).is_file() for name in ISBI_FILES):
        pytest.skip("the ISBI 2012 volumes are not here: name their folder in SNNLAB_DATA")
    return folder


@pytest.fixture(scope="session")
def epfl_folder() -> Path:
    """Folder of the EPFL slices, which may not be shipped."""
    named = os.environ.get("SNNLAB_EPFL")
    folder = Path(named) if named else ROOT.parent / "shared" / "data" / "epfl"
    if not all((folder / name).is_file() for name in EPFL_FILES):
        pytest.skip("the EPFL slices are not here: name their folder in SNNLAB_EPFL")
    return folder
