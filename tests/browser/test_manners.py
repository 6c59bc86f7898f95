"""Jobs, keeping, sharing and taking away, in a real browser."""

import csv
import io
import json
import re
import time

import numpy as np
import pytest
import tifffile
from PIL import Image
from playwright.sync_api import expect

from snnlab.export import spikes
from snnlab.lab import segmenting as lab
from tests.browser.test_app import picture
from tools.turning import turn_to

STATUS = ".st-key-status"
CAMERA = {"SVG": "Download plot", "PNG": "Download plot as a PNG"}


def stack() -> bytes:
    """A 16-bit TIFF of three LZW-compressed sections, 5 nm a pixel, as Fiji writes them."""
    grey = np.asarray(Image.open(io.BytesIO(picture(96)[0]))).astype(np.uint16) * 257
    file = io.BytesIO()
    tifffile.imwrite(
        file, np.stack([grey, grey[::-1], grey.T]), compression="lzw", photometric="minisblack",
        resolution=(0.2, 0.2), metadata={"unit": "nm"}, imagej=False,
        description="ImageJ=1.54f\nimages=3\nslices=3\nunit=nm\n", resolutionunit="NONE",
    )  # fmt: skip
    return file.getvalue()


def download(page, name: str, within=None) -> tuple[str, bytes]:
    """Press a button, and give the file's name and bytes."""
    with page.expect_download() as started:
        (within or page).get_by_role("button", name=name, exact=True).first.click()
    with open(started.value.path(), "rb") as file:
        return started.value.suggested_filename, file.read()


def test_a_16_bit_lzw_stack_is_opened_at_a_section_and_taken_away_at_scale(visitor):
    here = visitor().open("/?steps=12&lo=900&hi=1000&th=0.5")
    here.pictures()
    here.page.get_by_role("radio", name="Upload").click()
    file = {"name": "stack.tif", "mimeType": "image/tiff", "buffer": stack()}
    here.give("upload", file)
    expect(here.page.locator(STATUS)).to_contain_text("stack.tif, section 0 · 96 × 96 px")
    section = here.page.get_by_label("Section (0 to 2)")
    section.fill("2")
    section.press("Enter")
    here.page.wait_for_url(re.compile("section=2"))
    here.up_to_date()
    expect(here.page.locator(STATUS)).to_contain_text("stack.tif, section 2 · 96 × 96 px")
    here.page.get_by_role("button", name="Download", exact=True).click()
    dialog = here.page.get_by_role("dialog")
    expect(dialog.get_by_role("spinbutton", name="Pixel size (nm)")).to_have_value("5.00")
    name, data = download(here.page, "SNN probability (TIF)", dialog)
    assert name == "stack-section-2-generalist-12-steps-snn-probability.tif"
    with tifffile.TiffFile(io.BytesIO(data)) as tiff:
        tags = tiff.pages[0].tags
        assert tiff.imagej_metadata["unit"] == "nm"
        probability = tiff.asarray()
    pixels, length = tags["XResolution"].value
    assert abs(length / pixels - 5) < 1e-3
    assert (probability.shape, probability.dtype) == ((96, 96), np.float32)
    assert 0 <= probability.min() < probability.max() <= 1
    _, mask = download(here.page, "SNN mask (PNG)", dialog)
    with Image.open(io.BytesIO(mask)) as image:
        assert np.array_equal(np.asarray(image) > 0, probability > 0.5)
    _, packed = download(here.page, "Spikes (NPZ)", dialog)
    recording = spikes.read(packed)
    _, rates = download(here.page, "Rates (CSV)", dialog)
    rows = list(csv.DictReader(io.StringIO(rates.decode())))
    assert [row["layer"] for row in rows] == [part.name for part in recording.populations]
    assert [int(row["spikes"]) for row in rows] == [part.total() for part in recording.populations]
    name, report = download(here.page, "Report (HTML)", dialog)
    here.quiet()
    here.page.keyboard.press("Escape")  # heard where the focus is
    expect(dialog).to_have_count(0)
    text = report.decode()
    assert "5 nm per pixel" in text and "--section 2" in text and "stack.tif, section 2" in text
    reader = here.context.new_page()
    faults, asked = [], []
    reader.on("pageerror", lambda error: faults.append(str(error)))
    reader.on("request", lambda request: asked.append(request.url))
    reader.set_content(text)
    expect(reader.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    sides = reader.locator("img").evaluate_all("all => all.map(i => [i.width, i.height])")
    assert len(sides) == 4 and all(abs(wide - tall) <= 1 for wide, tall in sides)  # 96 x 96
    assert faults == []
    assert [url for url in asked if not url.startswith(("data:", "about:", "blob:"))] == []


def test_events_and_figures_can_be_taken_away(visitor):
    here = visitor().open("/rates")
    page = here.page
    page.get_by_role("button", name="Download", exact=True).click()
    name, data = download(page, "Over time (CSV)", page.get_by_role("dialog"))
    assert name == "synthetic-256-generalist-64-steps-over-time.csv"
    *_, last = csv.DictReader(io.StringIO(data.decode()))
    assert last["step"] == last["timesteps"] == "64" and float(last["v_rand_at_threshold"]) > 0
    page.get_by_role("button", name="Events (CSV)").click()
    name, data = download(page, "Events (CSV)", page.locator("[data-testid=stPopoverBody]"))
    part = r"synthetic-256-generalist-64-steps-events-\w+(-\d+-of-\d+-neurons)?\.csv"
    assert re.fullmatch(part, name)
    head, first = data.decode().split("\n", 2)[:2]
    assert head.replace('"', "").split(",") == list(spikes.COLUMNS)
    assert len(first.split(",")) == len(spikes.COLUMNS)
    page.keyboard.press("Escape")
    expect(page.locator("[data-testid=stPopoverBody]")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert figure(here, "SVG").startswith(b"<svg")
    page.get_by_role("button", name="Download", exact=True).click()
    page.get_by_role("dialog").get_by_role("radio", name="PNG").click()
    here.quiet()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert figure(here, "PNG").startswith(b"\x89PNG")


def figure(here, kind: str) -> bytes:
    """The first figure, saved by its camera, which says whether it makes a PNG."""
    here.quiet()
    chart = here.page.locator(".js-plotly-plot").first
    chart.hover()
    with here.page.expect_download() as started:
        chart.locator(f'[data-title="{CAMERA[kind]}"]').click()
    return started.value.path().read_bytes()


def test_undo_presets_pin_and_compare(visitor):
    here = visitor().open()
    here.pictures()
    page, status = here.page, here.page.locator(STATUS)
    before = status.inner_text()
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(page.get_by_role("button", name="Pinned")).to_be_disabled()
    slider = page.get_by_role("slider", name="Timestep", exact=True)
    slider.focus()
    slider.press("Home")
    page.get_by_role("button", name="Presets").click()
    page.get_by_role("button", name="Few steps", exact=True).click()
    expect(page.locator("[data-testid=stPopoverBody]")).to_have_count(0)  # it covers the page
    expect(page.get_by_role("button", name="Presets")).to_be_focused()
    expect(status).not_to_have_text(before)
    here.up_to_date()
    few = status.inner_text()
    steps = re.search(r"(\d+) timesteps", few)[1]
    expect(here.pictures()).to_have_attribute("data-steps", steps)
    expect(here.pictures()).to_have_attribute("data-step", steps)  # another run: as it ends
    turn_to(page, "Compare")
    expect(page.get_by_text("What differs", exact=True)).to_be_visible()
    table = page.get_by_role("table").first
    expect(table).to_contain_text("timesteps")
    expect(page.locator("[data-testid=stImage] img")).to_have_count(4)
    page.get_by_role("button", name="Undo").click()
    expect(status).to_contain_text("64 timesteps" if "64 timesteps" in before else "timesteps")
    here.up_to_date()
    assert status.inner_text() == before
    # what is compared is named as it is now, not as it was when it was chosen
    many = re.search(r"(\d+) timesteps", before)[1]
    box = page.get_by_role("combobox", name="B", exact=True)
    expect(box).to_have_value(re.compile(rf"^the run on screen: .*, {many} steps,"))
    page.get_by_role("button", name="Redo").click()
    here.up_to_date()
    expect(status).to_have_text(re.compile(re.escape(few.split("·")[2].strip())))


def test_the_shared_address_brings_the_settings_back(visitor):
    first = visitor().open("/?steps=10&lo=800&hi=1000&tau=3&th=0.4&seed=5&v0=0.25")
    first.page.get_by_role("button", name="Share").click()
    address = first.page.locator("[data-testid=stPopoverBody] code").inner_text().strip()
    assert address.startswith(first.server.url)
    second = visitor()
    second.page.goto(address)
    second.up_to_date()
    expect(second.page.locator(STATUS)).to_contain_text("10 timesteps")
    expect(second.page.locator(STATUS)).to_contain_text("800–1000 Hz")


def test_cancel_acts_within_a_second_and_the_page_stays_usable(visitor):
    here = visitor().open("/?sim=nengo&steps=400")
    here.pictures()
    page = here.page
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("progressbar").first).to_be_visible()
    turn_to(page, "Spikes")
    expect(page.get_by_text("Inside a few neurons")).to_be_visible()
    cancel = page.get_by_role("button", name="Cancel")
    expect(cancel).to_be_visible()  # the work goes on
    cancel.click()
    pressed = time.monotonic()
    expect(page.get_by_text(re.compile("stopping")).or_(
        page.get_by_role("button", name="Run")).first).to_be_visible()  # fmt: skip
    print(f"cancel was acknowledged after {time.monotonic() - pressed:.2f} s")
    expect(page.get_by_role("button", name="Run")).to_be_visible()
    print(f"the worker was free after {time.monotonic() - pressed:.2f} s")


def test_the_second_in_the_queue_is_told_and_not_held_up(visitor):
    one, other = visitor().open("/?sim=nengo&steps=400"), visitor().open("/")
    one.pictures(), other.pictures()
    one.page.get_by_role("button", name="Run").click()
    expect(one.page.get_by_role("button", name="Cancel")).to_be_visible()
    other.slide("Timesteps", "ArrowLeft", 2)
    expect(other.page.get_by_text("waiting for another run")).to_be_visible()
    turn_to(other.page, "Rates")
    expect(other.page.get_by_text("All layers against their bounds")).to_be_visible()
    one.page.get_by_role("button", name="Cancel").click()
    other.up_to_date()
    assert "nengo" not in other.page.locator(STATUS).inner_text()


def test_headers_and_limits(visitor):
    here = visitor()
    answer = here.page.goto(here.server.url)
    headers = answer.headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    face = here.page.request.get(f"{here.server.url}/app/static/fonts/inter.woff2")
    assert face.ok and face.headers["content-type"] == "font/woff2"
    for path in (
        "/app/static/../app.py",
        "/app/static/%2e%2e/app.py",
        "/app/static/fonts/../../serve.py",
    ):
        found = here.page.request.get(here.server.url + path)
        assert "import streamlit" not in found.text()
    fonts = here.page.evaluate("document.fonts.ready.then(all => [...all].map(f => f.family))")
    assert "Inter" in " ".join(fonts)


def test_a_narrow_screens_sidebar_gives_way_to_the_page(visitor):
    here = visitor(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open()
    here.pictures()
    here.page.get_by_test_id("stExpandSidebarButton").click()
    turn_to(here.page, "Rates")
    expect(here.page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
    expect(here.page.get_by_text("All layers against their bounds")).to_be_in_viewport()


def test_a_phone_on_its_side_shows_picture_and_player_before_what_they_show(visitor):
    here = visitor(viewport={"width": 844, "height": 390}, has_touch=True, is_mobile=True).open()
    picture, player = here.pictures().locator(".stage").first, here.page.locator(".viewer .scrub")
    here.quiet()
    top, beside = picture.bounding_box(), player.bounding_box()
    assert top["y"] <= 0.6 * 390  # it began at 349 of 390 px
    expect(player).to_be_in_viewport()
    assert beside["x"] >= top["x"] + top["width"]


def test_a_narrow_screen_shows_all_presets(visitor):
    here = visitor(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open()
    here.pictures()
    here.page.get_by_test_id("stExpandSidebarButton").click()
    here.page.get_by_role("button", name="Presets").click()
    listed = here.page.locator(".st-key-presets")
    for part in ("button", "[data-testid=stCaptionContainer]"):
        expect(listed.locator(part).last).to_be_in_viewport(ratio=1)


# boxes of tools that are always there, and what they lie over
COVERED = """() => {
    const box = (one) => one.getBoundingClientRect()
    const meet = (a, b) =>
        Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1
    const found = []
    for (const chart of document.querySelectorAll(".js-plotly-plot")) {
        const bar = box(chart.querySelector(".modebar"))
        for (const other of document.querySelectorAll(".js-plotly-plot")) {
            if (meet(bar, box(other))) found.push("a chart's tools lie over a chart")
        }
        for (const tools of document.querySelectorAll("[data-testid=stElementToolbar]")) {
            if (meet(box(tools), box(chart))) found.push("a table's tools lie over a chart")
        }
        for (const text of document.querySelectorAll("[data-testid=stMarkdownContainer]")) {
            if (text.checkVisibility() && meet(bar, box(text))) found.push(text.textContent)
        }
        const axes = [...chart.querySelectorAll(".g-xtitle text")]
        const frame = chart.closest("[data-testid=stElementContainer]")
        if (axes.some((title) => box(title).bottom > box(frame).bottom + 1)) found.push("cut")
        if (chart.querySelector(".legend .scrollbar[height]:not([height='0'])")) {
            found.push(`a legend is scrolled: ${chart.querySelector(".legend").textContent}`)
        }
    }
    return found
}"""


def test_tools_of_charts_and_tables_cover_nothing_on_a_touch_screen(visitor):
    here = visitor(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    for name in ("spikes", "chips", "energy", "sweep"):
        here.open(f"/{name}")
        here.page.wait_for_selector(".js-plotly-plot .main-svg")
        here.quiet()
        assert here.page.locator(".modebar:visible").count() > 0
        assert here.page.evaluate(COVERED) == [], name


def test_every_page_fits_a_narrow_screen(visitor):
    here = visitor(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    wide = {}
    for name in ("", "spikes", "rates", "chips", "energy", "sweep", "networks", "compare", "learn"):
        here.open(f"/{name}")
        here.page.get_by_test_id("stMain").get_by_text("Download").first.wait_for()
        here.quiet()
        if not name:  # the picture first
            here.pictures()
            assert here.page.locator(".stage").first.bounding_box()["y"] < 844 / 3
        width = here.page.evaluate("document.documentElement.scrollWidth")
        if width > 390:
            wide[name] = width
    assert wide == {}, json.dumps(wide)


@pytest.mark.parametrize("width", [1440, 390])
def test_what_is_out_of_date_says_so_wherever_one_reads(visitor, width):
    here = visitor(viewport={"width": width, "height": 844}).open("/rates?steps=100&sim=nengo-dl")
    here.quiet()
    page = here.page
    main = page.locator("[data-testid=stMain]")
    for button in ("Run (", "Cancel"):
        # all figures are there, so the page is long enough: quiet() may end between two draws
        page.wait_for_function(
            "main => { main.scrollTo(0, 900); return main.scrollTop === 900 }",
            arg=main.element_handle(),
            timeout=60_000,
        )
        box = page.get_by_text("Out of date").bounding_box()
        header = page.locator("[data-testid=stHeader]").bounding_box()
        assert header["height"] <= box["y"] < 200  # below the page map, on top of all else
        seen = page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y).closest('.st-key-behind') !== null",
            [box["x"] + 5, box["y"] + box["height"] / 2],
        )
        assert seen
        page.get_by_role("button", name=button).click()
        # no jump to the top: what is said may take some lines of text more or less
        assert main.evaluate("main => main.scrollTop") == pytest.approx(900, abs=150)
        other = {"Run (": "Cancel", "Cancel": "Run ("}[button]
        expect(page.get_by_role("button", name=other)).to_be_visible()


def test_spikes_and_rates_look_at_the_same_layer(visitor):
    page = visitor().open("/spikes").page
    last = lab.default_result().layers[-1].name
    layer = page.get_by_role("combobox", name="Layer", exact=True)
    expect(layer).to_have_value(re.compile(f"^{last} "))
    for name in ("Rates", "Spikes"):
        turn_to(page, name)
        heading = {"Rates": "One layer", "Spikes": "Raster"}[name]
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        expect(layer).to_have_value(re.compile(f"^{last} "))
