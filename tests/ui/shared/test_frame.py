"""What stands around every page."""

from pathlib import Path

import pytest

import snnlab
from snnlab.ui.shared import frame
from tests.ui.conftest import PAGES


@pytest.mark.parametrize("page", [PAGES[0], "pages/segment.py", "pages/train.py"])
def test_the_version_stands_below_every_page(app, page):
    app.run()
    app.switch_page(page).run()
    assert app.main.caption[-1].value.startswith(f"SNN Lab {snnlab.__version__}.")


@pytest.mark.parametrize(
    "page, place",
    [("pages/learn.py", None), ("pages/cells.py", 3), ("pages/methods.py", 4),
     ("pages/finetune.py", 5)],
)  # fmt: skip
def test_the_bar_says_which_page_of_a_group_is_open(app, page, place):
    app.run()
    app.switch_page(page).run()
    told = [part.proto.body for part in app.get("html") if "stTopNav" in part.proto.body]
    if place is None:  # its own name is in sight
        assert told == []
    else:
        name = {"finetune": "Tune"}.get(Path(page).stem, Path(page).stem.capitalize())
        assert f":nth-child({place})" in told[0] and f'" · {name}"' in told[0]


def test_every_page_is_in_the_page_map_at_its_old_address(app, monkeypatch):
    given, draw = [], frame.st.navigation
    monkeypatch.setattr(
        frame.st, "navigation", lambda pages, **more: given.append(pages) or draw(pages, **more)
    )
    app.run()
    groups = {name: [page.url_path for page in group] for name, group in given[0].items()}
    assert groups == {
        "": ["", "learn"],
        "Explore": ["cells", "objects", "stack", "sweep", "compare", "networks"],
        "Understand": ["spikes", "rates", "chips", "energy", "methods"],
        "Train": ["train", "finetune"],
    }
    assert sum(map(len, groups.values())) == len(PAGES)
