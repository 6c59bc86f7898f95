"""Names that others gave, as a real browser draws them: character by character."""

import pytest

from tests.browser.conftest import PATIENCE, started
from tests.ui.names import EVIL

NAMES = (
    "plain", EVIL, "www.evil.org.tif", "http://evil.org/x", "me@evil.org", ":smile: a",
    ":material/home: a",
    ":streamlit: a", "a -> b <- c <-> d -- e >= f <= g ~= h", "$x^2$ a", "$$x$$", "**b** _i_ ~~s~~",
    "[l](http://x.y)", "![i](http://x.y/i.png)", "<b>x</b>", "# head", "- list", "1. one",
    "12. one", "1) one", "> quote", "&amp;", "    four", "a\nb", "x\r\n\r\n# h", ":blue-badge[x]",
    "a\\b", "[^1] a", "| a | b |", "+ a", "`c`", "a  \tb", "---", "***",
)  # fmt: skip
SCRIPT = """
import streamlit as st
from snnlab.ui.shared import words
from tests.browser.test_names import NAMES

for index, name in enumerate(NAMES):
    told = words.plain(name)
    with st.container(key=f"as-{index}"):
        st.markdown(told)
        st.caption(f":material/info: Before {told} after")
        st.error(told)
        st.button(told, key=f"button-{index}")
        st.table({told: [told]}, hide_index=True)
        st.segmented_control(told, [told], key=f"control-{index}")
        st.progress(0.5, told)
"""
DRAWN = """part => ({
    text: part.innerText.replaceAll("\\u2060", ""),
    made: [...part.querySelectorAll(
        "a, img, strong, em, del, code, h1, h2, h3, hr, ul, ol, blockquote, pre, .katex, b")]
        .map(one => one.outerHTML.slice(0, 80)),
    icons: part.querySelectorAll("[data-testid=stIconMaterial], [role=img]").length,
})"""


@pytest.fixture
def page(browser, chromium, tmp_path):
    (tmp_path / "names.py").write_text(SCRIPT)
    server = started(tmp_path, str(tmp_path / "names.py"))
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    opened.goto(server.url)
    opened.wait_for_selector(f".st-key-as-{len(NAMES) - 1} [data-testid=stProgress]")
    yield opened
    context.close()
    server.stop()


def test_nothing_in_a_name_is_taken_for_more(page):
    icons = None
    for index, name in enumerate(NAMES):
        seen = page.locator(f".st-key-as-{index}").evaluate(DRAWN)
        plain = " ".join(name.split())
        # the table's head and cell, and the control's label and choice
        assert seen["text"].count(plain) == 9, (name, seen)
        assert seen["made"] == [], (name, seen)
        icons = seen["icons"] if icons is None else icons
        assert seen["icons"] == icons, (name, seen)
