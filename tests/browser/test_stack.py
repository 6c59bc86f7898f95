"""The Stack page as a visitor meets it."""

import io

import numpy as np
import tifffile
from playwright.sync_api import expect

from snnlab.data.synthetic import synthetic
from tests.browser.test_accessibility import faults

SECTIONS = 3


def test_a_stack_is_segmented_leafed_through_by_keys_and_taken_away(visitor):
    file = io.BytesIO()
    made = [np.uint8(255 * synthetic(64, seed).image) for seed in range(SECTIONS)]
    tifffile.imwrite(file, np.array(made), photometric="minisblack")
    here = visitor().open("/stack")
    page = here.page
    page.get_by_text("only a single image").wait_for()
    page.get_by_role("radio", name="Upload").click()
    here.give("upload", {"name": "my.tif", "mimeType": "image/tiff", "buffer": file.getvalue()})
    page.locator(".st-key-start-stack button").click()
    page.get_by_text("Cells through the sections").wait_for()
    slices = page.locator(".slices[data-ready=true]")
    slices.locator(".view").click()
    for key, section in (("End", 2), ("ArrowLeft", 1), ("Home", 0), ("ArrowRight", 1)):
        page.keyboard.press(key)
        expect(page.locator(f'.slices[data-section="{section}"]')).to_be_visible()
        assert slices.locator(".says b").inner_text() == f"Section {section}"
    over = slices.locator(".over")
    before = over.get_attribute("src")
    slices.get_by_role("button", name="SNN cells").click()
    assert over.get_attribute("src") != before
    for image in (".em", ".over"):  # each is a picture, and not a broken one
        assert slices.locator(image).evaluate("i => i.decode().then(() => i.naturalWidth)") == 64
    slices.get_by_label("Opacity").focus()
    page.keyboard.press("Home")  # is the slider's own there
    assert over.evaluate("i => i.style.opacity") == "0"
    expect(page.locator('.slices[data-section="1"]')).to_be_visible()
    here.quiet()
    assert faults(page) == []
    with page.expect_download() as taken:
        page.get_by_role("button", name="SNN cells (TIF)").click()
    cells = tifffile.imread(taken.value.path())
    assert cells.shape == (SECTIONS, 64, 64) and cells.max() > SECTIONS
    page.wait_for_function("() => document.documentElement.dataset.kept === 'yes'")
    page.reload()  # nothing of it is computed again
    page.get_by_text("Cells through the sections").wait_for()
    expect(page.locator(".slices[data-ready=true]")).to_be_visible()
    page.get_by_text("nothing is left to do").wait_for()
    page.set_viewport_size({"width": 390, "height": 844})
    here.quiet()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
