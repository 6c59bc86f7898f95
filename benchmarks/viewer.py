"""How many pictures a second the viewer shows while it scrubs and pans, in headless Chromium.

Run ``.venv/bin/python -m benchmarks.viewer``. It needs Chromium (Debian: ``apt-get install
chromium``) and the development tools. The app shows, one after the other, a result of 512 x 512
pixels and 64 steps and one of 2048 x 2048; the results are made up (noise that settles), because
what is measured is the browser. Then the page that travels is opened from disk, with a run of the
shipped sample of 512 x 512. A frame is counted when its pictures have been drawn.

It prints a table, and how large pages that travel are.
"""

import os
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from snnlab.lab import segmenting as lab
from snnlab.settings import Settings
from snnlab.ui.segment import travelling
from tools.served import FLAGS, ROOT, Server, chromium

# the viewer on a page of its own, with a result that nothing had to be computed for
APP = """
import sys
from dataclasses import replace
sys.path.insert(0, {root!r})
import numpy as np
import streamlit as st
from scipy import ndimage
from snnlab.lab import segmenting as lab
from snnlab.ui.segment import viewer

@st.cache_resource
def made(side, steps):
    base = lab.default_result()
    random = np.random.default_rng(0)
    noise = ndimage.gaussian_filter(random.random((side, side), np.float32), 4)
    image = (noise - noise.min()) / np.ptp(noise)
    ann = (1 / (1 + np.exp(-40 * (image - 0.5)))).astype(np.float32)
    moments = {{
        step: np.clip(ann + random.normal(0, 0.5 / step, ann.shape), 0, 1).astype(np.float16)
        for step in steps
    }}
    picture = replace(base.picture, pixels=image, labels=image > 0.5, sha256=str(side))
    return replace(base, picture=picture, image=image, ann=ann, moments=moments,
                   region=(0, 0, 256, 256))

st.set_page_config(layout="wide")
side = int(st.query_params["side"])
viewer.show(made(side, range(1, 65) if side == 512 else range(8, 65, 8)))
"""

# ten seconds of an action on every frame; the time between frames tells whether it keeps up
MEASURE = """
([selector, kind]) => new Promise((resolve) => {
  const find = (what) => {
    for (const element of document.querySelectorAll("*")) {
      const found = element.shadowRoot?.querySelector(what)
      if (found) return found
    }
  }
  const slider = find(".scrub")
  const marks = find(".marks")
  const box = marks.getBoundingClientRect()
  const point = (type, x, y) =>
    marks.dispatchEvent(new PointerEvent(type, { pointerId: 1, clientX: x, clientY: y, button: 0 }))
  marks.setPointerCapture = () => {}
  const middle = [box.left + box.width / 2, box.top + box.height / 2]
  if (kind === "pan") point("pointerdown", ...middle)
  const gaps = []
  let last = null
  let turn = 0
  const begun = performance.now()
  const step = (now) => {
    if (last !== null) gaps.push(now - last)
    last = now
    turn++
    const [dx, dy] = [60 * Math.sin(turn / 20), 60 * Math.cos(turn / 20)]
    if (kind === "pan") point("pointermove", middle[0] + dx, middle[1] + dy)
    else {
      slider.value = turn % (Number(slider.max) + 1)
      slider.dispatchEvent(new Event("input"))
    }
    if (now - begun < 10000) return requestAnimationFrame(step)
    if (kind === "pan") point("pointerup", ...middle)
    resolve((1000 * gaps.length) / gaps.reduce((a, b) => a + b, 0))
  }
  requestAnimationFrame(step)
})
"""


HEADS = ("image", "pictures", "scrubbing through time", "panning")


def main() -> None:
    """Measure all, and print it."""
    browser_at = chromium()
    print("| " + " | ".join(HEADS) + " |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        app, pages = Path(folder) / "app.py", Path(folder) / "page.html"
        app.write_text(APP.format(root=str(ROOT)))
        sizes = made(pages)
        browser = driver.chromium.launch(executable_path=browser_at, args=list(FLAGS))
        with Server(Path(folder) / "log", str(app)) as server:
            measure(browser, f"{server.url}/?side=512", "512 x 512, 64 steps")
            measure(browser, f"{server.url}/?side=2048", "2048 x 2048")
        measure(browser, pages.as_uri(), "512 x 512, 64 steps, a page from disk")
        browser.close()
    print(f"\nLoad average {os.getloadavg()[0]:.1f}.\n\n{sizes}")


def made(place: Path) -> str:
    """Write the page that travels of the sample of 512 x 512; how large such pages are."""
    told = []
    for index in (0, 1):
        result = lab.segment(lab.sample(index), lab.defaults(Settings().model))
        small = travelling.html(result)
        large = travelling.html(result, everywhere=True)
        place.write_bytes(small)
        height, width = result.image.shape
        told.append(
            f"At {height} x {width} pixels and {result.timesteps} steps a page takes"
            f" {len(small) / 1e6:.1f} MB, with all spikes {len(large) / 1e6:.1f} MB."
        )
    return "\n".join(told)


def measure(browser, address: str, name: str) -> None:
    """Scrub and pan, in four pictures and in one: a row each, frames per second."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(address)
    page.wait_for_selector(".viewer[data-ready=true]")
    for layout in ("4", "1"):
        page.locator(f"button[data-layout='{layout}']").click()
        row = []
        for kind in ("scrub", "pan"):
            if kind == "pan":
                for _ in range(3):
                    page.get_by_role("button", name="Closer").click()
            page.wait_for_timeout(500)
            row.append(page.evaluate(MEASURE, [".viewer", kind]))
        page.get_by_role("button", name="Whole image").click()
        print(f"| {name} | {layout} | {row[0]:.1f} | {row[1]:.1f} |", flush=True)
    page.close()


if __name__ == "__main__":
    main()
