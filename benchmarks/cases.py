"""Files as people have them, through every way in: python -m benchmarks.cases [FOLDER].

FOLDER holds the files (by default ``../shared/cases/files``, which is not part of the
project). Each goes through `segment`, `volume`, the way of an upload and, where it has
labels, that of own sections, and each line says whether what came is right:

    right  pixel size of nm8.tif, 8 nm: segment 8, upload 8, volume 8

Exit code 1 if anything was wrong.
"""

import argparse
import contextlib
import io
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from snnlab.errors import LabError
from snnlab.images import pixel_size
from snnlab.images.choice import Choice
from snnlab.images.reading import open_stack

FILES = Path(__file__).resolve().parents[2] / "shared" / "cases" / "files"
QUICK = ("--model", "phantom", "--timesteps", "4", "--quiet", "--json")

NM = {
    "nm8.tif": 8, "nm4x6.tif": (6, 4), "ij_um.tif": 4, "ij_esc.tif": 4, "ij_aniso.tif": (8, 4),
    "cm_4nm.tif": 4, "dpi72.tif": None, "fei_5nm.tif": 5, "ome_refframe.ome.tif": None,
    "omexml_mixedquote.ome.tif": 4, "pyramid.ome.tif": 4, "bf2raw0.4.ome.zarr": 4,
    "mixed0.4.ome.zarr": 4, "global0.4.ome.zarr": 8, "trans0.4.ome.zarr": 4,
}  # fmt: skip
SAME = {  # as which
    "miniswhite.tif": "dpi72.tif", "miniswhite_stack.tif": "ij_um.tif",
    "palette.tif": "plain.tif", "pyramid.ome.tif": "ij_um.tif",
}  # fmt: skip
SECTIONS = {"hyper.tif": 3, "ij_channels2.tif": 6}
VOXELS = {  # scale, units, translation
    "mixed0.4.ome.zarr": ((0.05, 4, 4), ("micrometer", "nanometer", "nanometer"), None),
    "global0.4.ome.zarr": ((50, 8, 8), ("nanometer",) * 3, None),
    "trans0.4.ome.zarr": ((50, 4, 4), ("nanometer",) * 3, (1000, 400, 800)),
    "nm8.tif": ((50, 8, 8), ("nanometer",) * 3, None),
}


class Ways:
    """The ways in; what is refused comes back as the sentence."""

    def __init__(self, folder: Path, room: Path):
        self.folder, self.room, self._made = folder, room, 0

    def command(self, *words: str) -> dict | str:
        """A command's answer."""
        from snnlab.commands.cli import main

        out, said = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
            try:
                code = main([str(word) for word in words])
            except SystemExit as ended:
                code = ended.code
        if code:
            return (said.getvalue().strip().splitlines() or ["nothing was said"])[-1]
        return json.loads(out.getvalue())

    def segment(self, name: str, *more: str, steps: str = "4") -> dict | str:
        """What `segment` answers."""
        quick = [*QUICK[:2], "--timesteps", steps, *QUICK[4:]]
        return self.command("segment", self.folder / name, *quick, *more)

    def volume(self, name: str, *more: str, ending: str = ".ome.zarr") -> Path | str:
        """Where `volume` wrote."""
        self._made += 1
        out = self.room / f"{self._made}{ending}"
        answer = self.command("volume", self.folder / name, out, *QUICK, *more)
        return out if isinstance(answer, dict) else answer

    def upload(self, name: str, section: int = 0, labels: str | None = None, **more):
        """The picture that the page makes of it; a folder is zipped first."""
        from snnlab.lab import segmenting as lab

        truth = self._bytes(labels) if labels else None
        try:
            return lab.upload(self._bytes(name), name, section, truth, labels or "", **more)
        except LabError as error:
            return str(error)

    def own(self, image: str, labels: str, **more):
        """What own sections are read as."""
        from snnlab.data import own

        pair = own.File(self._bytes(image), image), own.File(self._bytes(labels), labels)
        try:
            return own.read([pair], **more)
        except LabError as error:
            return str(error)

    def _bytes(self, name: str) -> bytes:
        path = self.folder / name
        if path.is_file():
            return path.read_bytes()
        import zipfile

        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            for one in sorted(path.rglob("*")):
                if one.is_file():
                    made.write(one, one.relative_to(path.parent))
        return file.getvalue()


class Tally:
    """Says what is right and counts what is wrong."""

    wrong = 0

    def say(self, what: str, right: bool, got) -> None:
        """One line."""
        self.wrong += not right
        got = got if isinstance(got, str) else repr(got)
        print(f"{'right' if right else 'WRONG'}  {what}: {got[:300]}", flush=True)


def near(one, other) -> bool:
    """Whether two sizes, or two lists of numbers, are the same but for rounding."""
    if one is None or other is None or isinstance(one, str):
        return one is other
    one, other = np.atleast_1d(one), np.atleast_1d(other)
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-4))


def sizes(ways: Ways, tally: Tally) -> None:
    """Pixel sizes, by every way."""
    for name, nm in NM.items():
        answer, picture, out = ways.segment(name), ways.upload(name), ways.volume(name)
        got = {
            "segment": answer["image"]["nm"] if isinstance(answer, dict) else answer,
            "upload": picture if isinstance(picture, str) else picture.nm_in_file,
            "volume": out
            if isinstance(out, str)
            else pixel_size.plain(open_stack(out).calibration.nm),
        }
        tally.say(f"pixel size of {name}, {nm}", all(near(v, nm) for v in got.values()), got)
    for words, size in (("4x6", [6, 4]), ("8", 8)):
        answer = ways.segment("dpi72.tif", "--nm", words)
        image = answer["image"] if isinstance(answer, dict) else {}
        right = near(image.get("nm"), size) and near(image.get("computed_nm"), 4)
        right &= near(image.get("resampled_from_nm"), size)
        tally.say(f"--nm {words}", right, image or answer)


def pictures(ways: Ways, tally: Tally) -> None:
    """Polarity and numbering, by every way."""
    for name, other in SAME.items():
        one, two = ways.upload(name), ways.upload(other)
        apart = np.abs(one.pixels - two.pixels).max()
        first, second = ways.volume(name), ways.volume(other)
        right, got = apart < 0.01, {"upload, largest difference": float(apart)}
        if isinstance(first, str) or isinstance(second, str):
            right, got["volume"] = False, (first, second)
        else:
            both = [open_stack(path) for path in (first, second)]
            count = both[0].sections
            mean = np.mean([np.abs(both[0].section(z).pixels - both[1].section(z).pixels).mean()
                            for z in range(count)])  # fmt: skip
            right &= mean < 0.01 and (count == both[1].sections or name == "miniswhite.tif")
            got |= {"volume, mean difference": float(mean), "sections": count}
        tally.say(f"{name} as {other}", bool(right), got)
    import tifffile

    name = "omexml_reversed_planes.ome.tif"
    with tifffile.TiffFile(ways.folder / name) as file:
        planes = [page.asarray() / 255 for page in file.pages]
    found = [ways.upload(name, z).pixels for z in range(6)]
    right = all(np.allclose(found[z], planes[5 - z], atol=1e-5) for z in range(6))
    out, last = ways.volume(name), ways.segment(name, "--section", "5")
    right &= not isinstance(out, str) and isinstance(last, dict)
    tally.say(f"sections of {name} are TiffData's", right, f"page 5 is section 0: {right}")
    name = "omexml_multi_a.ome.tif"
    got = [ways.segment(name), ways.upload(name), ways.volume(name)]
    right = all(isinstance(one, str) and "omexml_multi_1.ome.tif" in one for one in got)
    tally.say(f"{name} refused, naming what is absent", right, got[0])
    for name, count in SECTIONS.items():
        asked = [ways.segment(name), ways.upload(name), ways.volume(name)]
        right = all(isinstance(one, str) and "--channel 0 to 1" in one for one in asked)
        answer = ways.segment(name, "--channel", "1")
        out = ways.volume(name, "--channel", "1")
        picture = ways.upload(name, count - 1, choice=Choice(channel=1))
        got = (
            answer["image"]["sections"] if isinstance(answer, dict) else answer,
            out if isinstance(out, str) else open_stack(out).sections,
            picture if isinstance(picture, str) else picture.sections,
        )
        tally.say(f"{name} asks for its channel", right and got == (count,) * 3, got)


def voxels(ways: Ways, tally: Tally) -> None:
    """The input's calibration in what `volume` writes."""
    for name, (scale, units, translation) in VOXELS.items():
        for ending in (".ome.zarr", ".tif"):
            out = ways.volume(name, ending=ending)
            if isinstance(out, str):
                tally.say(f"calibration of {name} in {ending}", False, out)
                continue
            found = open_stack(out).calibration
            # a TIFF has one unit for all axes
            wanted = pixel_size.Calibration(scale, units, translation)
            right = near(found.in_nm(found.scale), wanted.in_nm(scale))
            right &= ending == ".tif" or found.units == units
            if translation is None or found.translation is None:
                right &= translation is found.translation
            else:
                right &= near(found.in_nm(found.translation), wanted.in_nm(translation))
            told = (found.scale, found.units, found.translation)
            tally.say(f"calibration of {name} in {ending}", right, told)


def tissue(ways: Ways, tally: Tally) -> None:
    """Contrast that a border cannot break, blank sections, inverted images."""
    truth = ways.folder / "base-labels.tif"
    plain = ways.segment("image.tif", "--labels", truth, steps="16")["ann"]["v_rand"]
    for name, labels in (("border.tif", "border-labels.tif"), ("one-pixel-f32.tif", truth.name)):
        answer = ways.segment(name, "--labels", ways.folder / labels, steps="16")
        got = answer["ann"].get("v_rand") if isinstance(answer, dict) else answer
        right = isinstance(got, float) and got > plain - 0.02
        tally.say(f"V_Rand of {name}, plain {plain:.3f}", right, got)
    answer = ways.segment("inverted.tif", "--labels", truth, steps="16")
    notes = answer["notes"] if isinstance(answer, dict) else [answer]
    turned = ways.segment("inverted.tif", "--invert", "--labels", truth, steps="16")
    got = turned["ann"]["v_rand"] if isinstance(turned, dict) else turned
    right = any("--invert" in note for note in notes) and isinstance(got, float)
    tally.say("inverted.tif is noticed, --invert turns it", right and got > plain - 0.02, notes)
    picture = ways.upload("missing.tif", 1)
    answer = ways.segment("missing.tif", "--section", "1")
    notes = answer.get("notes") if isinstance(answer, dict) else answer
    right = picture.blank and isinstance(answer, dict) and any("blank" in one for one in notes)
    out = ways.volume("missing.tif")
    right &= not isinstance(out, str) and not open_stack(out).section(1).pixels.any()
    tally.say("missing.tif: its blank section is left empty, and said", bool(right), notes)


def labels(ways: Ways, tally: Tally) -> None:
    """Labels that mean something else than they seem to."""
    answer = ways.segment("image.tif", "--labels", ways.folder / "touching.tif")
    own = ways.own("image.tif", "touching.tif")
    got = answer["ann"]["v_rand"] if isinstance(answer, dict) else answer
    right = isinstance(got, str) or got < 0.9995
    tally.say(
        "touching.tif has membrane between numbers, or is refused", right, (got, type(own).__name__)
    )
    for name, value in (("minus1-ignore.tif", ""), ("sparse-ilastik.tif", "0")):
        more = [f"--ignore={value}"] if value else []
        bare = ways.segment("image.tif", "--labels", ways.folder / name)
        answer = ways.segment("image.tif", "--labels", ways.folder / name, *more)
        picture = ways.upload("image.tif", 0, name, ignore=(float(value),) if value else ())
        right = isinstance(bare, str) or not value  # not labelled is no class of its own
        if isinstance(answer, dict) and not isinstance(picture, str):
            right &= picture.ignored is not None and bool(picture.ignored.any())
        got = answer["ann"].get("v_rand") if isinstance(answer, dict) else answer
        said = bare if isinstance(bare, str) else bare["notes"]
        tally.say(f"{name}: what is not labelled does not count", bool(right), (got, said))
    folders = ways.folder / "folders"
    words = ("--images", folders / "images", "--labels", folders / "labels", "--estimate")
    answer = ways.command("train", "--model", "relu", *words, "--steps", "3", "--quiet", "--json")
    pairs = answer.get("pairs", []) if isinstance(answer, dict) else []
    numbers = [[int("".join(filter(str.isdigit, one))) for one in pair] for pair in pairs]
    right = len(numbers) == 12 and all(one == other for one, other in numbers)
    tally.say("folders are paired by number, and shown", right, pairs[:3] or answer)


PARTS: dict[str, Callable[[Ways, Tally], None]] = {
    "sizes": sizes, "pictures": pictures, "voxels": voxels, "tissue": tissue, "labels": labels,
}  # fmt: skip


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=FILES)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    arguments = parser.parse_args()
    if not arguments.folder.is_dir():
        sys.exit(f"{arguments.folder} is not there; name the folder of the cases.")
    tally = Tally()
    with tempfile.TemporaryDirectory() as room:
        ways = Ways(arguments.folder, Path(room))
        for name in arguments.only:
            PARTS[name](ways, tally)
    print(f"{tally.wrong} wrong")
    sys.exit(bool(tally.wrong))


if __name__ == "__main__":
    main()
