import inspect
import logging

from streamlit.runtime.scriptrunner import script_runner

from snnlab.ui.shared import gone_fragments


def test_only_that_warning_is_left_out(monkeypatch):
    logger = script_runner._LOGGER
    before = list(logger.filters)
    said = []

    class Hearing(logging.Handler):
        def emit(self, record):
            said.append(record.getMessage())

    hearing = Hearing()
    logger.addHandler(hearing)
    try:
        for _ in range(2):
            gone_fragments.quiet()
        assert len(logger.filters) == len(before) + (gone_fragments._worth_saying not in before)
        logger.warning("Couldn't find fragment with id %s.", "12")
        logger.warning("Something else")
    finally:
        logger.removeHandler(hearing)
        logger.filters[:] = before
    assert said == ["Something else"]


def test_streamlit_still_says_it_so():
    assert gone_fragments.SAID in inspect.getsource(script_runner)
