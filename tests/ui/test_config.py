"""What .streamlit/config.toml promises, read by Streamlit itself."""

import tomllib
from pathlib import Path

import pytest
from streamlit import config

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


def test_nothing_of_the_look_is_fetched_from_elsewhere():
    assert "http" not in str(GIVEN["theme"])


def test_no_folder_beside_the_app_is_called_pages():
    # Streamlit would run its files without the app around them
    assert not (ROOT / "pages").exists()
