"""Outputs of commands that are not printed as the documents have them, brought into that form.

Each takes what a step printed and gives a text with a Markdown table, whose head is the
document's.
"""

from collections.abc import Callable, Sequence

from benchmarks.reproduce_tables import by_row, pick, tables

FASTEST = {
    "event (this lab)": "event",
    "PyTorch, dense": "torch+last",
    "snnTorch, compiled": "snntorch+compiled+last",
    "SpikingJelly, compiled": "spikingjelly+compiled+last",
    "Norse, compiled": "norse+compiled+last",
    "sinabs, compiled": "sinabs+compiled+last",
    "NengoDL": "nengo-dl (one round)",
}
METHODS = {"ecc": "ecc, run in time", "ecc@closed-form": "ecc, closed form",
           "multi-threshold": "multi-threshold (ours)",
           "spiking-unet": "spiking-unet (the authors' rule)"}  # fmt: skip


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def readme_scores(printed: str) -> str:
    """The README's first table, of ``evaluate``."""
    table = pick(printed, "| model | network | reset | run | T | V_Rand |")
    head = ("model", "network", "V_Rand", "V_Rand shown, at", "V_Rand at 0.5",
            "pixel accuracy shown", "at 0.5")  # fmt: skip
    if table is None:
        return ""
    rows = []
    for (model, network), (_, row) in by_row(table, 2).items():
        if network == "ANN float32":
            continue
        shown = f"{row['V_Rand shown']}, {row['shown at']}"
        cells = (row["V_Rand"], shown, row["V_Rand at 0.5"], row["pixel accuracy shown"],
                 row["pixel accuracy at 0.5"])  # fmt: skip
        rows.append((model, "ANN" if network == "ANN 8 bit" else "SNN", *cells))
    return markdown(head, rows)


def peers(printed: str) -> str:
    """The tables of ``benchmarks/peers/run.sh`` without the libraries' versions."""
    made = [table for table in tables(printed) if table.head[:2] == ("simulator", "version")]
    return "\n\n".join(
        markdown(_without(table.head), [_without(row) for row in table.rows]) for table in made
    )


def _without(row: Sequence[str], place: int = 1) -> list[str]:
    return [*row[:place], *row[place + 1 :]]


def noticed(printed: str) -> str:
    """Orders of labels, the two volumes beside each other; of ``benchmarks/noticed.py``."""
    table = pick(printed, "| labels | in which order |")
    found = {} if table is None else by_row(table, 2)
    orders = list(dict.fromkeys(order for _, order in found))
    rows = []
    for order in orders:
        both = [list(found[name, order][1].values()) if (name, order) in found else ["", ""]
                for name in ("ISBI 2012", "EPFL")]  # fmt: skip
        called = order + " (false alarms)" * (order == "as they are")
        rows.append((called, *both[0], *both[1]))
    return markdown(("labels", "ISBI: one section", "stacks", "EPFL: one section", "stacks"), rows)


def readme_speed(printed: str) -> str:
    """The README's table of simulators, of ``benchmarks/peers/run.sh``'s three."""
    head = ("simulator", "400..450 Hz (the model's own)", "75..150 Hz (the paper's)", "900 Hz")
    made = [pick(peers(printed), "| simulator | seconds | ms per step |", nth) for nth in range(3)]
    found = [{} if table is None else by_row(table, 1) for table in made]
    rows = []
    for called, name in FASTEST.items():
        seconds = [table[name,][1]["seconds"] if (name,) in table else "" for table in found]
        rows.append((called, *(f"{float(one):.3g} s" if one else "" for one in seconds)))
    return markdown(head, rows)


def _lines(printed: str) -> dict[tuple[str, str], str]:
    """Of ``benchmarks/methods.py``, by method and timesteps: accuracy in percent / V_Rand."""
    found = {}
    for line in printed.splitlines():
        words = line.split()
        if len(words) >= 5 and words[1].isdigit() and words[2].replace(".", "").isdigit():
            found[words[0], words[1]] = f"{words[2]} / {float(words[3]):.3f}"
    return found


def methods(printed: str) -> str:
    """Methods by number of steps."""
    return _by_steps(printed, {})


def methods_named(printed: str) -> str:
    """The same with the longer names of the first table."""
    return _by_steps(printed, METHODS)


def _by_steps(printed: str, called: dict[str, str]) -> str:
    found = _lines(printed)
    names = list(dict.fromkeys(name for name, _ in found))
    steps = sorted({int(steps) for _, steps in found})
    rows = [(str(t), *(found.get((name, str(t)), "") for name in names)) for t in steps]
    return markdown(("steps", *(called.get(name, name) for name in names)), rows)


def errors(printed: str) -> str:
    """What errors are made of; of ``benchmarks/methods.py --errors``."""
    head = ("method", "of the inactive neurons spiked", "inherited", "clipping", "quantisation",
            "timing", "wrong", "in all")  # fmt: skip
    rows = []
    for line in printed.splitlines():
        *name, wrong, inherited, clipping, quantisation, timing, other, total = (
            line.split() if len(line.split()) >= 8 else [""] * 8
        )
        if not name or not wrong.replace(".", "").isdigit():
            continue
        shares = (inherited, clipping, quantisation, timing, other, total)
        rows.append((" ".join(name), f"{100 * float(wrong):.1f} %",
                     *(f"{float(share):.3f}" for share in shares)))  # fmt: skip
    return markdown(head, rows)


READERS: dict[str, Callable[[str], str]] = {
    reader.__name__: reader
    for reader in (readme_scores, readme_speed, peers, noticed, methods, methods_named, errors)
}
