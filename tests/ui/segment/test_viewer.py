"""What the browser is sent is what the result holds; what it sends is checked."""

import json
import re
import shutil
import struct
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from benchmarks.reproduce_tables import pick
from snnlab.lab import segmenting as lab
from snnlab.lab import viewing as lab_viewer
from snnlab.results import unsteady
from snnlab.ui.segment import viewer
from snnlab.ui.segment.viewer import answers, bundle, packing
from snnlab.ui.shared import bench, chosen, moments

TYPES = {"u1": np.uint8, "u2": np.uint16, "i2": np.int16, "f4": np.float32}
MODULES = sorted((Path(viewer.__file__).parent / "js").glob("*.js"))


def unpacked(blob):
    """The format as the module's text gives it, read independently of how it is written."""
    (length,) = struct.unpack_from("<I", blob)
    header = json.loads(blob[4 : 4 + length])
    flat, at, found = zlib.decompress(blob[4 + length :]), 0, {}
    for part in header["parts"]:
        kind = np.dtype(TYPES[part["type"]]).newbyteorder("<")
        count = int(np.prod(part["shape"], dtype=np.int64))
        values = np.frombuffer(flat, kind, count, at).reshape(part["shape"])
        at += count * kind.itemsize
        if part["name"] in header["deltas"]:
            values = np.cumsum(values.astype(np.int64), 0) % (256**kind.itemsize)
        found[part["name"]] = values
    assert at == len(flat)
    return header, found


@pytest.fixture(scope="module")
def result():
    return lab.default_result()


@given(
    st.sampled_from(list(TYPES)).flatmap(
        lambda kind: arrays.arrays(TYPES[kind], arrays.array_shapes(min_dims=3, max_dims=3))
    ),
    st.booleans(),
)
def test_a_container_gives_back_what_was_put_in(values, delta):
    delta = delta and values.dtype.kind == "u"
    blob = packing.container({"a": 1}, {"x": values, "y": values[:1]}, ("x",) if delta else ())
    header, found = unpacked(blob)
    assert header["a"] == 1
    assert np.array_equal(found["x"], values, equal_nan=values.dtype.kind == "f")
    assert np.array_equal(found["y"], values[:1], equal_nan=values.dtype.kind == "f")


def test_frames_are_the_snn_at_each_step(result):
    header, found = unpacked(packing.pack(result, "name"))
    assert header["name"] == "name"
    assert (header["height"], header["width"]) == result.image.shape
    assert found["image"].std() > 10
    assert np.abs(found["ann"] / 255 - result.ann).max() <= 0.5 / 255 + 1e-6
    labels = result.picture.labels
    assert np.array_equal(found["truth"] > 0, labels)
    assert len(found["frames"]) == len(header["steps"]) == len(header["agreement"])
    at = result.settings.threshold
    for place in (0, len(header["steps"]) // 2, -1):
        step = header["steps"][place]
        assert np.abs(found["frames"][place] / 255 - result.snn(step)).max() <= 0.5 / 255 + 1e-6
        assert header["agreement"][place] == pytest.approx(result.agreement(step), abs=1e-6)
        right = np.mean((result.snn(step) >= at) == labels)
        assert header["accuracy"][place] == pytest.approx(right, abs=1e-6)
    # each network is judged at its own threshold
    assert header["annAccuracy"] == pytest.approx(result.ann_scores.pixel_accuracy, abs=1e-6)
    assert (header["threshold"], header["annThreshold"]) == (at, result.settings.ann_at)
    assert [layer["name"] for layer in header["layers"]] == [item.name for item in result.layers]


def test_the_rule_that_is_told_gives_the_probability_of_the_picture(result):
    """As the inspector computes it: from a column's rates and the header's weights."""
    header, _ = unpacked(packing.pack(result, "n"))
    rule = header["readout"]
    for row, column in ((5, 9), (200, 100)):
        last = lab_viewer.column(result, row, column)[-1]
        sent = last.spikes[rule["after"] :].sum(0) / (result.timesteps - rule["after"])
        rate = sent / result.recording.dt / result.layers[-1].rate_hz
        assert rate == pytest.approx(last.reached, rel=1e-5)
        told = 1 / (1 + np.exp(-(rule["bias"] + np.dot(rule["weights"], last.reached))))
        assert told == pytest.approx(result.snn()[row, column], abs=1e-5)


def test_a_picture_without_labels_has_no_labels(result):
    bare = replace(result, picture=replace(result.picture, labels=None))
    header, found = unpacked(packing.pack(bare, "n"))
    assert "truth" not in found
    assert header["accuracy"] == []
    assert header["annAccuracy"] is None


def test_another_result_has_another_name(result):
    one = packing.identity(packing.pack(result, "n"))
    assert packing.identity(packing.pack(result, "n")) == one
    other = replace(result, ann=1 - result.ann)
    assert packing.identity(packing.pack(other, "n")) != one


def test_a_large_picture_has_fewer_frames(result, monkeypatch):
    monkeypatch.setattr(moments, "FRAME_BYTES", 10 * result.image.size)
    header, found = unpacked(packing.pack(result, "n"))
    assert len(found["frames"]) <= 10
    assert header["steps"][-1] == result.timesteps


@pytest.mark.parametrize("last", [1, 5, 64, 65, 100, 200, 1000])
def test_moments_are_all_or_ever_sparser_and_end_at_the_end(last):
    steps = tuple(range(1, last + 1))
    found = moments.spread(steps, 64)
    assert found[0] == 1
    assert found[-1] == last
    assert len(found) == len(set(found)) <= 64
    assert found == tuple(sorted(found))
    if last <= 64:
        assert found == steps
    else:
        assert len(found) > 40
        assert found[:8] == tuple(range(1, 9))


def test_columns_are_packed_channel_by_channel(result):
    columns = [lab_viewer.column(result, 5, 9), lab_viewer.column(result, 200, 100)]
    header, found = unpacked(packing.pack_columns({"serial": 3}, columns))
    assert header["serial"] == 3
    for index, layers in enumerate(columns):
        first = 0
        about = header["columns"][index]
        for told, layer in zip(about["layers"], layers, strict=True):
            part = slice(first, first + told["channels"])
            assert told["name"] == layer.name
            assert tuple(told["field"]) == tuple(layer.field)
            assert np.array_equal(found[f"spikes{index}"][:, part], layer.spikes)
            potential = found[f"potential{index}"][:, part] * about["scale"]
            assert np.abs(potential - layer.potential).max() <= about["scale"] / 2 * 1.01
            assert np.array_equal(found[f"rate_hz{index}"][part], layer.rate_hz)
            assert np.array_equal(found[f"reached{index}"][part], layer.reached)
            first += told["channels"]
        assert first == found[f"spikes{index}"].shape[1]


def test_a_layer_without_potentials_is_said_to_have_none(result):
    layers = lab_viewer.column(result, 5, 9)
    bare = (replace(layers[0], potential=None), *layers[1:])
    header, found = unpacked(packing.pack_columns({}, [bare]))
    told = header["columns"][0]["layers"]
    assert [layer["followed"] for layer in told] == [False] + [True] * (len(layers) - 1)
    assert not found["potential0"][:, : told[0]["channels"]].any()


def test_graded_spikes_come_with_their_heights(result):
    plain, *others = lab_viewer.column(result, 5, 9)
    _, found = unpacked(packing.pack_columns({}, [(plain, *others)]))
    assert "heights0" not in found
    sent = plain.spikes * np.float32(0.25)
    sent[np.cumsum(plain.spikes > 0, axis=0) == 2] *= 8
    graded = replace(plain, sent=sent, sizes=(2.0, 0.25))
    header, found = unpacked(packing.pack_columns({}, [(graded, *others)]))
    channels = plain.spikes.shape[1]
    assert [layer["sizes"] for layer in header["columns"][0]["layers"][:2]] == [[2.0, 0.25], []]
    assert np.array_equal(found["heights0"][:, :channels], np.ceil(sent * 127.5))
    rest = found["heights0"][:, channels:]
    assert np.array_equal(rest == 255, found["spikes0"][:, channels:] > 0)


@pytest.mark.parametrize("channel", [None, 1])
def test_maps_are_the_counts_at_their_moments(result, channel):
    layer = result.layers[-1].name
    header, found = unpacked(packing.pack_map({}, result, layer, channel))
    for place in (0, -1):
        counts = result.recording[layer].counts(0, header["steps"][place])
        expected = counts.sum(2) if channel is None else counts[:, :, channel]
        assert np.array_equal(found["counts"][place], expected)
    assert header["largest"] == found["counts"].max()


def asked(**more):
    return {"serial": 7, "want": "places", "places": [[1, 2]]} | more


@pytest.mark.parametrize(
    "nonsense",
    [
        None, 3, "x", [], {}, {"serial": 1}, {"want": "map"}, asked(serial="1"), asked(serial=True),
        asked(places=[[1]]), asked(places=[[1, 2, 3]]), asked(places=[["1", 2]]), asked(places=7),
        asked(places=[[-1, 0]]), asked(places=[[0, 256]]), asked(places=[[0.5, 1]]),
        asked(box=[1, 2, 3]), asked(box="abcd"), asked(channel="1"), asked(channel=10**12),
    ],
)  # fmt: skip
def test_nonsense_from_the_browser_is_refused(nonsense):
    assert answers.read(nonsense, (256, 256)) is None


def test_questions_are_read():
    question = answers.read(asked(want="region", box=[1, 2, 3, 4], layer="up0", channel=2), (9, 9))
    assert question == answers.Question(7, "region", ((1, 2),), (1, 2, 3, 4), "up0", 2)
    two = answers.read(asked(places=[[1, 2], [3, 4], [5, 6]]), (9, 9))
    assert two.places == ((1, 2), (3, 4))


def ask(result, **what):
    return unpacked(answers.answer(result, answers.Question(1, **what), "name"))


def test_answers_are_those_of_the_lab(result):
    header, found = ask(result, want="column", places=((5, 9),))
    assert (header["serial"], header["result"], header["want"]) == (1, "name", "column")
    assert np.array_equal(
        found["spikes0"][:, -1], lab_viewer.column(result, 5, 9)[-1].spikes[:, -1]
    )
    header, _ = ask(result, want="region", box=(0, 0, 16, 16))
    assert header["rows"] == [vars(row) for row in lab_viewer.region(result, (0, 0, 16, 16))]
    header, found = ask(result, want="map", layer=result.layers[0].name, channel=0)
    assert header["channel"] == 0 and found["counts"].ndim == 3
    header, found = ask(result, want="rand")
    steps = lab_viewer.scored_steps(result, moments.sent(result))
    assert [step for step, _ in header["rand"]] == list(steps)[: len(header["rand"])]
    for step, rand in header["rand"][:4]:
        assert rand == pytest.approx(lab_viewer.segments_score(result, step), abs=1e-6)
    # what was computed is there to be taken away, and of another run there is nothing
    assert moments.known_rands(result) == dict(header["rand"])
    other = replace(result, settings=result.settings.replace(seed=99))
    assert moments.known_rands(other) == {}
    header, found = ask(result, want="anything else")
    assert found == {} and "error" not in header


def test_activations_are_beside_their_neurons_though_the_ann_lacks_some(result, monkeypatch):
    """Relays and gates lie between the layers that the ANN has."""
    first, relay, *rest = [(part.name, part.shape[-1]) for part in result.layers]
    has = [first, *rest]
    monkeypatch.setattr(
        lab_viewer,
        "column_activations",
        lambda *_: {name: np.full(wide, place) for place, (name, wide) in enumerate(has)},
    )
    _, found = ask(result, want="activation", places=((5, 9),))
    expected = [0.0] * first[1] + [np.nan] * relay[1]
    for place, (_, wide) in enumerate(rest, 1):
        expected += [float(place)] * wide
    assert np.array_equal(found["activation0"], expected, equal_nan=True)


def test_scores_go_on_where_the_last_moment_ended(result, monkeypatch):
    monkeypatch.setattr(moments, "MOMENT", -1.0)  # over at once
    known = {}
    monkeypatch.setattr(
        moments, "_rand", lambda key, result, step: known.setdefault(key, float(len(known)))
    )
    header, _ = ask(result, want="rand")
    assert len(header["rand"]) == 1
    monkeypatch.setattr(moments, "MOMENT", 60.0)
    header, _ = ask(result, want="rand")
    assert len(header["rand"]) == len(lab_viewer.scored_steps(result, moments.sent(result))) > 3
    assert [rand for _, rand in header["rand"]] == sorted(known.values())


def test_a_mistake_is_answered_with_a_sentence(result):
    header, found = ask(result, want="map", layer="none")
    assert "there is no layer 'none'" in header["error"]
    assert found == {}


# ---- the JavaScript ------------------------------------------------------------------------


def test_modules_are_joined_each_once_and_after_what_it_needs():
    text = bundle.script()
    assert not re.search(r"^import\b", text, re.M)
    assert re.findall(r"^export\b.*", text, re.M) == [
        "export default function ({ data, parentElement }) {"
    ]
    for path in MODULES:
        first = path.read_text("utf-8").splitlines()[0]
        assert text.count(first) == (0 if path.name == "side.js" else 1), path.name
    assert text.index("class Sheets") < text.index("class Viewer")


def test_what_is_imported_is_exported_there():
    for path in MODULES:
        for names, source in re.findall(
            r'^import \{([^}]*)\} from "\./([\w-]+\.js)"', path.read_text(), re.M
        ):
            offered = (path.parent / source).read_text()
            for name in filter(None, (name.strip() for name in names.split(","))):
                declared = rf"^export (async )?(function|class|const) {name}\b"
                assert re.search(declared, offered, re.M), (path.name, name)
                assert len(re.findall(rf"\b{name}\b", path.read_text())) > 1, (path.name, name)


def test_no_two_modules_use_one_name():
    declared = re.findall(r"^(?:async )?(?:function|class|const|let) (\w+)", bundle.script(), re.M)
    assert len(declared) == len(set(declared)) > 20


def test_a_circle_of_modules_is_refused(tmp_path, monkeypatch):
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "a.js").write_text('import { b } from "./b.js"\n')
    (tmp_path / "js" / "b.js").write_text('import { a } from "./a.js"\n')
    monkeypatch.setattr(bundle, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match="a.js -> b.js -> a.js"):
        bundle.script.__wrapped__("a.js")


@pytest.mark.parametrize("entry", ["viewer.js", "side.js"])
def test_the_joined_text_is_javascript(entry, tmp_path):
    node = shutil.which("node") or pytest.skip("no Node.js here; the browser tests run it too")
    file = tmp_path / "joined.mjs"
    file.write_text(bundle.script(entry))
    done = subprocess.run([node, "--check", file], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def evaluated(module, expression):
    """What an expression gives, given what a module without imports exports."""
    node = shutil.which("node") or pytest.skip("no Node.js here; the browser tests run it too")
    text = (bundle.FOLDER / "js" / module).read_text("utf-8").replace("export ", "")
    script = f"{text}\nconsole.log(JSON.stringify({expression}))"
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("many", [3, 5, 8])
def test_axes_of_time_have_round_steps_and_both_ends(many):
    lasts = [*range(1, 70), 80, 100, 128, 160, 200, 256, 320, 400, 500, 640, 800, 1000]
    axes = evaluated("axis.js", f"{lasts}.map((last) => roundSteps(last, {many}))")
    for last, steps in zip(lasts, axes, strict=True):
        assert steps[0] == 0 and steps[-1] == last
        apart = np.diff(steps)
        assert len(steps) <= many + 1 and (apart > 0).all()
        assert len(set(apart[:-1])) <= 1  # linear, but for what is left at the end
        assert apart[-1] >= 0.6 * apart[0] - 1e-9
    assert evaluated("axis.js", "roundSteps(64, 8)") == list(range(0, 65, 8))


def test_the_moment_nearest_to_a_hand_is_found():
    steps = [1, 2, 3, 8, 20]
    wanted = [0, 1, 2.4, 5, 6, 14, 15, 99]
    found = evaluated("axis.js", f"{wanted}.map((at) => nearestTo({steps}, at))")
    apart = [min(abs(step - at) for step in steps) for at in wanted]
    assert [abs(steps[i] - at) for i, at in zip(found, wanted, strict=True)] == apart


def test_flicker_is_the_spread_over_the_second_half(result):
    _, found = unpacked(packing.pack(result, "n"))
    steps, frames = list(result.steps_shown), found["frames"][:, 100, :]
    told = evaluated("unsteady.js", f"Array.from(spreadOf({frames.tolist()}, {steps}))")
    wanted = unsteady.spread(result)[100]
    assert wanted.max() > 0.02
    # in 255ths of a quarter, of probabilities in 255ths
    assert np.abs(np.array(told) / 255 * 0.25 - np.minimum(wanted, 0.25)).max() < 0.003
    assert evaluated("unsteady.js", f"lateOf({steps})") == list(range(31, 64))


def test_what_flicker_is_worth_is_said_as_it_was_measured():
    root = Path(__file__).parents[3]
    said = (root / "snnlab/ui/segment/viewer/js/layers.js").read_text("utf-8")
    guide = (root / "docs/guide.md").read_text("utf-8")
    head = "| model | threshold | pixels wrong (%) | flicker |"
    for name, own in (("regularised", "0.8"), ("relu", "0.9"), ("loihi", "0.8")):
        row = next(row for row in pick(guide, head).rows if row[:2] == (f"`{name}`", own))
        flicker, ann = float(row[3]), float(row[5])
        assert re.search(rf"{name}[^0-9]*{flicker:.2f} and {ann:.2f}", said), name


def test_files_are_short_and_fetch_nothing():
    folder = Path(viewer.__file__).parent
    for path in (*MODULES, *folder.glob("*.css"), *folder.glob("*.html"), *folder.glob("*.py")):
        text = path.read_text("utf-8")
        assert text.count("\n") <= 400, path.name
        assert not re.search(r"https?://", text), path.name


# ---- places --------------------------------------------------------------------------------


def test_a_place_of_the_address_is_chosen_once_its_image_is_shown(app):
    app.query_params["at"] = "3-4-9-9"
    app.query_params["steps"] = "64"
    app.run()
    assert not app.exception
    text, image = app.session_state["beside"]["at"]
    assert (text, image) == ("3-4-9-9", bench.named(app.session_state["shown"].picture))
    assert app.query_params["at"] == "3-4-9-9"


@pytest.mark.parametrize(
    "nonsense", ["", "3", "3-", "a-b", "3-4-5", "1-2-3-4-5-6", "9" * 40, "٣-٤"]
)
def test_a_place_that_makes_no_sense_is_named_and_left_out(app, nonsense):
    app.query_params["at"] = nonsense
    app.query_params["steps"] = "64"
    app.run()
    assert not app.exception
    assert any("at in the address is not a row and a column" in w.value for w in app.warning)
    assert "at" not in app.query_params


def test_a_place_outside_the_image_is_not_chosen(app):
    app.query_params["at"] = "3-99999"
    app.run()
    assert not app.exception


def test_choose_and_chosen(monkeypatch, result):
    monkeypatch.setattr(chosen.st, "session_state", {"settings": result.settings})
    assert viewer.chosen(result) == ()
    viewer.choose(result, (3, 4), (9, 9))
    assert viewer.chosen(result) == ((3, 4), (9, 9))
    assert bench.beside("at") == ("3-4-9-9", bench.named(result.picture))
    other = replace(result, picture=replace(result.picture, section=5))
    assert viewer.chosen(other) == ()
    asked_for = {"result": "n", "serial": 1, "want": "places", "places": [[7, 7]]}
    assert answers.take(result, asked_for | {"result": "older"}, "n") is None
    assert viewer.chosen(result) == ((3, 4), (9, 9))
    assert answers.take(result, asked_for, "n") is not None
    assert viewer.chosen(result) == ((7, 7),)
    assert chosen.box(result.picture) is None
    assert answers.take(result, asked_for | {"want": "region", "box": [0, 0, 2, 2]}, "n")
    assert viewer.chosen(result) == ((7, 7),)
    # the box that was drawn is kept for all sections of this image, and for no other
    assert chosen.box(result.picture) == chosen.box(other.picture) == (0, 0, 2, 2)
    assert chosen.box(replace(result.picture, sha256="another")) is None


def test_pages_can_outline_and_mark_parts_of_the_image(monkeypatch, result):
    told = {}
    monkeypatch.setattr(viewer, "_component", lambda: lambda **more: told.update(picture=more))
    monkeypatch.setattr(viewer, "_side", lambda: lambda **more: told.update(side=more))
    monkeypatch.setattr(viewer.st, "fragment", lambda work: work)
    monkeypatch.setattr(viewer.st, "session_state", {})
    monkeypatch.setattr(viewer.views, "of", lambda result, what, work, **more: work())
    box = viewer.Box(1, 2, 3.5, 4, "core 5", "#2a9d5c")
    viewer.show(result, place=(7, 9), boxes=[box], spots=[(5, 6)], compact=True)
    data = told["side"]["data"]
    (length,) = struct.unpack_from("<I", data)
    header = json.loads(data[4 : 4 + length])
    assert header["boxes"] == [vars(box)]
    assert header["spots"] == [[5, 6]]
    assert header["places"] == [[7, 9]]
    assert header["compact"] is True
    assert header["region"] == list(result.region)
    assert header["result"] == packing.identity(told["picture"]["data"])
    assert len(data) == 4 + length  # nothing was asked, nothing is answered
