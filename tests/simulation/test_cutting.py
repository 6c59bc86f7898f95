"""Parts of recordings, against the same neurons of the whole one."""

import numpy as np

from snnlab.simulation.cutting import cut
from snnlab.simulation.recording import Recording, SpikeTrains, Synapses

STEPS = 70
ROWS, COLUMNS = (4, 12), (8, 16)


def trains(name, shape, seed, **more):
    random = np.random.default_rng(seed)
    words = random.integers(0, 2**63, (2, int(np.prod(shape)))).astype(np.uint64)
    words[1] &= np.uint64((1 << (STEPS - 64)) - 1)
    return SpikeTrains(name, shape, words, STEPS, **more)


def test_neurons_keep_their_spikes():
    fine = trains("fine", (16, 24, 2), 0, extra=np.array([[5, 3, 1], [(4 * 24 + 9) * 2 + 1, 7, 2]]))
    planes = np.random.default_rng(1).integers(0, 2**40, (2, 2, 4 * 6 * 3)).astype(np.uint64)
    coarse = SpikeTrains.graded(
        "coarse", (4, 6, 3), planes, STEPS, 0.001, (1.0, 0.5), together=True
    )
    links = (
        Synapses("fine", "coarse", np.arange(16), np.arange(48)),
        Synapses("coarse", "out", np.ones(1, np.int64), np.ones(72, np.int64)),
    )
    whole = Recording((fine, coarse), "test", STEPS, 1.0, synapses=links)
    part = cut(whole, (16, 24), ROWS, COLUMNS)
    assert part["fine"].shape == (8, 8, 2) and part["coarse"].shape == (2, 2, 3)
    np.testing.assert_array_equal(part["fine"].counts(), fine.counts()[4:12, 8:16])
    np.testing.assert_array_equal(part["fine"].counts(5, 66), fine.counts(5, 66)[4:12, 8:16])
    np.testing.assert_array_equal(part["coarse"].sums(), coarse.sums()[1:3, 2:4])
    # the second of the further spikes lies inside: row 4, column 9 are row 0, column 1 here
    assert part["fine"].extra.tolist() == [[3, 7, 2]] and len(fine.extra) == 2
    (link,) = part.synapses  # what has no rows cannot be cut
    assert link.rows.tolist() == list(range(4, 12)) and link.columns.tolist() == list(range(16, 32))
    assert (part.simulator, part.timesteps) == ("test", STEPS)
