"""No figure without a source, and every figure as it was published."""

import math

import pytest

from snnlab.energy import conventional, neuromorphic, pilotnet, spotter
from snnlab.energy.constants import UNITS, Constant, changed
from snnlab.energy.devices import BITS, device, devices
from snnlab.energy.estimate import estimate
from snnlab.energy.work import LayerWork, Work
from snnlab.errors import LabError

ALL = [(one, constant) for bits in BITS for one in devices(bits) for constant in one.constants]


@pytest.mark.parametrize("bits", BITS)
def test_every_constant_has_a_source_that_can_be_looked_up(bits):
    for one in devices(bits):
        assert one.constants
        for constant in one.constants:
            # a year or a version, and a name
            assert any(c.isdigit() for c in constant.source), (one.name, constant.key)
            assert len(constant.source) > 10
            assert constant.unit in UNITS
            assert 0 <= constant.low <= constant.value <= constant.high
            if not constant.low == constant.value == constant.high:
                assert constant.note, (one.name, constant.key)


def test_a_constant_without_a_source_cannot_be_made():
    for source in ("", "  "):
        with pytest.raises(ValueError, match="no source"):
            Constant("event", "Synaptic event", 1.0, "pJ", source)
    with pytest.raises(ValueError):
        Constant("event", "Synaptic event", 1.0, "eV", "somebody 2020")
    with pytest.raises(ValueError):
        Constant("event", "Synaptic event", 1.0, "pJ", "somebody 2020", low=2.0)


PUBLISHED = {
    ("loihi-davies", "event"): 23.6e-12,
    ("loihi-davies", "active"): 81e-12,
    ("loihi-davies", "inactive"): 52e-12,
    ("loihi-sanafe", "event"): 24.0e-12,
    ("loihi-sanafe", "inactive"): 51.2e-12,
    ("loihi-sanafe", "active"): (51.2 + 21.6) * 1e-12,
    ("loihi-sanafe", "spike"): 69.3e-12,
    ("loihi-keras", "event"): 27.1e-12,
    ("loihi-keras", "active"): 81e-12,
    ("loihi-keras", "inactive"): 81e-12,
    ("spinnaker", "event"): 13.3e-9,
    ("spinnaker", "active"): 26e-9,
    ("spinnaker2", "event"): 450e-12,
    ("spinnaker2", "active"): 2.19e-9,
    ("cpu", "mac"): 8.6e-9,
    ("gpu", "mac"): 0.3e-9,
    ("arm", "mac"): 0.9e-9,
    ("ann-45nm-fp32", "mac"): 4.6e-12,
    ("snn-45nm-fp32", "event"): 0.9e-12,
    # 0.2 pJ of multiplication at 8 bits and 0.1 pJ of addition at 32
    ("ann-45nm-int", "mac"): 0.3e-12,
    ("snn-45nm-int", "event"): 0.1e-12,
    ("loihi-davies", "static"): 3.34 / 32,
    ("jetson", "idle"): 2.64,
    ("jetson", "dynamic"): 4.98 - 2.64,
    ("movidius", "idle"): 0.210,
    ("movidius", "dynamic"): 0.647 - 0.210,
}


@pytest.mark.parametrize("where", PUBLISHED, ids="/".join)
def test_values_are_as_published(where):
    found = device(where[0], devices(8)).get(where[1])
    assert found.band[1] == pytest.approx(PUBLISHED[where], rel=5e-3)


def test_keras_spikings_are_its_own():
    from snnlab import compat

    compat.nengo_dl()  # puts Keras 2 in place
    import keras_spiking

    ours = {"cpu": "cpu", "gpu": "gpu", "arm": "arm", "loihi": "loihi-keras",
            "spinnaker": "spinnaker", "spinnaker2": "spinnaker2"}  # fmt: skip
    for name, published in keras_spiking.ModelEnergy.devices.items():
        found = device(ours[name], devices(8))
        synapse, neuron = ("event", "active") if published["spiking"] else ("mac", "neuron")
        assert found.get(synapse).band[1] == pytest.approx(published["energy_per_synop"])
        assert found.get(neuron).band[1] == pytest.approx(published["energy_per_neuron"])


def test_starting_a_layer_gives_the_spotters_table_back():
    """Its own network, charged with what was derived from it, costs what was measured."""
    macs = 390 * 256 + 256 * 256 + 256 * 29
    table = {"cpu-online": 0.0063, "gpu-online": 0.0298, "jetson": 0.0056, "movidius": 0.0015}
    for name, joules in table.items():
        one = device(name, devices(32))
        whole = macs * one.get("mac").band[1] + 3 * one.get("dispatch").band[1]
        assert whole == pytest.approx(joules)
    # dynamic power over inferences a second is that energy
    assert pytest.approx(0.0298, rel=0.01) == (37.83 - 14.97) / 770.39
    assert pytest.approx(0.0063, rel=0.01) == (28.48 - 17.01) / 1813.63
    assert pytest.approx(0.0056, rel=0.01) == (4.98 - 2.64) / 419
    assert pytest.approx(0.0015, rel=0.04) == (0.647 - 0.210) / 300
    assert pytest.approx(0.00027, rel=0.02) == (0.110 - 0.029) / 296
    assert sum(spotter.MACS) == macs


def test_a_mac_on_jetson_and_movidius_is_what_their_logs_say():
    """Recomputed from the published logs: watts, inferences, seconds."""
    macs = 390 * 256 + 256 * 256 + 256 * 29
    jetson = (4.365 - 2.64) / 16976 / macs  # batches of 64
    small, large = (0.632 - 0.21) / (234877 / 900), (0.798 - 0.21) / (63936 / 900)
    # ten branches of ten layers, and nine more outputs of 256 that the last layer adds up
    movidius = (large - small) / ((10 * 10 + 9) * 256 * 256)
    for name, expected in (("jetson", jetson), ("movidius", movidius)):
        low, value, high = device(name, devices()).get("mac").band
        assert value == high == pytest.approx(expected)
        assert low == 0


def test_sana_fe_is_not_called_more_than_it_is():
    """Its file says SPICE, its abstract says calibrated: both, and where one reads it."""
    for one in devices():
        text = " ".join(
            [one.summary, *one.assumptions, *(c.source + c.note for c in one.constants)]
        )
        assert "silicon" not in text.replace("before silicon", "")
        if one.name == "loihi-sanafe":
            assert "SPICE" in text and "was calibrated" in text and "12 %" in text


def test_hops_are_the_mean_over_all_pairs_of_tiles():
    east = [abs(a - b) for a in range(8) for b in range(8)]
    north = [abs(a - b) for a in range(4) for b in range(4)]
    mean = 1.7 + 3.0 * sum(east) / len(east) + 4.0 * sum(north) / len(north)
    message = device("loihi-davies", devices()).get("message")
    assert message.value == pytest.approx(mean)
    assert message.high == pytest.approx(1.7 + 3.0 * 7 + 4.0 * 3)


def test_arithmetic_is_horowitzs_at_8_and_32_bits_and_between_them_between():
    assert conventional.multiply_pj(8) == pytest.approx(0.2)
    assert conventional.multiply_pj(32) == pytest.approx(3.1)
    assert conventional.add_pj(8) == pytest.approx(0.03)
    assert conventional.add_pj(32) == pytest.approx(0.1)
    for price in (conventional.multiply_pj, conventional.add_pj):
        values = [price(bits) for bits in BITS]
        assert values == sorted(values)
    assert conventional.sram_pj(64) == 10.0


def test_fewer_bits_cost_no_more():
    for name in ("ann-45nm-int", "snn-45nm-int", "cpu", "gpu-online"):
        bands = [
            [constant.band for constant in device(name, devices(bits)).constants] for bits in BITS
        ]
        for few, many in zip(bands, bands[1:], strict=False):
            for one, other in zip(few, many, strict=True):
                assert all(a <= b * (1 + 1e-12) for a, b in zip(one, other, strict=True))


def test_names_are_unique_and_keys_within_a_device_too():
    found = devices()
    assert len({one.name for one in found}) == len(found)
    assert len({one.title for one in found}) == len(found)
    for one in found:
        assert len({constant.key for constant in one.constants}) == len(one.constants)
    assert {one.network for one in found} == {"ann", "snn"}


def test_a_value_of_ones_own_has_no_band_and_says_whose_it_is():
    found = devices(8, {("loihi-davies", "event"): 10.0})
    event = device("loihi-davies", found).get("event")
    assert (event.low, event.value, event.high) == (10.0, 10.0, 10.0)
    assert event.source.startswith("yours")
    assert "23.6 pJ" in event.source
    assert device("loihi-sanafe", found) == device("loihi-sanafe", devices(8))
    for wrong in ({("loihi-davies", "nothing"): 1.0}, {("nobody", "event"): 1.0},
                  {("cpu", "mac"): -1.0}, {("cpu", "mac"): math.nan}):  # fmt: skip
        with pytest.raises(LabError):
            changed(devices(8), wrong)


@pytest.mark.parametrize("bits", [0, 1, 33])
def test_bits_that_make_no_sense_are_refused(bits):
    with pytest.raises(LabError):
        devices(bits)


def test_no_such_device():
    with pytest.raises(LabError, match="loihi-davies"):
        device("abacus", devices())


def test_what_none_has_published_says_so():
    for one in neuromorphic.chips()[:2]:
        assert "none is published" in one.get("interchip").note


def test_loihi_2_is_what_a_network_of_intels_took():
    """The notebook prints these energies beside power and rate."""
    total, dynamic = pilotnet.TOTAL / pilotnet.RATE, pilotnet.DYNAMIC_JOULES
    assert (total, dynamic) == pytest.approx((2.414157e-3, 1.385611e-3), rel=2e-5)
    found = device("loihi2-pilotnet", devices())
    frame = Work(
        0, pilotnet.STEPS, (LayerWork("", pilotnet.NEURONS, 0, 1.0, 1.0, 1.0),), 0, 1, 1, ""
    )
    assert estimate(found, frame).joules == pytest.approx(dynamic)
    assert estimate(found, frame, idle=True).joules == pytest.approx(dynamic)
