"""The lab's own components, called as Streamlit calls them: what is over may end late."""

import pytest

from snnlab.lab import segmenting as lab
from snnlab.ui.chips import board
from snnlab.ui.segment.viewer import bundle, packing
from tests import chip_mappings

LIMITS = {"compartments": ("Compartments", 1024, "")}


def viewer():
    result = lab.default_result()
    return bundle.script(), bundle.markup(), packing.pack(result, result.picture.called)


def chips():
    names = ("co-design", "round-robin")
    return board.script(), board.markup(), board.pack(chip_mappings.mapping(), names, LIMITS)


# Streamlit ends a call whose settings changed while its script was loaded once that has happened,
# in some browsers after the next call
CALLS = """async ([script, markup, data, late]) => {
    const bytes = Uint8Array.from(data)
    document.body.innerHTML = markup
    const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }))
    const component = (await import(url)).default
    const call = () => component({ data: bytes, parentElement: document.body })
    const end = call()
    if (!late) end()
    call()
    if (late) end()
}"""


@pytest.mark.parametrize("late", [False, True], ids=["in-time", "late"])
@pytest.mark.parametrize(
    ("made", "root", "canvases"), [(viewer, ".viewer", 8), (chips, ".chips", 3)]
)
def test_a_call_that_ended_leaves_the_next_one_whole(browser, made, root, canvases, late):
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    script, markup, data = made()
    page.evaluate(CALLS, [script, markup, list(data), late])
    page.wait_for_selector(f"{root}[data-ready=true]")
    # once each, and drawn
    page.wait_for_function(
        """() => [...document.querySelectorAll("canvas")].some(canvas => {
            if (!canvas.width || !canvas.height) return false
            const seen = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
            return new Set(new Uint32Array(seen.data.buffer)).size > 10
        })"""
    )
    assert page.locator("canvas").count() == canvases
    # it follows the window, and is told of places chosen elsewhere, as long as it is there
    desk = "globalThis[Symbol.for('snnlab.viewer')]"
    heard = "light" if root == ".viewer" else "placed"
    assert page.evaluate(f"typeof {desk}.{heard}") == "function"
    assert errors == []
    page.close()
