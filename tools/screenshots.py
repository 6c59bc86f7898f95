"""Make docs/screenshots: every page at two widths, light and dark, from the running app.

Run it after a change that can be seen: ``.venv/bin/python tools/screenshots.py``. It needs
Chromium (Debian: ``apt-get install chromium``) and the development tools.
"""

import io
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "screenshots"
SIZES = ((1440, 900), (390, 844))
PAGES = {
    "segment": ("", ".viewer[data-ready=true]"),
    "spikes": ("spikes", "[data-testid=stPlotlyChart] .main-svg"),
    "rates": ("rates", "[data-testid=stPlotlyChart] .main-svg"),
    "chips": ("chips", ".chips[data-ready=true]"),
    "energy": ("energy", "[data-testid=stPlotlyChart] .main-svg"),
    "sweep": ("sweep", "[data-testid=stPlotlyChart] .main-svg"),
    "methods": ("methods", ".grid[data-ready=true]"),
}
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
COLOURS = 256  # of a PNG with a palette: a third of the size, and no difference to be seen


def main() -> None:
    """Start the app, visit every page, keep what is seen."""
    chromium = shutil.which("chromium") or sys.exit("no Chromium here: apt-get install chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "streamlit", "run", "serve.py", "--server.address", "127.0.0.1",
        "--server.port", str(port), "--server.headless", "true",
    ]  # fmt: skip
    with tempfile.TemporaryFile() as log:
        app = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait(f"http://127.0.0.1:{port}/_stcore/health")
            with sync_playwright() as driver:
                browser = driver.chromium.launch(executable_path=chromium, args=list(FLAGS))
                for size in SIZES:
                    for scheme in ("light", "dark"):
                        visit(browser, f"http://127.0.0.1:{port}", size, scheme)
                browser.close()
        finally:
            app.terminate()
            app.wait(20)


def wait(address: str) -> None:
    """Until the app answers."""
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    sys.exit("the app did not start")


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
