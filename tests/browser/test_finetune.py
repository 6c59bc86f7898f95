"""The page Tune as a visitor meets it: a real run, short."""

import io
import re

import numpy as np
from playwright.sync_api import expect

PATIENCE = 300_000  # ms; a training on a machine that may be busy


def seen(here, text):
    expect(here.page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)


def press(here, name):
    here.page.get_by_role("button", name=name, exact=True).first.click(timeout=PATIENCE)


def test_a_net_is_tuned_paused_resumed_taken_away_and_loaded_again(visitor):
    here = visitor()
    here.open("/finetune")
    here.page.get_by_role("button", name="Start", exact=True).wait_for()
    here.page.wait_for_timeout(1000)
    minutes = here.page.get_by_role("spinbutton", name="Minutes")
    # a budget that no other test's run has: what is trained already would not be trained again
    minutes.fill("0.37")
    minutes.press("Enter")
    seen(here, re.compile("into 200–400 Hz at the 99.9th percentile"))
    here.page.wait_for_timeout(1500)
    go = here.page.get_by_role("button", name=re.compile("^(Start|Go on)$"))
    go.first.click()
    seen(here, "Rates on their way into the bounds")
    expect(here.page.locator(".js-plotly-plot")).to_have_count(4, timeout=PATIENCE)
    expect(here.page.get_by_role("img", name="As it was")).to_be_visible(timeout=PATIENCE)
    if here.page.get_by_role("button", name="Pause").count():
        press(here, "Pause")
        seen(here, re.compile(r"Paused at \d+ % of the training"))
        press(here, "Go on")
    seen(here, "Your model")
    seen(here, "Neurons inside their bounds")
    with here.page.expect_download(timeout=PATIENCE) as taken:
        here.page.get_by_role("button", name="Model (.npz)").first.click()
    data = taken.value.path().read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        assert arrays["encoder/levels"].dtype == np.int8 and "card" in arrays
    # what was taken away is loaded again, and nonsense is refused
    here.page.get_by_text("Your models").click()
    field = here.page.locator(".st-key-tune-own input[type=file]")
    field.set_input_files(
        {"name": "x.npz", "mimeType": "application/zip", "buffer": b"PK nonsense"}
    )
    seen(here, "This model file is damaged")
    field = here.page.locator(".st-key-tune-own input[type=file]")
    name = taken.value.suggested_filename
    field.set_input_files({"name": name, "mimeType": "application/zip", "buffer": data})
    own = here.page.locator(".st-key-tune-own").get_by_role("button", name="Remove")
    expect(own).to_have_count(2, timeout=PATIENCE)
    # and it runs in the lab
    here.page.locator(".st-key-tune-use").get_by_role("button").click()
    here.pictures()
    seen(here, re.compile("model .*-200-400-"))
    here.up_to_date()
