"""Choose the score from which the shipped detector's boxes count, and put it into its card.

Run it with ``.venv/bin/python tools/make_detector_score.py --epfl FOLDER``; it takes a few minutes.
The rule is `snnlab.training.detector.scoring.best_score`, as in a training; weights stay as they
are. The card's scores are computed anew at that score, since precision and counts depend on it.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from snnlab.data import epfl  # noqa: E402
from snnlab.nets.detector import model  # noqa: E402
from snnlab.nets.model import written  # noqa: E402
from snnlab.training.detector import making, scoring  # noqa: E402
from snnlab.training.detector.crops import Drawing  # noqa: E402


def main() -> None:
    """Choose, score, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--epfl", metavar="FOLDER", help="of EPFL's slices")
    folder = epfl.find(parser.parse_args().epfl)
    if folder is None:
        parser.error("name the EPFL folder with --epfl")
    volume, net = epfl.volume(folder), model.load(making.NAME)
    choice, report = (making.sections(volume, block) for block in (epfl.CHOICE, epfl.REPORT))
    at = scoring.best_score(net, choice, Drawing(**net.card["recipe"]["drawing"]))
    card = net.card | {
        "settings": scoring.SETTINGS | {"threshold": at},
        "scores": {"sections": report.name} | scoring.scores(net, report, at),
    }
    path = model.ASSETS / f"{net.name}{model.CARD}"
    path.write_text(written(replace(net, card=card).card), "utf-8")
    print(f"{path}: boxes count from {at:g}")


if __name__ == "__main__":
    main()
