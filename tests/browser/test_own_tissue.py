"""From opening the page to cells counted on one's own tissue: as the guide says, and filmed."""

import io
import os
import re
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from snnlab.data.synthetic import synthetic
from tools.turning import turn_to

ROOT = Path(__file__).parents[2]
HEAD = "### Your own tissue, counted"
ACTIONS, SECONDS = 6, 120  # at most
FILM = os.environ.get("SNNLAB_FILM")  # a folder to keep the film in


def written() -> list[str]:
    """The actions that the guide lists."""
    part = (ROOT / "docs" / "guide.md").read_text("utf-8").split(HEAD)[1].split("\n#")[0]
    return re.findall(r"^\d\. (.+)$", part, re.M)


class Film:
    """Does actions one by one, and keeps what the screen shows after each."""

    def __init__(self, page):
        self.page = page
        self.actions: list[str] = []
        self.frames: list[Image.Image] = []
        self.begun = time.monotonic()

    def act(self, action: str, does, *given) -> None:
        does(*given)
        self.actions.append(action)
        self.shoot()

    def shoot(self) -> None:
        seen = Image.open(io.BytesIO(self.page.screenshot()))
        self.frames.append(seen.convert("RGB").resize((960, 600)))

    def save(self, file: Path) -> None:
        first, *others = self.frames
        first.save(file, save_all=True, append_images=others, duration=1500, loop=0)


def mine() -> bytes:
    """Tissue as somebody has it: a PNG that does not say how large its pixels are."""
    file = io.BytesIO()
    Image.fromarray(np.uint8(255 * synthetic((160, 192), 11).image)).save(file, "PNG")
    return file.getvalue()


def test_own_tissue_is_counted_within_six_actions_and_two_minutes(visitor, tmp_path):
    actions = written()
    assert 1 <= len(actions) <= ACTIONS
    here = visitor()
    page, film, told = here.page, Film(here.page), iter(actions)
    status = page.locator(".st-key-status")

    def sized():
        field = page.get_by_role("spinbutton", name="Pixel size (nm, optional)")
        field.fill("5")
        field.press("Enter")
        expect(status).to_contain_text("240 × 200 px")  # 4 nm each
        here.up_to_date()

    def uploaded():
        here.give("upload", {"name": "mine.png", "mimeType": "image/png", "buffer": mine()})
        expect(status).to_contain_text("mine.png")

    film.act(next(told), here.open)
    here.pictures()
    film.shoot()
    film.act(next(told), page.get_by_role("radio", name="Upload").click)
    film.act(next(told), uploaded)
    film.act(next(told), sized)
    film.act(next(told), turn_to, page, "Cells")
    counted = page.get_by_test_id("stMetric").filter(has_text="Cells, SNN")
    expect(counted).to_be_visible()
    seconds = time.monotonic() - film.begun
    here.quiet()
    film.shoot()
    assert film.actions == actions  # what is written down is what was done
    assert int(re.search(r"\d[\d,]*$", counted.inner_text())[0].replace(",", "")) > 3
    assert seconds < SECONDS
    film.save(Path(FILM or tmp_path) / "own-tissue.gif")
    with Image.open(Path(FILM or tmp_path) / "own-tissue.gif") as kept:
        assert kept.n_frames > len(actions)
