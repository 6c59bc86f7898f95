"""What the lab bears from people and accidents: python -m benchmarks.hostile [--files 5000].

Five trials, each with a fixed seed; a line each on stdout, exit code 1 if one failed:

files     so many mutated files of each format through the way of an upload: opened, a section
          read, and read as labels. Anything but a result or one sentence (`LabError`) is a
          failure, and so is memory that grows without bound, here or in the process that
          reads HDF5 and Zarr (which may die, and is counted).
address   every parameter of the address with nonsense: settings come back and the page draws.
reloads   a visitor who reloads the page each second while runs are asked for.
worker    the worker's thread is killed in the middle of a run: the visitor is told, and the
          next run is computed; then the whole server is killed, and the address brings the
          settings back from a new one.
disk      a server that can write no byte any more (a limit of the system, as a full disk would
          do) once its first run is done: the page draws, a run is computed, downloads arrive.

The last three need Chromium and the development tools.
"""

import argparse
import ctypes
import io
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parents[1]
GROWTH = 512e6  # bytes that memory may grow over a trial of files
SEED = 20261121


# ---- files ----------------------------------------------------------------------


def originals() -> dict[str, bytes]:
    """Small images of every kind that the lab reads."""
    import tifffile
    from PIL import Image

    noise = np.random.default_rng(SEED)
    grey = noise.integers(0, 256, (64, 72), np.uint8)
    labels = np.kron(noise.integers(0, 2, (8, 9)), np.ones((8, 8))).astype(np.uint8) * 255
    found = {}

    def pillow(name, image, form, **options):
        file = io.BytesIO()
        image.save(file, form, **options)
        found[name] = file.getvalue()

    pillow("grey.png", Image.fromarray(grey), "PNG")
    pillow("labels.png", Image.fromarray(labels), "PNG")
    pillow("deep.png", Image.fromarray(grey.astype(np.uint16) * 257), "PNG")
    pillow("colour.png", Image.fromarray(np.dstack([grey] * 3)), "PNG")
    pillow("palette.png", Image.fromarray(grey).convert("P"), "PNG")
    pillow("grey.jpg", Image.fromarray(grey), "JPEG")
    for name, pixels, options in (
        ("plain", grey, {}),
        ("lzw", np.stack([grey.astype(np.uint16)] * 4), {"compression": "lzw"}),
        ("deflate", grey, {"compression": "zlib", "predictor": True}),
        ("tiles", np.kron(grey, np.ones((2, 2), np.uint8)), {"tile": (32, 32)}),
        ("packbits", labels, {"compression": "packbits"}),
        (
            "imagej",
            np.stack([grey] * 3),
            {"imagej": True, "metadata": {"axes": "ZYX", "unit": "nm"}},
        ),
        ("float", grey.astype(np.float32) / 255, {}),
        ("colour", np.dstack([grey] * 3), {"photometric": "rgb"}),
        ("big", grey, {"bigtiff": True}),
    ):
        file = io.BytesIO()
        tifffile.imwrite(file, pixels, **({"photometric": "minisblack"} | options))
        found[f"{name}.tif"] = file.getvalue()
    return found


def volumes() -> dict[str, dict[str, bytes]]:
    """Small volumes of every other format that the lab reads, by format."""
    import gzip
    import json
    import zipfile

    import h5py
    import mrcfile
    import nibabel
    import nrrd
    import zarr

    from tests.images.dm_files import dm

    noise = np.random.default_rng(SEED)
    stack = noise.integers(0, 256, (3, 48, 56), np.uint8)
    deep = stack.astype(np.int16) * 100
    found: dict[str, dict[str, bytes]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def kept(form: str, file: str, write) -> None:
            write(folder / file)
            found.setdefault(form, {})[file] = (folder / file).read_bytes()

        def mrc(values):
            def write(path):
                with mrcfile.new(path, overwrite=True) as made:
                    made.set_data(values)
                    made.voxel_size = 40

            return write

        kept("MRC", "bytes.mrc", mrc(stack.view(np.int8)))
        kept("MRC", "deep.rec", mrc(deep))
        kept("MRC", "real.map", mrc(deep.astype(np.float32)))
        turned = bytearray(found["MRC"]["deep.rec"])
        turned[64:76] = np.array((2, 1, 3), "<i4").tobytes()
        found["MRC"]["turned.map"] = bytes(turned)
        found["DM"] = {
            "one.dm3": dm(deep[0]),
            "stack.dm4": dm(deep.astype(np.float32), 4),
            "big.dm3": dm(stack, order=">"),
        }
        for encoding in ("raw", "gzip", "bzip2"):
            options = {"encoding": encoding, "spacings": [4.0, 4.0, 50.0], "units": ["nm"] * 3}
            kept(
                "NRRD",
                f"{encoding}.nrrd",
                lambda path, options=options: nrrd.write(str(path), deep, options, index_order="C"),
            )
        for file, kind in (("one.nii", nibabel.Nifti1Image), ("two.nii", nibabel.Nifti2Image)):
            found.setdefault("NIfTI", {})[file] = kind(deep.T, None, dtype=np.int16).to_bytes()
        found["NIfTI"]["packed.nii.gz"] = gzip.compress(found["NIfTI"]["one.nii"])

        def hdf5(**options):
            def write(path):
                with h5py.File(path, "w", **options) as made:
                    packed = {"chunks": (1, 16, 16), "compression": "gzip", "shuffle": True}
                    raw = made.create_dataset("volumes/raw", data=stack, **packed)
                    raw.attrs["resolution"] = (40.0, 4.0, 4.0)
                    made.create_dataset("volumes/labels/neuron_ids", data=stack.astype(np.uint64))
                    axes = json.dumps({"axes": [{"key": axis} for axis in "zyx"]})
                    raw.attrs["axistags"] = axes

            return write

        kept("HDF5", "old.h5", hdf5())
        kept("HDF5", "new.h5", hdf5(libver="latest"))
        kept("HDF5", "plain.h5", lambda path: h5py.File(path, "w").create_dataset("a", data=deep))
        for version, packing in ((2, 0), (3, 0), (3, 8)):
            place = folder / f"{version}.zarr"
            group = zarr.open_group(place, mode="w", zarr_format=version)
            axes = [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"]
            scale = [{"type": "scale", "scale": [50.0, 4.0, 4.0]}]
            datasets = [{"path": "0", "coordinateTransformations": scale}]
            about = {"multiscales": [{"version": "0.4", "axes": axes, "datasets": datasets}]}
            group.attrs.update(about if version == 2 else {"ome": about | {"version": "0.5"}})
            array = group.create_array("0", shape=stack.shape, chunks=(1, 24, 28), dtype="u1")
            array[...] = stack

            def pack(path, place=place, packing=packing):
                with zipfile.ZipFile(path, "w", packing) as made:
                    for one in sorted(place.rglob("*")):
                        if one.is_file():
                            made.write(one, one.relative_to(place.parent))

            kept("OME-Zarr", f"{version}-{packing}.zip", pack)
    return found


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The file with a few things wrong with it."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        kind, at = chance.randrange(8), chance.randrange(max(len(found), 1))
        if kind == 0:  # a byte
            found[at : at + 1] = bytes([chance.randrange(256)])
        elif kind == 1:  # a bit
            found[at : at + 1] = bytes([(found[at] if found else 0) ^ (1 << chance.randrange(8))])
        elif kind == 2:  # cut short
            del found[at:]
        elif kind == 3:  # a piece gone
            del found[at : at + chance.randint(1, 64)]
        elif kind == 4:  # a piece twice
            found[at:at] = found[at : at + chance.randint(1, 64)]
        elif kind == 5:  # a number at the edge of its range
            edge = chance.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF))
            found[at : at + 4] = edge.to_bytes(4, chance.choice(("little", "big")))
        elif kind == 6:  # near the head, where sizes and offsets are
            found[at % 64 : at % 64 + 1] = bytes([chance.randrange(256)])
        else:  # noise
            found[at : at + 32] = chance.randbytes(chance.randint(0, 64))
    return bytes(found)


def files(count: int) -> str:
    """So many mutated files of each format on the way of an upload."""
    known = originals()
    forms: dict[str, dict[str, bytes]] = {}
    for name, data in known.items():
        kind = {"jpg": "JPEG", "png": "PNG"}.get(name.rpartition(".")[2], "TIFF")
        forms.setdefault(kind, {})[name] = data
    forms |= volumes()
    told = [_files_of(form, files, known["labels.png"], count) for form, files in forms.items()]
    return "; ".join(told)


def _files_of(form: str, known: dict[str, bytes], labels: bytes, count: int) -> str:
    from snnlab.errors import LabError
    from snnlab.images import apart
    from snnlab.lab import segmenting as lab

    chance = random.Random(SEED)
    for name, data in known.items():
        lab.upload(data, name)  # as they are, all can be read
    process = psutil.Process()
    begun, slowest = process.memory_info().rss, 0.0
    largest, read, refused, child, died = begun, 0, 0, 0, 0
    for index in range(count):
        name, data = chance.choice(list(known.items()))
        data, truth = mutated(data, chance), None
        if chance.random() < 0.3:
            truth = mutated(labels, chance)
        before = apart.running()
        clock = time.perf_counter()
        try:
            sections = lab.upload_sections(data, name)
            picture = lab.upload(data, name, chance.randrange(sections), truth, "labels.png")
            assert picture.pixels.dtype == np.float32
            assert 0 <= float(np.nanmin(picture.pixels)) <= float(np.nanmax(picture.pixels)) <= 1
            read += 1
        except LabError as error:
            text = str(error)
            assert text and "\n" not in text and "Traceback" not in text, text
            refused += 1
        except BaseException:
            (ROOT / "runs").mkdir(exist_ok=True)
            kept = ROOT / "runs" / f"hostile-{index}-{name}"
            kept.write_bytes(data)
            traceback.print_exc()
            raise AssertionError(f"file {index}, kept as {kept.relative_to(ROOT)}") from None
        slowest = max(slowest, time.perf_counter() - clock)
        largest = max(largest, process.memory_info().rss)
        if apart.running() is not None:
            child = max(child, psutil.Process(apart.running()).memory_info().rss)
        died += before is not None and apart.running() != before
    grown = largest - begun
    assert grown < GROWTH, f"memory grew by {grown / 1e6:.0f} MB"
    more = f", {died} times the process that reads it died; it held {child / 1e6:.0f} MB at most"
    return (
        f"{form}: {count} files, {read} read, {refused} refused in a sentence, 0 failures; slowest"
        f" {slowest:.2f} s; memory grew by {grown / 1e6:.0f} MB at most{more if child else ''}"
    )


# ---- addresses --------------------------------------------------------------------

NONSENSE = (
    "", " ", "-1", "0", "1e999", "nan", "inf", "-inf", "1e-400", "9" * 400, "0x10", "1_0", "٣",
    "true", "null", "<script>alert(1)</script>", "../../etc/passwd", "%00", "\0", "a" * 5000,
    "'; DROP TABLE runs; --", "{{7*7}}", "${7*7}", "🧠", "\u202e", "1,2", "[1]", "{}",
)  # fmt: skip


def address() -> str:
    """Every parameter with nonsense: read, and drawn."""
    from streamlit.testing.v1 import AppTest

    from snnlab.settings import _RULES, Settings

    names = [short for short, _ in _RULES.values()]
    for name in (*names, "unknown", "", "__proto__"):
        for value in NONSENSE:
            settings, complaints = Settings.from_query({name: value})
            assert isinstance(settings, Settings)
            assert all(value not in text for text in complaints if len(value) > 6)
    os.chdir(ROOT)
    drawn, chance = 0, random.Random(SEED)
    for name in names:
        for value in chance.sample(NONSENSE, 3):
            app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
            app.session_state["auto"] = False
            app.query_params[name] = value
            app.run()
            assert not app.exception, (name, value)
            drawn += 1
    return f"{len(names)} parameters x {len(NONSENSE)} kinds of nonsense read; {drawn} pages drawn"


# ---- in a browser ---------------------------------------------------------------


def opened(driver, url: str):
    """A page that remembers its faults."""
    from tools.served import FLAGS

    browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
    page = browser.new_page(accept_downloads=True)
    page.set_default_timeout(60_000)
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.goto(url)
    return page


def with_server(trial, **environment):
    """Run a trial with a server and a browser of its own."""
    from playwright.sync_api import sync_playwright

    from benchmarks.visitors import Server

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        server = Server(Path(folder))
        try:
            return trial(driver, server)
        finally:
            server.stop()


def reloads(driver, server, times: int = 30) -> str:
    """Reload each second, with other settings each time."""
    from benchmarks.visitors import PICTURES, STATUS

    page = opened(driver, server.url)
    page.wait_for_selector(PICTURES)
    begun, threads = server.memory, server._watched.num_threads()
    for index in range(times):
        page.goto(f"{server.url}/?steps={20 + index}&lo=900&hi=1000", wait_until="commit")
        page.wait_for_timeout(1000)
    last = 19 + times
    page.locator(STATUS).get_by_text(f"· {last} timesteps ·").wait_for()
    assert not page.faults, page.faults
    more = server._watched.num_threads() - threads
    return (
        f"{times} reloads: the last one's result is shown; memory grew by"
        f" {(server.memory - begun) / 1e6:.0f} MB, threads by {more}"
    )


def worker(driver, server) -> str:
    """Kill the thread, then the server."""
    from benchmarks.visitors import PICTURES, STATUS, Server
    from snnlab.work.jobs import Worker

    # the thread, in this process: a browser cannot reach it
    own, going = Worker(), threading.Event()

    def endless(progress, cancel):
        going.set()
        while not cancel():
            time.sleep(0.001)

    lost = own.submit(endless, owner="one")
    waiting = own.submit(lambda progress, cancel: "done", owner="other")
    assert going.wait(10)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(own._thread.ident), ctypes.py_object(SystemExit)
    )
    assert lost.wait(10) and waiting.wait(10), "the queue stands still"
    assert lost.status.state == "failed" and "run it again" in lost.status.error
    assert waiting.result == "done"
    own.shutdown()

    page = opened(driver, f"{server.url}/?steps=400&lo=900&hi=1000&sim=nengo")
    page.wait_for_selector(PICTURES)
    page.get_by_role("button", name="Run").click()
    page.get_by_role("button", name="Cancel").wait_for()
    server.process.send_signal(signal.SIGKILL)
    server.process.wait(10)
    page.wait_for_timeout(3000)
    assert page.get_by_text("Traceback").count() == 0
    with tempfile.TemporaryDirectory() as folder:
        again = Server(Path(folder))
        try:
            address = re.sub(r":\d+/", f":{again.port}/", page.url)
            page.goto(address)
            page.wait_for_selector(PICTURES)
            page.locator(STATUS).get_by_text("simulator: event → nengo").wait_for()
        finally:
            again.stop()
    assert not page.faults, page.faults
    return (
        "a killed thread: its run failed with a sentence, the next was computed; a killed server:"
        " the address brought the settings back from a new one"
    )


def disk(driver, server) -> str:
    """Downloads from a server that can write no file."""
    from benchmarks.visitors import PICTURES, STATUS

    page = opened(driver, f"{server.url}/?steps=11&lo=900&hi=1000")
    page.wait_for_selector(PICTURES)
    page.locator(STATUS).get_by_text("· 11 timesteps ·").wait_for()
    # the disk fills up while the lab runs: TensorFlow cannot even be started on a full one
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (0, 0))
    page.goto(f"{server.url}/?steps=12&lo=900&hi=1000")
    page.wait_for_selector(PICTURES)
    page.locator(STATUS).get_by_text("· 12 timesteps ·").wait_for()
    page.get_by_role("button", name="Download", exact=True).click()
    dialog = page.get_by_role("dialog")
    arrived = {}
    for name in ("SNN mask (PNG)", "SNN probability (TIF)", "Spikes (NPZ)", "Scores (CSV)",
                 "Report (HTML)"):  # fmt: skip
        with page.expect_download() as started:
            dialog.get_by_role("button", name=name, exact=True).click()
        arrived[name] = Path(started.value.path()).stat().st_size
    assert all(arrived.values()), arrived
    assert not page.faults, page.faults
    assert server.process.poll() is None, "the server died"
    total = sum(arrived.values()) / 1e6
    return f"no byte could be written: a run and {len(arrived)} downloads ({total:.1f} MB) arrived"


TRIALS = ("files", "address", "reloads", "worker", "disk")


def main() -> None:
    """Run the trials."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=5000, metavar="N")
    parser.add_argument("--only", nargs="+", choices=TRIALS, default=TRIALS)
    arguments = parser.parse_args()
    trials = {
        "files": lambda: files(arguments.files),
        "address": address,
        "reloads": lambda: with_server(reloads),
        "worker": lambda: with_server(worker),
        "disk": lambda: with_server(disk),
    }
    failed = False
    for name in arguments.only:
        begun = time.perf_counter()
        try:
            told = trials[name]()
        except Exception as error:
            failed, told = True, f"FAILED: {type(error).__name__}: {error}"
        print(f"{name}: {told} ({time.perf_counter() - begun:.0f} s)", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
