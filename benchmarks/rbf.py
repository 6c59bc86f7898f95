"""RBF networks with the fused kernel: python -m benchmarks.rbf --data FOLDER [--forest PYTHON].

Tables in Markdown. First the three kinds of problem of Khan et al. (2017), each with the Euclidean
kernel alone, the cosine kernel alone, both in fixed mixtures, and a mixture that is learned, by the
paper's rule: gradient descent after each sample, at a constant rate. Then EM sections by the lab's
own training (`snnlab.training.rbf`), beside a random forest on the same features and pixels;
``--forest`` names a Python that has scikit-learn (benchmarks/forest/run.sh makes one). Last, the
units as spiking neurons. ``--only problems,em,spikes`` chooses. Seconds are processor time.
"""

import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np

from snnlab import simulation
from snnlab.conversion import rbf_currents
from snnlab.data import isbi
from snnlab.nets import rbf_features
from snnlab.nets.rbf import after
from snnlab.nets.rbf_kernels import cosine, euclid
from snnlab.results import metrics
from snnlab.settings import Settings
from snnlab.training import recipes
from snnlab.training.rbf import centres, making, pixels
from snnlab.training.rbf.descent import Parameters, gradient

FOREST = Path(__file__).with_name("forest") / "forest.py"
MIXTURES = {
    "Euclid alone": ((1.0, 0.0), False),
    "cosine alone": ((0.0, 1.0), False),
    "fixed, 0.3 and 0.7": ((0.3, 0.7), False),
    "fixed, 0.5 and 0.5": ((0.5, 0.5), False),
    "fixed, 0.7 and 0.3": ((0.7, 0.3), False),
    "adaptive": ((0.5, 0.5), True),
}
ON_SECTIONS = ("Euclid alone", "cosine alone", "fixed, 0.5 and 0.5", "adaptive")
RATE, PASSES, SEEDS = 0.02, 25, 5


# ---- the three problems -------------------------------------------------------------------


def identification(seed: int):
    """A nonlinear system from its input now and twice before; its output has noise, tests none."""
    random = np.random.default_rng(seed)

    def system(count):
        r = np.repeat(random.choice([-1.0, 1.0], count // 10 + 1), 10)[:count]
        r = r + 0.3 * random.standard_normal(count)
        x = np.stack([r[2:], r[1:-1], r[:-2]], 1)
        bent = np.cos(3 * x[:, 0]) + np.exp(-np.abs(x[:, 0]))
        return x, 2 * x[:, 0] - 0.5 * x[:, 1] - 0.1 * x[:, 2] - 0.7 * bent

    (x, y), (other, truth) = system(400), system(1000)
    return x, y + 0.05 * random.standard_normal(len(y)), other, truth, 30


def approximation(seed: int):
    """A surface over a square, from random places of it."""
    random = np.random.default_rng(seed)
    x, other = random.uniform(-1, 1, (300, 2)), random.uniform(-1, 1, (2000, 2))
    y, truth = (np.exp(at[:, 0] ** 2 - at[:, 1] ** 2) for at in (x, other))
    return x, y, other, truth, 30


def classification(seed: int, known):
    """Half of the patients to learn from, half to be told apart."""
    features, classes = known
    order = np.random.default_rng(seed).permutation(len(classes))
    first, last = np.array_split(order, 2)
    mean, spread = features[first].mean(0), features[first].std(0)
    x = (features - mean) / spread
    return x[first], classes[first].astype(float), x[last], classes[last], 20


def learned(problem, mixture, adaptive: bool, seed: int):
    """Descend sample by sample; the outputs of the tests, and the mixture."""
    x, y, other, _, units = problem
    places = centres.kmeans(x, units, seed)
    width = centres.width_of(places)
    near, toward = euclid(x, places, width), cosine(x, places)
    now = Parameters.begin(units, mixture, seed)
    now = Parameters(now.values.astype(float))
    random = np.random.default_rng(seed)
    for _ in range(PASSES):
        for at in random.permutation(len(y)):
            one = slice(at, at + 1)
            _, slope = gradient(now, near[one], toward[one], y[one], squared=True)
            if not adaptive:
                slope[-2:] = 0
            now.values -= RATE * slope
    a1, a2 = now.mixture
    phi = a1 * euclid(other, places, width) + a2 * cosine(other, places)
    return phi @ now.weights + now.bias, now.mixture


def problems(forest: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        known = None
        if forest:
            subprocess.run([forest, FOREST, "data", f"{folder}/data.npz"], check=True)
            with np.load(f"{folder}/data.npz") as found:
                known = found["features"], found["classes"]
    posed = {
        "system identification, mean squared error": identification,
        "function approximation, mean squared error": approximation,
    }
    if known:
        posed["pattern classification, share wrong"] = lambda seed: classification(seed, known)
    print(
        "\n| problem | mixture | median | of the seeds | a1 | a2 |\n|---|---|---:|---:|---:|---:|"
    )
    for name, pose in posed.items():
        for label, (mixture, adaptive) in MIXTURES.items():
            wrong, mixed = [], []
            for seed in range(SEEDS):
                problem = pose(seed)
                said, found = learned(problem, mixture, adaptive, seed)
                truth = problem[3]
                if "share" in name:
                    wrong.append(np.mean((said > 0.5) != (truth > 0.5)))
                else:
                    wrong.append(np.mean((said - truth) ** 2))
                mixed.append(found)
            a1, a2 = np.median(mixed, 0)
            print(
                f"| {name} | {label} | {np.median(wrong):.4f} |"
                f" {min(wrong):.4f}..{max(wrong):.4f} | {a1:.2f} | {a2:.2f} |",
                flush=True,
            )


# ---- EM sections --------------------------------------------------------------------------


def sections(data: str, forest: str | None, trees: int, threads: int) -> None:
    images, labels = recipes.real(data, isbi.TRAINING)
    drawn = pixels.drawn(zip(images, labels, strict=True), making.Recipe.pixels)
    one = pixels.drawn([(images[0], labels[0])], making.Recipe.pixels)
    networks, seconds = {}, {}
    for label in (*ON_SECTIONS, "adaptive, one section"):
        mixture, adaptive = MIXTURES[label.split(", one")[0]]
        recipe = making.Recipe(mixture=mixture, adaptive=adaptive)
        begun = time.process_time()
        networks[label] = making.fit(one if "one" in label else drawn, "it", recipe)
        seconds[label] = time.process_time() - begun
    for label, count in (("adaptive, two rounds", len(images)), ("adaptive, two rounds, one", 1)):
        begun = time.process_time()
        networks[label] = making.make(zip(images[:count], labels[:count], strict=True), "it")
        seconds[label] = time.process_time() - begun
    tested = [*isbi.CHOICE, *isbi.REPORT]
    images, labels = recipes.real(data, tested)
    marks: dict[str, list] = {label: [] for label in networks}
    with tempfile.TemporaryDirectory() as folder:
        for index, (image, truth) in enumerate(zip(images, labels, strict=True)):
            found = rbf_features.features(image)
            if forest:
                np.save(f"{folder}/features-{index:02d}.npy", found)
            for label, network in networks.items():
                seen = found if network.first is None else after(network.first, found)
                marks[label].append(metrics.marks(network.said(seen), truth))
        if forest:
            for label, seen in (("forest", drawn), ("forest, one section", one)):
                np.savez(f"{folder}/train.npz", features=seen.features, cell=seen.cell)
                command = [forest, FOREST, "fit", folder, str(trees), str(threads), "0"]
                out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                label = label.replace("forest", f"random forest, {trees} trees")
                seconds[label] = float(out.split()[0])
                marks[label] = [
                    metrics.marks(np.load(f"{folder}/said-{index:02d}.npy"), truth)
                    for index, truth in enumerate(labels)
                ]
    print(
        "\n| network | trained on | seconds | pixel accuracy at 0.5 | V_Rand | best at | V_Rand"
        " at the threshold chosen | chosen | a1 | a2 | of Euclid |\n"
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    )
    count = len(isbi.CHOICE)
    for label, found in marks.items():
        chosen = metrics.together(found[:count]).best_threshold
        scores = metrics.together(found[count:])
        place = found[0].thresholds.index(chosen)
        shown = np.mean([one.v_rand[place] for one in found[count:]])
        mixed = "| | | |"
        if label in networks:
            a1, a2 = networks[label].mixture
            share = networks[label].card["mixture"][-1]["euclid"]
            mixed = f"| {a1:.2f} | {a2:.2f} | {100 * share:.0f} % |"
        name, one, _ = label.partition(", one")
        print(
            f"| {name} | {'section 0' if one else 'sections 0..14'} | {seconds[label]:.1f} |"
            f" {scores.pixel_accuracy_at_half:.4f} | {scores.v_rand:.4f} |"
            f" {scores.best_threshold:.1f} | {shown:.4f} | {chosen:.1f} {mixed}"
        )


# ---- as spikes ----------------------------------------------------------------------------


def spikes(data: str, side: int = 128) -> None:
    images, labels = recipes.real(data, isbi.TRAINING)
    model = making.make(zip(images, labels, strict=True), "it", making.Recipe(rounds=1))
    (image,), (truth,) = recipes.real(data, [isbi.REPORT[0]])
    part = slice(192, 192 + side), slice(192, 192 + side)
    begun = time.process_time()
    found = rbf_features.features(image)[part]
    of_features = (time.process_time() - begun) * found[..., 0].size / image.size
    x = model.alike(found).reshape(side, side, -1)
    begun = time.process_time()
    wanted = model.logits(x.reshape(side * side, -1)).reshape(side, side)
    of_network = time.process_time() - begun
    right = np.mean((wanted > 0) == truth[part])
    kernels = euclid(x.reshape(side * side, -1), model.places, model.width)
    print(
        f"\n{side} x {side} pixels of section {isbi.REPORT[0]}, {model.units} units,"
        f" {x.shape[-1]} features: {of_features:.2f} s for the features, {of_network:.2f} s for"
        f" kernels and readout, {100 * right:.2f} % right without spikes. Multiplications a pixel:"
        f" {model.units * x.shape[-1]} for the kernels, {model.units} for the readout. Kernel"
        f" values add up to {kernels.sum(1).mean():.1f} a pixel.\n"
    )
    print(
        "| Hz at 1 | steps | synaptic events per pixel | of the readout's multiplications | seconds"
        " | agreement | pixel accuracy |\n|---:|---:|---:|---:|---:|---:|---:|"
    )
    simulation.simulator("event").run(rbf_currents.convert(model, x[:8, :8], Settings()), 2, 0)
    for rate, steps in ((1000, 2), (1000, 4), (1000, 8), (1000, 16), (1000, 64)):
        settings = Settings(lower_hz=rate, upper_hz=rate)
        network = rbf_currents.convert(model, x, settings)
        begun = time.process_time()
        recording = simulation.simulator("event").run(network, steps, 0)
        taken = time.process_time() - begun
        said = rbf_currents.logits(model, x, network, recording) > 0
        events = recording[rbf_currents.UNITS].counts().sum() / side**2
        share = 100 * events / model.units
        agreement, right = (100 * np.mean(said == one) for one in (wanted > 0, truth[part]))
        print(
            f"| {rate} | {steps} | {events:.0f} | {share:.0f} % | {taken:.2f} | {agreement:.2f} % |"
            f" {right:.2f} % |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", help="ISBI folder")
    parser.add_argument("--forest", metavar="PYTHON", help="one that has scikit-learn")
    parser.add_argument("--trees", type=int, default=60)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="problems,em,spikes")
    arguments = parser.parse_args()
    asked = arguments.only.split(",")
    if "problems" in asked:
        problems(arguments.forest)
    if "em" in asked:
        sections(arguments.data, arguments.forest, arguments.trees, arguments.threads)
    if "spikes" in asked:
        spikes(arguments.data)


if __name__ == "__main__":
    main()
