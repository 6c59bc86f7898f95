"""The app as a visitor meets it."""

import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Visitor, started
from tools.turning import turn_to

PATIENCE = 240_000  # ms; a run on a machine that may be busy
expect.set_options(timeout=PATIENCE)


def test_the_first_visit_may_be_to_any_page(first_visitor):
    # Streamlit would run a file of a folder "pages" alone, without the app around it
    first_visitor.open("/rates")
    first_visitor.page.wait_for_selector(".js-plotly-plot .main-svg")
    expect(first_visitor.page.get_by_text("All layers against their bounds")).to_be_visible()
    expect(first_visitor.page.get_by_text("Timesteps").first).to_be_visible()


def test_without_the_server_script_it_works_as_well(browser, chromium, tmp_path):
    """``streamlit run app.py``: no security headers, but the same pages, at their own addresses."""
    server = started(tmp_path, "app.py")
    one = Visitor(browser, server)
    one.open("/spikes")
    one.page.wait_for_selector(".js-plotly-plot .main-svg")
    expect(one.page.get_by_text("Timesteps").first).to_be_visible()
    assert one.page.get_by_text("Page not found").count() == 0
    one.context.close()
    server.stop()
    assert one.errors == []


def test_opens_with_pictures(visitor):
    here = visitor().open()
    here.pictures()
    for pane in range(4):
        assert len(np.unique(here.seen(pane)[..., :3])) > 10, pane
    assert here.page.get_by_text("Out of date").count() == 0


def test_a_new_setting_gives_a_new_result_and_survives_a_page_change(visitor):
    here = visitor().open()
    root = here.pictures()
    before = int(root.get_attribute("data-steps"))
    here.slide("Timesteps", "ArrowLeft")
    expect(root).not_to_have_attribute("data-steps", str(before))
    here.up_to_date()
    after = int(root.get_attribute("data-steps"))
    assert after < before
    assert f"steps={after}" in here.page.url
    turn_to(here.page, "Rates")
    expect(here.page.get_by_text("All layers against their bounds")).to_be_visible()
    expect(here.page.get_by_text(f"· {after} timesteps ·")).to_be_visible()
    assert f"steps={after}" in here.page.url


def test_the_address_restores_the_settings_for_somebody_else(visitor):
    first = visitor().open()
    root = first.pictures()
    before = root.get_attribute("data-steps")
    first.slide("Timesteps", "ArrowLeft", 2)
    first.page.get_by_role("radio", name="Zero (Loihi 1)").click()
    expect(root).not_to_have_attribute("data-steps", before)
    first.page.wait_for_url(re.compile(r"reset=zero"))
    # the address is written before the run begins that it speaks of
    expect(first.page.locator(".st-key-status")).to_contain_text("reset to zero")
    first.up_to_date()
    second = visitor()
    second.page.goto(first.page.url)
    second.pictures()
    second.up_to_date()
    summary = second.page.locator(".st-key-status")
    expect(summary).to_contain_text("reset to zero")
    assert summary.inner_text() == first.page.locator(".st-key-status").inner_text()


def test_nonsense_in_the_address_is_named_and_harmless(visitor):
    here = visitor().open("/?steps=many&model=none&p=1e9&reset=%3Cscript%3E")
    here.pictures()
    for name in ("steps", "model", "p", "reset"):
        expect(here.page.get_by_text(f"{name} in the address is not").first).to_be_visible()


def picture(size=96, seed=0):
    """A PNG file of smooth noise, and labels for it."""
    from scipy import ndimage

    noise = ndimage.gaussian_filter(np.random.default_rng(seed).random((size, size)), 4)
    grey = ((noise - noise.min()) / np.ptp(noise) * 255).astype(np.uint8)

    def png(values):
        file = io.BytesIO()
        Image.fromarray(values).save(file, "PNG")
        return file.getvalue()

    return png(grey), png((grey > 100).astype(np.uint8) * 255)


def uploads(here, data, labels=None):
    here.page.get_by_role("radio", name="Upload").click()
    file = {"name": "mine.png", "mimeType": "image/png", "buffer": data}
    here.give("upload", file)
    if labels is not None:
        truth = {"name": "truth.png", "mimeType": "image/png", "buffer": labels}
        here.give("labels", truth)


def test_an_upload_is_segmented_scored_and_can_be_taken_away(visitor):
    here = visitor().open()
    here.pictures()
    uploads(here, *picture())
    expect(here.page.locator(".st-key-status")).to_contain_text("mine.png · 96 × 96 px")
    here.up_to_date()
    expect(here.page.get_by_text("V_Rand, best threshold").first).to_be_visible()
    here.quiet()  # while a page is drawn anew, what its buttons offer is not there
    with here.page.expect_download() as started:
        here.page.get_by_role("button", name="SNN mask (PNG)").click()
    with Image.open(started.value.path()) as mask:
        assert mask.size == (96, 96)
        assert set(np.unique(np.asarray(mask))) <= {0, 255}


def test_a_broken_upload_is_one_sentence_and_loses_nothing(visitor):
    here = visitor().open()
    here.pictures()
    uploads(here, b"this is no picture")
    expect(here.page.get_by_role("alert").first).to_contain_text("mine.png")
    assert here.page.get_by_text("Traceback").count() == 0
    here.pictures()


def test_long_work_can_be_cancelled(visitor):
    here = visitor().open("/?sim=nengo&steps=400")
    here.pictures()
    here.page.get_by_role("button", name="Run").click()
    here.page.get_by_role("button", name="Cancel").click()
    expect(here.page.get_by_role("button", name="Run")).to_be_visible()
    expect(here.page.get_by_text("Out of date").first).to_be_visible()
    here.pictures()


def test_while_another_image_is_to_come_the_one_on_screen_is_dimmed_and_named(visitor):
    here = visitor().open("/?sim=nengo&steps=400")
    shown = here.pictures().locator(".image").first
    expect(here.page.get_by_text("Out of date").first).to_be_visible()
    assert shown.evaluate("canvas => getComputedStyle(canvas).opacity") == "1"  # the same image
    here.open("/?sim=nengo&steps=400&section=1")
    here.pictures()
    told = here.page.locator(".st-key-behind")
    expect(told).to_contain_text("The dimmed pictures still show synthetic 256")
    expect(told).to_contain_text("image: synthetic 256 → synthetic 512")
    assert shown.evaluate("canvas => getComputedStyle(canvas).opacity") == "0.3"
    turn_to(here.page, "Cells")
    expect(told).to_contain_text("The dimmed pictures still show synthetic 256")
    coloured = here.page.get_by_test_id("stImage").locator("img").first
    expect(coloured).to_be_visible()
    assert coloured.evaluate("image => getComputedStyle(image).opacity") == "0.3"


def test_visitors_do_not_see_each_other(visitor):
    one, other = visitor().open(), visitor().open()
    one.pictures(), other.pictures()
    uploads(one, picture(64, 5)[0])
    expect(one.page.locator(".st-key-status")).to_contain_text("mine.png")
    one.up_to_date()
    turn_to(other.page, "Spikes")
    expect(other.page.get_by_text("Inside a few neurons")).to_be_visible()
    assert other.page.get_by_text("mine.png").count() == 0


def test_narrow_screen_reaches_every_page_and_scrolls_one_way(visitor):
    here = visitor(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open()
    here.pictures()
    assert here.page.evaluate("document.documentElement.scrollWidth") <= 390
    for name, text in (("Spikes", "Inside a few neurons"), ("Rates", "Error against timesteps")):
        expand = here.page.get_by_test_id("stExpandSidebarButton")
        if expand.count():
            expand.click()
        turn_to(here.page, name)
        expect(here.page.get_by_text(text).first).to_be_attached()
        here.page.wait_for_selector(".js-plotly-plot .main-svg")
        assert here.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_tune_and_segment_are_addresses_too_and_no_page_asks_in_vain(visitor):
    missing = []
    for typed, page, heading in (
        ("/tune?steps=32", "/finetune?steps=32", "Fine-tune"),
        ("/segment", "/", "Scores"),
        ("/train", "/train", "Train on your own images"),
    ):
        here = visitor()  # whose browser has kept no settings of the address before
        here.page.on("response", lambda said: said.status >= 400 and missing.append(said.url))
        here.open(typed)
        expect(here.page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        here.quiet()
        assert here.page.url == here.server.url + page
    assert missing == []


ASK = "globalThis[Symbol.for('snnlab.viewer')].ask({ want: 'nothing', serial: 1 })"


def test_a_press_beside_a_word_of_the_viewer_is_heeded(visitor):
    """Both leave the browser as one message, in the name of the viewer's part of the page."""
    here = visitor().open()
    root = here.pictures()
    before = root.get_attribute("data-steps")
    here.page.get_by_text("Update as I move things").click()
    here.slide("Timesteps", "ArrowLeft")
    run = here.page.locator(".st-key-status").get_by_role("button", name="Run")
    run.wait_for()
    here.quiet()
    run.evaluate(f"button => {{ {ASK}; button.click() }}")
    here.up_to_date()
    expect(root).not_to_have_attribute("data-steps", before)
    # and the other way about
    here.quiet()
    undo = here.page.get_by_role("button", name="Undo")
    undo.evaluate(f"button => {{ button.click(); {ASK} }}")
    expect(here.page.locator(".st-key-behind")).to_be_visible()
