"""What the surrogate gradient's sharpness is worth: alpha 4, as shipped, against the paper's 10.

    PYTHONPATH=. .venv/bin/python benchmarks/alpha.py --data FOLDER [--alphas 4,10] [--steps 150]
        [--seeds 3,4] [--start qcfs] [--keep FOLDER]

The recipe of `surrogate`, with nothing changed but alpha, seed and budget, is trained from
`--start` on ISBI 2012's sections 0..14, all with the same crops in the same order. Checkpoints
are chosen on 15..17. Printed are scores on those and on 18..23, of the spiking net after 4, 8
and 16 steps: pixel accuracy at 0.5, and V_Rand, the best over thresholds, one threshold for all
sections. A row a seed, since seeds differ as much as a small effect would. With `--keep`,
trainings that were stopped go on.
"""

import argparse
from dataclasses import replace
from pathlib import Path

STEPS = (4, 8, 16)


def main() -> None:
    """Train, score and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, metavar="FOLDER", help="of ISBI 2012")
    parser.add_argument("--alphas", default="4,10", help="with commas between")
    parser.add_argument("--steps", type=int, default=150, help="of each training")
    parser.add_argument("--seeds", default="3,4", help="with commas between")
    parser.add_argument("--start", default="qcfs", help="model to start from")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="for checkpoints")
    options = parser.parse_args()

    from snnlab.data import isbi
    from snnlab.lab import segmenting as lab
    from snnlab.settings import Settings
    from snnlab.training import recipes, scoring

    data = recipes.data("isbi", options.data)
    blocks = {named: recipes.real(options.data, part) for named, part in
              (("15..17", isbi.CHOICE), ("18..23", isbi.REPORT))}  # fmt: skip
    start, shipped = lab.model(options.start), recipes.PLANS["surrogate"].stages[-1]
    print(f"from `{options.start}` ({start.digest[:12]}), {options.steps} steps each;"
          " pixel accuracy at 0.5 / V_Rand\n")  # fmt: skip
    heads = [f"{named}, {steps} steps" for named in blocks for steps in STEPS]
    print("| alpha | seed | loss at the end |", " | ".join(heads), "|")
    print("|---:|---:|---:|" + "---|" * len(heads))
    for seed in map(int, options.seeds.split(",")):
        for alpha in map(float, options.alphas.split(",")):
            recipe = replace(shipped, alpha=alpha, seed=seed, steps=options.steps)
            kept = (
                options.keep and options.keep / f"{start.digest[:12]}-alpha-{alpha:g}-seed-{seed}"
            )
            trainer = recipes.trainer(recipe, data, kept, start)
            trained = trainer.run()
            trained = trainer.finish(trained, *recipes.finishing_data("isbi", options.data))
            card = {"settings": recipes.PLANS["surrogate"].settings}
            trained = replace(trained, name="surrogate", card=card)
            settings, cells = Settings(**card["settings"]), []
            for images, labels in blocks.values():
                _, snn = scoring.marks(trained, images, labels, settings, STEPS)
                for steps in STEPS:
                    found = scoring.told(snn[steps])
                    cells.append(f"{found['pixel_accuracy_at_half']:.4f} / {found['v_rand']:.4f}")
            loss = trainer.history[-1]["loss"]
            print(f"| {alpha:g} | {seed} | {loss:.4f} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
