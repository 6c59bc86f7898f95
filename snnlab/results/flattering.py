"""What is said beside the scores of a section that the model was trained on."""

from collections.abc import Iterable, Mapping

from snnlab.data import seen

_NETWORKS = {"ann": "ANN", "snn": "SNN"}


def told(name: str, card: Mapping, source: str, in_the_file: str) -> str:
    """A sentence or two on a section that a model was trained on; nothing on any other.

    Parameters
    ----------
    name, card : str, mapping
        Of the model; the name as it is to be read.
    source, in_the_file : str
        Of the section; see `snnlab.data.seen.shares`.
    """
    own, before = seen.shares(card, source, in_the_file)
    most = max(own, before)
    if not most:
        return ""
    part = "this section" if most == 1 else f"{100 * most:.0f} % of the rows of this section"
    said = f"{name} was trained on {part}, so its scores here are flattering."
    return f"{said} {held_out(card)}".strip() if own else said


def of_several(name: str, card: Mapping, source: str, sections: Iterable[str]) -> str:
    """The same of a stack, by `in_the_file` of each of its sections."""
    found = [seen.shares(card, source, one) for one in sections]
    trained = [max(both) for both in found if max(both)]
    if not trained:
        return ""
    parts = [one for one in trained if one < 1]
    part = f" (of {len(parts)}, on {100 * max(parts):.0f} % of the rows)" if parts else ""
    said = (
        f"{name} was trained on {len(trained)} of these {len(found)} sections{part}, so"
        f" {'its' if len(trained) == 1 else 'their'} scores are flattering."
    )
    return f"{said} {held_out(card)}".strip() if any(own for own, _ in found) else said


def held_out(card: Mapping) -> str:
    """A sentence with the scores on what a model was not trained on, if its card has them."""
    scores = card.get("scores") or {}
    parts = [
        f"{scores[key]['pixel_accuracy']:.4f} (V_Rand {scores[key]['v_rand']:.4f}) by its {title}"
        for key, title in _NETWORKS.items()
        if {"pixel_accuracy", "v_rand"} <= (scores.get(key) or {}).keys()
    ]
    if not parts:
        return ""
    where = scores.get("sections")
    where = f" ({where})" if where else ""
    return f"On what it was not trained on{where}, pixel accuracy was {', '.join(parts)}."
