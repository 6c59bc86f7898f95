"""How figures behave in the browser, and that no half of a library is found by them."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import plotly.graph_objects as go
import pytest

ROOT = Path(__file__).resolve().parents[3]


def test_plotly_fails_at_half_a_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", ModuleType("pandas"))
    with pytest.raises(AttributeError):  # if it does not, plots.py need not load it
        go.Figure().add_scatter(x=[1], y=[1], hoverinfo="skip")


def test_all_of_pandas_is_there_before_a_page_is_drawn():
    # what app.py begins with; another page's thread waits there until it is loaded
    seen = (
        "import sys; from snnlab.ui.shared import frame;"
        "assert hasattr(sys.modules.get('pandas'), 'Series')"
    )
    subprocess.run([sys.executable, "-c", seen], check=True, cwd=ROOT)
