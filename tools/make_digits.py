"""Train assets/nets/digits.net.npz, the classifier that the page Networks begins with.

Run it with ``.venv/bin/python tools/make_digits.py``; it takes about a minute. The data are drawn
by the lab (`snnlab.data.digits`). Beside the net goes its card, ``digits.json``, with what it is
worth on digits that no training step has seen, and into assets/digits.npz what the page shows of
it before anything is computed.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from snnlab.commands.cli import progress_line  # noqa: E402
from snnlab.data import digits as data  # noqa: E402
from snnlab.lab import converting, importing, networks  # noqa: E402
from snnlab.nets.graph import files  # noqa: E402
from snnlab.training import digits  # noqa: E402

JUDGED, RUN = 2000, 200  # digits for the ANN, and for the SNN
STEPS = 32


def main() -> None:
    """Train, judge, keep."""
    graph, _ = digits.train(progress=progress_line)
    files.save(graph, importing.SHIPPED)
    fresh = data.drawn(RUN, graph.image_shape, digits.JUDGED)
    (spiking,) = converting.compared(graph, fresh, timesteps=(STEPS,))
    card = {
        "name": graph.name,
        "summary": "Reads digits of 20 x 20 pixels that the lab draws itself.",
        "not": "It has seen no handwriting; its digits are strokes with noise.",
        "weights": sum(node.layer.weights for node in graph.nodes),
        "data": f"{digits.STEPS} x {digits.BATCH} drawn digits, each seen once",
        "command": ".venv/bin/python tools/make_digits.py",
        "ann": {"accuracy": digits.accuracy(graph, JUDGED), "digits": JUDGED},
        "snn": {
            "accuracy": spiking.snn_accuracy,
            "agreement": spiking.agreement,
            "digits": RUN,
            "method": spiking.method,
            "timesteps": STEPS,
        },
    }
    (importing.SHIPPED / f"{graph.name}.json").write_text(json.dumps(card, indent=2) + "\n")
    print(json.dumps(card))
    networks.demo.cache_clear()
    networks.make_ready()


if __name__ == "__main__":
    main()
