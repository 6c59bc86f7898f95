"""The Networks page as a visitor meets it: class bars play, and stop at the last step."""

from playwright.sync_api import expect


def test_class_bars_play_step_by_step(visitor):
    here = visitor().open("/networks")
    step = here.page.locator(".slider-label").first
    expect(step).to_have_text("after step 32")
    bar = here.page.locator(".barlayer .point path").nth(8)
    last = bar.get_attribute("d")
    # a frame of the middle, then all of them
    here.page.locator(".slider-rail-touch-rect").first.click(position={"x": 5, "y": 5})
    expect(step).not_to_have_text("after step 32")
    expect(bar).not_to_have_attribute("d", last)
    here.page.locator(".updatemenu-button").first.click()
    expect(step).to_have_text("after step 32")
    expect(bar).to_have_attribute("d", last)
