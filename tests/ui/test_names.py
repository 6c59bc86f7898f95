"""Names that others gave: on no page does Markdown, HTML or Plotly take anything for its own."""

import ast
import io
from dataclasses import replace

import h5py
import numpy as np
import pytest
import tifffile
from PIL import Image

from snnlab.data.synthetic import synthetic
from snnlab.errors import LabError
from snnlab.lab import chips as lab_chips
from snnlab.lab import detecting as lab_detecting
from snnlab.lab import energy as lab_energy
from snnlab.lab import finetuning as lab_finetune
from snnlab.lab import methods as lab_methods
from snnlab.lab import segmenting as lab
from snnlab.lab import sweeping as lab_sweep
from snnlab.lab import training as lab_training
from snnlab.lab import trials as lab_trials
from snnlab.nets import shelf
from snnlab.settings import Settings
from snnlab.ui.shared import downloads, status
from tests import small_models
from tests.ui.conftest import PAGES
from tests.ui.names import ACTIVE, EVIL, wrong
from tests.ui.steps import ROOT, labels, press, until
from tests.ui.test_pages import control, out_of_date, still

# by the lab itself, with Markdown that is meant, or made plain in the line above
OURS = [
    "learn/lessons.py: verdict.text",
    "learn/lessons.py: why",
    "rates/charts.py: curve['step']",
    "shared/blocks.py: said",
    "shared/blocks.py: told_blank(result.picture.section)",
    "shared/kept/__init__.py: BACK",
    "shared/source.py: text",
    "sweep/views.py: elsewhere",
    "train/controls.py: asked",
    "train/views.py: text",
    "tune/result.py: verdict.short",
    "tune/result.py: verdict.whole",
    "tune/views.py: refused",
]
MADE = synthetic(256, 3)
SENTENCE = f"{EVIL} cannot be read; choose another one."


def png(values) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.rint(255 * values).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def checked(app, least: int = 1) -> None:
    """The name is there, and nothing but a name."""
    assert not app.exception
    count, found = wrong(app)
    assert not found and count >= least, (count, found)


@pytest.fixture(autouse=True)
def folders(monkeypatch, tmp_path):
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SNNLAB_MODELS", str(tmp_path / "models"))


@pytest.fixture
def quick(monkeypatch):
    """Runs that take no time."""
    done = lab.default_result()
    monkeypatch.setattr(
        lab,
        "segment",
        lambda picture, settings, progress=None, cancel=None: replace(
            done, picture=picture, settings=settings
        ),
    )
    made = lab_chips.default_mapping()  # its thread is the runs', too
    monkeypatch.setattr(lab_chips, "mapping", lambda *_, **__: made)


def ran(app) -> None:
    """Wait for the run that the controls ask for."""

    def there() -> bool:
        run = [label for label in labels(app) if label.startswith("Run")]
        if out_of_date(app) and run:
            press(app, run[0])
        return not out_of_date(app)

    until(app, there)


def uploaded(app, name: str, data: bytes):
    control(app, "source").set_value("upload").run()
    app.file_uploader[0].upload(name, data).run()
    return app


def test_files_and_their_labels(app, quick, monkeypatch):
    monkeypatch.setattr(status, "_over_at_once", lambda wanted: False)  # so that it is said first
    app.run()
    uploaded(app, f"{EVIL}.png", png(MADE.image))
    app.file_uploader[1].upload(f"{EVIL}-labels.png", png(np.zeros((64, 64)))).run()
    checked(app, 3)  # what it is, why it has no labels, what changed
    app.file_uploader[1].upload(f"{EVIL}-labels.png", png(MADE.labels)).run()
    ran(app)
    next(item for item in app.button if item.key == "pin").click().run()
    for page in PAGES:
        app.switch_page(page).run()
        checked(app)
    # beside other images
    app.switch_page("pages/segment.py").run()
    control(app, "source").set_value("sample").run()
    checked(app)  # what changed
    ran(app)
    for page in ("pages/compare.py", "pages/chips.py", "pages/sweep.py", "pages/methods.py"):
        app.switch_page(page).run()
        checked(app, page.endswith("compare.py"))


def test_files_that_cannot_be_read_and_what_is_in_them(app):
    still(app).run()
    uploaded(app, f"{EVIL}.png", b"nothing of the kind")
    checked(app, 2)
    file = io.BytesIO()
    with h5py.File(file, "w") as made:
        for index in range(2):
            made[f"{EVIL}/{index}"] = (255 * MADE.image).astype("u1")
    app.file_uploader[0].upload(f"{EVIL}.h5", file.getvalue()).run()
    box = next(item for item in app.selectbox if item.label == "Data set")
    assert [option.startswith(f"{EVIL}/") for option in box.options] == [True, True]
    checked(app, 3)
    box.set_value(f"{EVIL}/1").run()
    assert app.session_state["kept"][1].name.startswith("zq")
    checked(app, 3)
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        np.zeros((2, 64, 80), "u1"),
        ome=True,
        metadata={"axes": "CYX", "Channel": {"Name": [EVIL, f"{EVIL}2"]}},
    )
    app.file_uploader[0].upload(f"{EVIL}.ome.tif", file.getvalue()).run()
    assert "Channel" in [item.label for item in app.selectbox]
    checked(app)
    file = io.BytesIO()
    grey = np.zeros((64, 80), "u1")
    tifffile.imwrite(file, grey, imagej=True, metadata={"unit": EVIL}, resolution=(1, 1))
    app.file_uploader[0].upload("x.tif", file.getvalue()).run()
    checked(app)


def test_the_address_and_folders(app, tmp_path):
    for name in (*Settings.from_query({})[0].to_query(Settings(timesteps=1)), "model", "source",
                 "method", "at", "training", "tuning", EVIL):  # fmt: skip
        app.query_params[name] = EVIL
    still(app).run()
    checked(app, 0)
    folder = tmp_path / EVIL.replace("/", "")
    folder.mkdir()
    (folder / "train-volume.tif").write_bytes(b"II*\0")
    control(app, "source").set_value("isbi").run()
    app.text_input[0].set_value(str(folder)).run()
    checked(app)


def test_cards_of_models(app, monkeypatch):
    texts = dict.fromkeys(("summary", "not", "data", "validation", "starts_from", "command"), EVIL)
    scores = {key: {"pixel_accuracy": 0.9, "v_rand": 0.9} for key in ("ann", "snn")}
    card = texts | {"settings": {}, "scores": scores | {"sections": EVIL}}
    model = replace(small_models.model(3), name="mine", card=card)
    shelf.save(model)
    app.run()
    still(app).run()
    own = shelf.SHELF.put(app.session_state["owner"], replace(model, name=EVIL))
    try:
        for name in ("mine", own.name):
            control(app, "model").set_value(name).run()
            shown = replace(lab.default_result(), settings=app.session_state["settings"])
            app.session_state["shown"] = shown
            for page in PAGES:
                app.switch_page(page).run()
                checked(app)
    finally:
        shelf.SHELF.drop(app.session_state["owner"])


def fails(*_, **__):
    raise LabError(SENTENCE)


@pytest.mark.parametrize(
    ("page", "door", "name", "button"),
    [
        ("pages/segment.py", lab, "segment", None),
        ("pages/chips.py", lab_chips, "mapping", "Map it"),
        ("pages/energy.py", lab_trials, "trials", "Run all models"),
        ("pages/energy.py", lab_energy, "measure", "Measure here"),
        ("pages/sweep.py", lab_sweep, "run", "Start"),
        ("pages/sweep.py", lab_sweep, "estimate", None),
        ("pages/methods.py", lab_methods, "compare", "Compare"),
        ("pages/objects.py", lab_detecting, "detect", "Find mitochondria"),
        ("pages/methods.py", lab_methods, "models", None),
        ("pages/finetune.py", lab_finetune, "job", "Start"),
        ("pages/finetune.py", lab_finetune, "begun", None),
        ("pages/train.py", lab_training, "estimate", "How long?"),
        ("pages/spikes.py", lab, "traces", None),
        ("pages/learn.py", lab, "traces", None),
    ],
)
def test_sentences_on_what_went_wrong(app, monkeypatch, page, door, name, button):
    monkeypatch.setattr(door, name, fails)
    still(app).run()
    app.session_state["lesson"] = "spike"
    app.switch_page(page).run()
    if page == "pages/segment.py":
        app.session_state["auto"] = True
        control(app, "timesteps").set_value(24).run()
    if name == "mapping":
        app.session_state["tile"] = lab_chips.SIDES[-1]
        app.run()
    if "Try it with synthetic sections" in labels(app):
        press(app, "Try it with synthetic sections")
    if button is not None:
        press(app, button)
    until(app, lambda: wrong(app)[0])
    checked(app)


def test_sections_of_ones_own(app):
    still(app).run()
    app.switch_page("pages/train.py").run()
    app.file_uploader[0].upload(f"{EVIL}.png", png(MADE.image))
    app.file_uploader[1].upload(f"{EVIL}.png", b"none").run()
    checked(app)
    app.file_uploader[1].upload(f"{EVIL}.png", png(MADE.labels)).run()
    checked(app)
    assert "How long?" in labels(app)
    press(app, "Fine-tune a trained model on these")
    checked(app)


def test_names_of_files_to_take_away():
    picture = replace(lab.sample(0), name=f"{EVIL}/../\r\n{EVIL}.tif", sections=2, file_nm=(4, 4))
    found = downloads.named(picture, Settings(method="ecc"))
    assert "zq" in found and not ACTIVE.search(found)
    assert set(found) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")


def test_the_walk_sees_names_that_are_not_escaped():
    """That the tests above can fail."""
    from streamlit.testing.v1 import AppTest

    def page():
        import streamlit as st

        from snnlab.ui.shared import words
        from tests.ui.names import EVIL

        st.caption(words.plain(EVIL))
        st.selectbox("x", [EVIL, "y"])
        st.table({"x": [words.plain(EVIL)]})
        if st.button("break it"):
            st.caption(f"x {EVIL}")
            st.selectbox("y", [words.plain(EVIL), "y"])
            st.table({"x": [EVIL]})
            st.expander(EVIL)
            st.segmented_control("z", [EVIL])
            st.number_input("n", help=EVIL)
            st.error(EVIL)

    app = AppTest.from_function(page, default_timeout=60).run()
    count, found = wrong(app)
    assert not found and count == 3
    press(app, "break it")
    assert len(wrong(app)[1]) == 7, wrong(app)[1]


def test_sentences_of_others_are_never_drawn_bare():
    """Alerts say a text that stands in the code, or what `words.plain` gives of another."""
    root, bare = ROOT / "snnlab" / "ui", []
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            alert = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if not alert or node.func.attr not in ("error", "warning", "info", "success", "toast"):
                continue
            said = ast.unparse(node.args[0])
            parts = [one for one in ast.walk(node.args[0]) if isinstance(one, ast.Name)]
            names = {part.id for part in parts} & {"error", "wrong", "trouble", "note", "reason"}
            if isinstance(node.args[0], ast.Constant | ast.JoinedStr | ast.IfExp | ast.BinOp):
                if not names or "words.plain" in said:
                    continue
            elif said.startswith("words.plain("):
                continue
            bare.append(f"{path.relative_to(root).as_posix()}: {said}")
    assert sorted(set(bare)) == OURS
