"""Bad files among the models, and among what comes with the lab, take no page down."""

from dataclasses import replace

import pytest

from snnlab.lab import chips as lab_chips
from snnlab.lab import methods as lab_methods
from snnlab.lab import segmenting as lab
from snnlab.lab import sweeping as lab_sweep
from snnlab.nets import shelf
from tests import small_models
from tests.nets.test_shelf import BAD
from tests.ui.conftest import PAGES
from tests.ui.test_pages import control, still, text

MINE = replace(small_models.model(3), name="mine", card={"summary": "Mine.", "settings": {}})


def plain(app) -> str:
    """What stands on the page, without what keeps Markdown from names."""
    return text(app).replace("\\", "")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SNNLAB_MODELS", str(tmp_path / "models"))
    shelf.save(MINE)
    return tmp_path / "models"


def test_bad_files_in_the_folder_of_models_are_a_sentence_each(app, folder):
    for number, harm in enumerate(BAD):
        harm(folder / f"bad-{number}.npz")
    (folder / "card-only.json").write_text("{")
    still(app).run()
    named = {option.split(":")[0] for option in control(app, "model").options}
    assert {"mine", *lab.models.available()} == named
    for page in PAGES:
        app.switch_page(page).run()
        assert not app.exception, page
        told = [item.value for item in app.caption if "cannot be used" in item.value]
        assert len(told) == len(BAD), page
        assert all(f"bad-{number}.npz" in plain(app) for number in range(len(BAD))), page


def test_the_model_in_use_may_become_bad(app, folder):
    still(app).run()
    control(app, "model").set_value("mine").run()
    assert app.session_state["settings"].model == "mine"
    shown = replace(lab.default_result(), settings=app.session_state["settings"])
    app.session_state["shown"] = shown
    app.run()
    (folder / "mine.npz").write_bytes(b"PK nothing")
    for page in PAGES:
        app.switch_page(page).run()
        assert not app.exception, page
        assert "mine.npz in the folder of models cannot be used" in plain(app), page
        assert app.title or app.subheader or app.markdown, page
    (folder / "mine.npz").unlink()
    for page in PAGES:
        app.switch_page(page).run()
        assert not app.exception, page


@pytest.mark.parametrize(
    ("module", "name", "page"),
    [
        (lab_chips, "DEFAULT", "pages/chips.py"),
        (lab_methods, "READY_MADE", "pages/methods.py"),
        (lab_sweep, "READY_MADE", "pages/sweep.py"),
    ],
)
def test_what_comes_with_the_lab_may_be_bad(app, monkeypatch, tmp_path, module, name, page):
    from snnlab.ui.chips import mapped

    for made in (lab_methods.ready_made, lab_sweep.ready_made, mapped.first):
        (getattr(made, "cache_clear", None) or made.clear)()
    real = getattr(module, name)
    damaged = tmp_path / real.name
    damaged.write_bytes(real.read_bytes()[:5000])
    monkeypatch.setattr(module, name, damaged)
    still(app).run()
    app.switch_page(page).run()
    assert not app.exception
    assert f"{real.name} is missing or damaged; get it again." in plain(app)
    app.switch_page("pages/rates.py").run()
    assert not app.exception and not app.error
    for made in (lab_methods.ready_made, lab_sweep.ready_made, mapped.first):
        (getattr(made, "cache_clear", None) or made.clear)()
