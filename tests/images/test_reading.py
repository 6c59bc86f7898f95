"""Every supported kind of file against what was written; every other, against one sentence."""

import hashlib
import io
import logging
import re
import subprocess
import sys
import tracemalloc
import warnings
from dataclasses import replace

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage
from skimage.color import rgb2gray

from snnlab.errors import LabError
from snnlab.images import reading as images
from snnlab.images.contrast import normalise
from snnlab.images.limits import LIMITS
from tests.images import bad_images as bad

RNG = np.random.default_rng(7)
GREY8 = RNG.integers(0, 256, (40, 48)).astype(np.uint8)
GREY16 = RNG.integers(0, 65536, (40, 48)).astype(np.uint16)
RGB8 = RNG.integers(0, 256, (40, 48, 3)).astype(np.uint8)
RGB16 = RNG.integers(0, 65536, (40, 48, 3)).astype(np.uint16)
BINARY = RNG.integers(0, 2, (40, 48)).astype(bool)
STACK = RNG.integers(0, 256, (6, 40, 48)).astype(np.uint8)
tiff, pillow = bad.tiff, bad.pillow


def pixels(data: bytes, section: int = 0) -> np.ndarray:
    return images.open_stack(data, "section").section(section).pixels


def use(case: bad.Case, data: bytes):
    if case.at == bad.LABELS:
        return images.read_labels(data, case.name, bad.GREY.shape)
    stack = images.open_stack(data, case.name)
    return stack if case.at == bad.WHOLE_FILE else stack.section(0)


# ---- bad input ---------------------------------------------------------------


def test_the_table_is_long_and_has_no_row_twice():
    assert len(bad.CASES) >= 40
    assert len({case.id for case in bad.CASES}) == len(bad.CASES)


@pytest.mark.parametrize("case", bad.CASES, ids=lambda case: case.id)
def test_bad_input_is_one_clear_sentence(case, capfd, caplog):
    data = case.make()
    if case.at == bad.PIXELS:
        images.open_stack(data, case.name)  # the header alone is in order
    caplog.set_level(logging.WARNING)
    tracemalloc.start()
    try:
        with warnings.catch_warnings(record=True) as said, pytest.raises(LabError) as raised:
            warnings.simplefilter("always")
            use(case, data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    message = str(raised.value)
    assert case.word in message
    assert message.endswith(".") and not re.search(r"[.!?]\s|\n", message)
    assert len(message) < 250
    assert not said and not caplog.records
    assert capfd.readouterr() == ("", "")
    # pixels of the smallest bomb would take 100 MB, a decoder's first import a few
    assert peak < 24_000_000


@pytest.mark.parametrize(
    "make, megabytes",
    [(bad.tiff_bomb, 400), (bad.one_page_bomb, 400), (bad.png_bomb, 400), (bad.deep_bomb, 134)],
)
def test_bombs_are_refused_in_less_memory_than_the_file(make, megabytes):
    data = make()
    assert len(data) < 420_000
    with pytest.raises(LabError):  # so that nothing below is a first import
        images.open_stack(data, "bomb")
    tracemalloc.start()
    try:
        with pytest.raises(LabError):
            images.open_stack(data, "bomb")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 420_000 < megabytes * 1e6


@pytest.mark.parametrize(
    "name, limits, word",
    [
        ("file_bytes", {"file_bytes": 1000}, "0 MiB, more than"),
        ("pages", {"pages": 5}, "more than 5 pages"),
        ("section_bytes", {"section_bytes": 1919}, "per section, more than"),
        ("ratio", {"ratio": 0.5, "free_bytes": 0}, "times its size"),
        ("segments", {"segments": 0}, "larger strips"),
        ("side_max", {"side_max": 47}, "32 to 47 pixels"),
        ("side_min", {"side_min": 41}, "41 to 4096 pixels"),
    ],
)
def test_each_limit_bites(name, limits, word):
    data = tiff(STACK)
    assert images.open_stack(data, "stack.tif").sections == 6
    with pytest.raises(LabError, match=word):
        images.open_stack(data, "stack.tif", replace(LIMITS, **limits))


def test_a_file_on_disk_may_have_more_pages_than_an_upload(tmp_path):
    pages = np.random.default_rng(5).integers(0, 256, (7, 33, 34), np.uint8)
    data = tiff(pages, metadata=None)
    path = tmp_path / "stack.tif"
    path.write_bytes(data)
    few = replace(LIMITS, pages=5, disk_pages=7)
    with pytest.raises(LabError, match="more than 5 pages"):
        images.open_stack(data, "stack.tif", few)
    stack = images.open_stack(path, limits=few)
    assert stack.sections == 7
    assert np.allclose(stack.section(6).pixels * 255, pages[6])
    with pytest.raises(LabError, match="more than 6 pages"):
        images.open_stack(path, limits=replace(few, disk_pages=6))
    assert LIMITS.pages == 4096 and LIMITS.disk_pages == 65_536


def test_pages_alike_are_checked_as_well_as_the_first():
    """Only the first of many alike is interpreted as a whole; what is wrong later is found."""
    pages = np.random.default_rng(5).integers(0, 256, (6, 40, 48), np.uint8)
    whole = tiff(pages, metadata=None, rowsperstrip=16, compression="zlib")
    with tifffile.TiffFile(io.BytesIO(whole)) as file:
        tags = file.pages[4].tags
        places = {"strip": tags[273].valueoffset, "sides": tags[256].valueoffset}
    for place, value in (("strip", 1 << 30), ("sides", 47)):
        changed = bytearray(whole)
        changed[places[place] : places[place] + 4] = value.to_bytes(4, "little")
        with pytest.raises(LabError, match="page 4 of .* differs" if value == 47 else "damaged"):
            images.open_stack(bytes(changed), "stack.tif")


def cells_of(*arguments, **more):
    return images.read_labels(*arguments, **more).cells


def test_blank_and_blown_up_images_are_no_bombs():
    blank = tiff(np.zeros((2048, 2048), np.uint8), compression="zlib")
    assert len(blank) < 2048 * 2048 / LIMITS.ratio
    assert not pixels(blank).any()
    mask = np.kron(BINARY, np.ones((64, 64), bool))
    assert (cells_of(images.write_png(mask), "mask.png", mask.shape) == mask).all()


SEEDS = [
    pillow(GREY8, "PNG"),
    pillow(Image.fromarray(GREY8).convert("P"), "PNG"),
    imagecodecs.png_encode(RGB16),
    pillow(RGB8, "JPEG"),
    tiff(STACK[:3]),
    tiff(STACK[:3], imagej=True),
    tiff(STACK[:3], imagej=True, truncate=True),
    tiff(STACK[:2], ome=True),
    tiff(GREY16, compression="lzw", rowsperstrip=7),
    tiff(GREY16, compression="zlib", predictor=True, tile=(16, 16)),
    tiff(GREY8, compression="packbits", bigtiff=True, byteorder=">"),
    tiff(GREY8.astype(np.float32), compression="zlib", predictor=True),
    tiff(np.moveaxis(RGB8, 2, 0), photometric="rgb", planarconfig="separate", metadata=None),
    tiff(GREY8, photometric="palette", colormap=np.zeros((3, 256), np.uint16)),
    pillow(Image.fromarray(BINARY), "TIFF", compression="group4"),
]


@st.composite
def mutated(draw):
    """Damage a valid file: bytes overwritten, a stretch taken out or doubled, the end cut off."""
    data = draw(st.sampled_from(SEEDS))
    data = bytearray(data)
    # headers and directories, where a wrong byte does most, lie at either end
    near = st.integers(0, min(400, len(data) - 1))
    places = st.one_of(near, near.map(lambda n: len(data) - 1 - n), st.integers(0, len(data) - 1))
    for place in draw(st.lists(places, max_size=6)):
        data[place] = draw(st.one_of(st.integers(0, 255), st.sampled_from((0, 1, 127, 255))))
    cut = draw(st.sampled_from(("none", "end", "out", "double")))
    if cut != "none":
        place, length = draw(places), draw(st.integers(1, 300))
        if cut == "end":
            del data[place:]
        elif cut == "out":
            del data[place : place + length]
        else:
            data[place:place] = data[place : place + length]
    return bytes(data)


@settings(max_examples=400)
@given(mutated())
@example(b"II*\0\x08\0\0\0" + b"\xff" * 99)
def test_damaged_files_give_a_sentence_or_an_image(data):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            stack = images.open_stack(data, "damaged")
            for index in range(min(stack.sections, 3)):
                found = stack.section(index).pixels
                assert found.shape == stack.shape and found.dtype == np.float32
                assert found.min() >= 0 and found.max() <= 1
            stack.labels(0)
        except LabError as error:
            assert re.fullmatch(r"[^\n]*\.", str(error))
    assert not said


def test_the_terminal_stays_clean_while_damaged_files_are_read(capfd):
    """libpng and libjpeg print to the terminal themselves, past Python's streams."""
    for data in SEEDS:
        for place in range(8, len(data), max(len(data) // 60, 1)):
            changed = data[:place] + bytes([data[place] ^ 0x5A]) + data[place + 1 :]
            try:
                images.open_stack(changed, "damaged").section(0)
            except LabError:
                continue
    assert capfd.readouterr() == ("", "")


# ---- good input --------------------------------------------------------------


@pytest.mark.parametrize(
    "data, expected",
    [
        (pillow(GREY8, "PNG"), GREY8 / 255),
        (pillow(GREY16, "PNG"), GREY16 / 65535),
        (pillow(Image.fromarray(BINARY), "PNG"), BINARY),
        (pillow(Image.fromarray(GREY8).convert("LA"), "PNG"), GREY8 / 255),
        (pillow(RGB8, "PNG"), rgb2gray(RGB8)),
        (imagecodecs.png_encode(RGB16), rgb2gray(RGB16)),
        (imagecodecs.png_encode(np.dstack([RGB16, GREY16])), rgb2gray(RGB16)),
        (imagecodecs.png_encode(np.dstack([GREY16, GREY16[::-1]])), GREY16 / 65535),
        (pillow(np.dstack([RGB8, GREY8]), "PNG"), rgb2gray(RGB8)),
        (tiff(GREY8), GREY8 / 255),
        (tiff(GREY16), GREY16 / 65535),
        (tiff(GREY16, byteorder=">"), GREY16 / 65535),
        (tiff(GREY16, bigtiff=True), GREY16 / 65535),
        (tiff(GREY8, compression="lzw"), GREY8 / 255),
        (tiff(GREY16, compression="lzw", predictor=True, byteorder=">"), GREY16 / 65535),
        (tiff(GREY8, compression="zlib", rowsperstrip=7), GREY8 / 255),
        (tiff(GREY16, compression="packbits"), GREY16 / 65535),
        (tiff(GREY16, compression="zstd"), GREY16 / 65535),
        (tiff(GREY8, tile=(16, 32)), GREY8 / 255),
        (tiff(GREY16, tile=(16, 16), compression="zlib", predictor=True), GREY16 / 65535),
        (tiff(GREY8, tile=(64, 64)), GREY8 / 255),
        (tiff(GREY8, photometric="miniswhite"), 1 - GREY8 / 255),
        (tiff(RGB8, photometric="rgb"), rgb2gray(RGB8)),
        (tiff(RGB16, photometric="rgb", compression="lzw"), rgb2gray(RGB16)),
        (tiff(np.moveaxis(RGB8, 2, 0), photometric="rgb", planarconfig="separate", metadata=None),
         rgb2gray(RGB8)),
        (tiff(np.dstack([RGB8, GREY8]), photometric="rgb"), rgb2gray(RGB8)),
        (tiff(np.dstack([GREY8, GREY8.T.reshape(40, 48)]), planarconfig="contig",
              extrasamples=["unassalpha"]), GREY8 / 255),
        (tiff(GREY8.view(np.int8)), (GREY8.view(np.int8) + 128.0) / 255),
        (tiff(GREY16.view(np.int16)), (GREY16.view(np.int16) + 32768.0) / 65535),
        (tiff(GREY8 / np.float32(255)), GREY8 / 255),
        (tiff(GREY8 / 255, compression="zlib", predictor=True), GREY8 / 255),
        (tiff(GREY8 * 1e300 - 1e302), (GREY8 - GREY8.min()) / np.ptp(GREY8.astype(int))),
        (tiff(GREY16.astype(np.uint32) * 9), (GREY16 - GREY16.min()) / np.ptp(GREY16.astype(int))),
        (tiff(np.full((40, 48), -3.5, np.float32)), np.zeros((40, 48))),
        (pillow(Image.fromarray(BINARY), "TIFF"), BINARY),
        (pillow(Image.fromarray(BINARY), "TIFF", compression="group4"), BINARY),
    ],
)  # fmt: skip
def test_grey_values_are_those_of_the_file(data, expected):
    image = images.open_stack(data, "section").section(0)
    assert image.pixels.dtype == np.float32 and image.pixels.shape == expected.shape
    np.testing.assert_allclose(image.pixels, expected, atol=2e-6)


def test_packed_twelve_bit_samples_have_their_own_white():
    values = GREY16 >> 4
    low, high = values[:, 0::2], values[:, 1::2]
    packed = np.stack([low >> 4, (low & 15) << 4 | high >> 8, high & 255], axis=2)
    data = bad.directory((258, 3, 1, 12), pixels=packed.astype(np.uint8).tobytes())
    np.testing.assert_allclose(pixels(data), values / 4095, atol=1e-6)


def test_interlaced_png_reads_like_any_other():
    # Pillow writes no interlaced PNG, so the seven passes are laid out here, as the standard has
    # them: 1 6 4 6 2 6 4 6 / 7 7 ... / 5 6 5 6 ... / 7 ... / 3 6 4 6 3 6 4 6 / 7 / 5 6 / 7
    passes = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
              (1, 0, 2, 1))  # fmt: skip
    rows = b"".join(
        b"\0" + row.tobytes()
        for top, left, down, across in passes
        for row in GREY8[top::down, left::across]
    )
    data = bad.png(48, 40, 8, 0, rows, interlaced=1)
    np.testing.assert_allclose(pixels(data), GREY8 / 255, atol=1e-6)
    with pytest.raises(LabError, match="damaged"):
        pixels(bad.png(48, 40, 8, 0, rows[:-1], interlaced=1))


def test_jpeg_is_near_what_was_written():
    smooth = np.add.outer(np.arange(40), np.arange(48)).astype(np.uint8) * 2
    np.testing.assert_allclose(pixels(pillow(smooth, "JPEG", quality=95)), smooth / 255, atol=0.02)
    colour = np.dstack([smooth, smooth // 2, 255 - smooth])
    found = pixels(pillow(colour, "JPEG", quality=95, subsampling=0))
    np.testing.assert_allclose(found, rgb2gray(colour), atol=0.02)


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_a_palette_gives_the_luminance_of_its_colours(form):
    colours = RNG.integers(0, 256, (256, 3)).astype(np.uint8)
    if form == "PNG":
        picture = Image.fromarray(GREY8).convert("P")
        picture.putdata(GREY8.ravel().tolist())
        picture.putpalette(colours.ravel().tolist())
        data = pillow(picture, "PNG")
    else:
        data = tiff(GREY8, photometric="palette", colormap=colours.T.astype(np.uint16) * 257)
    np.testing.assert_allclose(pixels(data), rgb2gray(colours[GREY8]), atol=1e-6)


Z = {"axes": "ZYX"}
STACKS = {
    "plain": tiff(STACK, metadata=None),
    "compressed": tiff(STACK, compression="lzw", predictor=True),
    "tiled": tiff(STACK, tile=(16, 16), compression="zlib"),
    "Fiji": tiff(STACK, imagej=True, metadata=Z),
    "Fiji big-endian": tiff(STACK, imagej=True, byteorder=">", metadata=Z),
    "Fiji, one directory": tiff(STACK, imagej=True, truncate=True, metadata=Z),
    "one directory": tiff(STACK, truncate=True),
    "OME": tiff(STACK, ome=True, metadata={"axes": "ZYX"}),
    "BigTIFF": tiff(STACK, bigtiff=True),
}


@pytest.mark.parametrize("data", STACKS.values(), ids=STACKS)
def test_every_section_of_a_stack(data):
    stack = images.open_stack(data, "stack.tif")
    assert (stack.sections, stack.shape) == (6, (40, 48))
    for index in (5, 0, 3, 1, 2, 4):
        image = stack.section(index)
        assert (image.name, image.section) == ("stack.tif", index)
        np.testing.assert_allclose(image.pixels, STACK[index] / 255, atol=1e-6)


def test_a_hyperstack_behind_one_directory_really_has_one():
    for key in ("Fiji, one directory", "one directory"):
        with tifffile.TiffFile(io.BytesIO(STACKS[key])) as file:
            assert len(file.pages) == 1


@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_a_colour_hyperstack_behind_one_directory(byteorder):
    colours = RNG.integers(0, 256, (4, 40, 48, 3)).astype(np.uint8)
    data = tiff(
        colours,
        photometric="rgb",
        imagej=True,
        truncate=True,
        byteorder=byteorder,
        metadata={"axes": "ZYXS"},
    )
    for index in range(4):
        np.testing.assert_allclose(pixels(data, index), rgb2gray(colours[index]), atol=1e-6)
    deep = RNG.integers(0, 65536, (4, 40, 48)).astype(np.uint16)
    data = tiff(deep, imagej=True, truncate=True, byteorder=byteorder, metadata=Z)
    for index in range(4):
        np.testing.assert_allclose(pixels(data, index), deep[index] / 65535, atol=1e-6)


def test_thumbnails_and_masks_are_no_sections():
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        writer.write(GREY8, photometric="minisblack")
        writer.write(GREY8[::2, ::2], photometric="minisblack", subfiletype=1)
        writer.write(GREY8[::-1], photometric="minisblack")
        writer.write(BINARY, photometric="mask", subfiletype=4)
    stack = images.open_stack(file.getvalue(), "x.tif")
    assert stack.sections == 2
    np.testing.assert_allclose(stack.section(1).pixels, GREY8[::-1] / 255, atol=1e-6)


def test_sections_are_decoded_when_asked_for():
    big = RNG.integers(0, 256, (20, 512, 512)).astype(np.uint8)
    data = tiff(big, compression="zlib", metadata=None)
    images.open_stack(data, "x").section(0)  # first imports
    tracemalloc.start()
    try:
        stack = images.open_stack(data, "stack.tif")
        opened = tracemalloc.get_traced_memory()[1]
        for index in range(20):
            stack.section(index)
        decoded = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    page = 512 * 512
    assert opened < page
    assert decoded < 12 * page  # a page and its float32 copies; all twenty would be 20 * page


def test_one_damaged_section_leaves_the_others():
    data = tiff(STACK, compression="zlib", metadata=None)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        data = bad.broken(data, file.pages[3].dataoffsets[0] + 400)
    stack = images.open_stack(data, "stack.tif")
    np.testing.assert_allclose(stack.section(4).pixels, STACK[4] / 255, atol=1e-6)
    with pytest.raises(LabError, match="damaged"):
        stack.section(3)


@pytest.mark.parametrize("kind", ["i4", "u4", "f8"])
@pytest.mark.parametrize("fill", [False, True])
def test_a_window_of_long_numbers_keeps_what_tells_them_apart(kind, fill):
    """From 2^30 on, single precision has every 128th number only."""
    values = STACK[:3].astype(kind) + (1 << 30)
    if fill:
        values[1, :32, :24] = 0
    stack = images.open_stack(tiff(values), "x.tif")
    rows, columns = slice(33, 40), slice(2, 48)
    for section in range(3):
        found = stack.window(section, rows, columns)
        part = values[section, rows, columns].astype(float)
        assert np.array_equal(found - found[0, 0], part - part[0, 0])
    small = images.open_stack(tiff(STACK.astype(kind)), "x.tif")
    assert np.array_equal(small.window(2, rows, columns), STACK[2, rows, columns])


@pytest.mark.parametrize("index", [-1, 6, 10**12])
def test_a_missing_section_is_named(index):
    stack = images.open_stack(STACKS["plain"], "stack.tif")
    with pytest.raises(LabError, match=f"section {index} .*sections 0 to 5; choose"):
        stack.section(index)
    with pytest.raises(LabError, match="only section 0"):
        images.open_stack(tiff(GREY8), "x").section(6)


def test_the_first_bytes_decide_and_not_the_name():
    for data, form in ((tiff(GREY8), "TIFF"), (pillow(GREY8, "PNG"), "PNG")):
        stack = images.open_stack(data, "wrong.jpg")
        assert stack.kind == f"8-bit grey {form}"
    assert images.open_stack(pillow(RGB8, "JPEG"), "x").kind == "8-bit colour JPEG"
    assert images.open_stack(tiff(RGB16, photometric="rgb"), "x").kind == "16-bit colour TIFF"


def test_an_image_knows_its_file_and_cannot_be_changed():
    data = tiff(GREY8)
    image = images.open_stack(bytearray(data), "x.tif").section(0)
    assert image.sha256 == hashlib.sha256(data).hexdigest()
    np.testing.assert_array_equal(image.normalised(), normalise(image.pixels))
    with pytest.raises(ValueError):
        image.pixels[0, 0] = 1


@pytest.mark.parametrize(
    "name, said",
    [
        ("/a/folder/x.tif", "x.tif is empty"),
        ("C:\\data\\x.tif", "x.tif is empty"),
        ("two\nlines\x1b[31m.tif", "two?lines?[31m.tif is empty"),
        ("", "the file is empty"),
        ("n" * 200 + ".tif", "n" * 77 + "... is empty"),
    ],
)
def test_any_name_fits_into_the_sentence(name, said):
    with pytest.raises(LabError) as raised:
        images.open_stack(b"", name)
    assert str(raised.value).startswith(said)


# ---- labels ------------------------------------------------------------------

CELLS = np.kron(RNG.integers(0, 2, (5, 6)), np.ones((8, 8))).astype(bool)
# cells that do not touch: where numbers do, membrane is drawn between them
NUMBERED = np.where(CELLS, (ndimage.label(CELLS)[0] - 1) % 5 + 1, 0)
COLOURED = np.array([[0, 0, 0], [255, 0, 0], [0, 200, 0], [0, 0, 90], [9, 9, 9], [1, 0, 0]])


@pytest.mark.parametrize(
    "data",
    [
        images.write_png(CELLS),
        pillow(CELLS.astype(np.uint8), "PNG"),
        pillow(Image.fromarray(CELLS), "PNG"),
        pillow(COLOURED[NUMBERED].astype(np.uint8), "PNG"),
        tiff(CELLS.astype(np.uint8) * 255, compression="lzw"),
        tiff(CELLS.astype(np.uint8)),
        tiff(NUMBERED.astype(np.uint16)),
        tiff(NUMBERED.astype(np.int32) * 70000),
        tiff(NUMBERED.astype(np.float32)),
        tiff(np.where(CELLS, 0, 255).astype(np.uint8), photometric="miniswhite"),
        pillow(Image.fromarray(CELLS), "TIFF", compression="group4"),
    ],
)
def test_labels_of_every_kind(data):
    np.testing.assert_array_equal(cells_of(data, "l", CELLS.shape), CELLS)
    found = cells_of(data, "l", CELLS.shape, invert=True)
    assert found.dtype == bool
    np.testing.assert_array_equal(found, ~CELLS)


def test_a_palette_of_two_colours_is_read_as_it_looks():
    for colours in ([0, 0, 0, 250, 250, 9], [200, 200, 200, 10, 0, 0]):
        light = [sum(colours[:3]), sum(colours[3:])]
        indices = np.where(CELLS, np.argmax(light), np.argmin(light)).astype(np.uint8)
        picture = Image.new("P", CELLS.shape[::-1])
        picture.putdata(indices.ravel().tolist())
        picture.putpalette(colours)
        found = cells_of(pillow(picture, "PNG"), "l.png", CELLS.shape)
        np.testing.assert_array_equal(found, CELLS)


def test_a_palette_of_many_colours_is_numbers_of_cells():
    table = RNG.integers(0, 65536, (3, 256)).astype(np.uint16)
    table[:, 0] = 65535  # membranes shown white, as Fiji's inverted glasbey table does
    data = tiff(NUMBERED.astype(np.uint8), photometric="palette", colormap=table)
    np.testing.assert_array_equal(cells_of(data, "l", CELLS.shape), CELLS)


def test_labels_follow_the_section():
    stack = np.stack([CELLS, ~CELLS, CELLS[::-1]]).astype(np.uint8) * 255
    data = tiff(stack)
    for index in range(3):
        found = cells_of(data, "l.tif", CELLS.shape, index)
        np.testing.assert_array_equal(found, stack[index] > 0)
    with pytest.raises(LabError, match="sections 0 to 2"):
        images.read_labels(data, "l.tif", CELLS.shape, 3)
    with pytest.raises(LabError, match=r"one page, but the image is section 4 of a stack"):
        images.read_labels(tiff(stack[0]), "l.tif", CELLS.shape, 4)


# ---- output ------------------------------------------------------------------


def test_a_probability_map_comes_back_exactly():
    probability = RNG.random((40, 48)).astype(np.float32)
    data = images.write_tiff(probability)
    np.testing.assert_array_equal(tifffile.imread(io.BytesIO(data)), probability)
    with Image.open(io.BytesIO(data)) as picture:
        np.testing.assert_array_equal(np.asarray(picture), probability)
    np.testing.assert_array_equal(pixels(data), probability)
    assert data == images.write_tiff(probability)
    with pytest.raises(ValueError):
        images.write_tiff(STACK)


def test_a_mask_comes_back_exactly():
    with Image.open(io.BytesIO(images.write_png(CELLS))) as picture:
        np.testing.assert_array_equal(np.asarray(picture), CELLS * 255)
    with pytest.raises(ValueError):
        images.write_png(GREY8)


def test_a_first_look_at_a_section_does_without_scipy(tmp_path):
    """Which takes longer to import than the section of a large file to read."""
    path = tmp_path / "x.tif"
    path.write_bytes(tiff(STACK))
    look = (
        "import sys; from snnlab.images.reading import open_stack;"
        "open_stack(sys.argv[1]).section(2); print('scipy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", look, str(path)], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
