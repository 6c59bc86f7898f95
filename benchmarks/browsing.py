"""The one visitor of the soak who has a real browser."""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable

from tools import served
from tools.turning import turn_to_soon

PATIENCE = 300_000  # ms; others are served too
PAGES = ("Segment", "Stack", "Spikes", "Rates", "Chips", "Energy", "Sweep", "Tune", "Train",
         "Methods", "Compare", "Learn")  # fmt: skip
READY = ".viewer[data-ready=true]"
STILL = """() =>
    document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
"""
# what Chromium says itself of connections that the soak has cut
CUT = ("ERR_", "WebSocket", "Failed to fetch", "Failed to load", "NetworkError", "status of 5")


async def browse(name: str, url: str, seed: int, put: Callable) -> None:
    """Visit page after page in Chromium, until cancelled; each act goes to the log."""
    from playwright.async_api import Error, async_playwright

    chance = random.Random(seed)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=served.chromium(), args=list(served.FLAGS)
        )
        page = await _page(browser, url, put)
        while True:
            act = chance.choices(tuple(ACTS), tuple(ACTS.values()))[0]
            begun, outcome, said = time.monotonic(), "done", ""
            try:
                await act(page, chance, url)
                if await page.locator("[data-testid=stException]").count():
                    outcome, said = "failed", "a traceback is shown"
            except Error as error:
                outcome, said = "failed", str(error).splitlines()[0]
                if any(part in said for part in CUT):
                    outcome = "cut"
                said += f" On the page: {await _seen(page)}"
            put("act", who=name, act=f"browser: {act.__name__}", outcome=outcome,
                seconds=time.monotonic() - begun, said=said)  # fmt: skip
            if outcome != "done":
                with contextlib.suppress(Error):
                    await page.context.close()
                page = await _page(browser, url, put)
            await asyncio.sleep(chance.expovariate(1 / 5))


async def _seen(page) -> str:
    """What a page shows at its top, and whether anything is drawn still."""
    from playwright.async_api import Error

    try:
        state = await page.evaluate(
            "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState"
        )
        text = await page.locator("body").inner_text(timeout=5000)
    except Error as error:
        return f"nothing ({str(error).splitlines()[0]})"
    return f"script {state}; {' '.join(text.split())[:300]}"


async def _page(browser, url: str, put: Callable):
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = await context.new_page()

    def wrong(error) -> None:
        if not any(part in str(error) for part in CUT):
            put("failure", said=f"error in the browser: {str(error)[:300]}")

    page.on("pageerror", wrong)
    for wait in (0, 2, 5, 10, 20):
        await asyncio.sleep(wait)
        with contextlib.suppress(Exception):
            await page.goto(url)
            await page.wait_for_selector(READY)
            break
    return page


async def turn_pages(page, chance, url) -> None:
    """Follow links of the page map."""
    for _ in range(4):
        await _turn_to(page, chance.choice(PAGES))


async def _turn_to(page, name: str) -> None:
    await turn_to_soon(page, name)
    await page.wait_for_function(STILL)


async def move_a_slider(page, chance, url) -> None:
    """Timesteps a little up or down, until the picture is new."""
    await _turn_to(page, PAGES[0])
    await page.wait_for_selector(READY)
    thumb = page.get_by_role("slider", name="Timesteps").first
    await thumb.focus()
    for _ in range(chance.randrange(1, 4)):
        await thumb.press(chance.choice(("ArrowLeft", "ArrowLeft", "ArrowRight")))
    await page.wait_for_timeout(1000)
    await page.locator(".st-key-behind").wait_for(state="detached")
    await page.wait_for_selector(READY)


async def play(page, chance, url) -> None:
    """Let time run, and choose a pixel."""
    await _turn_to(page, PAGES[0])
    await page.wait_for_selector(READY)
    await page.get_by_role("button", name="Play").first.click()
    await page.wait_for_timeout(3000)
    canvas = page.locator(".marks").first
    box = await canvas.bounding_box()
    spot = {
        key: chance.uniform(10, box[side] - 10) for key, side in (("x", "width"), ("y", "height"))
    }
    await canvas.click(position=spot)
    await page.wait_for_function(STILL)


async def reload(page, chance, url) -> None:
    """Load the page anew."""
    await page.reload()
    await page.get_by_role("link", name=PAGES[0], exact=True).first.wait_for()
    await page.wait_for_function(STILL)


async def share(page, chance, url) -> None:
    """Open an address that somebody sent."""
    steps = chance.randrange(5, 60)
    await page.goto(f"{url}/?steps={steps}&lo=900&hi=1000")
    await page.locator(".st-key-status").get_by_text(f"· {steps} timesteps ·").wait_for()


ACTS = {turn_pages: 6, move_a_slider: 5, play: 4, reload: 2, share: 3}
