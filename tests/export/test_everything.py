"""Many files as one."""

import io
import zipfile

from snnlab.export.everything import packed


def test_each_file_has_its_name_and_what_it_would_hold_by_itself():
    made = packed({"a.csv": lambda: "x,y\nä,1\n", "b.png": lambda: b"\x89PNG"}, "mine")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None and archive.namelist() == ["mine/a.csv", "mine/b.png"]
        assert archive.read("mine/a.csv") == "x,y\nä,1\n".encode()
        assert archive.read("mine/b.png") == b"\x89PNG"
