"""Chunks as zarr-python packs them: codecs, orders, kinds of numbers, shards."""

import itertools

import numcodecs
import numpy as np
import pytest
import zarr
from zarr import codecs

from snnlab.errors import LabError
from snnlab.images import zarr_chunks
from snnlab.images.zarr_files import Files

RNG = np.random.default_rng(14)
VALUES = RNG.integers(0, 100, (5, 40, 48))
PARTS = [
    (slice(0, 5), slice(0, 40), slice(0, 48)),
    (3, slice(5, 33), slice(17, 18)),
    (slice(1, 4), 39, slice(0, 48)),
    (4, 0, 47),
]


def compare(folder, path="0"):
    """All parts against what zarr-python reads."""
    files = Files(folder, "x")
    array = zarr_chunks.described(files, path)
    theirs = zarr.open_array(folder, path=path, mode="r")
    assert array.shape == theirs.shape
    for part in PARTS:
        found = zarr_chunks.read(files, array, part)
        np.testing.assert_array_equal(found, theirs[part])
        assert found.dtype == theirs.dtype.newbyteorder("=")


SECOND = [
    None,
    numcodecs.Blosc("lz4", shuffle=1),
    numcodecs.Blosc("zstd", shuffle=2),
    numcodecs.Blosc("blosclz", shuffle=0),
    numcodecs.Blosc("zlib"),
    numcodecs.Zlib(3),
    numcodecs.GZip(3),
    numcodecs.BZ2(3),
    numcodecs.LZ4(),
    numcodecs.LZMA(),
    numcodecs.Zstd(3),
]


@pytest.mark.parametrize("codec", SECOND, ids=str)
@pytest.mark.parametrize("order", "CF")
def test_version_2(tmp_path, codec, order):
    made = zarr.create_array(
        tmp_path, name="0", shape=VALUES.shape, chunks=(2, 16, 32), dtype="<i4", zarr_format=2,
        compressors=codec, order=order,
    )  # fmt: skip
    made[...] = VALUES
    compare(tmp_path)


@pytest.mark.parametrize(
    "kind", ["|u1", "|i1", ">i2", "<u2", ">u4", "<u8", "<f2", ">f4", "<f8", "|b1"]
)
@pytest.mark.parametrize("version", [2, 3])
def test_kinds_of_numbers(tmp_path, kind, version):
    more = {}
    if version == 3:
        more = {"serializer": codecs.BytesCodec(endian="big" if kind[0] == ">" else "little")}
    made = zarr.create_array(
        tmp_path, name="0", shape=VALUES.shape, chunks=(2, 16, 32), zarr_format=version,
        dtype=kind if version == 2 else np.dtype(kind).newbyteorder("="), **more,
    )  # fmt: skip
    made[...] = VALUES.astype(kind)
    compare(tmp_path)


@pytest.mark.parametrize(
    "filters",
    [
        [numcodecs.Delta("<i4")],
        [numcodecs.Shuffle(4)],
        [numcodecs.FixedScaleOffset(10, 2, "<i4", "<i4"), numcodecs.Delta("<i4")],
    ],
    ids=str,
)
def test_filters_of_version_2(tmp_path, filters):
    made = zarr.create_array(
        tmp_path, name="0", shape=VALUES.shape, chunks=(2, 16, 32), dtype="<i4", zarr_format=2,
        filters=filters, compressors=numcodecs.Zlib(1),
    )  # fmt: skip
    made[...] = VALUES
    compare(tmp_path)


THIRD = [
    [],
    [codecs.BloscCodec(cname="zstd", shuffle="bitshuffle")],
    [codecs.BloscCodec(cname="lz4", shuffle="shuffle")],
    [codecs.GzipCodec(level=3)],
    [codecs.ZstdCodec(level=3, checksum=True)],
    [codecs.ZstdCodec(level=1), codecs.Crc32cCodec()],
]


@pytest.mark.parametrize(
    ("packing", "turned", "shards"),
    itertools.product(THIRD, (None, (2, 0, 1)), (None, (4, 32, 32))),
    ids=str,
)
def test_version_3(tmp_path, packing, turned, shards):
    made = zarr.create_array(
        tmp_path, name="0", shape=VALUES.shape, chunks=(2, 16, 32), shards=shards, dtype="i2",
        compressors=packing, filters=[codecs.TransposeCodec(order=turned)] if turned else None,
    )  # fmt: skip
    made[...] = VALUES
    compare(tmp_path)


def test_a_shards_list_may_come_first(tmp_path):
    serializer = codecs.ShardingCodec(chunk_shape=(2, 16, 16), index_location="start")
    made = zarr.create_array(
        tmp_path, name="0", shape=VALUES.shape, chunks=(4, 32, 32), dtype="u2",
        serializer=serializer, compressors=None,
    )  # fmt: skip
    made[...] = VALUES
    compare(tmp_path)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("kind", "fill"), [("f4", np.nan), ("f4", np.inf), ("i2", -3), ("u1", None)]
)
@pytest.mark.parametrize("sharded", [False, True])
def test_what_is_not_there(tmp_path, version, kind, fill, sharded):
    shards = (4, 32, 32) if sharded and version == 3 else None  # version 2 has none
    made = zarr.create_array(
        tmp_path, name="0", shape=VALUES.shape, chunks=(2, 16, 16), dtype=kind, fill_value=fill,
        zarr_format=version, shards=shards,
    )  # fmt: skip
    made[2:4, 16:32] = 9
    compare(tmp_path)


@pytest.mark.parametrize("separator", "./")
@pytest.mark.parametrize("name", ["default", "v2"])
def test_names_of_chunks(tmp_path, separator, name):
    made = zarr.create_array(
        tmp_path, name="0", shape=VALUES.shape, chunks=(2, 16, 32), dtype="u1",
        chunk_key_encoding={"name": name, "separator": separator},
    )  # fmt: skip
    made[...] = VALUES
    compare(tmp_path)


def test_a_sum_that_is_wrong(tmp_path):
    made = zarr.create_array(
        tmp_path, name="0", shape=(40, 48), chunks=(40, 48), dtype="u1",
        compressors=[codecs.Crc32cCodec()],
    )  # fmt: skip
    made[...] = VALUES[0]
    path = tmp_path / "0" / "c" / "0" / "0"
    path.write_bytes(b"\xff" + path.read_bytes()[1:])
    files = Files(tmp_path, "x")
    with pytest.raises(ValueError, match="checksum"):
        zarr_chunks.read(files, zarr_chunks.described(files, "0"), (slice(0, 40), slice(0, 48)))


def test_what_is_not_read(tmp_path):
    made = zarr.create_array(
        tmp_path, name="0", shape=VALUES.shape, dtype="S3", zarr_format=2, compressors=None
    )
    assert made.shape == VALUES.shape
    with pytest.raises(LabError, match="no plain numbers"):
        zarr_chunks.described(Files(tmp_path, "x"), "0")
    with pytest.raises(LabError, match="damaged"):
        zarr_chunks.described(Files(tmp_path, "x"), "absent")
