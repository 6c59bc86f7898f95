"""axe-core finds nothing serious on any page, light or dark, wide or narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tools.turning import GROUP

PAGES = (
    "", "stack", "spikes", "rates", "chips", "energy", "sweep", "methods", "networks", "compare",
    "objects", "learn",
)  # fmt: skip
SCREENS = {
    "wide-light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "narrow-dark": {
        "viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True,
        "is_mobile": True,
    },
}  # fmt: skip
LOOKED_AT = ("", "spikes", "rates", "chips")  # with linked pictures
GRAVE = ("serious", "critical")


def faults(page, rules=None) -> list[str]:
    """What axe-core calls serious or critical, a line each."""
    found = Axe().run(page, options={"resultTypes": ["violations"]} | (rules or {}))
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} {node['failureSummary'][:300]}"
        for one in found.response["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page(visitor, screen):
    here = visitor(**SCREENS[screen])
    found, sliders = {}, set()
    for name in PAGES:
        here.open(f"/{name}")
        here.page.get_by_test_id("stMain").get_by_text("Download").first.wait_for()
        here.quiet()
        if name in LOOKED_AT:
            here.pictures()
        if here.page.locator('[data-testid=stSidebar] [class*=" st-key-timesteps-"]').is_visible():
            sliders.add(name)
        if grave := faults(here.page):
            found[name] = grave
    # the sidebar's are not there, for readers either, where a page does not heed them
    out = {"chips", "energy", "sweep", "methods", "networks", "objects"}
    assert "narrow" in screen or sliders == {*PAGES} - out
    # and the page map when it is open: a menu of the bar, or the sidebar
    button = here.page.get_by_test_id("stExpandSidebarButton" if "narrow" in screen else GROUP)
    button.first.click()
    here.page.get_by_text("Networks", exact=True).first.wait_for()
    here.quiet()
    if grave := faults(here.page):
        found["page map"] = grave
    assert not found, "\n".join(
        f"{name}: {line}" for name, lines in found.items() for line in lines
    )


def test_dialogs_and_menus(visitor):
    here = visitor().open()
    here.pictures()
    here.quiet()  # what fades in has too little contrast for a moment
    here.page.get_by_role("button", name="Presets").click()
    presets = here.page.get_by_role("button", name="Few steps", exact=True)
    presets.wait_for()
    here.quiet()
    assert faults(here.page) == []
    here.page.keyboard.press("Escape")
    presets.wait_for(state="hidden")
    here.page.get_by_role("button", name="Download", exact=True).click()
    here.page.get_by_role("dialog").wait_for()
    here.quiet()
    assert faults(here.page) == []


def test_the_whole_lab_is_reached_by_keys(visitor):
    here = visitor().open()
    here.page.get_by_test_id("stMain").get_by_text("Download").first.wait_for()
    here.quiet()
    reached = set()
    for _ in range(60):
        here.page.keyboard.press("Tab")
        reached.add(
            here.page.evaluate(
                "(e => (e.innerText || e.ariaLabel || '').trim())(document.activeElement)"
            )
        )
    seen = " ".join(reached)
    for name in ("Understand", "Learn", "Presets", "Share", "Pin"):
        assert name in seen, sorted(reached)
    # and so are the pages behind a group's name, which says where one is
    group = here.page.get_by_role("button", name="Understand")
    group.focus()
    for key in ("Enter", "Escape", "Enter", "ArrowDown", "Enter"):
        here.page.keyboard.press(key)
        here.page.wait_for_timeout(300)
    here.page.wait_for_url("**/rates")
    here.page.get_by_role("button", name="Understand · Rates", exact=True).wait_for()
