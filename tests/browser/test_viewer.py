"""The linked viewer, driven as a visitor drives it."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from scipy import ndimage

from snnlab.figures import cells as cell_figures
from snnlab.lab import segmenting as lab
from snnlab.settings import Settings
from snnlab.ui.segment.viewer import bundle
from tools.turning import turn_to

PATIENCE = 120_000  # ms; an answer on a machine that may be busy
OWN = lab.defaults("generalist")
expect.set_options(timeout=PATIENCE)
EM, ANN, SNN, DIFFERENCE = range(4)


@pytest.fixture
def here(visitor):
    """A visitor with the pictures on screen, and the curve below them complete."""
    one = visitor().open()
    expect(one.pictures()).to_have_attribute("data-scored", "true")
    return one


def marks(here, pane=SNN):
    return here.page.locator(f'.marks[data-pane="{pane}"]')


def viewer(here):
    return here.page.locator(".viewer")


def settled(here):
    """Two frames later: what was changed is drawn."""
    here.page.evaluate(
        "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
    )


def far(one, other):
    return np.abs(one[..., :3].astype(int) - other[..., :3]).mean()


def on_white(picture):
    """Where a picture is clear, its colour means nothing."""
    share = picture[..., 3:] / 255
    return picture[..., :3] * share + 255 * (1 - share)


def sent_by(here):
    """Frames that leave the page from now on."""
    sent = []
    session = here.context.new_cdp_session(here.page)
    session.send("Network.enable")
    session.on("Network.webSocketFrameSent", lambda frame: sent.append(frame))
    return sent


def received_by(here):
    """Bytes of each message that reaches the page from now on."""
    got = []
    session = here.context.new_cdp_session(here.page)
    session.send("Network.enable")
    session.on(
        "Network.webSocketFrameReceived",
        lambda frame: got.append(len(frame["response"]["payloadData"]) * 3 // 4),
    )
    return got


def test_scrubbing_playing_and_zooming_need_no_server(here):
    root, page = viewer(here), here.page
    last = int(root.get_attribute("data-steps"))
    ann, end = here.seen(ANN), here.seen(SNN)
    sent = sent_by(here)
    slider = page.get_by_role("slider", name="Timestep", exact=True)
    slider.focus()
    slider.press("Home")
    expect(root).to_have_attribute("data-step", "1")
    settled(here)
    start = here.seen(SNN)
    assert far(start, ann) > 4 * far(end, ann)
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible(timeout=60_000)
    assert root.get_attribute("data-step") == str(last)
    page.get_by_role("button", name="Closer").click()
    settled(here)
    assert far(here.seen(SNN), end) > 5
    assert sent == []


def test_speed_and_loop(here):
    page, root = here.page, viewer(here)
    page.get_by_label("Speed of playing").select_option("60")
    page.get_by_role("button", name="Loop").click()
    marks(here).focus()
    page.keyboard.press(" ")
    # it comes by the beginning again and again
    for _ in range(2):
        expect(root).to_have_attribute("data-step", re.compile(r"^[1-9]$"))
        expect(root).to_have_attribute("data-step", re.compile(r"^[4-6][0-9]$"))
    page.get_by_role("button", name="Pause").click()


def test_the_curve_goes_to_a_moment(here):
    root = viewer(here)
    box = here.page.locator(".curve").bounding_box()
    here.page.locator(".curve").click(position={"x": box["width"] / 2, "y": 40})
    settled(here)
    step, last = (int(root.get_attribute(f"data-{name}")) for name in ("step", "steps"))
    assert abs(step - last / 2) < 0.1 * last
    # the cursor on the axis, and the slider's thumb below it
    cursor = here.page.locator(".curve .cursor").bounding_box()["x"]
    slider = here.page.get_by_role("slider", name="Timestep", exact=True)
    track = slider.bounding_box()
    thumb = track["x"] + 8 + (track["width"] - 16) * int(slider.input_value()) / last
    assert abs(cursor - thumb) < 1.5
    # half of the time is half of the axis
    assert abs(box["x"] + 58 + (box["width"] - 70) * step / last - cursor) < 1.5
    said = here.page.locator(".time .key").inner_text()
    assert re.search(r"SNN agrees with the ANN \d+\.\d+", said)
    assert "labels" in said


def test_the_curve_of_segments_comes_behind_the_pictures(here):
    root, page = viewer(here), here.page
    dots = page.locator(".curve circle.rand.dot")
    last = int(root.get_attribute("data-steps"))
    assert 3 <= dots.count() <= last
    key = page.locator(".time .key")
    at_end = float(re.search(r"V_Rand of the SNN ([\d.]+)", key.inner_text())[1])
    assert 0 < at_end <= 100
    assert re.search(r"V_Rand of the ANN [\d.]+", key.inner_text())
    places = [float(dot.get_attribute("cx")) for dot in dots.all()]
    assert places == sorted(places)
    expect(page.locator(".curve text", has_text="score (%)")).to_have_count(1)
    expect(page.locator(".curve text", has_text="timestep")).to_have_count(1)
    slider = page.get_by_role("slider", name="Timestep", exact=True)
    slider.focus()
    slider.press("Home")
    expect(key).not_to_contain_text(f"V_Rand of the SNN {at_end:.2f}")
    suited = lab.defaults(Settings().model)
    expect(key).to_contain_text("do pixels of one cell stay together")  # what V_Rand asks
    expect(key).to_contain_text(f"V_Rand here is at the threshold in use, {suited.threshold:g}")
    # between two moments the earlier one is told, greyed
    steps = [round((place - 58) / (places[-1] - 58) * last) for place in places]
    early = next(a for a, b in zip(steps, steps[1:], strict=False) if b - a > 2)
    for _ in range(early + 1):
        slider.press("ArrowRight")
    expect(root).to_have_attribute("data-step", str(early + 2))
    expect(key.locator(".rand.past")).to_contain_text(f"at step {early}")


def test_zoom_and_pan_are_linked(here):
    page = here.page
    whole = {pane: here.seen(pane) for pane in (EM, ANN)}
    marks(here, SNN).hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -600)
    page.keyboard.up("Control")
    settled(here)
    near = {pane: here.seen(pane) for pane in (EM, ANN)}
    for pane in near:
        assert far(near[pane], whole[pane]) > 5
    box = marks(here, EM).bounding_box()
    page.mouse.move(box["x"] + 150, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 110, steps=4)
    page.mouse.up()
    settled(here)
    moved = {pane: here.seen(pane) for pane in (EM, ANN)}
    ratio = moved[ANN].shape[1] / box["width"]
    right, down = round(60 * ratio), round(40 * ratio)
    for pane in near:  # what was seen has moved by as much as the hand, in all pictures
        kept = near[pane][down + 2 :, right + 2 :]
        assert far(moved[pane][2:-down, 2:-right], kept) < 0.1 * far(moved[pane], near[pane]) + 2
    assert page.locator(".inspector").is_hidden()  # a drag is no click
    page.get_by_role("button", name="Whole image").click()
    settled(here)
    for pane in whole:
        assert far(here.seen(pane), whole[pane]) < 0.5


def test_swipe_shows_one_layer_on_each_side(here):
    page = here.page
    page.get_by_role("button", name="Swipe").click()
    page.get_by_label("Layer in picture 1").select_option("em")
    page.get_by_label("Layer in picture 2").select_option("truth")
    assert marks(here, 0).bounding_box()["height"] < 0.65 * page.viewport_size["height"]
    divider = page.get_by_role("slider", name="Divider")
    divider.focus()
    divider.press("End")
    settled(here)
    left = here.seen(0)
    divider.press("Home")
    settled(here)
    right = here.seen(0)
    assert ((right[..., 0] < 30) | (right[..., 0] > 225)).mean() > 0.8
    box, handle = marks(here, 0).bounding_box(), divider.bounding_box()
    page.mouse.move(box["x"] + 1, handle["y"] + handle["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 100, steps=4)
    page.mouse.up()
    settled(here)
    both = here.seen(0)
    edge = both.shape[1] // 2
    assert far(both[:, : edge - 8], left[:, : edge - 8]) < 0.5
    assert far(both[:, edge + 8 :], right[:, edge + 8 :]) < 0.5


def test_layers_overlay_with_opacity_and_contrast(here):
    page = here.page
    em = here.seen(EM)
    page.get_by_role("button", name="Layers").click()
    page.get_by_label("contrast of EM image").fill("2")
    settled(here)
    hard = here.seen(EM)
    assert hard[..., 0].std() > em[..., 0].std() * 1.2
    page.locator("[data-layer=truth]").check()
    settled(here)
    mixed = here.seen(EM)
    over = page.get_by_role("slider", name="Opacity of what lies over")
    assert (
        over.count() == 1 and page.locator(".overlay").inner_text() == "Picture 1: Labels over EM"
    )
    over.fill("1")
    settled(here)
    truth = here.seen(EM)
    assert far(mixed, hard.astype(int) // 2 + truth // 2) < 3  # half and half
    page.locator("[data-layer=truth]").uncheck()
    expect(over).to_have_count(0)
    # without any layer it would be a blank square
    page.locator("[data-layer=em]").click()
    settled(here)
    assert page.locator("[data-layer=em]").is_checked()
    assert far(here.seen(EM), hard) < 0.5
    page.locator("[data-layer=snn]").check()
    page.locator("[data-layer=em]").uncheck()
    page.locator("[data-layer=snn]").uncheck()
    settled(here)
    assert page.locator("[data-layer=em]").is_checked()
    assert far(here.seen(EM), hard) < 0.5


def test_a_single_picture_begins_as_the_image_with_outlines_of_cells(here):
    page = here.page
    em = here.seen(EM)
    page.get_by_role("button", name="1", exact=True).click()
    settled(here)
    # the whole width is used: the player is beside it, and in sight
    stage, play = page.locator(".stage").first.bounding_box(), page.locator(".play").bounding_box()
    time, root = page.locator(".time").bounding_box(), viewer(here).bounding_box()
    assert stage["height"] > 500 and play["y"] + play["height"] < 900 and root["y"] < 140
    assert stage["x"] + stage["width"] < play["x"]
    assert time["x"] + time["width"] == pytest.approx(root["x"] + root["width"], abs=2)
    seen = here.seen(0).astype(int)
    coloured = np.abs(seen[..., 0] - seen[..., 1]) > 40
    assert 0.005 < coloured.mean() < 0.5 and em[..., :3].std(axis=2).max() < 2
    assert page.locator(".panes .note").first.inner_text().startswith("over EM")
    # outlines alone would be a blank square
    page.locator("[data-chip=truth]").click()
    page.locator("[data-chip=outlines]").click()
    settled(here)
    assert far(here.seen(0), seen) < 0.5
    # one slider, in sight without the panel, from the image alone to the outlines in full
    over = page.get_by_role("slider", name="Opacity of what lies over")
    assert over.input_value() == "1"
    over.fill("0")
    settled(here)
    assert far(here.seen(0)[..., :2], here.seen(0)[..., 1:3]) < 0.5


def test_cells_are_coloured_over_the_image_and_keep_their_colours(here):
    page = here.page
    page.get_by_role("button", name="1", exact=True).click()
    page.locator("[data-chip=cells]").click()
    assert page.locator(".overlay").inner_text() == "Cells over EM"
    over = page.get_by_role("slider", name="Opacity of what lies over")
    assert 0.3 < float(over.input_value()) < 0.6
    over.fill("1")
    settled(here)
    fills = {tuple(map(int, colour)) for colour in cell_figures.FILLS}
    end = here.seen(0)[..., :3]
    painted = np.isin(codes(end), [code(colour) for colour in fills])
    assert 0.3 < painted.mean() < 0.95
    met = {tuple(colour) for colour in np.unique(end[painted], axis=0).tolist()}
    assert met <= fills and len(met) > 6
    page.get_by_role("button", name="One step back").click()
    settled(here)
    before = here.seen(0)[..., :3]
    both = painted & np.isin(codes(before), [code(colour) for colour in fills])
    assert (codes(before) == codes(end))[both].mean() > 0.9


def code(colour):
    return (int(colour[0]) << 16) + (int(colour[1]) << 8) + int(colour[2])


def codes(picture):
    red, green, blue = (picture[..., i].astype(int) for i in range(3))
    return (red << 16) + (green << 8) + blue


def test_pieces_of_a_mask_are_those_that_scipy_finds(here):
    values = np.random.default_rng(5).integers(0, 256, (61, 47)).astype(np.uint8)
    text = (bundle.FOLDER / "js" / "cells.js").read_text("utf-8").replace("export ", "")
    for cut in (90, 120, 254):
        found = here.page.evaluate(
            "([values, width, cut]) => {"
            + text
            + """
                const found = pieces(Uint8Array.from(values), width, cut)
                return [...found.numbers, found.count]
            }""",
            [values.ravel().tolist(), values.shape[1], cut],
        )
        numbers, count = ndimage.label(values > cut)
        assert found.pop() == count
        found = np.reshape(found, values.shape)
        assert np.array_equal(found > 0, numbers > 0)
        pairs = np.unique(np.stack([found.ravel(), numbers.ravel()]), axis=1)
        assert pairs.shape[1] == len(np.unique(numbers))


def test_a_layer_that_is_ticked_never_halves_the_one_below(here):
    page = here.page
    page.get_by_role("button", name="1", exact=True).click()
    page.locator("[data-chip=snn]").click()
    page.get_by_role("button", name="Layers").click()
    page.locator("[data-layer=em]").check()
    over = page.get_by_role("slider", name="Opacity of what lies over")
    assert over.input_value() == "0.5"
    # the image is there in full: what lies above is taken away by the slider alone
    for _ in range(10):
        over.press("ArrowLeft")
    settled(here)
    alone = here.seen(0)
    page.locator("[data-chip=em]").click()
    settled(here)
    assert far(here.seen(0), alone) < 0.5


def test_all_layers_can_be_shown(here):
    page = here.page
    page.get_by_role("button", name="1", exact=True).click()
    slider = page.get_by_role("slider", name="Timestep", exact=True)
    slider.focus()
    slider.press("Home")
    for _ in range(5):
        slider.press("ArrowRight")
    seen = {}
    for chip in page.locator(".chips button").all():
        name = chip.get_attribute("data-chip")
        chip.click()
        expect(page.locator(".panes .note").first).not_to_contain_text("loading")
        settled(here)
        seen[name] = here.seen(0)
        assert np.unique(seen[name].reshape(-1, 4), axis=0).shape[0] > 1, name
    assert len(seen) == 12
    names = list(seen)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            assert far(seen[one], seen[other]) > 1, (one, other)


# where in a raster the last coloured mark ends, and where its axis of time does
RIGHTMOST = """canvas => {
    const { width, height } = canvas
    const seen = canvas.getContext("2d").getImageData(0, 0, width, height).data
    let last = 0
    for (let i = 0; i < seen.length; i += 4) {
        const [r, g, b, a] = seen.slice(i, i + 4)
        const coloured = a > 200 && Math.max(r, g, b) - Math.min(r, g, b) > 60
        if (coloured) last = Math.max(last, (i / 4) % width)
    }
    const ratio = width / canvas.clientWidth
    return [last / ratio, canvas.clientWidth - 10]
}"""


def test_a_click_shows_the_neurons_behind_the_pixel(here):
    page = here.page
    marks(here).click(position={"x": 100, "y": 80})
    article = page.locator(".inspector article")
    expect(article).to_have_count(1)
    expect(article.locator(".raster canvas")).to_be_visible()
    said = page.locator(".inspector .says").first
    expect(said).to_contain_text("neurons at row")
    expect(said).to_contain_text("spikes and see")
    # the ANN's activations come later: it has to start first
    expect(article.locator(".pairs .which")).to_contain_text("mean difference")
    off = float(re.search(r"difference ([\d.]+)", article.locator(".pairs .which").inner_text())[1])
    assert off < 0.1
    # what is told of the readout is what the picture shows
    told = re.search(r"= ([\d.]+)\. r:", article.locator(".rule").inner_text())[1]
    text = said.inner_text()
    shown = re.search(r"SNN ([\d.]+)", text)[1]
    # whether it is right, from the probabilities and the label that are told
    truth = re.search(r"labelled (cell|membrane)", text)[1]
    ann = re.search(r"ANN ([\d.]+)", text)[1]
    # each by the threshold that the model comes with
    both = ((ann, OWN.ann_at), (shown, OWN.threshold))
    right = tuple((float(value) > at) == (truth == "cell") for value, at in both)
    verdict = {
        (True, True): "both are right", (False, False): "both are wrong",
        (True, False): "only the SNN is wrong", (False, True): "only the ANN is wrong",
    }  # fmt: skip
    assert verdict[right] in text
    assert told == shown
    expect(said).to_contain_text("those in the dashed box")
    assert "at the dashed line a neuron spikes" in article.locator(".potential .which").inner_text()
    channels = [int(text) for text in article.locator(".channels").inner_text().split()[1:]]
    assert channels and channels == sorted(channels)
    # a spike stands at the end of its step: that of the last one at the end of the axis
    right, end = article.locator(".raster canvas").evaluate(RIGHTMOST)
    assert end - 1 < right <= end + 4
    page.get_by_role("button", name="Spikes behind A").click()
    expect(article.locator(".raster canvas")).to_be_in_viewport(ratio=0.9)
    expect(page.locator(".live")).to_contain_text("Place A, row")
    names = page.get_by_label("Layer to look into")
    names.select_option(index=0)
    expect(said).to_contain_text("see 1 × 1 pixels, those in the solid box")
    marks(here).click(position={"x": 200, "y": 160}, modifiers=["Shift"])
    expect(article).to_have_count(2)
    titles = article.locator(".title").all_inner_texts()
    assert titles[0] != titles[1]
    marks(here).focus()
    page.keyboard.press("Escape")
    expect(page.locator(".inspector")).to_be_hidden()


def test_a_click_sends_the_pictures_no_second_time(here):
    got = received_by(here)
    marks(here).click(position={"x": 120, "y": 120})
    expect(here.page.locator(".inspector .raster canvas")).to_be_visible()
    assert 1000 < sum(got) < 250_000
    turn_to(here.page, "Rates")
    here.page.wait_for_selector(".js-plotly-plot .main-svg")
    turn_to(here.page, "Segment")
    here.pictures()
    # the place is still chosen
    expect(here.page.locator(".inspector .raster canvas")).to_be_visible()


def test_a_box_gives_its_rates(here):
    page = here.page
    page.get_by_role("button", name="Box").click()
    box = marks(here).bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 100, steps=4)
    page.mouse.up()
    table = page.locator(".region table")
    expect(table).to_be_visible()
    assert table.locator("tbody tr").count() > 3
    expect(page.locator(".region .says")).to_contain_text("SNN and ANN agree on")
    spikes = [
        int(text.replace(",", "")) for text in table.locator("td:last-child").all_inner_texts()
    ]
    assert all(count >= 0 for count in spikes)
    assert sum(spikes) > 0


def test_everything_by_keyboard(here):
    page, root = here.page, viewer(here)
    last = root.get_attribute("data-steps")
    marks(here, EM).focus()
    page.keyboard.press("Home")
    expect(root).to_have_attribute("data-step", "1")
    page.keyboard.press(".")
    page.keyboard.press(".")
    page.keyboard.press(",")
    expect(root).to_have_attribute("data-step", "2")
    page.keyboard.press("End")
    expect(root).to_have_attribute("data-step", last)
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("+")
    page.keyboard.press("+")
    expect(root).to_have_attribute("data-zoom", "1.96")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("0")
    expect(root).to_have_attribute("data-zoom", "1.00")
    for key, count in (("2", 2), ("1", 1), ("v", 1), ("4", 4)):
        page.keyboard.press(key)
        expect(page.locator(".stage:visible")).to_have_count(count)
    page.keyboard.press("n")
    expect(page.get_by_label("Layer in picture 1")).to_have_value("truth")
    page.keyboard.press("Shift+N")
    expect(page.get_by_label("Layer in picture 1")).to_have_value("em")
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Magnifier")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("m")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Mask", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.keyboard.press("p")
    page.keyboard.press("o")
    expect(page.get_by_text("Layers of picture 1")).to_be_visible()
    page.keyboard.press("o")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("play or pause")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    marks(here, EM).focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.locator(".live")).to_contain_text("row")
    page.keyboard.press("b")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("b")
    expect(page.locator(".region table")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".inspector .raster canvas")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".inspector .raster canvas")).to_have_count(2)


def test_keys_stay_with_whoever_is_typing(here):
    here.page.get_by_role("button", name="Layers").click()
    size = here.page.get_by_role("spinbutton", name="Size of a pixel")
    size.fill("")
    size.press_sequentially("42")
    expect(here.page.locator(".stage:visible")).to_have_count(4)
    size.press("Tab")
    assert size.input_value() == "42"


def test_fingers_pinch_drag_and_tap(visitor):
    one = visitor(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open()
    root = one.pictures()
    page = one.page
    expect(page.locator(".stage:visible")).to_have_count(1)
    canvas = marks(one, 0)
    canvas.scroll_into_view_if_needed()
    assert canvas.bounding_box()["width"] > 300
    canvas.tap(position={"x": 60, "y": 60})
    expect(page.locator(".inspector .raster canvas")).to_be_visible()
    expect(page.get_by_role("button", name="Spikes behind A")).to_be_in_viewport()
    expect(page.locator(".values")).to_contain_text("Pinch with two fingers")
    page.get_by_role("button", name="List of keys").tap()
    expect(page.get_by_role("dialog")).to_contain_text("Tap a pixel")
    expect(page.get_by_role("dialog").get_by_text("With a mouse")).to_be_hidden()
    page.get_by_role("button", name="Close").last.tap()
    expect(page.get_by_role("dialog")).to_be_hidden()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    x, y = box["x"] + 150, box["y"] + 150
    touch = one.context.new_cdp_session(page)

    def fingers(kind, *points):
        places = [{"x": px, "y": py, "id": i} for i, (px, py) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    fingers("touchStart", (x - 20, y))
    fingers("touchStart", (x - 20, y), (x + 20, y))
    for spread in (30, 40, 50, 60):
        fingers("touchMove", (x - spread, y), (x + spread, y))
    fingers("touchEnd")
    expect(root).to_have_attribute("data-zoom", re.compile(r"^[2-4]\."))
    settled(one)
    before = one.seen(0)
    fingers("touchStart", (x, y))
    for dx in (10, 30, 50, 70):
        fingers("touchMove", (x + dx, y))
    fingers("touchEnd")
    settled(one)
    assert far(one.seen(0), before) > 3
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_panes_stand_beside_each_other_on_a_phone(visitor):
    one = visitor(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open()
    one.pictures()
    page = one.page
    for layout, tops in (("4", ["em", "ann", "snn", "difference"]), ("2", ["ann", "snn"])):
        page.get_by_role("button", name=layout, exact=True).tap()
        panes = page.locator(".panes figure:visible")
        expect(panes).to_have_count(len(tops))
        settled(one)
        assert panes.locator("select").evaluate_all("all => all.map(e => e.value)") == tops
        parts = panes.evaluate_all(
            """panes => panes.map(pane =>
                [...pane.querySelectorAll("select, .note, .legend, .stage")].map(part => {
                    const { left, right } = part.getBoundingClientRect()
                    return [left, right]
                }))"""
        )
        for index, sides in enumerate(parts):
            low, high = ((0, 195), (195, 390))[index % 2]  # the screen's left or right half
            assert all(low <= left <= right <= high for left, right in sides), (layout, index)
    # once a pixel is chosen, what leads to its neurons leaves the picture's scale free
    page.get_by_role("button", name="1", exact=True).tap()
    marks(one, 0).tap(position={"x": 60, "y": 60})
    below, stage = page.locator(".below").bounding_box(), marks(one, 0).bounding_box()
    assert below["x"] > stage["x"] + stage["width"] / 2 - 20


def test_less_motion_plays_slowly(visitor):
    one = visitor(reduced_motion="reduce").open()
    one.pictures()
    assert one.page.get_by_label("Speed of playing").input_value() == "2"


# where on the screen a dot, or the top of a bar, is
POSITION = """(plot, [trace, index]) => {
    const { xaxis, yaxis } = plot._fullLayout
    const { x, y } = plot._fullData.at(trace)
    const box = plot.querySelector(".nsewdrag").getBoundingClientRect()
    const high = yaxis.type === "log" ? Math.log10(y[index]) : y[index]
    return [box.left + xaxis.l2p(x[index]), box.top + yaxis.l2p(high)]
}"""


def click_chart(here, chart, trace, index=0, below=0):
    """Click a dot or bar of a chart, once Plotly has noticed the mouse over it."""
    plot = here.page.locator(f".st-key-{chart} .js-plotly-plot")
    plot.locator(".main-svg").first.wait_for()
    for _ in range(20):  # the page may still be growing under the mouse
        plot.evaluate("plot => plot.scrollIntoView({ block: 'center' })")  # clear of its head
        here.page.wait_for_timeout(700)
        x, y = plot.evaluate(POSITION, [trace, index])
        here.page.mouse.move(x - 2, y + below)
        here.page.mouse.move(x, y + below)
        here.page.wait_for_timeout(700)
        if plot.locator(".hoverlayer .hovertext").count():
            return here.page.mouse.click(x, y + below)
    pytest.fail("Plotly did not notice the mouse")


def test_a_dot_of_the_raster_lights_up_its_place_and_back(here):
    page = here.page
    turn_to(page, "Spikes")
    here.pictures()
    click_chart(here, "raster", -1)
    root = viewer(here)
    expect(root).to_have_attribute("data-places", re.compile(r"^\d+,\d+$"))
    first = root.get_attribute("data-places")
    row, column = map(int, first.split(","))
    # the layer of the dot is looked into, at the place of the dot
    expect(page.get_by_role("spinbutton", name="Row")).to_have_value(str(row))
    expect(page.get_by_role("spinbutton", name="Column")).to_have_value(str(column))
    marks(here, 0).scroll_into_view_if_needed()
    marks(here, 0).click(position={"x": 30, "y": 30})
    expect(root).not_to_have_attribute("data-places", first)
    expect(page.get_by_role("spinbutton", name="Row")).not_to_have_value(str(row))
    place = root.get_attribute("data-places")
    # and the place goes along to the other pages
    turn_to(page, "Segment")
    expect(root).to_have_attribute("data-places", place)
    expect(page.locator(".inspector .raster canvas")).to_be_visible()


def test_a_bar_of_the_rates_marks_its_neurons(here):
    page = here.page
    turn_to(page, "Rates")
    here.pictures()
    root = viewer(here)
    expect(root).to_have_attribute("data-spots", "0")
    click_chart(here, "histogram", 0, 3, below=20)
    expect(root).to_have_attribute("data-spots", re.compile(r"^[1-9]\d*$"))
    before = root.get_attribute("data-places")
    click_chart(here, "scatter", 1, 5)
    expect(root).not_to_have_attribute("data-places", before)
    before = root.get_attribute("data-places")
    layer = page.get_by_role("combobox", name="Layer").last
    click_small(here, 3)
    expect(root).not_to_have_attribute("data-places", before)
    expect(layer).not_to_have_value(re.compile("^up0"))


def click_small(here, trace):
    """Click the dot that lies alone in one of the small figures."""
    plot = here.page.locator(".st-key-multiples .js-plotly-plot")
    plot.locator(".main-svg").first.wait_for()
    for _ in range(20):
        plot.evaluate("plot => plot.scrollIntoView({ block: 'start' })")
        here.page.mouse.wheel(0, -120)
        here.page.wait_for_timeout(700)
        dots = plot.locator(".subplot.x2y2 .points path")
        box = dots.nth(trace).bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        here.page.mouse.move(x - 2, y)
        here.page.mouse.move(x, y)
        here.page.wait_for_timeout(700)
        if plot.locator(".hoverlayer .hovertext").count():
            return here.page.mouse.click(x, y)
    pytest.fail("Plotly did not notice the mouse")


def test_reduced_pictures_are_means(browser):
    """Against NumPy: blocks of 2 x 2, and at odd edges of what there is."""
    text = bundle.FOLDER.joinpath("js/reduce.js").read_text().replace("export ", "")
    page = browser.new_page()
    random = np.random.default_rng(3)
    for height, width in ((8, 8), (7, 12), (33, 21)):
        values = random.integers(0, 256, (height, width))
        for level in (0, 1, 2):
            expected = values.astype(int)
            for _ in range(level):
                padded = np.pad(expected, [(0, side % 2) for side in expected.shape], "edge")
                blocks = padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2)
                expected = (blocks.sum((1, 3)) + 2) // 4
            top, left = 1, 0
            high, wide = expected.shape[0] - 1, expected.shape[1]
            part = {"top": top, "left": left, "high": high, "wide": wide}
            found = page.evaluate(
                f"([values, ...more]) => {{ {text}; "
                "return [...halved(Uint8Array.from(values), ...more)] }",
                [values.ravel().tolist(), height, width, level, part],
            )
            assert np.array_equal(np.reshape(found, (high, wide)), expected[top:])
    page.close()


def test_a_large_picture_that_runs_looks_as_it_does_standing(visitor):
    one = visitor().open("/?steps=8&lo=900&hi=1000")
    one.pictures()
    grey = ndimage.gaussian_filter(np.random.default_rng(1).random((800, 816)), 5)
    file = io.BytesIO()
    Image.fromarray((255 * (grey > grey.mean()) * 0.6 + 60).astype(np.uint8)).save(file, "PNG")
    one.page.get_by_role("radio", name="Upload").click()
    large = {"name": "large.png", "mimeType": "image/png", "buffer": file.getvalue()}
    one.give("upload", large)
    expect(one.page.locator(".st-key-status")).to_contain_text("large.png · 816 × 800 px")
    one.up_to_date()
    # without labels there are no scores to wait for, but for the earlier picture there were
    expect(one.pictures()).to_have_attribute("data-scored", "true")
    expect(one.page.locator('.marks[data-pane="0"]')).to_have_attribute(
        "aria-label", re.compile("816 by 800")
    )
    slider = one.page.get_by_role("slider", name="Timestep", exact=True)
    run = """(slider, place) => new Promise((done) => {
        slider.value = place
        slider.dispatchEvent(new Event("input"))
        requestAnimationFrame(() => requestAnimationFrame(done))
    })"""
    for zoom in (0, 4):
        for _ in range(zoom):
            one.page.get_by_role("button", name="Closer").click()
        looks = {}
        for place in (1, 5):
            slider.evaluate(run, place)
            running = {pane: one.seen(pane) for pane in (SNN, DIFFERENCE)}
            one.page.wait_for_timeout(500)
            looks[place] = {pane: one.seen(pane) for pane in running}
            for pane, picture in running.items():
                apart = far(on_white(picture), on_white(looks[place][pane]))
                assert apart < (4 if pane == SNN else 8), (zoom, place, pane)
        assert far(looks[1][SNN], looks[5][SNN]) > 4


def test_any_part_of_a_large_picture_can_be_looked_into(visitor):
    one = visitor().open("/?steps=8&lo=450&hi=900")
    one.pictures()
    grey = ndimage.gaussian_filter(np.random.default_rng(2).random((800, 816)), 5)
    file = io.BytesIO()
    Image.fromarray((255 * (grey > grey.mean()) * 0.6 + 60).astype(np.uint8)).save(file, "PNG")
    one.page.get_by_role("radio", name="Upload").click()
    one.give("upload", {"name": "large.png", "mimeType": "image/png", "buffer": file.getvalue()})
    expect(one.page.locator(".st-key-status")).to_contain_text("large.png · 816 × 800 px")
    one.up_to_date()
    one.pictures()
    told = one.page.get_by_text("This image is large")
    expect(told).to_contain_text("rows 336 to 463, columns 336 to 463")
    expect(told).to_contain_text("the same as in a run of the whole image")
    # far from the middle: the neurons there are shown, and the part follows
    marks(one).click(position={"x": 12, "y": 10})
    expect(told).to_contain_text("rows 0 to 127, columns 0 to 127")
    expect(one.page.locator(".inspector .trouble")).to_be_hidden()
    row, column = map(int, viewer(one).get_attribute("data-places").split(","))
    assert row < 128 and column < 128
    turn_to(one.page, "Spikes")
    part = one.page.get_by_text("of rows 0 to 127, columns 0 to 127", exact=False)
    expect(part.first).to_be_visible()
    one.quiet()
    assert not one.errors


def test_the_place_is_in_the_address_and_comes_back_elsewhere(here, visitor):
    page = here.page
    marks(here).click(position={"x": 100, "y": 80})
    expect(viewer(here)).to_have_attribute("data-places", re.compile(r"^\d+,\d+$"))
    page.wait_for_url(re.compile(r"[?&]at=\d+-\d+(&|$)"))
    marks(here).click(position={"x": 200, "y": 160}, modifiers=["Shift"])
    page.wait_for_url(re.compile(r"[?&]at=\d+-\d+-\d+-\d+(&|$)"))
    places = viewer(here).get_attribute("data-places")
    turn_to(page, "Rates")  # it goes along
    page.wait_for_url(re.compile(r"/rates\?.*at="))
    page.get_by_role("button", name="Share").click()
    shared = page.locator("[data-testid=stPopoverBody] code").inner_text().strip()
    for address in (page.url, shared):
        other = visitor()
        other.page.goto(address)
        expect(other.pictures()).to_have_attribute("data-places", places)
        expect(other.page.get_by_text("Out of date")).to_have_count(0)


def test_letting_a_place_go_takes_it_out_of_the_address(here):
    page = here.page
    marks(here).click(position={"x": 100, "y": 80})
    page.wait_for_url(re.compile("at="))
    marks(here).focus()
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile("^((?!at=).)*$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_with_everything_open(visitor, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="not installed")
    one = visitor(color_scheme=scheme).open()
    one.pictures()
    page = one.page

    def grave():
        found = axe.Axe().run(page, options={"resultTypes": ["violations"]})
        return [
            (fault["id"], node["html"][:200], node["failureSummary"][:300])
            for fault in found.response["violations"]
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
            if isinstance(node["target"][0], list)  # inside a component; pages have their own test
        ]

    page.get_by_role("button", name="Layers").click()
    marks(one).click(position={"x": 100, "y": 80})
    expect(page.locator(".inspector .raster canvas")).to_be_visible()
    marks(one).focus()
    for key in ("b", "ArrowDown", "ArrowRight", "b"):
        page.keyboard.press(key)
    expect(page.locator(".region table")).to_be_visible()
    assert grave() == []
    page.get_by_role("button", name="Swipe").click()
    page.get_by_role("button", name="List of keys").click()
    assert grave() == []
