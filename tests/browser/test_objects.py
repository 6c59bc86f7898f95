"""The page Objects as a visitor meets it: boxes that form, by buttons and by keys."""

import re

from playwright.sync_api import expect


def test_boxes_form_and_a_row_leads_to_its_box(visitor):
    here = visitor().open("/objects")
    page, shown = here.page, here.page.locator(".objects[data-ready=true]")
    page.get_by_text("drawn by a program").wait_for()
    expect(shown).to_have_attribute("data-step", "64")
    # it opens with boxes, whose steps are played
    assert shown.locator("rect.line.snn:not(.faint)").count() > 5
    here.quiet()
    shown.locator(".play").click()
    expect(shown).to_have_attribute("data-step", re.compile("^(1|2|3|4|6|8)$"))
    expect(shown).to_have_attribute("data-step", "64")
    shown.locator(".at").focus()
    for key, step in (("ArrowLeft", "48"), ("Home", "1"), ("End", "64")):
        page.keyboard.press(key)
        expect(shown).to_have_attribute("data-step", step)
    # whose boxes are shown, and how large
    anns = shown.locator("rect.line.ann")
    assert anns.count() > 0
    shown.get_by_role("button", name="ANN").click()
    expect(anns).to_have_count(0)
    page.keyboard.press("+")
    expect(shown).to_have_attribute("data-scale", "1.50")
    page.keyboard.press("0")
    expect(shown).to_have_attribute("data-scale", "1.00")
    # a row of the table leads to its box
    table = page.get_by_test_id("stDataFrame").locator("canvas").first
    table.scroll_into_view_if_needed()
    table.click(position={"x": 17, "y": 53}, force=True)
    expect(shown.locator(".says")).to_contain_text("settled at step")
    expect(shown.locator("rect.line.chosen")).to_have_count(1)
    assert float(shown.get_attribute("data-scale")) > 1
    here.quiet()
    assert "box=snn-0" in page.url
    # and a click on a box to its row and its neurons
    page.locator("body").press("Escape")
    second = shown.locator("rect.line.snn:not(.chosen):not(.faint)").first
    second.dispatch_event("click")
    page.wait_for_url(re.compile("box=snn-[1-9]"))
    page.get_by_text("This box of the SNN comes from a place of").wait_for()
    here.quiet()
    # of the sidebar's image, which is of a fly, the detector is not sure
    page.get_by_role("radio", name="Image in the sidebar").click()
    page.get_by_text("Neither network is sure of a box here").wait_for()
    here.quiet()
    assert here.errors == []
