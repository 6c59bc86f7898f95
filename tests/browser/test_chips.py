"""The board of chips as a visitor meets it."""

import re

import pytest
from playwright.sync_api import expect

from tools.turning import turn_to

PATIENCE = 240_000  # ms
expect.set_options(timeout=PATIENCE)


def board(here):
    here.page.wait_for_selector(".chips[data-ready=true]")
    return here.page.locator(".chips[data-ready]")


def colours(page, index=0):
    """How many colours a board shows."""
    return page.locator(f"canvas[data-board='{index}']").evaluate(
        """canvas => {
            const { width, height } = canvas
            const seen = canvas.getContext("2d").getImageData(0, 0, width, height)
            return new Set(new Uint32Array(seen.data.buffer)).size
        }"""
    )


def seen(page):
    """The first board as a picture, after everything that was asked for is drawn."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.locator("canvas[data-board='0']").evaluate("canvas => canvas.toDataURL()")


def test_opens_with_two_boards_and_a_core(visitor):
    here = visitor().open("/chips")
    root = board(here)
    assert root.get_attribute("data-boards") == "co-design greedy-interchip"
    for index in (0, 1):
        assert colours(here.page, index) > 10
    expect(root.locator(".who")).to_contain_text("A core of")
    expect(root.locator(".limit")).to_have_count(4)
    assert here.page.get_by_text("Still on the board").count() == 0


def test_a_click_and_the_keys_choose_a_core(visitor):
    here = visitor().open("/chips")
    root = board(here)
    canvas = here.page.locator("canvas[data-board='0']")
    canvas.click(position={"x": 9, "y": 26})  # the first core of chip 0
    expect(root.locator(".who")).to_contain_text("on chip 0 (co-design)")
    expect(root.get_by_role("button", name="of the core")).to_have_attribute("aria-pressed", "true")
    first = root.get_attribute("data-core")
    before = seen(here.page)
    canvas.focus()
    canvas.press("ArrowRight")
    second = root.get_attribute("data-core")
    assert second != first
    assert seen(here.page) != before
    canvas.press("ArrowLeft")
    assert root.get_attribute("data-core") == first
    # a click on the image goes to the core of the same layer that lies there
    layer = re.search(r"A core of (\S+),", root.locator(".who").inner_text())[1]
    root.locator(".patch canvas").click(position={"x": 150, "y": 150})
    assert root.get_attribute("data-core") not in (first, second)
    expect(root.locator(".who")).to_contain_text(f"A core of {layer},")


def test_colours_and_playing_need_no_server(visitor):
    here, sent = visitor(), []
    here.page.on(
        "websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame))
    )
    root = board(here.open("/chips"))
    here.page.wait_for_timeout(1000)  # what the page itself has to say
    assert sent
    sent.clear()
    looks = [seen(here.page)]
    for value in ("limit0", "limit1", "limit2", "limit3", "sent", "received"):
        here.page.locator("select.colour").select_option(value)
        looks.append(seen(here.page))
    assert len(set(looks)) == len(looks)
    here.page.locator("select.colour").select_option("layer")
    last = int(root.get_attribute("data-frames"))
    slider = root.get_by_role("slider", name="Timestep", exact=True)
    slider.focus()
    slider.press("End")
    for _ in range(6):
        slider.press("ArrowLeft")
    expect(root).to_have_attribute("data-frame", str(last - 6))
    root.get_by_role("button", name="Play").click()
    expect(root.get_by_role("button", name="Pause")).to_be_visible()
    expect(root.get_by_role("button", name="Play")).to_be_visible(timeout=60_000)
    assert root.get_attribute("data-frame") == str(last)
    expect(root.locator(".says")).to_contain_text(f"Step {last} of {last}")
    slider.press("Home")
    expect(root.locator(".says")).to_contain_text("Whole run")
    slider.press("ArrowRight")
    expect(root).to_have_attribute("data-frame", "1")
    assert sent == []


def test_who_asked_for_little_motion_gets_few_pictures(visitor):
    here = visitor(reduced_motion="reduce").open("/chips")
    root = board(here)
    root.get_by_role("button", name="Play").click()
    here.page.wait_for_timeout(2500)
    root.get_by_role("button", name="Pause").click()
    # about every second one, a twelfth of the run further
    last, now = (int(root.get_attribute(name)) for name in ("data-frames", "data-frame"))
    assert 0 < now <= 3 * -(-last // 12)


def test_another_partitioner_comes_beside_it_and_tables_can_be_taken_away(visitor):
    here = visitor().open("/chips")
    root = board(here)
    here.page.get_by_text("What is mapped, and how", exact=True).click()
    here.quiet()  # a list that opens while its place still moves closes again
    here.page.get_by_role("combobox", name="Compare with").click()
    here.page.get_by_role("option", name="round-robin", exact=True).click()
    expect(root).to_have_attribute("data-boards", "co-design round-robin")
    with here.page.expect_download() as started:
        here.page.get_by_role("button", name="Cores, round-robin (CSV)").click()
    name = started.value.suggested_filename
    assert name == "synthetic-256-loihi-200-steps-tile-64-cores-round-robin.csv"
    lines = started.value.path().read_text().splitlines()
    assert lines[0].startswith("core,chip,layer")
    assert len(lines) == int(root.get_attribute("data-cores")) + 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_screen_shows_the_board_and_scrolls_one_way(visitor, scheme):
    here = visitor(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, color_scheme=scheme
    ).open("/chips")
    board(here)
    here.page.wait_for_selector(".js-plotly-plot .main-svg")
    assert here.page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(here.page.locator(".under")).to_contain_text("Tap a core.")
    canvas = here.page.locator("canvas[data-board='0']")
    # in sight without a swipe, and not only its edge
    assert canvas.evaluate("canvas => canvas.getBoundingClientRect().top") < 844 * 2 / 3
    canvas.scroll_into_view_if_needed()
    # cores are as large as a finger needs: the first two are 24 px apart
    canvas.tap(position={"x": 17, "y": 34})
    expect(here.page.locator(".who")).to_contain_text("on chip 0")
    block = here.page.locator(".chosen .block")
    first = block.inner_text()
    canvas.tap(position={"x": 5 + 22, "y": 23 + 22})  # the far corner of the first one
    expect(block).to_have_text(first)
    canvas.tap(position={"x": 6 + 24 + 12, "y": 34})
    expect(block).not_to_have_text(first)


def test_a_core_lights_up_in_the_image_and_a_place_there_leads_to_a_core(visitor):
    here = visitor().open("/chips")
    root, image = board(here), here.pictures()
    page = here.page
    page.locator("canvas[data-board='0']").click(position={"x": 9, "y": 26})
    patches = {}
    for key in (None, "ArrowDown", "ArrowDown", "ArrowRight"):
        if key:
            page.locator("canvas[data-board='0']").press(key)
        core = root.get_attribute("data-core")
        expect(image).to_have_attribute("data-core", re.compile(r"^[\d.]+(,[\d.]+){3}$"))
        page.wait_for_timeout(100)
        patches[core] = [float(part) for part in image.get_attribute("data-core").split(",")]
    assert len(patches) == 4
    assert len(set(map(tuple, patches.values()))) > 1
    # each patch is the block's share of the tile, as the text beside the board says it
    tall, wide, _ = map(int, re.findall(r"of (\d+) × (\d+) × (\d+)", said := block(root))[0])
    rows, columns = (re.search(rf"{axis} (\d+)(?:–(\d+))?", said) for axis in ("rows", "columns"))
    top, left, height, width = patches[core]
    assert height / 64 == pytest.approx(length(rows) / tall)
    assert width / 64 == pytest.approx(length(columns) / wide)
    # and back: a click into the tile chooses the core of the same layer that lies there
    layer = re.search(r"A core of (\S+),", root.locator(".who").inner_text())[1]
    marks = page.locator('.viewer .marks[data-pane="0"]')
    marks.scroll_into_view_if_needed()
    size = marks.bounding_box()["width"] / 256
    row, column = (96 + (24 if at < 32 else -24) + 32 for at in (top - 96, left - 96))
    marks.click(position={"x": column * size, "y": row * size})
    expect(root.locator(".who")).to_contain_text(f"A core of {layer},")
    expect(image).to_have_attribute("data-places", re.compile(r"^\d+,\d+$"))
    row, column = map(int, image.get_attribute("data-places").split(","))
    top, left, height, width = map(float, image.get_attribute("data-core").split(","))
    assert top <= row < top + height
    assert left <= column < left + width
    # on another page no core is lit, and the place is the same
    turn_to(page, "Segment")
    expect(image).to_have_attribute("data-places", f"{row},{column}")
    expect(image).to_have_attribute("data-core", "")


def test_a_pixel_chosen_before_the_board_was_opened_leads_to_a_core(visitor):
    here = visitor().open()
    here.pictures()
    middle = here.page.locator('.viewer .marks[data-pane="0"]').bounding_box()["width"] / 2
    here.page.locator('.viewer .marks[data-pane="0"]').click(position={"x": middle, "y": middle})
    expect(here.page.locator(".viewer")).to_have_attribute("data-places", re.compile(r"^\d+,\d+$"))
    row, column = map(int, here.page.locator(".viewer").get_attribute("data-places").split(","))
    turn_to(here.page, "Chips")
    board(here)
    image = here.page.locator(".viewer")
    expect(image).to_have_attribute("data-core", re.compile(r"^[\d.]+(,[\d.]+){3}$"))
    top, left, height, width = map(float, image.get_attribute("data-core").split(","))
    assert top <= row < top + height
    assert left <= column < left + width


def test_the_report_has_the_partitions_once_they_were_seen(visitor):
    here = visitor().open("/chips")
    board(here)
    here.page.get_by_role("button", name="Download", exact=True).click()
    with here.page.expect_download() as started:
        here.page.get_by_role("button", name="Report (HTML)").click()
    text = started.value.path().read_text()
    assert "On Loihi&#39;s cores and chips" in text
    assert "<td>round-robin</td>" in text


def block(root) -> str:
    return root.locator(".block").inner_text()


def length(span) -> int:
    first, last = int(span[1]), int(span[2] or span[1])
    return last - first + 1
