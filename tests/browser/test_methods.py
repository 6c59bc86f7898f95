"""The Methods page as a visitor meets it."""

import re

from playwright.sync_api import expect

PATIENCE = 240_000  # ms; a run on a machine that may be busy


def test_a_picture_opens_in_the_viewer_and_a_method_tells_its_equation(visitor):
    here = visitor()
    here.context.set_default_timeout(PATIENCE)
    here.open("/methods")
    here.page.wait_for_selector(".grid[data-ready=true]")
    # every picture is there, and none is empty
    sizes = here.page.locator(".grid img").evaluate_all("all => all.map((i) => i.naturalWidth)")
    assert len(sizes) >= 20 and min(sizes) > 100
    assert here.page.locator(".grid .none").count() > 0
    # on a phone all pictures of a row, the ANN's too, lie within the screen, and all chosen methods
    here.page.set_viewport_size({"width": 390, "height": 844})
    here.page.get_by_text("What is compared", exact=True).click()
    for part in (".grid .scroll", "[data-testid=stMultiSelectTagsContainer]"):
        expect(here.page.locator(part).first).to_be_visible()
        beyond = "part => part.scrollWidth - part.clientWidth"
        assert here.page.locator(part).first.evaluate(beyond) <= 0, part
    here.page.set_viewport_size({"width": 1440, "height": 900})
    here.page.get_by_role("radio", name="surrogate", exact=True).click()
    expect(here.page.locator(".katex").first).to_be_visible(timeout=PATIENCE)
    here.page.get_by_role("button", name=re.compile("multi-threshold, 8 steps: ")).click()
    # the address of a page that is not the first would have its name in front of the settings
    address = re.compile(r"^http://[^/]*/\?.*method=multi-threshold.*steps=8")
    expect(here.page).to_have_url(address, timeout=PATIENCE)
    here.pictures()
    status = here.page.locator(".st-key-status")
    expect(status).to_contain_text("model relu · 8 timesteps", timeout=PATIENCE)


def test_a_comparison_comes_in_method_by_method(visitor):
    here = visitor()
    here.context.set_default_timeout(PATIENCE)
    here.open("/methods")
    grid = here.page.locator(".grid[data-ready=true]")
    grid.wait_for()
    here.page.get_by_text("What is compared", exact=True).click()
    here.page.get_by_role("button", name="Clear all").click()
    # a list of choices closes when the page moves below it, as it does when this is said
    expect(here.page.get_by_text("Choose at least one method.")).to_be_visible()
    here.quiet()
    here.page.get_by_label("Methods", exact=True).first.fill("ecc")
    here.page.get_by_role("option", name="ecc", exact=True).click()
    here.page.keyboard.press("Escape")
    here.page.get_by_role("button", name="Compare").click()
    here.page.locator('.grid[data-rows="1"]').wait_for()
    expect(here.page.get_by_text("everything is known already")).to_be_visible(timeout=PATIENCE)
    # the page is drawn once more when the job's line goes
    expect(here.page.locator(".grid button")).to_have_count(5, timeout=PATIENCE)
