"""Stored files with something wrong in them: python -m benchmarks.forged [--count 2000].

At each of three boundaries so many files are mutated, with a fixed seed, and read on the way
that the lab reads them; a line each on stdout, exit code 1 if one failed:

models        a model's file and its card, loaded on a page or lying in the folder of models;
              what is still read has to run as well, as ANN and as spiking net.
checkpoints   those of a training and of a fine-tuning: gone on from, and told how far they are.
stores        what lies in the cache or comes with the lab: results of sweeps, the first result,
              the ready-made comparison, sweep and mapping, built chips, exposures of a volume.

Half of the mutations are of bytes (cut short, changed, doubled, noise); the other half keep the
archive whole and change what is in it: one array's type, shape, header or length, numbers put to
the ends of the floats, JSON nested deeply, or with parts dropped, swapped or of another kind.
Anything but a result or one sentence (`LabError`) is a failure, and so is any warning.
"""

import argparse
import contextlib
import io
import json
import logging
import os
import random
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from benchmarks.hostile import mutated

ROOT = Path(__file__).resolve().parents[1]
SEED = 20261130
ENDS = (5e-324, 1e-45, 2.2e-308, 3e38, 3.4e38, 1.7e308, -3e38, -0.0, float("nan"), float("inf"),
        float("-inf"), 0.0, 1.0)  # fmt: skip
ODD = (None, True, -1, 0, 2**63, -(2**70), 10**400, "", "x" * 3000, "\0", "\ud800", [], {}, [[]],
       {"name": {}}, *ENDS)  # fmt: skip


# ---- what is done to a file -------------------------------------------------------------------


def forged(data: bytes, chance: random.Random) -> bytes:
    """A file with something wrong in it, of bytes or of what they mean."""
    if chance.random() < 0.5:
        return mutated(data, chance)
    if data[:2] == b"PK":
        return _archive(data, chance)
    if data[:1] in (b"{", b"["):
        return _text(data, chance)
    return mutated(data, chance)


def _archive(data: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(list(parts))
        kind = chance.randrange(10)
        if kind == 0:
            parts.pop(name)
        elif kind == 1:
            parts[chance.choice(("other.npy", "x", "../x.npy", name + "x"))] = parts[name]
        elif kind == 2:
            parts[name] = mutated(parts[name], chance)
        elif kind == 3:  # the header alone
            parts[name] = mutated(parts[name][:128], chance) + parts[name][128:]
        else:
            parts[name] = _array(parts[name], chance)
        if not parts:
            break
    file = io.BytesIO()
    way = chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))
    with zipfile.ZipFile(file, "w", way) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in parts.items():
            archive.writestr(name, value)
    return file.getvalue()


def _array(data: bytes, chance: random.Random) -> bytes:
    """An array with other values, type or shape."""
    try:
        values = np.load(io.BytesIO(data), allow_pickle=False)
    except Exception:  # mutated before
        return data
    if values.dtype.kind == "U" and values.shape == ():
        text = _text(str(values).encode(), chance).decode("utf-8", "replace")
        return _npy(np.array(text))
    kind = chance.randrange(8)
    if kind == 0:
        values = values.astype(chance.choice(("<f8", ">f4", "<i8", "|i1", "<U3", "|b1", "<c8")))
    elif kind == 1:
        values = np.asfortranarray(np.ravel(values)[: chance.randint(0, 9)])
    elif kind == 2:
        values = np.stack([values, values])
    elif kind == 3:
        return data[: chance.randint(0, len(data))]
    elif values.size:
        values = np.array(values)
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = np.float64(chance.choice(ENDS))
            where = slice(None) if chance.random() < 0.3 else chance.randrange(values.size)
            np.put(values, np.arange(values.size)[where], value.astype(values.dtype))
    return _npy(values)


def _npy(values: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def _text(data: bytes, chance: random.Random) -> bytes:
    """JSON with something wrong in it."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return data
    kind = chance.randrange(8)
    if kind == 0:
        return b"[" * chance.choice((10, 200, 5000, 100_000))
    if kind == 1:
        return b'{"a":' * 3000 + b"1" + b"}" * 3000
    if kind == 2:
        return data.replace(b"0", chance.choice((b"1e999", b"-Infinity", b"NaN", b"9" * 400)), 1)
    for _ in range(chance.randint(1, 3)):
        value = _changed(value, chance)
    return json.dumps(value).encode()


def _changed(value, chance: random.Random):
    """The same with one part of it dropped, doubled or replaced, somewhere inside."""
    if isinstance(value, dict | list) and value and chance.random() < 0.85:
        place = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
        value = value.copy()
        kind = chance.randrange(6)
        if kind == 0:
            del value[place]
        elif kind == 1 and isinstance(value, list):
            value.insert(place, value[place])
        elif kind == 1:
            value["another"] = value[place]
        else:
            value[place] = _changed(value[place], chance)
        return value
    return chance.choice(ODD)


# ---- who reads them ---------------------------------------------------------------------------


def models(folder: Path) -> Iterator[tuple[str, bytes, Callable[[bytes], None]]]:
    """Files of a model: name, content, and what is done with a mutated one."""
    from snnlab.export import tables
    from snnlab.lab import segmenting as lab
    from snnlab.nets import files, shelf
    from snnlab.settings import Settings
    from tests import small_models

    card = {
        "summary": "Small.", "weights": 10, "nm": 4.0, "minutes": 1.5,
        "settings": {"timesteps": 6, "lower_hz": 75.0, "upper_hz": 150.0},
        "range": {"percentile": 99.9, "lower_hz": 75.0, "upper_hz": 150.0},
        "scores": {"ann": {"v_rand": 0.9}, "sections": "two", "in_range": {"all": 0.9}},
    }  # fmt: skip
    model = replace(small_models.model(3), card=card)
    whole = lab.sample(0)
    corner = slice(0, 32)
    picture = replace(
        whole, pixels=whole.pixels[corner, corner], labels=whole.labels[corner, corner]
    )

    def used(made) -> None:
        made = shelf.SHELF.put("forged", made)
        try:
            settings = Settings(**made.card["settings"] | {"model": made.name})
            short = settings.replace(timesteps=min(settings.timesteps, 6), simulator="event")
            result = lab.segment(picture, short)
            assert np.isfinite(result.ann).all() and np.isfinite(result.snn()).all()
            tables.rates_csv(result)
            json.dumps(made.card, allow_nan=False)
        finally:
            shelf.SHELF.drop("forged")

    def loaded(data: bytes) -> None:
        used(files.unpack(data, "forged"))

    def in_folder(suffix: str, data: bytes) -> None:
        (folder / f"mine{suffix}").write_bytes(data)
        assert "mine" in lab.cards() or "mine" in lab.refused()
        used(shelf.load("mine"))

    yield "model.npz", files.pack(model), loaded
    os.environ["SNNLAB_MODELS"] = str(folder)
    path = shelf.save(replace(model, name="mine"))
    kept = {suffix: path.with_suffix(suffix).read_bytes() for suffix in (".npz", ".json")}
    for suffix, content in kept.items():

        def restored(data: bytes, suffix=suffix) -> None:
            for name, whole in kept.items():
                (folder / f"mine{name}").write_bytes(whole)
            in_folder(suffix, data)

        yield f"mine{suffix}", content, restored


def checkpoints(folder: Path) -> Iterator[tuple[str, bytes, Callable[[bytes], None]]]:
    """Checkpoints of a training from random weights and of a fine-tuning, of small nets."""
    from snnlab.data.drawn import Data
    from snnlab.errors import Cancelled
    from snnlab.training import checkpoints as kept
    from snnlab.training.finetuning import Finetuner, recipe_for
    from snnlab.training.fitting import Trainer
    from snnlab.training.own import running
    from snnlab.training.recipe import Recipe
    from snnlab.training.regulariser import RateRange
    from tests import small_models

    images = np.stack([small_models.image(64, seed=seed) for seed in (2, 3)])
    labels = images > 0.5
    data = Data(lambda random: (images[0], labels[0]), images, labels, "small")
    fresh = Recipe(widths=(3, 4), encoder=2, side=32, batch=1, steps=4, validate_every=0.25)
    tuned = recipe_for(small_models.model(3), RateRange(), steps=4, side=32)
    makers = {
        "stage-1": lambda place: Trainer(fresh, data, place),
        "tuned": lambda place: Finetuner(tuned, data, small_models.model(3), place),
    }
    for name, make in makers.items():
        path = folder / name / kept.NAME
        with contextlib.suppress(Cancelled):
            make(path.parent).run(cancel=_after(3))
        # the graph is built once: a mutated file is only read and taken over
        trainer = make(path.parent)

        def gone_on(data: bytes, path=path, trainer=trainer) -> None:
            from snnlab.training import resuming

            path.write_bytes(data)
            running.done_steps(folder)
            try:
                resuming.go_on(trainer)
                trainer.validate()
            finally:
                if kept.set_aside(path.parent):
                    assert not path.exists()

        yield f"{name}.npz", path.read_bytes(), gone_on


def _after(times: int) -> Callable[[], bool]:
    """Cancel when asked for the so-manieth time."""
    asked = iter(range(times))
    return lambda: next(asked, None) is None


def stores(folder: Path) -> Iterator[tuple[str, bytes, Callable[[bytes], None]]]:
    """What lies in the cache, and what comes with the lab."""
    from snnlab.chips import storage
    from snnlab.lab import segmenting as lab
    from snnlab.lab import sweeping as lab_sweep
    from snnlab.simulation.loihi import cache
    from snnlab.studies.methods import storing
    from snnlab.studies.sweep import store
    from snnlab.studies.volume import exposure

    os.environ["SNNLAB_CACHE"] = str(folder)
    picture = lab.sample(0)
    corner = slice(0, 64)
    small = replace(
        picture, pixels=picture.pixels[corner, corner], labels=picture.labels[corner, corner]
    )
    grid = lab_sweep.Grid(lab.defaults("relu"), (99.9,), (1000.0,), (4,), (), ("relu",))
    lab_sweep.run(grid, [small])
    (result,) = (folder / "results").rglob("*.json")

    def swept(data: bytes) -> None:
        result.write_bytes(data)
        rows = lab_sweep.known(grid, [small])
        lab_sweep.estimate(grid, [small])
        if rows:
            lab_sweep.csv_of(rows)
            lab_sweep.pareto(rows, ("v_rand",))
            json.dumps(rows, allow_nan=False)

    yield "result.json", result.read_bytes(), swept

    expected = store.Store().place / lab_sweep.MEASURED[:2] / f"{lab_sweep.MEASURED}.json"
    expected.parent.mkdir(parents=True, exist_ok=True)

    def guessed(data: bytes) -> None:
        expected.write_bytes(data)
        assert 0 <= lab_sweep.estimate(grid, [picture]) < 1e9

    yield "factor.json", b'{"factor": 1.5}', guessed

    for name, load in (
        ("chips.npz", storage.load),
        ("methods.npz", storing.load),
    ):
        path = folder / name

        def shipped(data: bytes, path=path, load=load) -> None:
            path.write_bytes(data)
            load(path)

        yield name, (lab.ASSETS / name).read_bytes(), shipped

    def ready(data: bytes, path=folder / "sweep.json") -> None:
        path.write_bytes(data)
        lab_sweep.ready_made.cache_clear()
        kept, lab_sweep.READY_MADE = lab_sweep.READY_MADE, path
        try:
            made = lab_sweep.ready_made()
        finally:
            lab_sweep.READY_MADE = kept
            lab_sweep.ready_made.cache_clear()
        lab_sweep.outdated(made)
        lab_sweep.pareto(made["rows"], ("v_rand",))
        lab_sweep.csv_of(made["rows"])

    yield "sweep.json", lab_sweep.READY_MADE.read_bytes(), ready

    from snnlab.simulation.event.operators import Convolve
    from snnlab.simulation.loihi.reading import BuiltLayer, BuiltLink

    one = (1, 1, 1)
    through = Convolve(np.zeros((1, 1, 1, 1)), one, one, (1, 1), "same", False)
    built = (
        BuiltLayer("host", one),
        BuiltLayer(
            "chip", one, (BuiltLink("host", through, np.zeros((1, 1, 1, 1, 1), np.int16)),), one,
            np.zeros((1, 1), np.int64), np.zeros(1, np.int32), np.ones(1, np.int32), 1, 0, 2,
        ),
    )  # fmt: skip
    cache.save("chip", built)
    chip = folder / "loihi" / "chip.npz"

    def fetched(data: bytes) -> None:
        chip.write_bytes(data)
        cache.load("chip")

    yield "chip.npz", chip.read_bytes(), fetched

    path = folder / "exposure-0.npz"
    shape = (32, 40)
    source = SimpleNamespace(read=lambda section, rows, columns: np.zeros((32, 32), np.float32))
    blocks = np.ones((4, 5), np.float32)
    exposure.save(exposure.Exposure(shape, shape, blocks, 0.2, 1.0, pixels=32 * 40), path)

    def exposed(data: bytes) -> None:
        path.write_bytes(data)
        rows, columns = slice(0, 32), slice(8, 40)
        exposure.load(path, shape, shape).window(source, 0, rows, columns)

    yield "exposure.npz", path.read_bytes(), exposed


TRIALS = {"models": models, "checkpoints": checkpoints, "stores": stores}


# ---- the trial --------------------------------------------------------------------------------


def trial(name: str, count: int, seed: int = SEED, left_out: tuple[str, ...] = ()) -> str:
    """Mutate and read so many files of a boundary.

    Raises
    ------
    AssertionError
        With the number of the file, which is kept in ``runs``.
    """
    from snnlab.errors import LabError

    chance, told, slowest = random.Random(f"{seed} {name}"), Counter(), 0.0
    with tempfile.TemporaryDirectory() as folder, _environment(), warnings.catch_warnings():
        kinds = [kind for kind in TRIALS[name](Path(folder)) if kind[0] not in left_out]
        for _, data, read in kinds:
            read(data)  # as they are, all can be read
        logging.disable(logging.WARNING)  # each damaged checkpoint is told there
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("error", UserWarning)
        for index in range(count):
            kind, data, read = kinds[index % len(kinds)]
            data, clock = forged(data, chance), time.perf_counter()
            try:
                read(data)
                told["read"] += 1
            except LabError as error:
                text = str(error)
                assert text.endswith(".") and "\n" not in text and "Traceback" not in text, text
                told["refused"] += 1
            except BaseException:
                (ROOT / "runs").mkdir(exist_ok=True)
                kept = ROOT / "runs" / f"forged-{index}-{kind}"
                kept.write_bytes(data)
                traceback.print_exc()
                raise AssertionError(f"file {index}, kept as {kept.relative_to(ROOT)}") from None
            slowest = max(slowest, time.perf_counter() - clock)
    return (
        f"{count} files of {len(kinds)} kinds: {told['read']} read, {told['refused']} refused in a"
        f" sentence, 0 failures; slowest {slowest:.2f} s"
    )


class _environment:
    """The lab's folders as they were, afterwards."""

    names = ("SNNLAB_MODELS", "SNNLAB_CACHE")

    def __enter__(self):
        self.kept = {name: os.environ.get(name) for name in self.names}

    def __exit__(self, *why):
        logging.disable(logging.NOTSET)
        for name, value in self.kept.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def main() -> None:
    """Run the trials."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=2000, metavar="N", help="files a boundary")
    parser.add_argument("--only", nargs="+", choices=TRIALS, default=list(TRIALS))
    parser.add_argument("--seed", type=int, default=SEED)
    arguments = parser.parse_args()
    failed = False
    for name in arguments.only:
        begun = time.perf_counter()
        try:
            told = trial(name, arguments.count, arguments.seed)
        except Exception as error:
            failed, told = True, f"FAILED: {type(error).__name__}: {error}"
        print(f"{name}: {told} ({time.perf_counter() - begun:.0f} s)", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
