"""Read many damaged copies of a file, in a process of its own, and say what came of them.

``python -m tests.nets.keras_files.mutating COUNT FILE...`` prints one JSON object. Damaged copies
have bytes changed, left out, put in twice or cut off, or, in a file that is whole, other values in
the description. Of an ``.h5`` bytes are only cut off: what else libhdf5 does with damage is not for
a test to find out. In a ``.keras`` a checksum stands between damage and libhdf5.
"""

import copy
import io
import json
import random
import sys
import zipfile
from collections import Counter
from pathlib import Path

import h5py

from snnlab.errors import LabError
from snnlab.nets.keras_files.reading import read

# what would be code of the file's, or a way out of this process
WATCHED = {
    "exec", "compile", "os.system", "os.exec", "os.posix_spawn", "subprocess.Popen",
    "socket.connect", "marshal.loads", "pickle.find_class", "os.remove", "os.rename",
    "shutil.rmtree",
}  # fmt: skip
ODD = (
    None, True, False, -1, 0, 1, 2, 3, 7, 10**6, 10**15, -(10**15), 0.5, 1e25, "", "linear", "relu",
    "same", "Lambda", "Conv2D", "__lambda__", "os", "../../x", [], [1], [1, 2], [[1, 2], [3, 4]],
    [[[]]], {}, {"class_name": "Lambda", "config": {}},
    {"class_name": "function", "config": "os.system"},
)  # fmt: skip


def bytes_changed(data: bytes, draw: random.Random) -> bytes:
    """Damage as disks and networks do it."""
    kinds = ("flip", "few", "cut", "out", "twice", "zero") if data.startswith(b"PK") else ("cut",)
    data, how = bytearray(data), draw.choice(kinds)
    at = draw.randrange(len(data))
    many = draw.choice((1, 8, 100, 5000))
    if how == "flip":
        data[at] ^= 1 << draw.randrange(8)
    elif how == "few":
        for _ in range(draw.randrange(1, 20)):
            data[draw.randrange(len(data))] = draw.randrange(256)
    elif how == "cut":
        del data[at:]
    elif how == "out":
        del data[at : at + many]
    elif how == "twice":
        data[at:at] = data[at : at + many]
    else:
        data[at : at + many] = bytes(len(data[at : at + many]))
    return bytes(data)


def values_changed(config, draw: random.Random):
    """The description with some values replaced, left out, or changed for each other."""
    config = copy.deepcopy(config)
    for _ in range(draw.choice((1, 1, 2, 5))):
        places = []
        waiting = [config]
        while waiting:
            here = waiting.pop()
            keys = here.keys() if isinstance(here, dict) else range(len(here))
            for key in list(keys):
                places.append((here, key))
                if isinstance(here[key], dict | list):
                    waiting.append(here[key])
        here, key = draw.choice(places)
        how = draw.choice(("odd", "odd", "odd", "out", "other"))
        if how == "odd":
            here[key] = copy.deepcopy(draw.choice(ODD))
        elif how == "out":
            del here[key]
        else:
            other, at = draw.choice(places)
            here[key] = copy.deepcopy(other[at])
        if not config:
            break
    return config


def described_otherwise(data: bytes, draw: random.Random) -> bytes:
    """The same file with another description."""
    if data.startswith(b"PK"):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
            for item in old.infolist():
                part = old.read(item)
                if item.filename == "config.json":
                    part = json.dumps(values_changed(json.loads(part), draw)).encode()
                new.writestr(item.filename, part)
        return out.getvalue()
    out = io.BytesIO(data)
    with h5py.File(out, "r+") as file:
        changed = values_changed(json.loads(file.attrs["model_config"]), draw)
        file.attrs["model_config"] = json.dumps(changed)
    return out.getvalue()


def main(count: int, names: list[str]) -> dict:
    """Read ``count`` damaged copies of each file."""
    seen, sentences, faults = Counter(), Counter(), []
    happened: list[str] = []
    watching = False

    def hook(event, args):
        if watching and event in WATCHED:
            happened.append(f"{event} {args!r:.200}")
        if watching and event == "open" and isinstance(args[1], str) and set(args[1]) & set("wax+"):
            happened.append(f"open {args!r:.200}")

    sys.addaudithook(hook)
    for name in names:
        data = Path(name).read_bytes()
        target = Path(name).with_name("damaged-" + Path(name).name)
        for number in range(count):
            draw = random.Random(f"{Path(name).name} {number}")
            change = bytes_changed if number % 2 else described_otherwise
            target.write_bytes(change(data, draw))
            watching = True
            try:
                read(target)
                seen["read"] += 1
            except LabError as error:
                seen["refused"] += 1
                said = str(error)
                sentences[said.split(" ")[2]] += 1
                if "\n" in said or not said.endswith(".") or len(said) > 600:
                    faults.append(f"{name} {number}: {said}")
            except Exception as error:
                faults.append(f"{name} {number}: {error!r}")
            watching = False
    return {
        "seen": dict(seen),
        "faults": faults[:20],
        "happened": happened[:20],
        "keras": sorted({"keras", "tensorflow", "tf_keras"} & set(sys.modules)),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), sys.argv[2:])))
