"""An RBF network's units as neurons: counts by hand, Nengo's own simulator, and the limit."""

import numpy as np
import pytest

from snnlab import simulation
from snnlab.conversion import rbf_currents
from snnlab.nets import rbf_features
from snnlab.nets.rbf_kernels import euclid
from snnlab.settings import Settings
from tests import small_models, small_rbf

SETTINGS = Settings(lower_hz=500.0, upper_hz=500.0, initial=0.0)
MODEL = small_rbf.network(1)


@pytest.fixture(scope="module")
def x():
    image = small_models.image(32)
    found = rbf_features.features(image)[8:13, 4:10]
    return MODEL.alike(found).reshape(5, 6, -1)


def run(x, timesteps, simulator="event", settings=SETTINGS):
    network = rbf_currents.convert(MODEL, x, settings)
    return network, simulation.simulator(simulator).run(network, timesteps, 0)


def test_each_unit_spikes_as_often_as_its_kernel_says(x):
    _, recording = run(x, 100)
    values = euclid(x.reshape(30, -1), MODEL.places, MODEL.width).reshape(5, 6, -1)
    counts = recording[rbf_currents.UNITS].counts()
    # 500 Hz for 100 ms: fifty spikes for a value of 1, the rest stays in the potential
    assert np.abs(counts - np.floor(50 * values + 1e-4)).max() <= 1
    assert (counts == np.floor(50 * values + 1e-4)).mean() > 0.98 and counts.any()


def test_nengos_own_simulator_gives_the_same_spikes(x):
    (_, ours), (_, theirs) = run(x, 40), run(x, 40, "nengo")
    ours, theirs = (one[rbf_currents.UNITS].counts() for one in (ours, theirs))
    assert np.array_equal(ours, theirs)


def test_after_many_steps_the_output_is_the_networks_own(x):
    wanted = MODEL.logits(x.reshape(30, -1)).reshape(5, 6)
    apart = []
    for timesteps in (8, 64, 1000):
        network, recording = run(x, timesteps)
        found = rbf_currents.logits(MODEL, x, network, recording)
        apart.append(np.abs(found - wanted).mean())
    assert apart[0] > apart[1] > apart[2] and apart[2] < 0.01
