"""Write ``docs/cards.md``: a part for each shipped model, from its card, and where it fails.

    .venv/bin/python -m tools.make_cards [--failures]

With ``--failures`` the pictures of failures are made again, which runs the models; do that after
new weights. They are of a shipped synthetic section, which no shipped model has seen, and whose
licence lets it be shown; a net trained on real tissue fails in the same ways there, but less often.
"""

import io
import json
import sys
import textwrap
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.ndimage import uniform_filter

from snnlab.images.pictures import Picture
from snnlab.lab import cells
from snnlab.lab import segmenting as lab
from snnlab.nets.model import ASSETS
from snnlab.results import judging
from snnlab.settings import Settings

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, FOLDER = DOCS / "cards.md", DOCS / "cards"
FAILURES = FOLDER / "failures.json"
PICTURED = ("generalist", "relu", "regularised", "loihi")  # the default, and the ways to train
SAMPLE = 1  # 512 x 512
SIDE, GAP = 128, 6  # pixels of a crop, and between two
COARSE = 10  # nm per pixel of an image that is taken for one of 4 nm
MISSED, INVENTED = (213, 94, 0), (0, 114, 178)  # told apart by the colour-blind too

HEAD = f"""# Model cards

What each shipped model was trained on, what it is for, and where it fails. `.venv/bin/python -m
tools.make_cards` writes this page from the cards in `assets/models`. How good the models are on
sections that no weight was trained on: [scores](scores.md). How they do on other tissue and other
pixel sizes: [guide](guide.md#pixels-of-another-size).

The pictures show {SIDE} x {SIDE} pixels of a synthetic section that none of the models has seen,
at the place with the most wrong pixels: the image, the labels, and the spiking network's answer.
Membrane that the network missed is orange. Membrane that is not there is blue. Nearly every true
membrane has a thin coloured rim, since no network finds its edge to the pixel. What matters is
where a line is broken: there two cells become one. All of them fail in much the same
places: where a dark organelle touches a membrane, and where a membrane is faint. `loihi` also
needs time: after a quarter of its steps hardly a spike has come through.
"""


def card_text(name: str, card: dict, failures: dict | None) -> str:
    """One model's part of the page."""
    settings = Settings(**(card.get("settings", {}) | {"model": name}))
    bounds, bits = card.get("range"), card.get("bits", 8)
    items = {
        "Trained on": card["data"],
        "Checkpoint and thresholds chosen on": card["thresholds"]["chosen_on"],
        "Scored on": card["scores"]["sections"],
        "Began with": card["starts_from"],
        "Size": f"{card['weights']:,} weights of {bits} bits",
        "Trained with": f"`.venv/bin/{card['command']}`,"
        f" {card['minutes']:.0f} minutes on two cores",
        "Firing rates trained for": _bounds(**bounds) if bounds else "none",
        "Comes with": f"{settings.timesteps} timesteps, "
        f"{_bounds(settings.percentile, settings.lower_hz, settings.upper_hz)}, reset "
        f"{'to zero' if settings.reset == 'zero' else 'by subtraction'}, cell from a probability"
        f" of {settings.threshold:g} (ANN: {settings.ann_at:g})",
        "Licence of the data": card["licence_of_the_data"],
        "Licence of the weights": "that of the data" if card["citation"] else "MIT",
        "Cite": card["citation"],
    }
    listed = "\n".join(f"- **{what}**: {said}" for what, said in items.items() if said)
    parts = [f"## {name}", card["summary"], listed, f"**What it is not.** {card['not']}"]
    if failures:
        parts.append("**Where it fails.**")
        parts += [_failure_text(name, kind, found) for kind, found in failures["kinds"].items()]
    return "\n\n".join(parts)


def _bounds(percentile: float, lower_hz: float, upper_hz: float) -> str:
    return f"{lower_hz:g}..{upper_hz:g} Hz at the {percentile:g}th percentile"


def _failure_text(name: str, kind: str, found: dict) -> str:
    said = (
        f"{TITLES[kind].format(**found)} {100 * found['accuracy']:.1f} % of all pixels are right."
        f" Of {found['true']} cells, split: {found['splits']}, missing: {found['missed']}."
        f" Found as one though they are several: {found['merges']}."
    )
    said = "\n".join(textwrap.wrap(said, 120, break_on_hyphens=False))
    return f"![{name}: image, labels, answer](cards/{name}-{kind}.webp)\n\n{said}"


TITLES = {
    "own": "With its own settings ({timesteps} timesteps):",
    "short": "After only {timesteps} timesteps, a quarter of its own:",
    "coarse": f"On an image with pixels of {COARSE} nm that it takes for 4 nm:",
}


def page(cards: dict[str, dict], failures: dict[str, dict]) -> str:
    """The whole page."""
    texts = [card_text(name, card, failures.get(name)) for name, card in cards.items()]
    return "\n\n".join([HEAD.strip(), *texts]) + "\n"


def shipped() -> dict[str, dict]:
    """Cards of the shipped models, by name, as pages list them."""
    files = {path.stem: path for path in ASSETS.glob("*.json")}
    order = [name for name in lab.cards() if name in files]
    return {name: json.loads(files[name].read_text("utf-8")) for name in order}


# ---- failures ----------------------------------------------------------------------------------


def coarse(picture: Picture) -> Picture:
    """The section with larger pixels, which says nothing of them."""
    height, width = (round(side * 4 / COARSE) for side in picture.pixels.shape)

    def shrunk(values: np.ndarray, how) -> bytes:
        file = io.BytesIO()
        Image.fromarray(values).resize((width, height), how).save(file, "png")
        return file.getvalue()

    grey = np.rint(picture.pixels / picture.pixels.max() * 255).astype(np.uint8)
    labels = picture.labels.astype(np.uint8) * 255
    image, truth = shrunk(grey, Image.Resampling.BOX), shrunk(labels, Image.Resampling.NEAREST)
    return lab.upload(image, "coarse.png", 0, truth, "labels.png")


def failure(picture: Picture, settings: Settings) -> tuple[dict, np.ndarray]:
    """Numbers of a run, and the crops side by side: uint8 ``(SIDE, 3 * SIDE + 2 * GAP, 3)``."""
    result = lab.segment(picture, settings)
    snn = result.snn()
    found, labels = snn >= settings.threshold, picture.labels
    wrong = found != labels
    errors = cells.of(picture, snn).errors
    numbers = {
        "timesteps": settings.timesteps,
        "accuracy": round(judging.accuracy(picture, snn, settings.threshold), 4),
        "true": errors.true,
        "merges": errors.merges,
        "splits": errors.splits,
        "missed": errors.missed,
    }
    half = SIDE // 2
    dense = uniform_filter(wrong.astype(np.float32), SIDE)
    inside = dense[half : -half + 1 or None, half : -half + 1 or None]
    row, column = np.unravel_index(inside.argmax(), inside.shape)
    part = np.s_[row : row + SIDE, column : column + SIDE]
    answer = np.repeat(np.where(found[part], 255, 0)[..., None], 3, -1)
    answer[found[part] & ~labels[part]] = MISSED
    answer[~found[part] & labels[part]] = INVENTED
    grey = np.rint(picture.normalised[part] * 255)
    panels = [np.repeat(one[..., None], 3, -1) for one in (grey, labels[part] * 255)]
    gap = np.full((SIDE, GAP, 3), 128)
    strip = np.concatenate([panels[0], gap, panels[1], gap, answer], 1)
    return numbers, strip.astype(np.uint8)


def make_failures() -> dict[str, dict]:
    """Run the models, write the pictures; numbers by model, with the weights they are of."""
    FOLDER.mkdir(exist_ok=True)
    picture, made = lab.sample(SAMPLE), {}
    for name in PICTURED:
        own = lab.defaults(name)
        runs = {
            "own": (picture, own),
            "short": (picture, own.replace(timesteps=own.timesteps // 4)),
            "coarse": (coarse(picture), own.replace(source="upload")),
        }
        kinds = {}
        for kind, run in runs.items():
            kinds[kind], strip = failure(*run)
            Image.fromarray(strip).save(FOLDER / f"{name}-{kind}.webp", quality=80, method=6)
        made[name] = {"weights": lab.model(name).digest, "kinds": kinds}
    return made


def main() -> None:
    """Write the page; the failures too, if asked."""
    if "--failures" in sys.argv[1:]:
        FOLDER.mkdir(exist_ok=True)
        FAILURES.write_text(json.dumps(make_failures(), indent=1) + "\n")
    failures = json.loads(FAILURES.read_text("utf-8"))
    PAGE.write_text(page(shipped(), failures), "utf-8")


if __name__ == "__main__":
    main()
