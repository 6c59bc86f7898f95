import importlib
import inspect
import logging

import pytest

from snnlab.ui.shared import gone_fragments


@pytest.mark.parametrize(("name", "beginning"), gone_fragments.SAID.items())
def test_only_that_line_is_left_out(name, beginning):
    logger = importlib.import_module(name)._LOGGER
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
        rest = "" if "%s" in beginning else " with id %s."
        logger.warning(beginning + rest, "12")
        logger.warning("Something else")
    finally:
        logger.removeHandler(hearing)
        logger.filters[:] = before
    assert said == ["Something else"]


@pytest.mark.parametrize(("name", "beginning"), gone_fragments.SAID.items())
def test_streamlit_still_says_it_so(name, beginning):
    assert beginning in inspect.getsource(importlib.import_module(name))
