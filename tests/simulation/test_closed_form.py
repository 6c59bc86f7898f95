"""SpKeras's closed form as a simulator: counts without times."""

import numpy as np
import pytest

from snnlab import conversion, simulation
from snnlab.errors import Cancelled, LabError
from snnlab.settings import Settings
from snnlab.simulation import closed_form
from snnlab.simulation.closed_form import run
from tests import small_models


def converted(method="ecc", model=None, side=32, **changes):
    settings = Settings(model="small", method=method, **changes)
    model = model or small_models.model(6)
    return conversion.method(method).convert(model, small_models.image(side), settings)


def spkeras(counts, weights, bias, lambdas, steps):
    """One layer as SpKeras's ``SpikeForward`` and ``CurrentBias`` evaluate it, amp_factor 100.

    Written from ``cnn_to_snn.convert`` (method 1) and ``spike`` of its layers/core.py.
    """
    before, own = lambdas
    current = counts @ (100 * weights * before / own) + 100 * bias / own * steps
    raised = (np.maximum(current, 0) + 100 * 0.5) / 100
    return np.clip(np.floor(raised), 0, steps)


def test_two_layers_by_hand_are_spkerass_with_its_floor_on_the_pixels():
    """Three pixels of which none is a whole count, into the lab's own network."""
    model, image, steps = small_models.model(6), small_models.image(32), 25
    found = run(converted(timesteps=steps), steps)
    from snnlab.conversion import calibration

    own = float(np.float32(calibration.largest(model, "encoder")))
    pixels = np.floor(image.astype(float) * steps)[..., None]
    assert (pixels != image[..., None] * steps).mean() > 0.9
    kernel = model.kernels["encoder"][0, 0].astype(float)
    wanted = spkeras(pixels, kernel, model.biases["encoder"].astype(float), (1, own), steps)
    assert (found["encoder"].counts() != wanted).mean() < 1e-3  # ties, rounded otherwise
    # without the floor it is another count
    whole = closed_form.closed_form(converted(timesteps=steps), steps)["encoder"]
    assert (found["encoder"].counts() != whole).mean() > 0.01


def test_it_is_a_recording_of_counts_without_times():
    found = simulation.simulator("closed-form").run(converted(), 70)
    assert (found.simulator, found.timesteps, found.timed) == ("closed-form", 70, False)
    last = found.populations[-1]
    assert 0 < last.counts().mean() < 70
    np.testing.assert_array_equal(last.counts(), last.counts(0, 70))
    # whatever part is read out, the rate is that of the whole
    np.testing.assert_array_equal(last.rates_hz(35, 70), last.rates_hz())
    for asked in (lambda: last.counts(35), lambda: last.raster(np.arange(2))):
        with pytest.raises(LabError, match="not when; choose another simulator"):
            asked()


@pytest.mark.parametrize("steps", [1, 63, 64, 65, 200])
def test_bits_are_as_many_as_spikes(steps):
    from snnlab.simulation.recording import SpikeTrains
    from snnlab.simulation.words import tally

    counts = np.arange(steps + 1).reshape(1, 1, -1)
    trains = SpikeTrains.counted("layer", counts.shape, counts, steps, 0.001)
    np.testing.assert_array_equal(trains.counts(), counts)
    histogram, _ = tally(trains)
    assert histogram.tolist() == [1] * (steps + 1)


def test_max_pooling_takes_the_largest_count():
    model = small_models.pooled_model()
    network = converted("ecc", model)
    found = run(network, 40)
    gates = [p for p in network.populations if p.name.startswith("pool-")]
    assert gates
    for gate in gates:
        below = gate.name.removeprefix("pool-")
        (source,) = next(layer.inputs for layer in model.layers if layer.name == below)
        counts = found[source].counts()
        height, width, channels = counts.shape
        wanted = counts.reshape(height // 2, 2, width // 2, 2, channels).max((1, 3))
        np.testing.assert_array_equal(found[gate.name].counts(), wanted)


@pytest.mark.parametrize(
    ("method", "changes", "told"),
    [
        ("multi-threshold", {}, "reset by subtraction"),
        ("rate-scaling", {"reset": "zero"}, "reset by subtraction"),
        ("data-normalisation", {"input": "poisson"}, "reset by subtraction"),
        ("rate-scaling", {"synapse_ms": 3.0}, "set the synapse to 0 ms"),
    ],
)
def test_what_it_is_not_true_of_is_refused(method, changes, told):
    with pytest.raises(LabError, match=told):
        run(converted(method, **changes), 8)


def test_it_can_be_stopped_and_tells_how_far_it_is():
    told = []
    run(converted(), 8, progress=lambda share, stage: told.append((share, stage)))
    assert told[-1] == (1.0, "closed form") and told == sorted(told)
    with pytest.raises(Cancelled):
        run(converted(), 8, cancel=lambda: True)
    with pytest.raises(LabError, match="1 or more"):
        run(converted(), 0)
