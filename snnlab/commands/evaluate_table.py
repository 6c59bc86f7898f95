"""What ``evaluate`` found, as Markdown."""

from collections.abc import Mapping

COLUMNS = {
    "V_Rand": "v_rand",
    "V_Info": "v_info",
    "best at": "best_threshold",
    "shown at": "threshold",
    "V_Rand shown": "v_rand_shown",
    "pixel accuracy shown": "pixel_accuracy",
    "Dice shown": "dice",
    "IoU shown": "iou",
    "V_Rand at 0.5": "v_rand_at_half",
    "pixel accuracy at 0.5": "pixel_accuracy_at_half",
}
_THRESHOLDS = ("best_threshold", "threshold")


def show(answer: Mapping) -> str:
    """A table; of thresholds that were chosen, a line each."""
    if "chosen" in answer:
        return "\n".join(_chosen(one) for one in answer["chosen"])
    heads = ["model", "network", "reset", "run", "T", *COLUMNS, "mean rate (Hz)"]
    lines = ["| " + " | ".join(heads) + " |", "|---|---|---|---|---:" + "|---:" * 11 + "|"]
    exact = {row["model"]: row for row in answer["float32"]}
    for row in answer["rows"]:
        if row["network"] == "ann" and row["model"] in exact:
            lines.append(_line(exact[row["model"]], "ANN float32"))
        lines.append(_line(row, "ANN 8 bit" if row["network"] == "ann" else "SNN"))
    for row in answer["in_range"]:
        lines += ["", _in_range(row)]
    return "\n".join(lines)


def _line(row: Mapping, network: str) -> str:
    values = [f"{row[key]:{'g' if key in _THRESHOLDS else '.4f'}}" for key in COLUMNS.values()]
    rate = f"{row['mean_rate_hz']:.1f}" if "mean_rate_hz" in row else ""
    how = [row["model"], network, row.get("reset", ""), row.get("way", "")]
    return "| " + " | ".join([*how, str(row["timesteps"] or ""), *values, rate]) + " |"


def _chosen(one: Mapping) -> str:
    told = ", ".join(
        f"{name.upper()} {one[name]['threshold']:g} (V_Rand {one[name]['v_rand']:.4f})"
        for name in ("ann", "snn")
    )
    seen = ", which it was trained on" if one["seen_in_training"] else ""
    return f"{one['model']}: {told}, on {one['chosen_on']}{seen}"


def _in_range(row: Mapping) -> str:
    share = dict(row["share"])
    section, tile = share.pop("section"), share.pop("all")
    lowest, least = min(share.items(), key=lambda item: item[1])
    by_activation = row["by_activation"]
    return (
        f"{row['model']}: {100 * section:.2f} % of the neurons of a whole section's network"
        f" ({100 * tile:.2f} % of one tile's, which has more border) have a rate, counted in"
        f" spikes, in the {row['lower_hz']:g}..{row['upper_hz']:g} Hz that it was trained for:"
        f" the percentile {row['percentile']:g} of {row['windows']} windows of"
        f" {row['window_ms']} ms, each on a tile of 128 x 128 pixels, of {row['neurons']} neurons;"
        f" fewest in {lowest}, {100 * least:.2f} % of a tile's. By what the ANN's activations stand"
        f" for it would be {100 * by_activation['section']:.2f} % ({100 * by_activation['all']:.2f}"
        " % of a tile's)."
    )
