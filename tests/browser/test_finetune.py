"""The page Tune as a visitor meets it: a real run, short."""

import io
import re
import time

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from snnlab.data.synthetic import synthetic

PATIENCE = 300_000  # ms; a training on a machine that may be busy


def seen(here, text):
    expect(here.page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)


def press(here, name):
    here.page.get_by_role("button", name=name, exact=True).first.click(timeout=PATIENCE)


def sections(folder):
    """One small labelled image: what is trained, finished and judged on is little, so quick."""
    made = synthetic(320, 5)
    Image.fromarray(np.rint(255 * made.image).astype(np.uint8)).save(folder / "em.png")
    Image.fromarray(made.labels.astype(np.uint8) * 255).save(folder / "truth.png")
    return folder / "em.png", folder / "truth.png"


def number(here, label, value):
    field = here.page.get_by_role("spinbutton", name=label)
    field.fill(value)
    field.press("Enter")
    here.quiet()


def test_a_net_is_tuned_paused_resumed_taken_away_and_loaded_again(visitor, tmp_path):
    image, labels = sections(tmp_path)
    here = visitor()
    here.open("/finetune")
    # what an earlier visitor began with the same wishes is gone on with
    here.page.get_by_role("button", name=re.compile("^(Start|Go on)$")).wait_for()
    here.quiet()
    number(here, "Upper bound (Hz)", "417")
    number(here, "Minutes", "0.2")
    here.page.get_by_text("Single layers, bits, seed").click()
    # one that no earlier run has: what is trained already would not be trained again
    number(here, "Seed", str(time.time_ns() % 2**32))
    here.page.get_by_role("radio", name="My own").or_(
        here.page.get_by_role("button", name="My own")
    ).first.click()
    here.give("training-images", image)
    here.give("training-labels", labels)
    seen(here, "em.png with truth.png")
    seen(here, re.compile("into 200–417 Hz at the 99.9th percentile"))
    here.quiet()
    press(here, "Start")
    seen(here, "Rates on their way into the bounds")
    expect(here.page.locator(".js-plotly-plot")).to_have_count(4, timeout=PATIENCE)
    expect(here.page.get_by_role("img", name="Before")).to_be_visible(timeout=PATIENCE)
    if here.page.get_by_role("button", name="Pause").count():
        press(here, "Pause")
        seen(here, re.compile(r"Paused at \d+ % of the training"))
        press(here, "Go on")
    seen(here, "Your model")
    seen(here, "Neurons in band")
    seen(here, re.compile("the segmentation (is as good as before|got (worse|better))"))
    with here.page.expect_download(timeout=PATIENCE) as taken:
        here.page.get_by_role("button", name="Model (.npz)").first.click()
    data = taken.value.path().read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        assert arrays["encoder/levels"].dtype == np.int8 and "card" in arrays
    # what was taken away is loaded again, and nonsense is refused
    here.page.get_by_text("Your models").click()
    nonsense = {"name": "x.npz", "mimeType": "application/zip", "buffer": b"PK nonsense"}
    here.give("tune-load", nonsense)
    seen(here, "This model file is damaged")
    name = taken.value.suggested_filename
    here.give("tune-load", {"name": name, "mimeType": "application/zip", "buffer": data})
    own = here.page.locator(".st-key-tune-own").get_by_role("button", name="Remove")
    expect(own).to_have_count(2, timeout=PATIENCE)
    # and it runs in the lab
    here.page.locator(".st-key-tune-use").get_by_role("button").click()
    here.pictures()
    seen(here, re.compile("model .*-200-417-"))
    here.up_to_date()
