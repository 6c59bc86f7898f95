"""What stands around every page: title, logo, navigation, sidebar, status."""

from pathlib import Path

import streamlit as st

from snnlab import __version__
from snnlab.errors import LabError
from snnlab.lab.classroom.events import At
from snnlab.ui.shared import (
    bench,
    classroom,
    docs_site,
    fingers,
    glossary,
    housekeeping,
    kept,
    long_work,
    made_files,
    sidebar,
    status,
    words,
)
from snnlab.ui.shared.said import said

_ASSETS = Path(__file__).parents[3] / "assets"

# What Streamlit has no setting for: pictures get the width of the page, the status keeps its
# height so that the page does not jump, and small print its contrast (4.5 to 1 and more);
# an old progress bar is gone before its page is;
# equations go on in the next line instead of being scrolled, and so do choices that many were
# made of; on a phone the button that opens the sidebar, with pages and settings, says what it is,
# all presets are in sight, and the tools of charts and tables, always there where nothing hovers,
# stand above what they are for, not on it.
_CSS = """
<style>
[data-testid="stMainBlockContainer"] { padding-left: 2rem; padding-right: 2rem; }
[data-testid="stMain"] { scrollbar-gutter: stable; }
[data-stale="true"]:has([data-testid="stProgress"]) { visibility: hidden;
  transition: visibility 0s 0.4s; }
.st-key-work [data-testid="stElementContainer"]:has([data-testid="stProgress"]) {
  flex: 1 1 14rem; }
.st-key-status { min-height: 3rem; justify-content: center; }
.st-key-status [data-testid="stAlertContainer"] { padding: 0.6rem 0.9rem; }
[data-testid="stMultiSelectTagsContainer"], [data-testid="stMultiSelectTagsContainer"] > span {
  flex-wrap: wrap; overflow: visible; mask: none; }
[role="group"]:has(> [data-testid="stMultiSelectTagsContainer"]) { max-height: none; }
[data-testid="stMultiSelectTagsContainer"] [data-tag] { background: #0b6e5f; color: #ffffff; }
[data-testid="stBaseButton-primary"], [data-testid="stBaseButton-primaryFormSubmit"] {
  background: #0b6e5f; border-color: #0b6e5f; }
.st-key-undo button p, .st-key-redo button p { position: absolute; width: 1px; height: 1px;
  overflow: hidden; clip-path: inset(50%); }
.st-key-undo button, .st-key-redo button { padding: 0.25rem 0.6rem; }
.st-key-script, .st-key-keeper, [data-testid="stLayoutWrapper"]:has(> .st-key-script),
[data-testid="stLayoutWrapper"]:has(> .st-key-keeper) { display: none; }
[data-testid="stColumn"]:has(> [data-testid="stVerticalBlock"] > * > .st-key-title),
[data-testid="stColumn"]:has(> .st-key-title) { flex: 0 0 auto; width: auto; }
.st-key-title h1 { font-size: 1.45rem; padding: 0; white-space: nowrap; }
.st-key-presets { max-width: 22rem; }
.st-key-cancel button { white-space: nowrap; }
.st-key-status [data-testid="stCaptionContainer"] p { text-wrap: balance; }
[data-testid="stCaptionContainer"] { opacity: 1;
  color: color-mix(in srgb, currentColor 78%, transparent); }
.katex-display { overflow: visible !important; }
.katex-display > .katex { white-space: normal !important; }
.js-plotly-plot .main-svg text:not(.hovertext text) { fill: currentColor !important; }
.js-plotly-plot .main-svg .xtick text, .js-plotly-plot .main-svg .ytick text,
.js-plotly-plot .main-svg .g-xtitle text, .js-plotly-plot .main-svg .g-ytitle text {
  fill-opacity: 0.8;
}
@media (max-width: 640px), (max-height: 480px) {
  [data-testid="stMainBlockContainer"] { padding-left: 1rem; padding-right: 1rem; }
  [data-testid="stColumn"]:has(.st-key-title) { position: absolute; width: 1px; height: 1px;
    min-width: 0; overflow: hidden; clip-path: inset(50%); }
  .st-key-status { min-height: 0; }
}
@media (hover: none) {
  [data-testid="stElementContainer"]:has([data-testid="stPlotlyChart"]) { margin-top: 2rem;
    overflow: visible; }
  .js-plotly-plot { overflow: visible !important; }
  .js-plotly-plot .modebar-container { top: -2rem !important; }
  [data-testid="stElementContainer"]:has([data-testid="stDataFrame"]) { margin-top: 2rem; }
}
@media (max-width: 768px) {
  [data-testid="stPopoverBody"]:has(.st-key-presets) { inset: 0.5rem auto auto 1rem !important;
    transform: none !important; max-height: calc(100dvh - 1rem) !important; padding: 1rem; }
  .st-key-presets { gap: 0.6rem; }
  [data-testid="stExpandSidebarButton"] { width: auto; padding: 0.3rem 0.6rem; gap: 0.3rem; }
  [data-testid="stExpandSidebarButton"]::after { font-size: 1rem; white-space: nowrap; }
  [data-testid="stSidebarNavItems"], [data-testid="stSidebarNavItems"] > div {
    display: grid; grid-template-columns: 1fr 1fr; gap: 0 0.3rem; }
  [data-testid="stSidebarNavItems"] > div, [data-testid="stNavSectionHeader"] {
    grid-column: 1 / -1; }
  [data-testid="stSidebarNavLink"] { min-height: 2.4rem; }
  [data-testid="stNavSectionHeader"] { pointer-events: none; }
  [data-testid="stNavSectionHeader"] [data-testid="stIconMaterial"],
  [data-testid="stSidebarNavViewButton"] { display: none; }
}
</style>
"""

# There the page map is in the sidebar, and nothing else says where one is; in the bar only the name
# of the page's group is in sight.
_HERE = """
<style>
@media (max-width: 768px) {
  [data-testid="stExpandSidebarButton"]::after { content: "Menu · PAGE"; }
}
</style>
"""
_GROUP = """
<style>
[data-testid="stTopNav"] > :nth-child(PLACE) [data-testid="stTopNavSection"] {
  background: color-mix(in srgb, currentColor 9%, transparent); font-weight: 600; }
[data-testid="stTopNav"] > :nth-child(PLACE) [data-testid="stTopNavSection"] p::after {
  content: " · PAGE"; }
</style>
"""

# On a narrow screen the sidebar lies over the page; whoever chose a page there wants to see it.
_SCRIPT = """
<script>
if (!window.snnlabSidebar) {
  window.snnlabSidebar = true
  document.addEventListener("click", event => {
    const sidebar = event.target.closest?.('[data-testid="stSidebar"]')
    if (!sidebar || !event.target.closest("a") || window.innerWidth > 768) return
    setTimeout(() => {
      sidebar.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click()
    }, 150)
  })
  // Streamlit's page map there has a list's entries inside parts that may not be in a list.
  const lists = () => {
    const whole = document.querySelector('[data-testid="stSidebarNavItems"]:not([role])')
    whole?.setAttribute("role", "none")
    for (const part of whole?.children ?? []) {
      part.setAttribute("role", part.localName === "li" ? "none" : "list")
      const head = part.querySelector("header")
      if (head) part.setAttribute("aria-label", head.querySelector("p").textContent)
    }
  }
  new MutationObserver(lists).observe(document.body, { childList: true, subtree: true })
  lists()
  // A menu closes once something in it was chosen, and gives the focus back, as at Escape. If the
  // server closed it, one that was opened just before, of which it has not heard, would stay open.
  document.addEventListener("click", event => {
    if (!event.target.closest?.(".st-key-presets button")) return
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }))
  })
  // While a file is made its button is out of use, which takes the focus away, and a dialog
  // without it hears no Escape.
  let latest = null
  document.addEventListener("click", event => {
    const pressed = event.target.closest?.('[data-testid="stDownloadButton"] button')
    if (!pressed) return
    const until = Date.now() + 2000
    let made = false
    latest = pressed
    const back = () => {
      if (pressed !== latest) return
      const out = pressed.isConnected && pressed.disabled
      made ||= out
      if (!out && document.activeElement === document.body) {
        pressed.focus({ preventScroll: true })
      } else if (out || (!made && Date.now() < until)) setTimeout(back, 100)
    }
    setTimeout(back, 100)
  })
}
</script>
"""


def open(pages: dict[str, list]):
    """Draw what all pages share.

    Parameters
    ----------
    pages : dict of str to list of streamlit.Page
        By the names of their groups; those of no name stand beside the groups.

    Returns
    -------
    streamlit.Page
        The one that the visitor is on; run it.
    """
    st.set_page_config("SNN Lab", str(_ASSETS / "logo.svg"), "wide")
    st.logo(str(_ASSETS / "logo.svg"), size="large")
    st.html(_CSS)
    with st.container(key="script"):
        st.html(_SCRIPT, unsafe_allow_javascript=True)
        fingers.mount()
    glossary.mount()
    page = st.navigation(pages, position="top", expanded=True)
    st.html(_here(pages, page))
    housekeeping.begin()
    made_files.keep()
    st.session_state.page = page.url_path
    classroom.note(At(page.title))
    try:
        bench.begin()
        status.draw(sidebar.draw(), page.title)
        with st.container(key="keeper"):
            kept.mount()
    except LabError as error:  # nothing of the lab's own that pages could show
        st.error(words.plain(str(error)), icon=":material/error:")
        st.stop()
    return page


def _here(pages: dict[str, list], page) -> str:
    """Say where the visitor is, also where the page's own name is in a closed menu."""
    told = _HERE
    alone, *groups = pages.values()
    for number, group in enumerate(groups, len(alone) + 1):
        if page in group:
            told += _GROUP.replace("PLACE", str(number))
    return told.replace("PAGE", page.title)


def run(page) -> None:
    """Run a page; what it cannot do is a sentence, and the other pages are still there.

    Parameters
    ----------
    page : streamlit.Page
    """
    try:
        said(page.run)()
    finally:
        status.drawn()


def foot() -> None:
    """What stands below every page: version, where things are computed, documentation."""
    long_work.forget()
    told = "Everything is computed on the machine that serves this page."
    st.caption(f"SNN Lab {__version__}. {told}{docs_site.link()}")
