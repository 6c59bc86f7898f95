"""Which page is which section: hyperstacks, OME-TIFF, pyramids, sets of files."""

import io
import warnings

import numpy as np
import pytest
import tifffile

from snnlab.errors import LabError
from snnlab.images.choice import SECTIONS, Choice, Undecided
from snnlab.images.reading import open_labels, open_stack

RNG = np.random.default_rng(11)
# (time, section, channel, height, width)
HYPER = RNG.integers(0, 256, (2, 3, 4, 40, 48)).astype(np.uint8)
PLANES = RNG.integers(0, 256, (6, 40, 48)).astype(np.uint8)


def tiff(array, **options) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, array, **({"photometric": "minisblack"} | options))
    return file.getvalue()


def read(data, choice=None, name="x.tif"):
    stack = open_stack(data, name, choice=choice)
    found = [stack.section(i).pixels * 255 for i in range(stack.sections)]
    return np.rint(found).astype(np.uint8)


WRITERS = {
    "Fiji": lambda a: tiff(a, imagej=True, metadata={"axes": "TZCYX"}),
    "Fiji, one directory": lambda a: tiff(
        a, imagej=True, truncate=True, metadata={"axes": "TZCYX"}
    ),
    "OME": lambda a: tiff(a, ome=True, metadata={"axes": "TZCYX"}),
    "OME, channels last": lambda a: tiff(
        a.transpose(2, 0, 1, 3, 4), ome=True, metadata={"axes": "CTZYX"}
    ),
    "tifffile": lambda a: tiff(a, metadata={"axes": "TZCYX"}),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_channels_and_times_are_chosen_and_never_taken_for_sections(writer):
    data = WRITERS[writer](HYPER)
    with pytest.raises(Undecided, match="holds 4 channels; choose one with --channel 0 to 3"):
        open_stack(data, "x.tif")
    with pytest.raises(Undecided, match=r"holds 2 frames .* --frame") as asked:
        open_stack(data, "x.tif", choice=Choice(channel=1))
    assert (asked.value.option, [v for v, _ in asked.value.values]) == ("frame", [0, 1])
    for channel, frame in ((0, 0), (3, 1), (2, 0)):
        found = read(data, Choice(channel=channel, frame=frame))
        np.testing.assert_array_equal(found, HYPER[frame, :, channel])
    with pytest.raises(LabError, match="has no channel 4, but 0 to 3"):
        open_stack(data, "x.tif", choice=Choice(channel=4, frame=0))
    with pytest.raises(LabError, match="has sections beside its channels"):
        open_stack(data, "x.tif", choice=Choice(channel=SECTIONS, frame=0))


def test_the_size_of_a_pixel_is_that_of_the_file_whichever_plane_is_read():
    """Only the first page says it."""
    about = {"axes": "TZCYX", "unit": "nm", "spacing": 50.0}
    data = tiff(HYPER, imagej=True, metadata=about, resolution=(1 / 4, 1 / 6))
    for choice in (Choice(channel=0, frame=0), Choice(channel=2, frame=1)):
        nm = open_stack(data, "x.tif", choice=choice).calibration.nm
        assert nm == pytest.approx((6.0, 4.0))


@pytest.mark.parametrize("axes", ["CYX", "TYX"])
def test_a_stack_that_was_written_as_channels_is_one_if_a_person_says_so(axes):
    # what tifffile makes of a stack whose axes nobody named
    data = tiff(PLANES, imagej=True, metadata={"axes": axes})
    option = {"C": "channel", "T": "frame"}[axes[0]]
    with pytest.raises(Undecided, match=f"--{option} 0 to 5, or --{option} sections if all"):
        open_stack(data, "x.tif")
    np.testing.assert_array_equal(read(data, Choice(**{option: SECTIONS})), PLANES)
    np.testing.assert_array_equal(read(data, Choice(**{option: 2})), PLANES[2:3])


def test_a_choice_from_one_is_none():
    data = tiff(PLANES, imagej=True, metadata={"axes": "ZYX"})
    np.testing.assert_array_equal(read(data, Choice(channel=0)), PLANES)
    with pytest.raises(LabError, match="has no channel 1, but only channel 0"):
        open_stack(data, "x.tif", choice=Choice(channel=1))


def test_channels_within_a_pixel_are_chosen_too():
    samples = np.moveaxis(PLANES, 0, -1)
    for planar in ("contig", "separate"):
        array = samples if planar == "contig" else PLANES
        data = tiff(array, planarconfig=planar, metadata=None)
        with pytest.raises(Undecided, match="6 channels"):
            open_stack(data, "x.tif")
        np.testing.assert_array_equal(read(data, Choice(channel=4)), PLANES[4:5])


def described(order: list[int]) -> str:
    blocks = "".join(f'<TiffData FirstZ="{z}" IFD="{i}" PlaneCount="1"/>' for i, z in order)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/'
        'OME/2016-06" UUID="urn:uuid:1"><Image ID="Image:0"><Pixels ID="Pixels:0"'
        ' DimensionOrder="XYZCT" Type="uint8" SizeX="48" SizeY="40" SizeC="1" SizeZ="6" SizeT="1">'
        f'<Channel ID="Channel:0:0" SamplesPerPixel="1"/>{blocks}</Pixels></Image></OME>'
    )


def test_tiffdata_decides_which_plane_is_which_section():
    order = [(0, 5), (1, 3), (2, 1), (3, 0), (4, 2), (5, 4)]
    data = tiff(PLANES, metadata=None, description=described(order).encode())
    found = read(data)
    for directory, z in order:
        np.testing.assert_array_equal(found[z], PLANES[directory])


def test_planes_that_tiffdata_does_not_list_are_not_invented():
    data = tiff(PLANES, metadata=None, description=described([(0, 0), (1, 1)]).encode())
    with pytest.raises(LabError, match="describes 6 planes but lists only 2"):
        open_stack(data, "x.tif")
    data = tiff(PLANES, metadata=None, description=described([(9, 0)]).encode())
    with pytest.raises(LabError, match="more planes than x.tif holds"):
        open_stack(data, "x.tif")


def of_a_set(folder, own: int):
    """One plane of a set of six files."""
    blocks = "".join(
        f'<TiffData FirstZ="{z}" IFD="0" PlaneCount="1"><UUID FileName="set_{z}.ome.tif">'
        f"urn:uuid:{z}</UUID></TiffData>"
        for z in range(6)
    )
    text = described([]).replace("</Pixels>", f"{blocks}</Pixels>")
    text = text.replace('UUID="urn:uuid:1"', f'UUID="urn:uuid:{own}"')
    path = folder / f"set_{own}.ome.tif"
    path.write_bytes(tiff(PLANES[own], metadata=None, description=text.encode()))
    return path


def test_a_set_of_files_is_read_where_all_are_there_and_else_refused_by_name(tmp_path):
    first = of_a_set(tmp_path, 0)
    with pytest.raises(LabError, match=r"set_1.ome.tif, set_2.ome.tif, .*2 more"):
        open_stack(first)
    for own in range(1, 6):
        of_a_set(tmp_path, own)
    np.testing.assert_array_equal(read(first, name=None), PLANES)
    # any of them stands for the set
    np.testing.assert_array_equal(read(tmp_path / "set_4.ome.tif", name=None), PLANES)
    # an upload has no siblings, whatever its name
    with pytest.raises(LabError, match="not here"):
        open_stack(first.read_bytes(), "set_0.ome.tif")


def test_a_file_that_was_renamed_is_no_set():
    blocks = "".join(
        f'<TiffData FirstZ="{z}" IFD="{5 - z}" PlaneCount="1"><UUID FileName="old.ome.tif">'
        "urn:uuid:1</UUID></TiffData>"
        for z in range(6)
    )
    text = described([]).replace("</Pixels>", f"{blocks}</Pixels>")
    for one in (text, text.replace(' UUID="urn:uuid:1"', "")):
        data = tiff(PLANES, metadata=None, description=one.encode())
        np.testing.assert_array_equal(read(data, name="new.ome.tif"), PLANES[::-1])


def test_a_set_may_not_name_files_elsewhere(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    first = of_a_set(other, 1)
    text = described([]).replace(
        "</Pixels>",
        '<TiffData FirstZ="0" PlaneCount="1"><UUID FileName="other/set_1.ome.tif">urn:uuid:9</UUID>'
        "</TiffData></Pixels>",
    )
    path = tmp_path / "a.ome.tif"
    path.write_bytes(tiff(PLANES[0], metadata=None, description=text.encode()))
    assert first.is_file()
    with pytest.raises(LabError, match=r"set_1.ome.tif of it is not here"):
        open_stack(path)


def test_a_description_in_another_file(tmp_path):
    text = (
        '<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"'
        ' UUID="urn:uuid:1"><BinaryOnly MetadataFile="set.companion.ome" UUID="urn:uuid:7"/></OME>'
    )
    path = tmp_path / "x.ome.tif"
    path.write_bytes(tiff(PLANES, metadata=None, description=text.encode()))
    with pytest.raises(LabError, match="set.companion.ome describes, which is not here"):
        open_stack(path)
    order = [(i, 5 - i) for i in range(6)]
    (tmp_path / "set.companion.ome").write_text(described(order))
    np.testing.assert_array_equal(read(path, name=None), PLANES[::-1])


def test_several_images_in_one_file_are_asked_for():
    file = io.BytesIO()
    with tifffile.TiffWriter(file, ome=True) as writer:
        writer.write(PLANES, photometric="minisblack", metadata={"axes": "ZYX", "Name": "low"})
        writer.write(PLANES[::-1], photometric="minisblack", metadata={"axes": "ZYX"})
    data = file.getvalue()
    with pytest.raises(Undecided, match=r"2 data sets.*Image:0 \(low\)"):
        open_stack(data, "x.tif")
    found = read(data, Choice(dataset="Image:1"))
    np.testing.assert_array_equal(found, PLANES[::-1])


def test_levels_of_a_pyramid_are_no_sections():
    file = io.BytesIO()
    with tifffile.TiffWriter(file, ome=True) as writer:
        writer.write(PLANES, subifds=1, photometric="minisblack", metadata={"axes": "ZYX"})
        writer.write(PLANES[:, ::2, ::2], subfiletype=1, photometric="minisblack")
    np.testing.assert_array_equal(read(file.getvalue()), PLANES)


KINDS = {
    "strips": {"rowsperstrip": 7, "compression": "lzw"},
    "one strip": {},
    "tiles": {"tile": (16, 32), "compression": "zlib", "predictor": True},
    "big-endian": {"byteorder": ">"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_window_is_the_window_of_the_whole(kind):
    deep = RNG.integers(0, 65536, (3, 40, 48)).astype(np.uint16)
    stack = open_stack(tiff(deep, **KINDS[kind]), "x.tif")
    for rows, columns in ((slice(3, 29), slice(5, 6)), (slice(39, 40), slice(0, 48))):
        found = stack.window(2, rows, columns)
        np.testing.assert_array_equal(found, stack.section(2).pixels[rows, columns])


def test_ome_may_be_followed_by_a_comment_and_a_cut_document_is_damaged():
    order = [(i, 5 - i) for i in range(6)]
    text = described(order)
    data = tiff(PLANES, metadata=None, description=f"{text}<!-- by hand -->\n".encode())
    np.testing.assert_array_equal(read(data), PLANES[::-1])
    with pytest.raises(LabError, match="damaged"):
        open_stack(tiff(PLANES, metadata=None, description=text[:-20].encode()), "x.tif")


def without_tag(data: bytes, code: int) -> bytes:
    """The same, an unknown tag in place of one in each page."""
    found = bytearray(data)
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        for page in file.pages:
            place = page.tags[code].offset
            found[place : place + 2] = (65000).to_bytes(2, "little")
    return bytes(found)


def test_where_a_tiff_does_not_say_what_0_is_it_is_black():
    """tifffile takes it for white, as it would have to be said."""
    data = without_tag(tiff(PLANES, metadata=None), 262)
    np.testing.assert_array_equal(read(data), PLANES)
    stack = open_stack(data, "x.tif")
    np.testing.assert_allclose(stack.section(2).pixels * 255, PLANES[2], atol=1e-4)
    assert "taken for black" in stack.notes[0]
    colours = np.stack([PLANES[:2]] * 3, -1)
    colours[..., 1] = 255 - colours[..., 1]
    plain = tiff(colours, metadata=None, photometric="rgb")
    bare = open_stack(without_tag(plain, 262), "x.tif")
    assert bare.sections == 2 and bare.header.samples == 3
    np.testing.assert_array_equal(
        bare.section(1).pixels, open_stack(plain, "x.tif").section(1).pixels
    )


@pytest.mark.parametrize("count", [3, 4])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (64, 64)}])
def test_a_stack_that_tifffile_took_for_colours_is_asked_about(count, options):
    stack = np.random.default_rng(count).integers(0, 255, (count, 64, 80)).astype(np.uint8)
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says itself that this may be meant otherwise
        tifffile.imwrite(file, stack, photometric="rgb", planarconfig="separate", **options)
    data = file.getvalue()
    with pytest.raises(Undecided) as asked:
        open_stack(data, "x.tif")
    values = [value for value, _ in asked.value.values]
    assert asked.value.option == "channel" and values == [*range(count), "sections", "colours"]
    said = str(asked.value)
    assert f"holds {count} channels" in said and "--channel sections if all of them are" in said
    assert "--channel colours if all of them are the colours of one picture" in said
    sections = open_stack(data, "x.tif", choice=Choice(channel="sections"))
    assert sections.sections == count and sections.kind == "8-bit grey TIFF"
    for index in range(count):
        found = sections.section(index).pixels
        np.testing.assert_allclose(found, stack[index] / 255, atol=1e-6)
    one = open_stack(data, "x.tif", choice=Choice(channel=1))
    assert one.sections == 1
    np.testing.assert_allclose(one.section(0).pixels, stack[1] / 255, atol=1e-6)
    colour = open_stack(data, "x.tif", choice=Choice(channel="colours"))
    assert (colour.sections, colour.kind) == (1, "8-bit colour TIFF")
    with pytest.raises(LabError, match="has no channel"):
        open_stack(data, "x.tif", choice=Choice(channel=7))


def test_labels_saved_so_are_asked_about_too():
    cells = np.kron(np.random.default_rng(0).integers(0, 2, (3, 8, 10)), np.ones((8, 8)))
    file = io.BytesIO()
    tifffile.imwrite(file, cells.astype(np.uint8) * 255, photometric="rgb", planarconfig="separate")
    with pytest.raises(Undecided):
        open_labels(file.getvalue(), "labels.tif", Choice(labels=True))
    found = open_labels(file.getvalue(), "labels.tif", Choice(channel="sections", labels=True))
    np.testing.assert_array_equal(found.labels(2).cells, cells[2] > 0)
