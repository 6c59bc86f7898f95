"""Files that are made when their button is pressed stay until the browser has fetched them.

Streamlit tells the browser where such a file is, and forgets it as soon as two scripts have ended
meanwhile, whosever they are. Where several visitors work, and pages look again twice a second at
how far a run is, that may be sooner than the browser asks: it gets nothing.
"""

import time

from streamlit.runtime import media_file_manager as streamlit_files
from streamlit.runtime.media_file_storage import MediaFileKind

STAYS = 60.0  # seconds that a file to take away stays at least; a busy server answers late
NAME = "MediaFileMetadata"  # what Streamlit notes of a file


def _patient(known: type) -> type:
    """What is noted of a file, and cannot be marked for deletion too early."""

    class Patient(known):
        def __init__(self, kind=MediaFileKind.MEDIA):
            super().__init__(kind)
            self._made = time.monotonic()

        def mark_for_delete(self) -> None:
            if self.kind != MediaFileKind.DOWNLOADABLE or time.monotonic() - self._made > STAYS:
                super().mark_for_delete()

    return Patient


def keep() -> None:
    """Let them stay, from now on; to be called as often as one likes.

    Raises
    ------
    RuntimeError
        If this version of Streamlit notes files in another way.
    """
    known = getattr(streamlit_files, NAME, None)
    if not hasattr(known, "mark_for_delete"):
        raise RuntimeError(
            "Streamlit notes elsewhere now which files nobody wants any more: see whether its"
            " MediaFileManager keeps those of a pressed button until they are fetched, and change"
            " snnlab/ui/shared/made_files.py."
        )
    if not getattr(known, "stays", False):
        patient = _patient(known)
        patient.stays = True
        setattr(streamlit_files, NAME, patient)
