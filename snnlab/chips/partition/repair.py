"""Within the capacity of chips, whatever a library thought of balance."""

import numpy as np

from snnlab.chips.partition.problem import Problem


def repaired(problem: Problem, chip_of: np.ndarray) -> np.ndarray:
    """Move blocks off overfull chips, each time the one that costs the fewest spikes.

    Returns
    -------
    numpy.ndarray
        int32 ``(cores,)``; as given where nothing was overfull.
    """
    chip_of = np.array(chip_of, np.int32)
    load = np.bincount(chip_of, minlength=problem.chips)
    if load.max() <= problem.capacity:
        return chip_of
    both = problem.sends + problem.sends.T
    lies = np.zeros((problem.cores, problem.chips))
    lies[np.arange(problem.cores), chip_of] = 1
    # spikes that each block exchanges with each chip
    near = both @ lies
    while load.max() > problem.capacity:
        full = int(load.argmax())
        members = np.flatnonzero(chip_of == full)
        open_chips = np.flatnonzero(load < problem.capacity)
        loss = near[members, full][:, None] - near[np.ix_(members, open_chips)]
        one, to = np.unravel_index(loss.argmin(), loss.shape)
        block, chip = members[one], open_chips[to]
        chip_of[block] = chip
        load[full] -= 1
        load[chip] += 1
        column = both[:, [block]].toarray().ravel()
        near[:, full] -= column
        near[:, chip] += column
    return chip_of
