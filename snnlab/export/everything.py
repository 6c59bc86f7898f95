"""Many files as one: a ZIP in which each has the name that it would have by itself."""

import io
import zipfile
from collections.abc import Callable, Mapping


def packed(files: Mapping[str, Callable[[], str | bytes]], folder: str) -> bytes:
    """Make all files, one after the other, and put them into one.

    Parameters
    ----------
    files : mapping of str to callable
        By name, what makes each; text becomes UTF-8.
    folder : str
        That they lie in.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, make in files.items():
            archive.writestr(f"{folder}/{name}", make())
    return out.getvalue()
