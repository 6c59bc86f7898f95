"""A finger scrolls the page wherever it begins, and still moves and chooses what it means to."""

import re

import pytest
from playwright.sync_api import expect

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True, "has_touch": True, "device_scale_factor": 2,
}  # fmt: skip
TOP = "() => document.querySelector('[data-testid=stMain]').scrollTop"
# a dot of the raster in the middle of the screen
DOT = """() => {
    for (const dot of document.querySelectorAll(".js-plotly-plot .scatterlayer .point")) {
        const { left, top, width } = dot.getBoundingClientRect()
        if (top > 200 && top < 600 && left > 80) return [left + width / 2, top + width / 2]
    }
}"""
# whether nothing is painted over a part of the page, at three places of it
BARE = """tip => {
    const { left, top, width, height } = tip.getBoundingClientRect()
    const places = [[0.1, 0.2], [0.5, 0.5], [0.9, 0.8]]
    return width > 0 && places.every(([x, y]) =>
        tip.contains(document.elementFromPoint(left + x * width, top + y * height)))
}"""


@pytest.fixture
def phone(visitor):
    here = visitor(**PHONE)
    touches = here.context.new_cdp_session(here.page)

    def swiped(x, y, right=0, down=0):
        send = touches.send
        send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        for part in range(1, 9):
            at = {"x": x + right * part / 8, "y": y + down * part / 8}
            send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
        send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    here.swiped = swiped
    return here


def test_a_swipe_over_a_slider_scrolls_and_its_handle_can_be_moved(phone):
    phone.open("/energy").quiet()
    slider = phone.page.locator("[data-testid=stMain] [data-testid=stSlider]").first
    handle = slider.locator("[role=group] > div > div").filter(has=phone.page.locator("input"))
    told = lambda: slider.locator("input").get_attribute("aria-valuetext")  # noqa: E731
    before, line = told(), slider.locator("[role=group]").bounding_box()
    phone.swiped(line["x"] + 60, line["y"] + 18, down=-200)
    phone.page.wait_for_function(f"({TOP})() > 50")
    assert told() == before
    phone.page.wait_for_timeout(500)  # a swipe glides on
    phone.page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    at = handle.bounding_box()
    phone.swiped(at["x"] + 5, at["y"] + 16, right=-80)  # beside the handle, which is small
    expect(slider.locator("input")).not_to_have_attribute("aria-valuetext", before)
    phone.quiet()
    # what a word in small print means lies above all that follows
    word = phone.page.locator("[data-testid=stCaptionContainer] .snn-term").last
    word.scroll_into_view_if_needed()
    word.tap()
    assert word.locator(".snn-tip").evaluate(BARE)


def test_a_swipe_over_a_figure_scrolls_and_a_tap_chooses(phone):
    phone.open("/spikes").quiet()
    figure = phone.page.locator(".js-plotly-plot").first
    figure.scroll_into_view_if_needed()
    ranges = lambda: figure.evaluate("plot => plot._fullLayout.xaxis.range")  # noqa: E731
    before, top = ranges(), phone.page.evaluate(TOP)
    phone.swiped(200, 500, down=-150)
    phone.page.wait_for_function(f"({TOP})() > {top} + 50")
    assert ranges() == before
    phone.page.wait_for_timeout(500)
    phone.page.touchscreen.tap(*phone.page.evaluate(DOT))
    expect(phone.page).to_have_url(re.compile(r"at=\d+-\d+"))
