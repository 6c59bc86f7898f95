"""What a validation during training says, and how two of them compare."""


def merit(pixel_accuracy: float, v_rand: float) -> float:
    """What the best checkpoint has most of.

    From checkpoint to checkpoint V_Rand, which a single gap in a membrane
    moves, varies some five times as much as pixel accuracy; so weighted, each
    has its say.
    """
    return 5 * pixel_accuracy + v_rand


def line(entry: dict) -> str:
    """An entry of the history, for a person."""
    return (
        f"step {entry['step']}, {entry['minutes']:.1f} min, loss {entry['loss']:.4f}, "
        f"rates {entry['rate_loss']:.4f}, pixel accuracy {entry['pixel_accuracy']:.4f}, "
        f"V_Rand {entry['v_rand']:.4f}"
        + "".join(
            f", {key.replace('_', ' ')} {value:.4f}"
            for key, value in entry.items()
            if key.endswith("_dice")
        )
        + (", 8 bit" if entry["folded"] else "")
        + "".join(
            f"; {key.replace('_', ' ').replace('snn', 'SNN')} {value[0]:.4f}, {value[1]:.4f}"
            for key, value in entry.items()
            if key.startswith("snn")
        )
    )
