"""What .streamlit/config.toml promises, read by Streamlit itself."""

import inspect
import tomllib
from pathlib import Path

import pytest
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import script_runner

from snnlab.ui.shared import one_app

ROOT = Path(__file__).resolve().parents[2]
GIVEN = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
PROMISES = {
    "server.enableXsrfProtection": True,
    "server.maxUploadSize": 64,
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "runner.postScriptGC": False,  # with it, polling makes a first run ten times as slow
}


@pytest.mark.parametrize("name", PROMISES)
def test_options_are_set_and_exist(name):
    section, option = name.split(".")
    assert GIVEN[section][option] == PROMISES[name]
    config.get_option(name)  # raises for a name that this Streamlit does not know


def test_the_typeface_is_shipped_under_its_licence():
    faces = GIVEN["theme"]["fontFaces"]
    assert {face["family"] for face in faces} == {GIVEN["theme"]["font"].split(",")[0]}
    for face in faces:
        path = ROOT / face["url"].removeprefix("app/")
        assert path.read_bytes()[:4] == b"wOF2"
    assert "SIL Open Font License" in (ROOT / "static" / "fonts" / "LICENSE.txt").read_text()
    assert GIVEN["server"]["enableStaticServing"] is True


def contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2.2 defines it."""

    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("side", ["main", "sidebar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_links_have_enough_contrast(scheme, side):
    theme = GIVEN["theme"][scheme]
    surfaces = theme if side == "main" else theme | theme["sidebar"]
    for background in ("backgroundColor", "secondaryBackgroundColor"):
        for text in ("textColor", "linkColor"):
            assert contrast(surfaces[text], surfaces[background]) >= 4.5, (text, background)


def test_nothing_of_the_look_is_fetched_from_elsewhere():
    assert "http" not in str(GIVEN["theme"])


def test_streamlit_still_has_the_switch_that_makes_room_for_a_folder_of_pages(monkeypatch):
    monkeypatch.setattr(PagesManager, one_app.SWITCH, None)
    assert one_app.claim() is False
    assert PagesManager.uses_pages_directory is False
    monkeypatch.setattr(PagesManager, one_app.SWITCH, True)
    assert one_app.claim() is True  # it had taken the lab for an app of the old kind
    # and it asks that switch, where a script is run: a switch that nobody asks helps nobody
    assert f"PagesManager.{one_app.SWITCH}" in inspect.getsource(script_runner)


def test_a_streamlit_without_the_switch_is_refused_with_what_to_do(monkeypatch):
    monkeypatch.delattr(PagesManager, one_app.SWITCH)
    with pytest.raises(RuntimeError, match="one_app.py"):
        one_app.claim()
