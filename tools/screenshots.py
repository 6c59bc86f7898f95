"""Make docs/screenshots: every page at two widths, light and dark, from the running app.

Only the picture that the README shows is kept in the repository; the others are to look at.

Run it after a change that can be seen: ``.venv/bin/python -m tools.screenshots``. It needs
Chromium (Debian: ``apt-get install chromium``) and the development tools.
"""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tools.served import FLAGS, ROOT, Server, chromium

FOLDER = ROOT / "docs" / "screenshots"
SIZES = ((1440, 900), (390, 844))
CHART, BUTTON = "[data-testid=stPlotlyChart] .main-svg", "[data-testid=stMain] button"
PAGES = {
    "segment": ("", ".viewer[data-ready=true]"),
    "spikes": ("spikes", CHART),
    "rates": ("rates", CHART),
    "chips": ("chips", ".chips[data-ready=true]"),
    "energy": ("energy", CHART),
    "methods": ("methods", ".grid[data-ready=true]"),
    "networks": ("networks", CHART),
    "compare": ("compare", BUTTON),
    "tune": ("finetune", BUTTON),
    "sweep": ("sweep", CHART),
    "train": ("train", BUTTON),
    "learn": ("learn", BUTTON),
}
COLOURS = 256  # of a PNG with a palette: a third of the size, and no difference to be seen


def main() -> None:
    """Start the app, visit every page, keep what is seen."""
    browser_at = chromium()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder) / "log") as lab,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=browser_at, args=list(FLAGS))
        for size in SIZES:
            for scheme in ("light", "dark"):
                visit(browser, lab.url, size, scheme)
        browser.close()


def visit(browser, address: str, size: tuple[int, int], scheme: str) -> None:
    """Every page at one size in one theme."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    for name, (path, there) in PAGES.items():
        page.goto(f"{address}/{path}")
        page.wait_for_selector(there)
        page.wait_for_timeout(2500)  # charts are drawn after their element is there
        picture = Image.open(io.BytesIO(page.screenshot()))
        file = FOLDER / f"{name}-{width}-{scheme}.png"
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1000:.0f} kB")
    context.close()


if __name__ == "__main__":
    main()
