"""After a draw Keras is left alone, whoever imported it."""

import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest
from streamlit.runtime.scriptrunner import script_runner

from snnlab.ui.shared import keras_state
from tests.ui.test_pages import ROOT, still


def test_no_draw_collects_all_garbage_by_way_of_keras(app, monkeypatch):
    calls, keras = [], ModuleType("keras")
    keras.backend = SimpleNamespace(clear_session=lambda: calls.append(1))
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.setattr(script_runner, keras_state.NAME, script_runner._clean_problem_modules)
    still(app).run()
    assert calls  # what Streamlit does by itself, and the reason for this module
    calls.clear()
    keras_state.leave()
    app.run()
    assert not calls and not app.exception


def test_the_server_says_it():
    code = (
        "import serve; from streamlit.runtime.scriptrunner import script_runner as runner;"
        "print(runner._clean_problem_modules.__module__)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == [keras_state.__name__], done.stderr[-2000:]


def test_another_version_of_streamlit_is_told_of(monkeypatch):
    monkeypatch.delattr(script_runner, keras_state.NAME)
    with pytest.raises(RuntimeError, match="has no _clean_problem_modules"):
        keras_state.leave()
