"""Keeps Streamlit from taking the folder ``pages`` for its old kind of app.

A folder of that name beside the app's script makes Streamlit run a page's file
alone when somebody opens the page's address, until ``st.navigation`` was called
for the first time in the process: without sidebar, settings or result. Whoever
first opens a link to a page on a fresh server would see that. Streamlit has no
setting for it; `PagesManager.uses_pages_directory` is where it keeps its mind.
"""

from streamlit.runtime.pages_manager import PagesManager

SWITCH = "uses_pages_directory"


def claim() -> bool:
    """Say that ``app.py`` lists the pages, whatever folders there are.

    Returns
    -------
    bool
        Whether Streamlit had taken it for the old kind: then the script that
        runs now may be a page alone.

    Raises
    ------
    RuntimeError
        If this version of Streamlit has no such switch any more.
    """
    if not hasattr(PagesManager, SWITCH):
        raise RuntimeError(
            f"Streamlit's PagesManager has no {SWITCH} any more: see how a first visit to a page's"
            " address now gets the app's sidebar, and change snnlab/ui/shared/one_app.py."
        )
    before = getattr(PagesManager, SWITCH)
    setattr(PagesManager, SWITCH, False)
    return bool(before)
