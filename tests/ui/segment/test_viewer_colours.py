"""The viewer's two sides of a difference stand out alike, from both pages, for every eye."""

import json
import re

import numpy as np
import pytest

from snnlab.ui.segment.viewer import bundle
from tests.figures.test_palette import DEFICIENT, contrast, lab, linear

PAGES = {"light": "#ffffff", "dark": "#0e1413"}
_TEXT = (bundle.FOLDER / "js" / "colours.js").read_text("utf-8")


def sides(page):
    line = re.search(rf"^  {page}: {{ ann: (\[.*?\]), snn: (\[.*?\]),", _TEXT, re.M)
    return ["#" + bytes(json.loads(colour)).hex() for colour in line.groups()]


@pytest.mark.parametrize("page", PAGES)
def test_both_poles_are_seen_alike(page):
    ann, snn = (contrast(colour, PAGES[page]) for colour in sides(page))
    assert min(ann, snn) > 4.5
    assert max(ann, snn) / min(ann, snn) < 1.1
    clear = lab(linear(PAGES[page]))
    far = [np.linalg.norm(lab(linear(colour)) - clear) for colour in sides(page)]
    assert max(far) / min(far) < 1.1


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("vision", DEFICIENT)
@pytest.mark.parametrize("share", [0.2, 0.5, 1])
def test_poles_differ_for_every_colour_vision_however_faint(page, vision, share):
    clear = np.array([int(PAGES[page][i : i + 2], 16) for i in (1, 3, 5)])
    seen = []
    for colour in sides(page):
        pole = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        mixed = "#" + bytes(np.rint(clear + share * (pole - clear)).astype(np.uint8)).hex()
        seen.append(lab(np.array(DEFICIENT[vision]) @ linear(mixed)))
    assert np.linalg.norm(seen[0] - seen[1]) > 35 * share


def test_lines_of_the_curve_have_the_colours_of_the_difference():
    style = bundle.style()
    light = re.search(r"--ann: (#\w+); --snn: (#\w+);.*?--rand", style).groups()
    dark = re.search(r"\.viewer\.dark \{ --ann: (#\w+); --snn: (#\w+);", style).groups()
    assert (list(light), list(dark)) == (sides("light"), sides("dark"))
