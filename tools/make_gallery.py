"""Write ``docs/gallery.md``: ten runs, each with its address, a picture and its numbers.

    .venv/bin/python -m tools.make_gallery [--text] [--only NAME,...]

It runs them, and takes the pictures of the lab itself, so it needs Chromium and the development
tools. ``--text`` writes the page again from the numbers and pictures that are there.
"""

import io
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import sync_playwright

from snnlab.lab import segmenting as lab
from snnlab.results import judging
from snnlab.settings import Settings
from tools.served import FLAGS, ROOT, Server, chromium

PAGE, FOLDER = ROOT / "docs" / "gallery.md", ROOT / "docs" / "gallery"
NUMBERS = FOLDER / "runs.json"
LAB = (
    "http://localhost:8501/"  # where `make run` puts it; the site leads to the lab it is served by
)
WIDTH, QUALITY = 640, 60  # pixels, and of WebP
PATIENCE = 240_000  # ms; a run on a machine that may be busy
PANES = ".viewer[data-ready=true] .panes"
CHART = "[data-testid=stPlotlyChart]"
# Nothing is out of date or being drawn, and has not been for a second.
DONE = """() => {
    const app = document.querySelector("[data-testid=stApp]")
    const done = app?.dataset.testScriptState === "notRunning" &&
        !document.querySelector("[data-stale=true], [data-testid=stSkeleton]") &&
        !/Out of date|Computing|Running/.test(app.innerText)
    if (!done) window.doneSince = undefined
    else window.doneSince ??= performance.now()
    return done && performance.now() - window.doneSince > 1000
}"""


@dataclass(frozen=True)
class Run:
    """One of the gallery.

    Attributes
    ----------
    name, title, text : str
    changes : dict
        Settings that differ from those that suit the model.
    page : str
        Path of the lab's page; "" is Segment.
    shown : str
        Selector of what the picture shows.
    more : dict of str to str
        Parameters of the address beside the settings.
    """

    name: str
    title: str
    text: str
    changes: dict
    page: str = ""
    shown: str = PANES
    more: tuple[tuple[str, str], ...] = ()

    @property
    def settings(self) -> Settings:
        """What it runs with."""
        suited = lab.defaults(self.changes.get("model", Settings().model))
        return suited.replace(**self.changes)

    @property
    def address(self) -> str:
        """Below the lab's own."""
        settings = self.settings
        query = settings.to_query(lab.defaults(settings.model))
        query = query or {"steps": str(settings.timesteps)}
        return f"{self.page}?{urlencode(query | dict(self.more))}"


RUNS = (
    Run(
        "sixteen-steps",
        "Sixteen steps",
        "A first answer, after a quarter of the usual time. Press play and watch where it forms.",
        {"timesteps": 16},
    ),
    Run(
        "half-rates",
        "Half the firing rates",
        "Bounds that are less than half as high bring less than half the spikes, and a picture"
        " that is nearly as good.",
        {"lower_hz": 400, "upper_hz": 450},
    ),
    Run(
        "low",
        "Too few spikes",
        "At the paper's 75 to 150 Hz the picture is still patchy after 64 steps, with 14 layers to"
        " get through.",
        {"lower_hz": 75, "upper_hz": 150},
    ),
    Run(
        "given-time",
        "The same rates, given time",
        "With 200 steps and a synapse of 3 ms, the same bounds will do.",
        {"lower_hz": 75, "upper_hz": 150, "timesteps": 200, "synapse_ms": 3},
    ),
    Run(
        "loihi",
        "As the Loihi 1 chip computes",
        "Reset to zero, 75 to 150 Hz, 200 steps. The model was trained for this.",
        {"model": "loihi"},
    ),
    Run(
        "reset-to-zero",
        "Reset to zero without training for it",
        "What is above the threshold is lost at every spike, in every layer.",
        {"reset": "zero"},
    ),
    Run(
        "eight-steps",
        "Eight steps",
        "A network that was trained as a spiking one, through time, with surrogate gradients.",
        {"model": "surrogate"},
    ),
    Run(
        "noisy-input",
        "Random input",
        "Each pixel comes in as random spikes. By the end most of the noise has averaged out.",
        {"method": "data-normalisation", "input": "poisson"},
    ),
    Run(
        "raster",
        "Spikes behind one pixel",
        "Each dot is a spike of a neuron behind the chosen pixel. Layers are in order, top down.",
        {"timesteps": 64},
        "spikes",
        CHART,
        (("at", "120-96"),),
    ),
    Run(
        "rates",
        "Firing rates by layer",
        "A diamond is a layer's 99.9th percentile: all lie between the bounds that the model was"
        " trained for. The rings are the fastest neurons, which need not.",
        {"model": "loihi"},
        "rates",
        CHART,
    ),
)

HEAD = f"""# Gallery

Ten runs that open in the lab. Start it with `make run` and click a picture: its settings come
with the address. The links are for the lab at `{LAB}`. If yours has another address, read this
page in the lab itself, under *Documentation* at the foot of every page: there they lead to that
lab.

All are of the first sample, a synthetic section of 256 x 256 pixels, so that the numbers below
can be compared. They say how many pixels are right, each network at its own threshold, and how
many spikes the network fired.
"""


def page(numbers: dict[str, dict]) -> str:
    """The whole page."""
    parts = [HEAD.strip()]
    for run in RUNS:
        found, address = numbers[run.name], LAB + run.address
        said = (
            f"SNN {100 * found['snn']:.1f} %, ANN {100 * found['ann']:.1f} %;"
            f" {found['spikes'] / 1e6:.2f} million spikes. [Open it]({address})"
        )
        picture = f"[![{run.title}](gallery/{run.name}.webp)]({address})"
        parts.append(f"## {run.title}\n\n{picture}\n\n{run.text}\n{said}")
    return "\n\n".join(parts) + "\n"


def measured(run: Run) -> dict:
    """Numbers of a run: shares of pixels that are right, and spikes."""
    settings, picture = run.settings, lab.sample(run.settings.section)
    result = lab.segment(picture, settings)
    return {
        "address": run.address,
        "ann": round(judging.accuracy(picture, result.ann, settings.ann_at), 4),
        "snn": round(judging.accuracy(picture, result.snn(), settings.threshold), 4),
        "spikes": result.spikes,
    }


def pictured(browser, address: str, run: Run) -> None:
    """Open it as a visitor would, and keep what is seen."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    seen = context.new_page()
    seen.goto(f"{address}/{run.address}")
    seen.wait_for_selector(run.shown)
    seen.wait_for_function(DONE, polling=100)
    there = seen.locator(run.shown).first
    there.scroll_into_view_if_needed()
    picture = Image.open(io.BytesIO(there.screenshot())).convert("RGB")
    height = round(picture.height * WIDTH / picture.width)
    picture = picture.resize((WIDTH, height), Image.Resampling.LANCZOS)
    picture.save(FOLDER / f"{run.name}.webp", quality=QUALITY, method=6)
    context.close()


def make(runs: list[Run]) -> None:
    """Run them and take their pictures."""
    FOLDER.mkdir(exist_ok=True)
    numbers = json.loads(NUMBERS.read_text("utf-8")) if NUMBERS.exists() else {}
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder) / "log") as served,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        for run in runs:
            numbers[run.name] = measured(run)
            pictured(browser, served.url, run)
            size = (FOLDER / f"{run.name}.webp").stat().st_size
            print(f"{run.name}: {run.address}, {size / 1000:.0f} kB", flush=True)
        browser.close()
    kept = {run.name: numbers[run.name] for run in RUNS if run.name in numbers}
    NUMBERS.write_text(json.dumps(kept, indent=1) + "\n")


def main() -> None:
    """Make what was asked for."""
    asked = sys.argv[1:]
    if "--text" not in asked:
        only = asked[asked.index("--only") + 1].split(",") if "--only" in asked else None
        make([run for run in RUNS if only is None or run.name in only])
    PAGE.write_text(page(json.loads(NUMBERS.read_text("utf-8"))), "utf-8")


if __name__ == "__main__":
    main()
