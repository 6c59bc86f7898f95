"""What a visitor has is there again after a reload, in a file, and nowhere else."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from snnlab.data.synthetic import synthetic
from snnlab.nets import files as model_file
from tests import small_models
from tests.browser.conftest import Visitor, started
from tools.turning import turn_to

KEPT = "() => document.documentElement.dataset.kept === 'yes'"
# as if what is kept were of 31 days ago; how many sessions that are
OLDER = """() => new Promise((resolve, reject) => {
    const asked = indexedDB.open("snnlab", 1)
    asked.onerror = reject
    asked.onsuccess = () => {
        const store = asked.result.transaction("sessions", "readwrite").objectStore("sessions")
        const all = store.getAll()
        all.onsuccess = () => {
            for (const one of all.result) store.put({ ...one, at: one.at - 31 * 24 * 3600e3 })
            store.transaction.oncomplete = () => {
                asked.result.close()
                resolve(all.result.length)
            }
        }
    }
})"""
STORED = """async () => (await indexedDB.databases()).map(({ name }) => name)"""


def tissue(side=64, seed=5):
    """An image and its labels, as PNGs."""
    section = synthetic((side, side), seed)
    made = []
    for values in (section.image, section.labels.astype(float)):
        file = io.BytesIO()
        Image.fromarray(np.rint(values * 255).astype(np.uint8)).save(file, "PNG")
        made.append(file.getvalue())
    return made


def png(name, data):
    return {"name": name, "mimeType": "image/png", "buffer": data}


def at_work(here):
    """A visitor with tissue of their own, a pinned run of it and another setting."""
    image, labels = tissue()
    here.open()
    here.pictures()
    here.quiet()
    here.page.get_by_role("radio", name="Upload").click()
    here.give("upload", png("mine.png", image))
    expect(here.page.locator(".st-key-status")).to_contain_text("mine.png")
    here.give("labels-", png("truth.png", labels))
    expect(here.page.get_by_role("heading", name="Scores")).to_be_visible()
    here.up_to_date()
    here.quiet()
    here.page.get_by_role("button", name="Pin", exact=True).click()
    expect(here.page.get_by_role("button", name="Pinned")).to_be_visible()
    here.slide("Timesteps", "ArrowLeft")
    here.up_to_date()
    here.quiet()
    here.page.wait_for_function(KEPT)
    return here


def as_it_was(here, steps):
    expect(here.page.locator(".st-key-status")).to_contain_text("mine.png")
    expect(here.page.locator(".st-key-status")).to_contain_text(f"{steps} timesteps")
    expect(here.page.get_by_text("Still here: mine.png")).to_be_visible()
    expect(here.page.get_by_text("Still here: truth.png")).to_be_visible()
    here.up_to_date()
    here.quiet()
    assert here.page.get_by_role("button", name="Remove").count() == 2
    assert here.page.get_by_text("No labels").count() == 0
    turn_to(here.page, "Compare")
    expect(here.page.get_by_role("heading", name="A: Pin 1")).to_be_visible()
    expect(here.page.get_by_role("heading", name="Scores of the SNN")).to_be_visible()
    assert here.page.get_by_text("there is nothing to compare").count() == 0


def steps(here):
    return here.page.get_by_role("slider", name="Timesteps").first.get_attribute("aria-valuetext")


def test_a_reload_loses_nothing_until_the_browser_is_to_forget(visitor):
    here = at_work(visitor())
    before = steps(here)
    here.page.reload()
    as_it_was(here, before)
    # a new tab of the same browser goes on from there, too
    here.page.wait_for_function(KEPT)
    other = here.context.new_page()
    other.goto(here.server.url)
    expect(other.locator(".st-key-status")).to_contain_text("mine.png")
    other.close()
    here.page.get_by_role("button", name="Session").click()
    expect(here.page.get_by_text("kept in this browser for 30 days")).to_be_visible()
    here.page.get_by_role("button", name="Forget what this browser keeps").click()
    expect(here.page.get_by_text("Forgotten. From now on nothing is kept")).to_be_visible()
    here.quiet()
    assert here.page.evaluate(STORED) == []
    here.page.goto(here.server.url)
    here.pictures()
    here.quiet()
    expect(here.page.locator(".st-key-status")).to_contain_text("Synthetic 256")
    assert here.page.get_by_text("mine.png").count() == 0
    assert here.page.evaluate(STORED) == []
    here.page.get_by_role("button", name="Session").click()
    expect(here.page.get_by_text("Nothing is kept in this tab")).to_be_visible()
    here.page.get_by_role("button", name="Keep it from now on").click()
    here.page.wait_for_function(KEPT)
    assert here.page.evaluate(STORED) == ["snnlab"]


def test_a_session_file_takes_all_to_another_browser(visitor, tmp_path):
    here = at_work(visitor())
    before = steps(here)
    here.page.get_by_role("button", name="Session").click()
    with here.page.expect_download() as started_:
        here.page.get_by_role("button", name="Session file (ZIP)").click()
    file = tmp_path / "session.snnlab.zip"
    started_.value.save_as(file)
    other = visitor().open()
    other.pictures()
    other.page.get_by_role("button", name="Session").click()
    field = other.page.get_by_test_id("stDialog").locator("input[type=file]")
    field.set_input_files({"name": "a.zip", "mimeType": "application/zip", "buffer": b"PK what"})
    expect(other.page.get_by_role("alert").last).to_contain_text("this session file")
    field.set_input_files(file)
    as_it_was(other, before)


def test_a_server_can_say_that_browsers_keep_nothing(browser, chromium, tmp_path, monkeypatch):
    monkeypatch.setenv("SNNLAB_KEEP", "no")
    server = started(tmp_path)
    here = Visitor(browser, server)
    try:
        here.open()
        here.pictures()
        here.page.get_by_role("radio", name="Upload").click()
        here.give("upload", png("mine.png", tissue()[0]))
        expect(here.page.locator(".st-key-status")).to_contain_text("mine.png")
        here.up_to_date()
        here.quiet()
        here.page.wait_for_timeout(2500)
        assert here.page.evaluate(STORED) == []
        asked = []
        here.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        here.page.reload()
        here.pictures()
        here.quiet()
        assert asked == ["beforeunload"]
        assert here.page.get_by_text("mine.png").count() == 0
        here.page.get_by_role("button", name="Session").click()
        expect(
            here.page.get_by_text("On this server nothing is kept in your browser")
        ).to_be_visible()
        assert here.errors == []
    finally:
        here.context.close()
        server.stop()


@pytest.mark.parametrize("known", [True, False])
def test_a_model_that_ended_with_its_session_is_said_to_have(visitor, known):
    here = visitor().open(f"/?model={'mine-0a1b2c' if known else 'nonsense'}&steps=32")
    here.pictures()
    said = here.page.locator(".st-key-notes")
    expect(said).to_contain_text(
        "Your model was lost when the session" if known else "model in the address is not one of"
    )


def test_a_model_of_ones_own_and_lessons_come_back_too(visitor, tmp_path):
    model = replace(small_models.model(3), name="mine-0a1b2c", card={"settings": {}})
    here = visitor().open("/finetune")
    here.quiet()
    here.page.get_by_text("Your models").click()
    here.page.locator(".st-key-tune-load input[type=file]").set_input_files(
        {"name": "mine-0a1b2c.npz", "mimeType": "", "buffer": model_file.pack(model)}
    )
    here.page.get_by_role("button", name="Use it in the lab").click()
    expect(here.page).to_have_url(re.compile("model=mine-0a1b2c"))
    turn_to(here.page, "Segment")
    here.up_to_date()
    here.quiet()
    here.page.wait_for_function(KEPT)
    address = here.page.url
    here.page.reload()
    expect(here.page.locator(".st-key-status")).to_contain_text("model mine-0a1b2c")
    here.up_to_date()
    here.quiet()
    assert here.page.url == address
    assert here.page.get_by_text("Your model was lost").count() == 0
    # after 30 days it is forgotten
    here.page.wait_for_function(KEPT)
    assert here.page.evaluate(OLDER) == 1
    here.page.reload()
    expect(here.page.locator(".st-key-notes")).to_contain_text(
        "Your model was lost when the session"
    )
