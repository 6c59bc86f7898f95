"""The compat module against the libraries themselves."""

import subprocess
import sys
import warnings
from pathlib import Path

import nengo
import numpy as np
import pytest

from snnlab import compat

ROOT = Path(__file__).resolve().parent.parent


def fresh(code: str) -> tuple[str, str]:
    """Run code in a new Python; what it said on standard output and standard error."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr


def small_model(tf):
    """A net with a skip, in the pieces that the U-Net is made of."""
    image = tf.keras.Input((8, 8, 1))
    first = tf.keras.layers.Conv2D(4, 3, padding="same", activation="relu")(image)
    second = tf.keras.layers.Conv2D(4, 3, padding="same", activation="relu")(first)
    both = tf.keras.layers.Concatenate()([first, second])
    return tf.keras.Model(image, tf.keras.layers.Conv2D(1, 1)(both))


@pytest.mark.parametrize("module", ["snnlab", "snnlab.compat"])
def test_importing_costs_nothing(module):
    heavy = ("tensorflow", "keras", "tf_keras", "nengo", "nengo_dl", "nengo_loihi", "numpy")
    code = f"import sys, {module}; print([m for m in {heavy} if m in sys.modules])"
    assert fresh(code) == ("[]", "")


def test_imports_say_nothing():
    code = """
from snnlab import compat
compat.tensorflow(), compat.nengo_dl(), compat.nengo_loihi()
"""
    assert fresh(code) == ("", "")


def test_running_says_nothing():
    code = """
import nengo
from snnlab import compat
loihi, dl = compat.nengo_loihi(), compat.nengo_dl()
for backend, neuron in (loihi, loihi.LoihiLIF()), (dl, nengo.SpikingRectifiedLinear()):
    with nengo.Network(seed=0) as network:
        nengo.Probe(nengo.Ensemble(4, 1, neuron_type=neuron).neurons)
    with backend.Simulator(network, progress_bar=False) as simulator:
        simulator.run_steps(3)
"""
    assert fresh(code) == ("", "")


def test_a_full_disk_does_not_stop_tensorflow():
    """A limit of the system, under which no file can take a byte, as on a full disk."""
    code = """
import resource, signal, sys
sys.dont_write_bytecode = True
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
from snnlab import compat
print(int(compat.tensorflow().constant(7)))
"""
    assert fresh(code) == ("7", "")


def test_standard_error_is_given_back():
    code = """
import os
from snnlab import compat
compat.tensorflow()
os.write(2, b"heard")
"""
    assert fresh(code) == ("", "heard")


@pytest.mark.parametrize("first", ["pass", "import keras, keras.layers"])
def test_keras_3_is_left_in_place(first):
    code = f"""
import sys
from snnlab import compat
{first}
known = {{n: m for n, m in sys.modules.items() if n.split(".")[0] == "keras"}}
compat.nengo_dl()
print({{n: m for n, m in sys.modules.items() if n.split(".")[0] == "keras"}} == known)
import keras, keras.layers
print(keras.__version__.split(".")[0], keras.layers.Dense.__module__.split(".")[0])
"""
    assert fresh(code)[0].splitlines() == ["True", "3 keras"]


def test_subprocess_is_left_in_place():
    code = """
import subprocess
from snnlab import compat
call = subprocess.call
compat.nengo_dl()
print(subprocess.call is call)
"""
    assert fresh(code) == ("True", "")


def test_threads_may_ask_at_once():
    code = """
import os, sys, threading
from snnlab import compat
names = ("tensorflow", "nengo_dl", "nengo_loihi") * 3
got = [None] * len(names)
def ask(i):
    got[i] = getattr(compat, names[i])()
threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(names))]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(*(module.__name__ for module in got[:3]), got[:3] == got[3:6] == got[6:])
print("keras.engine" in sys.modules)
os.write(2, b"heard")
"""
    assert fresh(code) == ("tensorflow nengo_dl nengo_loihi True\nFalse", "heard")


def test_tensorflow_serves_keras_2():
    tf = compat.tensorflow()
    assert tf.keras.layers.Dense.__module__.startswith("tf_keras.")
    assert compat.tensorflow() is tf


def test_nengo_dl_converts_and_verifies_a_keras_model():
    tf, nengo_dl = compat.tensorflow(), compat.nengo_dl()
    tf.keras.utils.set_random_seed(1)
    model = small_model(tf)
    converter = nengo_dl.Converter(model, allow_fallback=False)
    assert converter.verify(training=False)
    # verify() is NengoDL's own word: hold the numbers against Keras as well
    images = np.random.default_rng(2).random((3, 8, 8, 1), dtype=np.float32)
    with nengo_dl.Simulator(converter.net, minibatch_size=3, progress_bar=False) as simulator:
        flat = images.reshape(3, 1, 64)
        found = simulator.predict({converter.inputs[model.input]: flat}, verbose=0)
    (found,) = found.values()
    expected = model(images, training=False).numpy().reshape(3, 1, 64)
    assert np.ptp(expected) > 0.01
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_nengo_dl_steps_as_nengo_does():
    nengo_dl = compat.nengo_dl()
    with nengo.Network(seed=3) as network:
        a = nengo.Ensemble(30, 1, neuron_type=nengo.SpikingRectifiedLinear())
        nengo.Connection(nengo.Node(0.7), a, synapse=None)
        probe = nengo.Probe(a.neurons)
    with nengo_dl.Simulator(network, progress_bar=False) as simulator:
        simulator.run_steps(50)
    with nengo.Simulator(network, progress_bar=False) as reference:
        reference.run_steps(50)
    spikes, expected = simulator.data[probe] > 0, reference.data[probe] > 0
    assert 100 < expected.sum() < expected.size / 2
    # single precision moves a spike by a step now and then, but loses none
    assert np.abs(spikes.sum(axis=0) - expected.sum(axis=0)).max() <= 1
    assert np.mean(spikes != expected) < 0.01


def test_nengo_loihi_runs_in_its_emulator():
    nengo_loihi = compat.nengo_loihi()
    # reset to zero makes the rate 1000 / ceil(1000 / bias) Hz
    bias = np.array([260.0, 520.0, 1100.0])
    with nengo.Network(seed=4) as network:
        cells = nengo.Ensemble(
            3,
            1,
            gain=np.ones(3),
            bias=bias,
            neuron_type=nengo_loihi.neurons.LoihiSpikingRectifiedLinear(),
        )
        probe = nengo.Probe(cells.neurons)
    with nengo_loihi.Simulator(network, target="sim", progress_bar=False) as simulator:
        simulator.run_steps(100)
    counts = np.count_nonzero(simulator.data[probe], axis=0)
    np.testing.assert_allclose(counts, [25, 50, 100], atol=1)


def test_nengo_loihi_runs_a_convolution():
    nengo_loihi = compat.nengo_loihi()
    kernel = np.zeros((3, 3, 1, 2))
    kernel[1, 1, 0] = 0.6, -0.6
    neuron = nengo_loihi.neurons.LoihiSpikingRectifiedLinear()
    with nengo.Network(seed=5) as network:
        nengo_loihi.add_params(network)
        off = nengo.Ensemble(16, 1, gain=np.ones(16), bias=np.full(16, 210.0), neuron_type=neuron)
        on = nengo.Ensemble(32, 1, gain=np.ones(32), bias=np.zeros(32), neuron_type=neuron)
        network.config[off].on_chip = False
        transform = nengo.Convolution(2, (4, 4, 1), (3, 3), padding="same", init=kernel)
        nengo.Connection(off.neurons, on.neurons, transform=transform, synapse=None)
        probe = nengo.Probe(on.neurons)
    with nengo_loihi.Simulator(network, target="sim", progress_bar=False) as simulator:
        simulator.run_steps(200)
    counts = np.count_nonzero(simulator.data[probe], axis=0)
    excited, inhibited = counts.reshape(16, 2).T
    # the input spikes every 5 steps, and every second one carries the sum past the threshold
    np.testing.assert_allclose(excited, 20, atol=1)
    assert not inhibited.any()


def test_warnings_that_matter_get_through():
    nengo_dl = compat.nengo_dl()
    tf = compat.tensorflow()
    model = small_model(tf)
    with pytest.warns(UserWarning, match="swap_activations contained"):
        nengo_dl.Converter(model, swap_activations={tf.nn.elu: nengo.SpikingRectifiedLinear()})
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        compat.nengo_dl()
        warnings.warn("No GPU support detected", UserWarning, stacklevel=1)
    assert len(seen) == 1
