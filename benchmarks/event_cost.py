"""Draw what `event.py --sweep` measured: processor time against synaptic events.

    PYTHONPATH=. .venv/bin/python benchmarks/event.py --others 0 --sweep 1000 300 75 0 > one.json
    .venv/bin/python benchmarks/event_cost.py one.json [two.json ...] --ghz 3.7

Of several measurements of the same bounds the least is taken: other work can only
make a run longer. Beside the measured line stands the least that a core could
need if nothing but vector arithmetic (an update of a neuron) and stores (an
event) took time. Needs Chromium and the development tools, like the screenshots.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import plotly
import plotly.graph_objects as go

# An update of sixteen neurons, in vectors of sixteen: load, add, subtract, two comparisons,
# an absolute value, a minimum, a selection, the bit into the word; and a store that clears the
# current. Zen 4 starts two such operations a cycle.
CYCLES_AN_UPDATE = 9 / 2 / 16
# Eight single-precision currents a store, one store of 32 bytes a cycle.
CYCLES_AN_EVENT = 1 / 8


def least(files) -> tuple[list[dict], int]:
    """The quickest of each bound, by bound, and the neuron updates of a run."""
    best, updates = {}, 0
    for file in files:
        sweep = json.loads(Path(file).read_text())["sweep"]
        updates = sweep["neuron_updates"]
        for row in sweep["rows"]:
            known = best.setdefault(row["upper_hz"], row)
            if row["processor_seconds"] < known["processor_seconds"]:
                best[row["upper_hz"]] = row
    return sorted(best.values(), key=lambda row: row["synaptic_events"]), updates


def figure(rows, updates: int, ghz: float) -> tuple[go.Figure, dict]:
    """The picture, and its numbers."""
    events = np.array([row["synaptic_events"] for row in rows]) / 1e9
    seconds = np.array([row["processor_seconds"] for row in rows])
    slope, floor = np.polyfit(events, seconds, 1)
    bound = updates * CYCLES_AN_UPDATE / ghz / 1e9, CYCLES_AN_EVENT / ghz
    ends = np.array([0, events.max() * 1.16])
    names = [f"{row['upper_hz']:g} Hz" if row["upper_hz"] else "no spikes" for row in rows]
    chart = go.Figure(
        [
            go.Scatter(
                x=ends,
                y=floor + slope * ends,
                mode="lines",
                name="line through what was measured",
                line={"color": "#7f8b88"},
            ),
            go.Scatter(
                x=ends,
                y=bound[0] + bound[1] * ends,
                mode="lines",
                name="least that the core allows",
                line={"color": "#9970ab", "dash": "dash"},
            ),
            go.Scatter(
                x=events,
                y=seconds,
                text=names,
                mode="markers+text",
                name="measured, by upper bound of the rates",
                textposition=["bottom right", "top left"] * (len(rows) // 2) + ["bottom right"],
                marker={"color": "#2a9d5c", "size": 9},
            ),
        ]
    )
    chart.update_layout(
        template="plotly_white",
        width=760,
        height=430,
        margin={"l": 60, "r": 20, "t": 20, "b": 55},
        font={"size": 13},
        legend={"x": 0.02, "y": 0.98, "bgcolor": "rgba(0,0,0,0)"},
        xaxis={"title": "synaptic events (thousand million)", "range": [-0.02 * ends[1], ends[1]]},
        yaxis={"title": "processor time (s)", "rangemode": "tozero"},
    )
    numbers = {
        "floor_seconds": float(floor),
        "ns_an_update": float(1e9 * floor / updates),
        "ns_an_update_bound": CYCLES_AN_UPDATE / ghz,
        "events_a_second": float(1e9 / slope),
        "events_a_second_bound": 1e9 * ghz / CYCLES_AN_EVENT,
        "largest_deviation_from_the_line": float(
            np.abs(seconds - floor - slope * events).max() / seconds.max()
        ),
    }
    return chart, numbers


def to_svg(chart: go.Figure) -> str:
    """As plotly.js draws it in Chromium."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or sys.exit("no Chromium here: apt-get install chromium")
    library = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.add_script_tag(path=str(library))
        size = {"format": "svg", "width": chart.layout.width, "height": chart.layout.height}
        address = page.evaluate(
            "async ([chart, size]) => Plotly.toImage(chart, size)",
            [json.loads(chart.to_json()), size],
        )
        svg = page.evaluate("address => decodeURIComponent(address.split(',')[1])", address)
        browser.close()
    return svg


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("files", nargs="+")
    parser.add_argument("--ghz", type=float, default=3.7, help="clock, for the bound")
    parser.add_argument("--out", type=Path, default=Path("docs/event-cost.svg"))
    options = parser.parse_args()
    chart, numbers = figure(*least(options.files), options.ghz)
    options.out.write_text(to_svg(chart) + "\n")
    print(json.dumps(numbers, indent=1))


if __name__ == "__main__":
    main()
