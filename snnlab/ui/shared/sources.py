"""Keeps Streamlit from looking for the file of every module after a draw.

After each draw that finds modules which the session has not seen, the first of every session
included, Streamlit resolves the files of all modules in the process, to watch them for changes.
It does so on the thread that answers everybody, and also where ``server.fileWatcherType`` is
"none" and nothing is watched. With TensorFlow loaded these are five thousand modules: 0.4 s of
processor time at least for each visitor, seconds where the machine is busy (up to 33 s were seen),
in which nobody gets an answer.
"""

from streamlit.watcher.local_sources_watcher import LocalSourcesWatcher

NAME = "update_watched_modules"


def leave() -> None:
    """Look for no module's file.

    Raises
    ------
    RuntimeError
        If this version of Streamlit does it elsewhere.
    """
    if not callable(getattr(LocalSourcesWatcher, NAME, None)):
        raise RuntimeError(
            f"Streamlit's LocalSourcesWatcher has no {NAME} any more: see where it looks for the"
            " files of all modules now, and change snnlab/ui/shared/sources.py."
        )
    setattr(LocalSourcesWatcher, NAME, lambda watcher: None)
