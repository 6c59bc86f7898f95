"""Labels painted over the picture, as a visitor paints them."""

import numpy as np
from playwright.sync_api import expect

KEPT = "() => document.documentElement.dataset.kept === 'yes'"
TOLD = ".viewer[data-painted]:not([data-painted=''])"
ORANGE, BLUE = np.array([255, 140, 0]), np.array([30, 144, 255])


def marks(here):
    """What lies over the first picture, RGBA."""
    picture = here.page.locator('.marks[data-pane="0"]')
    seen = picture.evaluate(
        """canvas => {
            const { width, height } = canvas
            const data = canvas.getContext("2d").getImageData(0, 0, width, height).data
            return [width, height, Array.from(data)]
        }"""
    )
    return np.array(seen[2], np.uint8).reshape(seen[1], seen[0], 4)


def share(here, colour):
    """Of the first picture, as far as it is painted in a colour."""
    seen = marks(here)
    near = np.abs(seen[..., :3].astype(int) - colour).max(-1) < 12
    return float((near & (seen[..., 3] > 100)).mean())


def yellow(here, pane):
    """Of a picture, as far as outlines of what was learned lie there."""
    seen = here.seen(pane)[..., :3].astype(int)
    return float((np.abs(seen - [255, 221, 0]).max(-1) < 12).mean())


def stroke(here, *places):
    """Drag over the first picture; places in shares of it."""
    box = here.page.locator('.marks[data-pane="0"]').bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    here.page.mouse.move(*points[0])
    here.page.mouse.down()
    for point in points[1:]:
        here.page.mouse.move(*point, steps=4)
    here.page.mouse.up()


def test_a_stroke_reaches_the_server_and_survives_a_reload(visitor):
    here = visitor().open()
    root = here.pictures()
    page = here.page
    brush = page.get_by_role("button", name="Brush")
    brush.click()
    stroke(here, (0.2, 0.2), (0.8, 0.3))
    page.get_by_role("button", name="Cell", exact=True).click()
    stroke(here, (0.2, 0.6), (0.8, 0.6))
    page.keyboard.press("u")
    expect(page.locator(".brush .painted")).to_contain_text("1 stroke")
    stroke(here, (0.2, 0.7), (0.8, 0.7))
    assert share(here, ORANGE) > 0.005 and share(here, BLUE) > 0.005  # before any server knows
    page.locator(TOLD).wait_for()
    expect(root).to_have_attribute("data-zoom", "1.00")  # nothing was dragged
    expect(page.get_by_text("Your scribbles, ")).to_be_visible()
    brush.click()
    expect(page.locator(".brush")).to_be_hidden()
    here.quiet()
    page.wait_for_function(KEPT)
    page.reload()
    here.pictures()
    expect(page.get_by_text("Your scribbles, ")).to_be_visible()
    page.get_by_role("button", name="Brush").click()
    expect(page.locator(".brush .painted")).to_contain_text("2 strokes")
    assert share(here, ORANGE) > 0.005 and share(here, BLUE) > 0.005
    # what is learned from them is a layer at once, in the last picture, and the brush stays
    assert yellow(here, 3) == 0
    before = root.get_attribute("data-painted")
    stroke(here, (0.2, 0.4), (0.5, 0.45))
    page.get_by_role("button", name="Cell", exact=True).click()
    stroke(here, (0.3, 0.85), (0.7, 0.85))
    expect(page.locator(".brush .painted")).to_contain_text("4 strokes")
    expect(root).not_to_have_attribute("data-painted", before)
    page.wait_for_timeout(1000)  # the last stroke has been told, too
    here.quiet()
    page.get_by_role("button", name="Train on these scribbles").click()
    # lines that follow no membrane may teach nothing; then it is a layer for whoever asks for it
    page.get_by_role("radio", name="U-Net, new readout").click()
    page.locator(".viewer[data-learned]").wait_for()
    expect(page.get_by_label("Layer in picture 4")).to_have_value("learnedOutlines")
    here.quiet()
    assert yellow(here, 3) > 0.001
    expect(page.locator(".brush")).to_be_visible()
    assert here.errors == []
