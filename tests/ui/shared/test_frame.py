"""What stands around every page."""

import pytest

import snnlab
from tests.ui.conftest import PAGES


@pytest.mark.parametrize("page", [PAGES[0], "pages/segment.py", "pages/train.py"])
def test_the_version_stands_below_every_page(app, page):
    app.run()
    app.switch_page(page).run()
    assert app.main.caption[-1].value.startswith(f"SNN Lab {snnlab.__version__}.")
