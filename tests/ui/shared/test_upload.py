"""What a dropped file says of itself, and what it asks."""

import io

import h5py
import numpy as np
import tifffile

from snnlab.data.synthetic import synthetic
from snnlab.images.choice import Choice
from snnlab.settings import Settings
from snnlab.ui.shared import bench, kept
from snnlab.ui.shared.kept import post as posts
from snnlab.ui.shared.upload import on_page
from tests.images.dm_files import dm
from tests.ui.test_manners import png
from tests.ui.test_pages import control, still, text

RANDOM = np.random.default_rng(0)


def opened(app, name, data):
    still(app).run()
    control(app, "source").set_value("upload").run()
    app.file_uploader[0].upload(name, data).run()
    assert not app.exception
    return app


def named(app, label):
    """A field for text."""
    return next(item for item in app.text_input if item.label == label)


def said(app):
    return " ".join(item.value.replace("\\", "") for item in app.caption)


def test_name_size_kind_axes_and_pixel_size_with_where_it_was_read(app):
    data = dm(RANDOM.integers(0, 4000, (3, 64, 80)).astype("u2"), 4, scale=(4.0, 4.0))
    opened(app, "cells_[1].dm4", data)
    for part in (
        f"cells_[1].dm4, {len(data) / 1e3:.0f} kB: 16-bit grey DM4",
        "3 sections of 80 x 64 pixels",
        "4 nm per pixel, from Digital Micrograph's calibration",
    ):
        assert part in said(app)
    assert not app.error
    assert app.session_state["kept"][1].pixels.shape == (64, 80)


def test_what_was_taken_for_granted_is_said(app):
    file = io.BytesIO()
    with h5py.File(file, "w") as made:
        made["data"] = RANDOM.integers(0, 255, (3, 64, 80)).astype("u1")
        made["data"].attrs["resolution"] = (50.0, 4.0, 4.0)
    opened(app, "x.h5", file.getvalue())
    assert "z, y, x were assumed" in said(app) and "taken as nanometres" in said(app)


def test_why_a_pixel_size_is_not_known(app):
    file = io.BytesIO()
    grey = RANDOM.integers(0, 255, (64, 80)).astype("u1")
    tifffile.imwrite(file, grey, imagej=True, metadata={"unit": "furlong"}, resolution=(1, 1))
    opened(app, "x.tif", file.getvalue())
    assert "pixel size unknown: ImageJ gives it in 'furlong', which is no length" in said(app)


def test_channels_and_times_are_asked_for_one_after_the_other(app):
    file = io.BytesIO()
    hyper = RANDOM.integers(0, 255, (2, 3, 4, 64, 80)).astype("u1")
    tifffile.imwrite(file, hyper, imagej=True, metadata={"axes": "TZCYX"})
    opened(app, "x.tif", file.getvalue())
    assert not app.error and "Choose the channel of x" in text(app).replace("\\", "")
    box = next(item for item in app.selectbox if item.label == "Channel")
    assert box.value is None and list(box.options) == ["0", "1", "2", "3"]
    box.set_value(2).run()
    assert "Choose the frame (time) of x" in text(app).replace("\\", "")
    next(item for item in app.selectbox if item.label == "Frame (time)").set_value(1).run()
    picture = app.session_state["kept"][1]
    np.testing.assert_allclose(picture.pixels, hyper[1, 0, 2] / 255, atol=1e-6)
    assert picture.options == ("--channel", "2", "--frame", "1")
    assert Choice.of(picture.options) == Choice(channel=2, frame=1)
    next(item for item in app.selectbox if item.label == "Channel").set_value(0).run()
    picture = app.session_state["kept"][1]
    np.testing.assert_allclose(picture.pixels, hyper[1, 0, 0] / 255, atol=1e-6)


def test_pixels_that_are_no_squares(app):
    file = io.BytesIO()
    grey = RANDOM.integers(0, 255, (64, 80)).astype("u1")
    about = {"unit": "nm"}
    tifffile.imwrite(file, grey, imagej=True, metadata=about, resolution=(1 / 8, 1 / 16))
    opened(app, "x.tif", file.getvalue())
    assert "8 x 16 nm per pixel, from ImageJ's unit" in said(app)
    assert "resampled to squares of 8 nm" in said(app)
    assert app.session_state["kept"][1].pixels.shape == (128, 80)
    box = next(item for item in app.checkbox if item.label.startswith("Resample from 8 x 16 nm"))
    box.check().run()
    picture = app.session_state["kept"][1]
    assert picture.pixels.shape == (256, 160) and picture.nm == 4.0
    assert picture.nm_in_file == (16.0, 8.0)


def test_labels_beside_the_image_in_one_file(app):
    file = io.BytesIO()
    raw = RANDOM.integers(0, 255, (3, 64, 80)).astype("u1")
    cells = np.kron(RANDOM.integers(0, 2, (3, 8, 10)), np.ones((8, 8))).astype("u8")
    with h5py.File(file, "w") as made:
        made["volumes/raw"], made["volumes/labels/neuron_ids"] = raw, cells
    opened(app, "cremi.h5", file.getvalue())
    app.file_uploader[1].upload("cremi.h5", file.getvalue()).run()
    assert not app.exception and not app.error
    picture = app.session_state["kept"][1]
    np.testing.assert_allclose(picture.pixels, raw[0] / 255, atol=1e-6)
    np.testing.assert_array_equal(picture.labels, cells[0] > 0)
    assert picture.options == ("--dataset", "volumes/raw")
    assert picture.labels_options == ("--labels-dataset", "volumes/labels/neuron_ids")


def test_labels_that_cannot_be_read_cost_the_labels_only(app):
    opened(app, "x.dm4", dm(RANDOM.integers(0, 4000, (64, 80)).astype("u2"), 4))
    app.file_uploader[1].upload("x.h5", b"\x89HDF\r\n\x1a\n" + bytes(99)).run()
    assert not app.exception and not app.error
    assert any("Without labels: x.h5 is damaged" in item.value for item in app.warning)
    assert app.session_state["kept"][1].labels is None


def test_light_membranes_are_said_and_turned_by_a_switch(app):
    made = synthetic((192, 192), 3)
    opened(app, "sem.png", png(np.rint(255 * (1 - made.image)).astype(np.uint8)))
    (told,) = [item.value for item in app.warning if "look light" in item.value]
    assert told.endswith("trained on dark membranes; switch on *Swap dark and light*.")
    next(item for item in app.toggle if item.label == "Swap dark and light").set_value(True).run()
    assert not any("look light" in item.value for item in app.warning)
    picture = app.session_state["kept"][1]
    assert picture.negative
    np.testing.assert_allclose(picture.pixels, made.image, atol=0.003)


def test_values_that_do_not_count_are_named_beside_the_labels(app):
    made = synthetic((128, 160), 3)
    opened(app, "em.png", png(np.rint(255 * made.image).astype(np.uint8)))
    sparse = np.where(np.arange(160) < 40, 1 + made.labels, 0).astype(np.uint8)
    app.file_uploader[1].upload("labels.png", png(sparse)).run()
    said = next(item.value for item in app.warning if "Without labels" in item.value)
    assert 'give 0 under "Values that do not count" if' in said and "--" not in said
    field = named(app, "Values that do not count (optional)")
    field.set_value("x").run()
    assert any("Give one number" in item.value for item in app.error)
    field.set_value("0").run()
    picture = app.session_state["kept"][1]
    assert picture.ignored[:, 40:].all() and not picture.ignored[:, :40].any()
    assert picture.ignore == (0.0,)


def grey_and_labels(seed, shape=(64, 80)):
    made = synthetic(shape, seed)
    return png(np.rint(255 * made.image).astype(np.uint8)), png(255 * made.labels.astype(np.uint8))


def test_labels_polarity_and_what_does_not_count_go_with_their_image(app):
    (one, truth), (other, _) = grey_and_labels(3), grey_and_labels(4)
    opened(app, "one.png", one)
    app.file_uploader[1].upload("one-labels.png", truth).run()
    black = next(item for item in app.get("button_group") if item.label == "Black in the labels is")
    black.set_value("cell").run()
    named(app, "Values that do not count (optional)").set_value("7").run()
    scored = app.session_state["kept"][1]
    assert scored.inverted and scored.ignore == (7.0,) and scored.labels is not None
    # another image of the same size: nothing that was said of the first is taken for it
    app.file_uploader[0].upload("other.png", other).run()
    assert not app.exception and not app.error
    picture = app.session_state["kept"][1]
    assert picture.name == "other.png" and picture.labels is None and not picture.ignore
    assert "one-labels.png" not in said(app)
    assert not [key for key in app.session_state["files"] if key.startswith("labels")]
    # and labels of the second begin as any do
    app.file_uploader[1].upload("other-labels.png", truth).run()
    picture = app.session_state["kept"][1]
    assert picture.labels_file == "other-labels.png" and not picture.inverted
    assert picture.ignore == ()


def test_labels_stay_while_another_source_is_looked_at(app):
    image, truth = grey_and_labels(3)
    opened(app, "one.png", image)
    app.file_uploader[1].upload("one-labels.png", truth).run()
    control(app, "source").set_value("sample").run()
    control(app, "source").set_value("upload").run()
    assert app.session_state["kept"][1].labels_file == "one-labels.png"


def test_options_are_called_as_the_page_calls_them():
    assert on_page("let it not count (--ignore 0).") == (
        'let it not count (0 under "Values that do not count").'
    )
    assert on_page("or leave values out with --ignore.") == (
        'or leave values out under "Values that do not count".'
    )
    assert on_page("If so, give --invert-labels; else") == (
        'If so, choose "Black in the labels is: cell"; else'
    )
    assert on_page("If so, leave --invert-labels out; else") == (
        'If so, choose "Black in the labels is: membrane"; else'
    )


def test_an_address_of_an_image_that_is_not_here_names_what_stands_instead(app):
    app.query_params["source"] = "upload"
    app.run()
    assert any(kept.BACK in item.value for item in app.info)  # a browser may have it
    for post in list(posts._posts.values()):
        post.taken()  # as when the browser has told that it has nothing
    app.run()
    assert not any(kept.BACK in item.value for item in app.info)
    said = [item.value for item in app.info if "Choose a PNG" in item.value]
    assert any("Until then: the shipped sample *" in item for item in said)


def test_a_run_that_hears_nothing_says_so_and_what_would_speak(app):
    picture = app.run().session_state["shown"].picture
    settings = Settings(timesteps=2, lower_hz=20, upper_hz=40)
    shown, made = bench.compute(picture, settings)
    assert made.silence.startswith("No spike reached the readout") and "speaks with" in made.silence
    app.session_state["shown"], app.session_state["runs"] = shown, [made]
    app.session_state["settings"] = app.session_state["adopted"] = settings
    still(app).run()
    assert made.silence in [item.value for item in app.warning]
