"""How figures behave in the browser, and that no half of a library is found by them."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from snnlab.figures import rates, style
from snnlab.ui.shared import plots

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


def test_all_figures_are_put_on_pages_by_one_function():
    ui = ROOT / "snnlab" / "ui"
    others = [
        path.relative_to(ROOT).as_posix()
        for path in [*ui.rglob("*.py"), *(ROOT / "pages").glob("*.py")]
        if "st.plotly_chart(" in path.read_text(encoding="utf-8")
    ]
    assert others == ["snnlab/ui/shared/plots.py"]


def _figure(last: float = 3.0, title: str = "x") -> go.Figure:
    x = np.array([0.1, 2.0, last], np.float32)
    figure = rates.ann_against_snn("down0", x, x)
    figure.update_xaxes(title_text=title)
    return figure


def test_a_revision_goes_by_what_is_in_a_figure():
    assert plots.revision(_figure()) == plots.revision(_figure())
    assert plots.revision(_figure()) != plots.revision(_figure(last=4.0))
    assert plots.revision(_figure()) != plots.revision(_figure(title="y"))
    once = _figure()
    once.update_layout(datarevision=plots.revision(once))
    assert plots.revision(once) == once.layout.datarevision  # it is none of the content


def test_what_plotly_would_take_for_a_change_is_not_sent():
    def page():
        import numpy as np
        import streamlit as st

        from snnlab.figures import rates
        from snnlab.ui.shared import plots

        x = np.array([0.1, 2.0, 3.0], np.float32)
        st.session_state["figure-format"] = "svg"
        plots.draw(rates.ann_against_snn("down0", x, x), "one", "A figure", lambda: None)

    app = AppTest.from_function(page).run()
    assert not app.exception
    sent = json.loads(app.get("plotly_chart")[0].proto.spec)
    assert sent["layout"]["datarevision"]
    assert "template" not in sent["layout"]
    # no typed arrays: Plotly has none of their revision
    assert sent["data"][1]["x"] == [0.1, 2.0, 3.0]
    # the modes that Streamlit sets where points can be chosen, before it does
    assert sent["layout"]["clickmode"] == "event+select"
    assert sent["layout"]["dragmode"] == "pan"


def test_long_arrays_travel_as_bytes_and_pictures_keep_their_rows():
    figure = style.new(100)
    figure.add_heatmap(z=np.arange(6, dtype=np.float32).reshape(2, 3))
    figure.add_scatter(x=np.zeros(plots.LONG + 1), y=np.zeros(plots.LONG + 1))
    for trace in figure.data:
        plots.write_out(trace._props)
    short, long = figure.data
    assert short._props["z"] == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    assert isinstance(long._props["x"], np.ndarray)
