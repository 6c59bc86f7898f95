"""The Networks page in process: what it says, and what its buttons do."""

import io
import time

import numpy as np
import pytest

from snnlab.data import digits
from snnlab.errors import LabError
from snnlab.lab import importing, networks
from snnlab.nets.graph import files as net_files
from snnlab.ui.networks import charts, desk
from snnlab.ui.shared import downloads, mine
from tests.conversion.graphs import nets
from tests.nets.keras_files import files
from tests.ui.names import EVIL, wrong
from tests.ui.steps import field, labels, press, said, until, visit

PAGE = "pages/networks.py"


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("SNNLAB_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv(mine.VARIABLE, "yes")


def keras_file(name="conv", *more) -> bytes:
    """A classifier of two classes."""
    out = io.BytesIO()
    layers = (
        files.image(12, 12),
        files.conv(name, activation="relu"),
        files.layer("GlobalAveragePooling2D", "mean", name),
        files.layer("Softmax", "answer", "mean"),
        *more,
    )
    files.keras(out, files.model(*layers), files.weights())
    return out.getvalue()


def ready(page) -> None:
    """Nothing is under way any more."""
    until(page, lambda: not any(item.key == "cancel-networks" for item in page.button))


def test_there_is_a_net_and_a_test_of_it_at_once(page):
    assert not page.exception and not page.error
    tested, _ = networks.ready_made()
    run = tested.runs[0]
    assert "4,400 of 4,410 nonlinear units spike" in said(page)
    assert f"{len(run.classes)} images." in said(page)
    assert f"{100 * tested.right(run.classes[:, -1]):.1f} %" in said(page)
    table = next(item for item in page.dataframe if "kind" in item.value.columns).value
    assert table["layer"].tolist() == ["conv1", "pool", "conv2", "flatten", "answer"]
    assert table["spiking neurons"].sum() == 4400
    # the image that takes longest is on show first
    at = int(run.settled.argmax())
    told = said(page).replace("**", "")
    assert f"the SNN settles on it at step {run.settled[at]} of {run.timesteps}." in told
    assert "It is a " not in told


@pytest.mark.parametrize(
    ("label", "ann", "snn", "told"),
    [
        ("8", "8", "8", "Its label is 8. Both networks say 8; the SNN settles on it at step 19 of"),
        ("8", "8", "3", "The ANN says 8; the SNN says 3, and settles on it at step 19 of 32."),
        ("", "8", "8", "Both networks say 8; the SNN settles on it at step 19 of 32."),
    ],
)
def test_what_an_image_is_needs_no_article(label, ann, snn, told):
    row = {"label": label, "ann": ann, "snn": snn, "settled_after": 19}
    text = charts._answered(row, 32).replace("**", "").replace("\\", "").replace("\u2060", "")
    assert told in text and text.startswith("Its label is" if label else "Both")


def test_another_method_another_image_and_fewer_steps(page):
    tested, _ = networks.ready_made()
    group = next(item for item in page.get("button_group") if item.label == "Method")
    group.set_value("ecc").run()
    run = next(run for run in tested.runs if run.method == "ecc")
    assert "ecc after 16 steps" in said(page)
    box = next(item for item in page.selectbox if item.label == "Image")
    box.set_value(box.options[3] if isinstance(box.value, str) else 3).run()
    assert not page.exception
    assert f"step {run.settled[3]} of" in said(page).replace("**", "")
    assert "of image 4" in said(page)
    slider = next(item for item in page.select_slider if item.label == "After this many timesteps")
    slider.set_value(4).run()
    row = next(row for row in networks.by_method(tested, 4) if row["method"] == "ecc")
    table = next(item for item in page.dataframe if "as the ANN" in item.value.columns).value
    assert table.loc[table["method"] == "ecc", "spikes"].item() == pytest.approx(row["spikes"])


def test_the_spiking_net_can_be_taken_to_other_simulators(page, monkeypatch):
    handed = []
    monkeypatch.setattr(downloads, "offered", lambda *more, **named: handed.append((more, named)))
    page.session_state["nir-networks"] = True
    page.run()
    # the shipped net takes maxima
    assert not page.exception and "MaxPoolGate" in said(page) and not handed
    tested, known = networks.ready_made()
    made = networks.measure(tested.graph, 10, ("ecc",), 8, average=True)
    shown = desk.Shown("digits", known, made, True)
    page.session_state["networks"] = shown
    page.session_state["nir-for-networks"] = "norse"
    page.run()
    assert not page.exception and "initial potential: 0.5 → 0" in said(page)
    (((stem, where, label, ending, make), named),) = handed
    assert (stem, where, label, ending) == ("digits", "networks", "Network", "nir")
    assert named == {"name": "for-norse"} and make()[:4] == b"\x89HDF"


def test_images_that_are_wrong_can_be_looked_at_alone(page):
    tested, _ = networks.ready_made()
    group = next(item for item in page.get("button_group") if item.label == "Images")
    group.set_value("SNN is wrong").run()
    assert not page.exception
    wrong_ones = (tested.runs[0].classes[:, -1] != tested.examples.labels).sum()
    box = next(item for item in page.selectbox if item.label == "Image")
    assert len(box.options) == wrong_ones > 0


def test_a_net_that_is_handed_in_is_read_tested_and_left_again(page):
    field(page, "networks-file").upload("My net.keras", keras_file()).run()
    until(page, lambda: "Not tested yet" in said(page))
    assert page.session_state["networks"].name == "my-net"
    assert "200 of 202 nonlinear units spike" in said(page)
    assert not page.get("plotly_chart")
    out = io.BytesIO()
    images = np.random.default_rng(0).uniform(0, 1, (8, 12, 12, 1))
    np.savez(out, images=images, labels=np.arange(8) % 2)
    field(page, "networks-images").upload("mine.npz", out.getvalue()).run()
    press(page, "Test")
    ready(page)
    assert not page.exception and "8 images." in said(page)
    assert len(page.get("plotly_chart")) == 8
    box = next(item for item in page.selectbox if item.label == "Net")
    box.set_value("digits").run()
    assert "4,400 of 4,410" in said(page)


def test_a_net_that_is_called_as_one_of_the_labs_takes_no_ones_place(page):
    field(page, "networks-file").upload("digits.keras", keras_file()).run()
    until(page, lambda: "Not tested yet" in said(page))
    box = next(item for item in page.selectbox if item.label == "Net")
    assert box.options == ["digits", "digits-2 (yours)"]
    box.set_value("digits").run()
    assert "4,400 of 4,410" in said(page)


def test_a_test_of_the_digits_can_be_stopped_and_done(page, monkeypatch):
    hold, real = [True], networks.measure

    def slow(graph, given, methods, timesteps, percentile, average, progress, cancel):
        while hold[0]:
            if cancel():
                raise desk_cancelled
            time.sleep(0.01)
        return real(graph, given, methods, timesteps, percentile, average, progress, cancel)

    from snnlab.errors import Cancelled

    desk_cancelled = Cancelled()
    monkeypatch.setattr(networks, "measure", slow)
    page.multiselect[0].set_value(["ecc"]).run()
    next(i for i in page.select_slider if i.label == "Images").set_value(20).run()
    next(i for i in page.select_slider if i.label == "Timesteps").set_value(8).run()
    press(page, "Test")
    next(item for item in page.button if item.key == "cancel-networks").click().run()
    assert "Stopped; what is shown is from before." in said(page) and "100 images." in said(page)
    hold[0] = False
    press(page, "Test")
    ready(page)
    assert not page.exception and "20 images." in said(page)
    assert "Stopped" not in said(page)
    assert page.session_state["networks"].tested.runs[0].timesteps == 8


def test_what_cannot_be_read_or_converted_is_a_sentence(page):
    field(page, "networks-file").upload(f"{EVIL}.keras", b"nothing of the kind").run()
    until(page, lambda: "is no Keras model" in said(page))
    count, found = wrong(page)
    assert count and not found and not page.exception
    assert "4,400 of 4,410" in said(page)  # the net before is still there
    odd = files.layer("Dense", EVIL, "answer", units=2, activation="sigmoid")
    field(page, "networks-file").upload("odd.keras", keras_file("conv", odd)).run()
    until(page, lambda: "has weights that are not in the file" in said(page))
    count, found = wrong(page)
    assert count and not found and not page.exception


def test_names_of_layers_and_classes_are_names_alone(page):
    tested, known = networks.ready_made()
    named = tested.examples
    state = page.session_state["networks"]
    rows = tuple(row for row in known.rows)
    from dataclasses import replace

    shown = replace(
        state,
        known=replace(known, rows=(replace(rows[0], name=EVIL, kind=EVIL), *rows[1:])),
        tested=replace(
            tested,
            examples=replace(named, classes=(EVIL, *named.classes[1:]), notes=(EVIL,)),
        ),
        note=EVIL,
    )
    page.session_state["networks"] = shown
    page.run()
    count, found = wrong(page)
    assert not found and count > 3, found
    assert not page.exception


def test_where_models_may_not_be_loaded_no_file_is_taken(page, monkeypatch):
    monkeypatch.setenv(mine.VARIABLE, "no")
    page.run()
    assert not any(str(item.key).startswith("networks-file") for item in page.file_uploader)
    assert desk.NO_FILES.replace("_", "") in said(page).replace("_", "")
    assert "4,400 of 4,410" in said(page)


def test_nets_that_were_imported_are_in_the_list_and_segmentations_are_said(page):
    graph = nets.copied_unet()
    net_files.save(type(graph)("mine", graph.image_shape, graph.nodes), importing.folder())
    page.run()
    box = next(item for item in page.selectbox if item.label == "Net")
    assert box.options == ["digits", "mine"]
    box.set_value("mine").run()
    until(page, lambda: "gives an image, not a class" in said(page))
    assert not page.exception and "Test" not in labels(page)


def test_a_box_that_is_no_more_chooses_no_net(page):
    graph = nets.copied_unet()
    for name in ("mine", "other"):
        net_files.save(type(graph)(name, graph.image_shape, graph.nodes), importing.folder())
    page.run()
    sent = []
    for name in ("mine", "other", "digits"):
        next(item for item in page.selectbox if item.label == "Net").set_value(name)
        sent.append(page._tree.get_widget_states())
        page.run()
        # until it is on the page, the box stays the one it was, and what it says is heard
        until(page, lambda name=name: page.session_state["networks"].name == name)
    page._run(sent[1])  # as a page sends them that was not drawn to its end
    assert page.session_state["networks"].name == "digits"


def test_the_address_names_a_net_that_was_imported(page):
    graph = nets.classifier()
    net_files.save(type(graph)("mine", graph.image_shape, graph.nodes), importing.folder())
    assert "net" not in page.query_params
    there = visit(PAGE, net="mine")
    until(there, lambda: "Not tested yet" in said(there))
    assert there.session_state["networks"].name == "mine" and "net" in there.query_params
    there.switch_page("pages/methods.py").run()
    assert "net" not in there.query_params
    there.switch_page(PAGE).run()
    next(item for item in there.selectbox if item.label == "Net").set_value("digits").run()
    assert "4,400 of 4,410" in said(there) and "net" not in there.query_params
    next(item for item in there.selectbox if item.label == "Net").set_value("mine").run()
    until(there, lambda: "Not tested yet" in said(there))
    assert there.query_params["net"] in ("mine", ["mine"])
    nobody = visit(PAGE, net="absent")
    assert "There is no net absent here" in said(nobody) and "4,400 of 4,410" in said(nobody)
    wrongly = visit(PAGE, net="../x")
    assert "net in the address is not the name of a net" in said(wrongly)
    assert not any(one.exception for one in (there, nobody, wrongly))


def test_without_the_shipped_test_the_page_says_so(app, monkeypatch):
    def fails():
        raise LabError("digits.npz is missing or damaged; get it again.")

    monkeypatch.setattr(networks, "ready_made", fails)
    app.run()
    app.switch_page(PAGE).run()
    assert not app.exception and "digits.npz is missing or damaged" in said(app)


def test_digits_are_offered_to_whom_they_may_concern(page):
    assert digits.SIDE == 20
    group = next(item for item in page.get("button_group") if item.label == "Tested on")
    group.set_value("Your images").run()
    assert "Test" not in labels(page)
    field(page, "networks-images").upload("x.zip", b"nothing").run()
    press(page, "Test")
    ready(page)
    assert "x.zip is neither an .npz nor a zip" in said(page)
    assert not page.exception
