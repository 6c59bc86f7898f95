"""The Sweep page as a visitor meets it."""

import re

from playwright.sync_api import expect

PATIENCE = 120_000  # ms; a sweep on a machine that may be busy


def opened(visitor):
    here = visitor()
    here.context.set_default_timeout(PATIENCE)
    here.open("/sweep")
    here.page.wait_for_selector(".js-plotly-plot .heatmaplayer .hm", state="attached")
    here.page.wait_for_timeout(1000)  # charts are drawn after their element is there
    return here


def seen(here, text):
    expect(here.page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)


def press(here, name, text):
    """Press a button until it shows: one that is being drawn anew loses the click."""
    for _ in range(8):
        button = here.page.get_by_role("button", name=name)
        if button.count():
            button.first.click()
        try:
            expect(here.page.get_by_text(text).first).to_be_visible(timeout=10_000)
            return
        except AssertionError:
            continue
    seen(here, text)


def test_a_finished_sweep_is_there_at_once(visitor):
    here = opened(visitor)
    seen(here, re.compile("256 px · 90 points"))
    expect(here.page.get_by_role("heading", name="Which knob matters")).to_be_visible()
    expect(here.page.get_by_role("button", name="Start")).to_be_visible()
    # no value is cut off on a screen of middling width
    here.page.get_by_text("What is swept", exact=True).click()
    here.page.set_viewport_size({"width": 900, "height": 800})
    here.quiet()
    beyond = here.page.locator("[data-testid=stMultiSelect]").evaluate_all(
        """lists => lists.flatMap(list => [...list.querySelectorAll("[data-tag]")].map(
            tag => tag.getBoundingClientRect().right - list.getBoundingClientRect().right))"""
    )
    assert len(beyond) >= 14 and max(beyond) <= 0


def test_a_click_on_a_cell_loads_its_settings_into_the_lab(visitor):
    here = opened(visitor)
    cell = here.page.locator(".heatmaplayer").first
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    # five columns, six rows: the second column of the row at the bottom
    here.page.mouse.click(box["x"] + 0.3 * box["width"], box["y"] + 11 / 12 * box["height"])
    chosen = here.page.locator(".st-key-sweep-chosen")
    expect(chosen).to_contain_text("135–150 Hz, 16 steps", timeout=PATIENCE)
    here.page.get_by_role("button", name="Load into the lab").click()
    # the address of a page that is not the first would have its name in front of the settings
    # (the map is of the percentile of the run on screen)
    address = re.compile(r"^http://[^/]*/\?steps=16&lo=135&hi=150$")
    expect(here.page).to_have_url(address, timeout=PATIENCE)


def test_a_sweep_fills_in_pauses_and_goes_on(visitor):
    here = opened(visitor)
    here.page.get_by_text("What is swept", exact=True).click()
    for value in ("128", "64", "32"):
        here.page.get_by_role("button", name=f"Remove {value}", exact=True).click()
    seen(here, "36 points from 18 runs")
    press(here, "Start", re.compile(r"of 36 points"))
    press(here, "Pause", re.compile(r"Paused at \d+ of 36 points"))
    here.page.get_by_role("button", name="Go on").click()
    seen(here, re.compile("256 px · 36 points"))
    seen(here, "All are known already")
    expect(here.page.get_by_role("button", name="Start")).to_be_visible()
