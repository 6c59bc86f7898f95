"""The page that travels, opened from disk without a network."""

import base64
import re

import numpy as np

from snnlab.lab import segmenting as lab
from snnlab.lab import viewing
from snnlab.ui.segment import travelling
from snnlab.ui.segment.viewer import packing

# asks as the viewer does; what comes back is what the page knows, and behind it the answer
ASK = """places => new Promise(done => {
    const desk = globalThis[Symbol.for("snnlab.viewer")]
    const hear = desk.hear
    desk.hear = bytes => {
        desk.hear = hear
        let text = ""
        for (const byte of bytes) text += String.fromCharCode(byte)
        done(btoa(text))
    }
    desk.ask({ want: "column", serial: 77, result: "any", places })
})"""


SIDES = ("width", "height")


def misled(result) -> tuple[int, int]:
    """A pixel of the window whose probability and shade end in different digits."""
    exact = result.snn()
    shades = np.rint(255 * exact) / 255
    near = exact * 100 - np.rint(exact * 100)  # not where float32 may decide
    wrong = (np.round(exact, 2) != np.round(shades, 2)) & (np.abs(np.abs(near) - 0.5) > 0.05)
    wrong[:8], wrong[120:], wrong[:, :136], wrong[:, 248:] = False, False, False, False
    rows, columns = np.nonzero(wrong)
    return int(rows[0]), int(columns[0])


def test_it_plays_and_answers_from_disk_with_the_labs_spikes(browser, tmp_path):
    result = lab.default_result()
    file = tmp_path / "page.html"
    file.write_bytes(travelling.html(result, (60, 200)))
    context = browser.new_context(viewport={"width": 1200, "height": 900}, offline=True)
    page, wrong, asked = context.new_page(), [], []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    viewer = page.locator(".viewer[data-ready=true]")
    viewer.wait_for()
    assert viewer.get_attribute("data-step") == str(result.timesteps)
    page.get_by_role("slider", name="Timestep").fill("5")
    page.locator(".viewer[data-step='5']").wait_for()  # it is drawn in the next frame
    for row, column in ((60, 200), (3, 140)):
        message = base64.b64decode(page.evaluate(ASK, [[row, column]]))
        told, answer = packing.header(message), message[4 + int.from_bytes(message[:4], "little") :]
        header, arrays = packing.opened(answer)
        column_told = viewing.column(result, row, column)[-1]
        assert told["places"] == [[row, column]] and header["serial"] == 77
        (layer,) = header["columns"][0]["layers"]
        assert layer["field"] == list(column_told.field)
        assert (layer["row"], layer["column"]) == (column_told.row, column_told.column)
        spikes = arrays["spikes0"].reshape(result.timesteps, -1)
        assert np.array_equal(spikes, column_told.spikes)
        assert np.allclose(arrays["reached0"], column_told.reached, rtol=1e-6)
    outside = base64.b64decode(page.evaluate(ASK, [[250, 3]]))
    answer = outside[4 + int.from_bytes(outside[:4], "little") :]
    assert "rows 0 to 127 and columns 128 to 255" in packing.header(answer)["error"]
    # by hand: the panel tells of the neurons behind the place, of whose probability the pictures'
    # shade would give another digit
    row, column = misled(result)
    box = page.locator(".panes canvas").first.bounding_box()
    place = ((column + 0.5) / 256, (row + 0.5) / 256)
    page.mouse.click(*(box[a] + box[b] * at for a, b, at in zip("xy", SIDES, place, strict=True)))
    page.get_by_text("ANN activation and rate reached").first.wait_for()
    panel = page.locator(".inspector article")
    panel.get_by_text("neurons at row").wait_for()
    assert panel.locator(".title").inner_text() == f"row {row}, column {column}"
    exact = f"{result.snn()[row, column]:.2f}"
    assert re.search(r"SNN ([\d.]+) at the end", panel.locator(".says").inner_text())[1] == exact
    assert re.search(r"= ([\d.]+)\. r:", panel.locator(".rule").inner_text())[1] == exact
    page.get_by_role("slider", name="Timestep").fill(str(result.timesteps))
    page.locator(f".viewer[data-step='{result.timesteps}']").wait_for()
    line = page.locator(".values").inner_text().replace("−", "-")
    ann, snn, apart = re.search(
        r"ANN ([\d.]+) · SNN ([\d.]+) · difference ([-\d.]+)", line
    ).groups()
    assert snn == exact and f"{float(snn) - float(ann):.2f}" == apart
    assert wrong == [] and asked == [file.as_uri()]
    context.close()
