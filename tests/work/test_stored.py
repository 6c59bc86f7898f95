"""Files that the lab wrote, read when something happened to them."""

import errno
import io
import json
import os
import struct
import time
import zipfile

import numpy as np
import pytest

from snnlab.errors import Cancelled, LabError
from snnlab.work import stored


def npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def zipped(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def npy(values, **how) -> bytes:
    file = io.BytesIO()
    np.save(file, values, **how)
    return file.getvalue()


GOOD = {
    "bytes": np.arange(6, dtype=np.uint8).reshape(2, 3),
    "turned": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big": np.arange(3, dtype=">i4"),
    "none": np.zeros((0, 3), np.int64),
    "text": np.array("Grüße"),
    "one": np.float64(0.1),
    "mask": np.array([True, False]),
}


def test_what_numpy_wrote_is_read():
    found = stored.arrays(npz(**GOOD))
    assert found.keys() == GOOD.keys()
    for name, values in GOOD.items():
        np.testing.assert_array_equal(found[name], values)
        assert found[name].dtype == np.asarray(values).dtype


HEAD = npy(np.zeros(8, np.int8))
WRONG = {
    "nothing": (b"", "is damaged"),
    "a text": (b"hello", "is damaged"),
    "cut short": (npz(**GOOD)[:-30], "is damaged"),
    "pickled": (npz(a=np.array([{}], object)), "another type or shape"),
    "records": (npz(a=np.zeros(2, [("x", "f4")])), "does not say what a is"),
    "complex": (npz(a=np.zeros(2, complex)), "another type or shape"),
    "nan": (npz(a=np.array([1.0, np.nan])), "no numbers"),
    "infinite": (npz(a=np.array([1.0, -np.inf])), "no numbers"),
    "at the end of float32": (npz(a=np.float32(3e38)), "no numbers, or too large"),
    "huge claims": (zipped(a=HEAD.replace(b"(8,)", b"(9" + b"0" * 20 + b",)")), "cut short"),
    "negative claims": (zipped(a=HEAD.replace(b"(8,)", b"(-8,)")), "does not say"),
    "nested claims": (zipped(a=HEAD[:10] + b"(" * 4000), "."),
    "Python 2": (zipped(a=HEAD.replace(b"(8,), }  ", b"(8L,), } ")), "does not say"),
    "no array": (zipped(a=b"hello"), "another version"),
    "a bomb": (zipped(a=HEAD + b"\0" * 3_000_000), "too many bytes"),
    "many": (zipped(**{f"a{i}": HEAD for i in range(200)}), "more arrays"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_arrays_is_said(case):
    data, words = WRONG[case]
    with pytest.raises(stored.Damaged, match=words):
        stored.arrays(data, most=1_000_000, entries=100)


def test_negative_zero_and_the_smallest_floats_are_numbers():
    values = np.array([-0.0, 5e-324, 1e-45])
    np.testing.assert_array_equal(stored.arrays(npz(a=values))["a"], values)


def test_a_changed_byte_anywhere_is_noticed_or_harmless():
    data = npz(**GOOD)
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 0x55
        try:
            found = stored.arrays(bytes(changed))
        except stored.Damaged:
            continue
        for name in found.keys() & GOOD.keys():
            np.testing.assert_array_equal(found[name], GOOD[name])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("NaN", "the number NaN"),
        ('{"a": -Infinity}', "the number -Infinity"),
        ('{"a": 1e999}', "the number 1e999"),
        ("9" * 5000, "the number 99999"),
        ("[" * 100_000, "is damaged"),
        ("[" * 80 + "]" * 80, "nested too deeply"),
        ('{"a":' * 80 + "1" + "}" * 80, "nested too deeply"),
        ("{", "is damaged"),
        ("", "is damaged"),
        (b"\xff\xfe", "is damaged"),
    ],
)
def test_what_is_wrong_with_json_is_said(text, words):
    with pytest.raises(stored.Damaged, match=words):
        stored.parsed(text)


def test_json_that_is_right_is_read():
    value = {"a": [1, 2.5, None, True, "ä", {"b": []}], "c": -0.0, "d": 5e-324}
    assert stored.parsed(json.dumps(value)) == stored.parsed(json.dumps(value).encode()) == value


# ---- whatever a reader raises -------------------------------------------------------------------

RAISED = (
    OSError("gone"), EOFError(), ValueError("x"), KeyError("x"), IndexError(), TypeError(),
    AttributeError(), RecursionError(), MemoryError(), OverflowError(), NotImplementedError(),
    RuntimeError(), AssertionError(), struct.error("x"), zipfile.BadZipFile(),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), FloatingPointError(), ZeroDivisionError(),
    RuntimeWarning("overflow"), StopIteration(), SystemError(), BufferError(),
)  # fmt: skip


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_whatever_is_raised_is_one_sentence(error):
    with (
        pytest.raises(LabError, match=r"^it is damaged\.$"),
        stored.as_one_sentence("it is damaged."),
    ):
        raise error
    said = stored.as_one_sentence(lambda error: f"a {type(error).__name__}.")
    with pytest.raises(LabError, match=f"^a {type(error).__name__}"), said:
        raise error


@pytest.mark.parametrize("error", [LabError("mine."), Cancelled(), KeyboardInterrupt()])
def test_what_is_said_already_or_asked_for_passes(error):
    with pytest.raises(type(error)) as passed, stored.as_one_sentence("another."):
        raise error
    assert passed.value is error


def test_numpy_keeps_quiet_about_values_at_the_ends(recwarn):
    with stored.as_one_sentence("x."):
        values = np.float32(3e38) * np.ones(3, np.float32)
        assert np.isinf(values * values).all()
    assert not recwarn


# ---- files --------------------------------------------------------------------------------------


def test_only_a_file_of_some_size_is_read(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    assert stored.content(path) == b"content"
    with pytest.raises(stored.Damaged, match="more than"):
        stored.content(path, 6)
    with pytest.raises(stored.Damaged, match="is no file"):
        stored.content(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(stored.Damaged, match="is no file"):  # would be waited for for ever
        stored.content(tmp_path / "pipe")
    with pytest.raises(OSError):
        stored.content(tmp_path / "gone")


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "file"
    stored.write(path, lambda stream: stream.write(b"one"))
    assert path.read_bytes() == b"one"

    def full(stream):
        stream.write(b"tw")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(OSError):
        stored.write(path, full)
    assert path.read_bytes() == b"one" and list(tmp_path.iterdir()) == [path]
    # what a process that was killed left behind goes, in time
    old, new = (tmp_path / f"file.{number}-1.part" for number in (1, 2))
    for part in (old, new):
        part.write_bytes(b"tw")
    os.utime(old, (time.time() - 2 * stored.ABANDONED,) * 2)
    stored.write(path, lambda stream: stream.write(b"two"))
    assert path.read_bytes() == b"two" and set(tmp_path.iterdir()) == {path, new}
