"""What benchmarks/rbf.py asks of scikit-learn, in an environment of its own.

    python forest.py data OUT.npz                     the Wisconsin breast cancer data
    python forest.py fit FOLDER TREES THREADS SEED    a random forest on FOLDER/train.npz, then the
                                                      probability of each FOLDER/features-N.npy

Prints processor seconds of training and prediction.
"""

import sys
import time
from pathlib import Path

import numpy as np


def data(out: str) -> None:
    from sklearn.datasets import load_breast_cancer

    found = load_breast_cancer()
    np.savez(out, features=found.data, classes=found.target)


def fit(folder: str, trees: str, threads: str, seed: str) -> None:
    from sklearn.ensemble import RandomForestClassifier

    place = Path(folder)
    with np.load(place / "train.npz") as seen:
        features, cell = seen["features"], seen["cell"] > 0.5
    begun = time.process_time()
    forest = RandomForestClassifier(int(trees), n_jobs=int(threads), random_state=int(seed))
    forest.fit(features, cell)
    trained = time.process_time()
    for path in sorted(place.glob("features-*.npy")):
        values = np.load(path)
        found = forest.predict_proba(values.reshape(-1, values.shape[-1]))[:, 1]
        said = found.reshape(values.shape[:-1]).astype(np.float32)
        np.save(path.with_name(path.name.replace("features", "said")), said)
    print(trained - begun, time.process_time() - trained)


if __name__ == "__main__":
    {"data": data, "fit": fit}[sys.argv[1]](*sys.argv[2:])
