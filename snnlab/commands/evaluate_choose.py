"""``evaluate --choose``: thresholds chosen on sections kept for that, written into cards."""

from collections.abc import Callable, Sequence
from pathlib import Path

from snnlab.errors import LabError
from snnlab.nets import model as models
from snnlab.work import stored

Report = Callable[[float, str], None]


def choose(names: Sequence[str], folder: str | None, report: Report) -> list[dict]:
    """Choose the thresholds of shipped models, and write them into their cards.

    Raises
    ------
    LabError
    """
    from snnlab.training import choosing

    if other := [name for name in names if name not in models.available()]:
        raise LabError(
            f"only shipped models have cards to write thresholds into, and {other[0]} is not one"
            " of them; name others with --models."
        )
    found, known = [], {}
    for index, name in enumerate(names):
        report(index / len(names), f"{name}: thresholds")
        model = models.load(name)
        kind = choosing.kind(model)
        known[kind] = known.get(kind) or choosing.sections(kind, folder)
        card = choosing.chosen(model, *known[kind]).card
        _write(models.ASSETS / f"{name}.json", card)
        found.append({"model": name} | card["thresholds"])
    report(1.0, "done")
    return found


def _write(path: Path, card: dict) -> None:
    stored.write(path, lambda stream: stream.write(models.written(card).encode()))
