"""Scores of the conversion methods on sections 18..23, by method and timesteps.

    PYTHONPATH=. .venv/bin/python benchmarks/methods.py --data ISBI --model relu \
        --methods data-normalisation,multi-threshold --timesteps 8,16,32

prints one line a case: pixel accuracy (percent) and V_Rand, means over the sections, and
millions of spikes per section. The settings are those of the model's card. A method that is trained
(qcfs, surrogate) is run with the model of its name, if there is one. ``ecc@closed-form`` is the
method before the sign by the simulator behind it.

``--errors`` prints instead what each method's error in 64 steps on section 18 is made of
(`lab_methods`): the share of inactivated neurons that spiked, and root mean squares over a layer,
as shares of that of the ANN's activations, averaged over the layers.
"""

import argparse

TRAINED = ("qcfs", "surrogate")
METHODS = ("rate-scaling", "data-normalisation", "ecc", "ecc@closed-form", "bistable",
           "multi-threshold", "spiking-unet", *TRAINED)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="ISBI folder; default $SNNLAB_DATA")
    parser.add_argument("--folder", help="of models; the shipped ones if not given")
    parser.add_argument("--model", default="relu")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--timesteps", default="4,8,16,32,64")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--errors", action="store_true", help="what errors are made of")
    options = parser.parse_args()
    if options.errors:
        return errors(options)

    from snnlab import conversion, simulation
    from snnlab.data import isbi
    from snnlab.errors import LabError
    from snnlab.nets import inference
    from snnlab.nets.model import ASSETS, available, load
    from snnlab.results import metrics
    from snnlab.results.segmentation import window_start
    from snnlab.settings import Settings
    from snnlab.simulation.event import run
    from snnlab.training import recipes

    folder = options.folder or ASSETS
    plain = load(options.model, folder)
    images, labels = recipes.real(options.data, isbi.REPORT)

    def scored(probabilities):
        pairs = zip(probabilities, labels, strict=True)
        found = metrics.together([metrics.marks(p, truth) for p, truth in pairs])
        return (
            f"{100 * found.pixel_accuracy:.2f} {found.v_rand:.4f} (at {found.best_threshold:g};"
            f" {found.v_rand_at_half:.4f} at 0.5)"
        )

    def case(called, model, steps):
        name, _, simulator = called.partition("@")
        settings = Settings(
            **(model.card.get("settings", {}) | {"method": name, "timesteps": steps})
        )
        probabilities, spikes = [], 0
        for image in images:
            network = conversion.method(name).convert(model, image, settings)
            if simulator:
                recording = simulation.simulator(simulator).run(network, steps)
            else:
                recording = run(network, steps, threads=options.threads)
            probabilities.append(network.probability(recording, window_start(steps, settings)))
            spikes += recording.spikes()
        return f"{scored(probabilities)} {spikes / len(images) / 1e6:.1f}"

    print("ANN", scored([inference.segment(plain, image).probability for image in images]))
    for name in options.methods.split(","):
        if name in TRAINED and name not in available(folder):
            print(name, "there is no model of this name")
            continue
        model = load(name, folder) if name in TRAINED else plain
        try:
            for steps in map(int, options.timesteps.split(",")):
                print(name, steps, case(name, model, steps), flush=True)
        except LabError as error:  # a method that this model is not made for
            print(name, error)


def errors(options):
    """What the errors of each method are made of."""
    from snnlab.conversion.errors import PARTS
    from snnlab.data import isbi
    from snnlab.lab import methods as lab_methods
    from snnlab.lab import segmenting as lab

    picture = lab.isbi_picture(options.data, isbi.REPORT[0])
    wanted = options.methods.split(",")
    contenders = [
        one for one in lab_methods.entrants(options.model) if one.settings.method in wanted
    ]
    told = ("wrong_share", *(f"error_{part}" for part in (*PARTS, "total")))
    print("method", *told)
    for row in lab_methods.rows(lab_methods.compare(contenders, picture)):
        if row["timesteps"] == 64:
            print(row["method"], *(f"{row[name]:.4f}" for name in told))


if __name__ == "__main__":
    main()
