"""Partitioners of the field: METIS on the graph, Mt-KaHyPar on the hypergraph.

Both are told how many cores a chip has; where one gives a chip more all the
same, the cheapest blocks are moved (`repair`). Both are optional: where a
library has no wheel for a machine, the others work without it.

References
----------
Karypis, Kumar (1998), 10.1137/S1064827595287997 (METIS, by ``pymetis``).
Gottesbüren, Heuer, Maas, Sanders, Schlag (2024), 10.1145/3626527 (Mt-KaHyPar).
"""

import contextlib
import threading
from functools import cache

import numpy as np

from snnlab.chips.partition.problem import Problem
from snnlab.chips.partition.repair import repaired
from snnlab.errors import LabError

LARGEST = 2**31 - 1  # of the sum of weights: both libraries count in 32 bits
THREADS = 2
SEED = 1
_LOCK = threading.Lock()


def prepare() -> None:
    """Import what is installed."""
    with contextlib.suppress(ImportError):
        import pymetis  # noqa: F401
    with contextlib.suppress(LabError):
        _mtkahypar()


def metis(problem: Problem) -> np.ndarray:
    """METIS, by the spikes between pairs of cores.

    Raises
    ------
    LabError
        If pymetis is not installed.
    """
    return repaired(problem, metis_raw(problem)[0])


def metis_raw(problem: Problem) -> tuple[np.ndarray, int]:
    """METIS's partition and its own count of the cut, in spikes of scaled weights."""
    try:
        import pymetis
    except ImportError as error:
        raise LabError("METIS is not installed here; python -m pip install pymetis.") from error
    graph = (problem.sends + problem.sends.T).tocsr()
    graph.setdiag(0)
    graph.eliminate_zeros()
    if problem.chips == 1 or not graph.nnz:
        return np.arange(problem.cores, dtype=np.int32) % problem.chips, 0
    weights = scaled(graph.data)
    # imbalance in thousandths: as much as the chips' free cores allow, at least 1
    room = problem.capacity * problem.chips / problem.cores - 1
    with _LOCK:
        found = pymetis.part_graph(
            problem.chips,
            pymetis.CSRAdjacency(graph.indptr.tolist(), graph.indices.tolist()),
            eweights=weights.tolist(),
            options=pymetis.Options(seed=SEED, ufactor=int(min(max(room * 1000, 1), 100))),
        )
    return np.array(found[1], np.int32), int(found[0])


def hypergraph(problem: Problem) -> np.ndarray:
    """Mt-KaHyPar, by connectivity less one: each spike once to each further chip.

    Raises
    ------
    LabError
        If mtkahypar is not installed.
    """
    return repaired(problem, hypergraph_raw(problem)[0])


def hypergraph_raw(
    problem: Problem, preset: str = "DETERMINISTIC_QUALITY"
) -> tuple[np.ndarray, int]:
    """Mt-KaHyPar's partition and its own count of the objective, in scaled weights."""
    pins = problem.pins
    if problem.chips == 1 or not pins.nets:
        return np.arange(problem.cores, dtype=np.int32) % problem.chips, 0
    with _LOCK:  # the library has one pool of threads and one seed for all
        library, starter = _mtkahypar()
        library.set_seed(SEED)
        context = starter.context_from_preset(getattr(library.PresetType, preset))
        context.set_partitioning_parameters(problem.chips, 0.03, library.Objective.KM1)
        context.set_individual_target_block_weights([problem.capacity] * problem.chips)
        context.logging = False
        nets = np.split(pins.pins, pins.first[1:-1])
        graph = starter.create_hypergraph(
            context,
            problem.cores,
            pins.nets,
            [net.tolist() for net in nets],
            [1] * problem.cores,
            scaled(pins.weight).tolist(),
        )
        parts = graph.partition(context)
        return np.array(parts.get_partition(), np.int32), int(parts.km1())


@cache
def _mtkahypar():
    try:
        import mtkahypar
    except ImportError as error:
        raise LabError(
            "Mt-KaHyPar is not installed here; python -m pip install mtkahypar."
        ) from error
    return mtkahypar, mtkahypar.initialize(THREADS, False)


def scaled(weights: np.ndarray) -> np.ndarray:
    """Weights whose sum the libraries can hold; as they are, if it is small enough."""
    total = int(weights.sum())
    if total <= LARGEST:
        return np.maximum(weights, 1)
    return np.maximum(weights * (LARGEST / 2 / total), 1).astype(np.int64)
