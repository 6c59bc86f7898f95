"""How many pictures a second the viewer shows while it scrubs and pans, in headless Chromium.

Run ``.venv/bin/python -m benchmarks.viewer``. It needs Chromium (Debian: ``apt-get install
chromium``) and the development tools. The app shows, one after the other, a result of 512 x 512
pixels and 64 steps and one of 2048 x 2048; the results are made up (noise that settles), because
what is measured is the browser. A frame is counted when its pictures have been drawn.
"""

import json
import os
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.served import FLAGS, ROOT, Server, chromium

# the viewer on a page of its own, with a result that nothing had to be computed for
APP = """
import sys
from dataclasses import replace
sys.path.insert(0, {root!r})
import numpy as np
import streamlit as st
from scipy import ndimage
from snnlab import lab
from snnlab.ui import viewer

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
    gaps.sort((a, b) => a - b)
    resolve({
      frames_per_s: Math.round((10 * 1000 * gaps.length) / gaps.reduce((a, b) => a + b, 0)) / 10,
      median_ms: Math.round(10 * gaps[gaps.length >> 1]) / 10,
      p95_ms: Math.round(10 * gaps[Math.floor(0.95 * gaps.length)]) / 10,
    })
  }
  requestAnimationFrame(step)
})
"""


def main() -> None:
    """Print one line of JSON a measurement."""
    browser_at = chromium()
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "app.py"
        app.write_text(APP.format(root=str(ROOT)))
        with Server(Path(folder) / "log", str(app)) as server, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=browser_at, args=list(FLAGS))
            for side in (512, 2048):
                measure(browser, f"{server.url}/?side={side}", side)
            browser.close()


def measure(browser, address: str, side: int) -> None:
    """Scrub and pan, in four pictures and in one."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(120_000)
    page.goto(address)
    page.wait_for_selector(".viewer[data-ready=true]")
    for layout in ("4", "1"):
        page.locator(f"button[data-layout='{layout}']").click()
        for kind in ("scrub", "pan"):
            if kind == "pan":
                for _ in range(3):
                    page.get_by_role("button", name="Closer").click()
            page.wait_for_timeout(500)
            found = page.evaluate(MEASURE, [".viewer", kind])
            load = round(os.getloadavg()[0], 1)
            print(
                json.dumps(
                    {"side": side, "pictures": layout, "action": kind, **found, "load": load}
                )
            )
            if kind == "pan":
                page.get_by_role("button", name="Whole image").click()
    page.close()


if __name__ == "__main__":
    main()
