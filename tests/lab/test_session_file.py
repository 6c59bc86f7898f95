"""A session as a file: what is in it comes back, and nothing else comes in."""

import io
import json
import random
import warnings
import zipfile
from dataclasses import fields, replace

import numpy as np
import pytest
from skimage import measure

from benchmarks import forged
from benchmarks.hostile import mutated
from snnlab.data.synthetic import synthetic
from snnlab.errors import LabError
from snnlab.lab import segmenting as lab
from snnlab.lab import session_file
from snnlab.lab.session_file import Session
from snnlab.lab.stack import Stack
from snnlab.lab.stack_file import Held
from snnlab.nets import shelf
from snnlab.results import metrics, stacked, summary, summary_kept
from snnlab.results.stacked import NETWORKS, Section
from tests import small_models


@pytest.fixture(scope="module")
def run():
    return summary.of(lab.default_result())


def section(place, side=32):
    """A section as the page Stack keeps it, scored as such."""
    made = synthetic(side, place)
    cells = measure.label(made.labels, connectivity=1)
    marks = metrics.marks(made.image, made.labels, 0.5)
    return Section(
        place, np.uint8(255 * made.image), {n: np.uint8(1 + 254 * made.labels) for n in NETWORKS},
        {"ann": cells.astype(np.uint16), "snn": cells.astype(np.int32)},
        dict.fromkeys(NETWORKS, marks), 0.9 if place else float("nan"), 17 * place, 3.25,
    )  # fmt: skip


@pytest.fixture(scope="module")
def stack(run):
    made = Stack("my tissue.tif", run.settings, (4, 5, 32, 32), nm=4.0)
    made.sections.update({place: section(place) for place in (0, 2)})
    return Held("ab" * 32, made, range(5), 50.0)


@pytest.fixture(scope="module")
def session(run, stack):
    model = replace(small_models.model(3), name="mine-0a1b2c")
    model = replace(model, card={"summary": "Mine.", "name": model.name})
    blank = replace(run, agreement=float("nan"), snn_scores=None, silence="It is mute.")
    settings = run.settings.replace(source="upload", timesteps=32, ann_threshold=0.7)
    return Session(
        settings,
        {"upload": ("my tissue.tif", b"II*\0 and so on"), "labels-ab": ("l.png", b"\x89PNG")},
        {"polarity-ab": "cell", "negative-ab": True, "pixel-size-ab": 5.5},
        (run, blank),
        (replace(run, pictures={}),),
        (model,),
        ("spike", "rates"),
        stack,
    )


@pytest.fixture(scope="module")
def data(session):
    return session_file.pack(session_file.parts(session))


def same(one, other):
    for item in fields(one):
        a, b = getattr(one, item.name), getattr(other, item.name)
        if item.name in ("course", "pictures"):
            assert list(a) == list(b)
            assert all(np.array_equal(a[k], b[k], equal_nan=k == "agreement") for k in a)
        elif item.name == "layers":
            np.testing.assert_equal([vars(v) for v in a], [vars(v) for v in b])
        else:
            np.testing.assert_equal(a, b)


def test_all_of_a_session_comes_back(session, data):
    back = session_file.unpack(data, models=True)
    assert back.settings == session.settings
    assert back.files == session.files and back.said == session.said
    assert back.learned == session.learned and back.lost == ()
    for was, now in zip(session.pins + session.runs, back.pins + back.runs, strict=True):
        same(was, now)
    assert [one.digest for one in back.models] == [one.digest for one in session.models]
    assert [one.name for one in back.models] == ["mine-0a1b2c"]
    # and from its parts, as a browser keeps them
    again = session_file.unpack_parts(session_file.parts(session), models=True)
    assert again.files == session.files and again.settings == session.settings


def test_sections_of_a_stack_come_back_bit_for_bit(session, data):
    for back in (session_file.unpack(data, True).stack,
                 session_file.unpack_parts(session_file.parts(session), True).stack):  # fmt: skip
        was = session.stack
        assert (back.mark, back.places, back.thickness) == (was.mark, was.places, was.thickness)
        for name in ("name", "settings", "region", "nm"):
            assert getattr(back.stack, name) == getattr(was.stack, name)
        for one, other in zip(was.sections(), back.sections(), strict=True):
            np.testing.assert_equal(vars(one), vars(other))
            assert all(
                getattr(one, what)[n].dtype == getattr(other, what)[n].dtype
                for what in ("probability", "cells") for n in NETWORKS
            )  # fmt: skip
        # and can be gone on with
        assert stacked.together(back.sections()) == stacked.together(was.sections())
        for network in NETWORKS:
            assert len(stacked.through(back.sections(), network).table) > 0


@pytest.mark.parametrize(
    "change",
    [
        lambda arrays: arrays | {"cells_snn": arrays["cells_snn"] + np.int32(2_000_000)},
        lambda arrays: arrays | {"grey": arrays["grey"][:31]},
        lambda arrays: arrays | {"probability_ann": arrays["probability_ann"].astype(float)},
        lambda arrays: {name: arrays[name] for name in arrays if name != "grey"},
    ],
)
def test_a_stack_that_is_forged_is_left_out_and_said(session, change):
    made = session_file.parts(session)
    with np.load(io.BytesIO(made["stack/1.npz"])) as arrays:
        forged_arrays = change(dict(arrays))
    file = io.BytesIO()
    np.savez_compressed(file, **forged_arrays)
    back = session_file.unpack_parts(made | {"stack/1.npz": file.getvalue()}, True)
    assert back.stack is None and "The sections of its stack can no longer" in back.lost[0]
    assert back.files == session.files


def test_more_sections_than_a_stack_may_have_are_not_unpacked(session, monkeypatch):
    made = session_file.parts(session)
    # room for one section and a half
    monkeypatch.setattr("snnlab.lab.stack.MOST", 32 * 32 * 3 // 2)
    back = session_file.unpack_parts(made, True)
    assert back.stack is None and back.files == session.files


def test_it_is_a_zip_that_people_can_open(session, data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        assert names == [
            "session.json", "images/0.tif", "images/1.png", "models/0.npz", "pins/0.npz",
            "pins/1.npz", "stack/0.npz", "stack/1.npz",
        ]  # fmt: skip
        assert archive.read("images/0.tif") == session.files["upload"][1]
        about = json.loads(archive.read("session.json"))
    assert about["settings"]["timesteps"] == 32
    assert about["runs"][0]["snn_scores"]["v_rand"] == session.runs[0].snn_scores.v_rand


def test_models_come_only_where_they_may_be_loaded(data):
    back = session_file.unpack(data, models=False)
    assert back.models == () and len(back.pins) == 2
    assert back.lost == ("Its models are left out: loading models is switched off on this server.",)


def test_names_and_sizes_come_before_what_is_in_it(session, data, monkeypatch):
    made = session_file.parts(session)
    for name in ("../x.npz", "images/8.tif", "models/0.pkl", "x", "images/0.tif/../../x"):
        with pytest.raises(LabError, match="files that no session has"):
            session_file.unpack(session_file.pack(made | {name: b""}), models=True)
        with pytest.raises(LabError, match="files that no session has"):
            session_file.unpack_parts(made | {name: b""}, models=True)
    monkeypatch.setattr(session_file, "MOST", 30_000)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images/0.tif", bytes(30_001))
    assert len(bomb.getvalue()) < 1000
    monkeypatch.setattr(session_file, "_content", lambda *args: pytest.fail("it was unpacked"))
    with pytest.raises(LabError, match="would unpack to more than"):
        session_file.unpack(bomb.getvalue(), models=True)
    with pytest.raises(LabError, match="has more than"):
        session_file.unpack(bytes(30_001), models=True)


def test_a_pickle_in_it_is_not_run(session):
    made = session_file.parts(session)
    file = io.BytesIO()
    np.savez(file, image=np.array([{"a": 1}], object))
    back = session_file.unpack_parts(made | {"pins/0.npz": file.getvalue()}, models=True)
    assert len(back.pins) == 1 and "1 of the pinned runs" in back.lost[0]


def test_a_run_of_a_method_that_is_gone_is_left_out_and_said(session):
    made = session_file.parts(session)
    about = json.loads(made["session.json"])
    about["runs"][0]["settings"]["method"] = "gone"
    about["pins"][0]["run"]["layers"] = []
    made["session.json"] = json.dumps(about).encode()
    back = session_file.unpack_parts(made, models=True)
    assert len(back.pins) == 1 and back.runs == ()
    assert len(back.lost) == 2
    with pytest.raises(LabError, match="another version"):
        about["version"] = 2
        session_file.unpack_parts(made | {"session.json": json.dumps(about).encode()}, True)


def wrong(data, chance):
    """A session file with something wrong in it: of bytes, or of what they mean."""
    if chance.random() < 0.25:
        return mutated(data, chance)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        made = {name: archive.read(name) for name in archive.namelist()}
    for name in chance.sample(list(made), 2) if chance.random() < 0.5 else ["session.json"]:
        if chance.random() < 0.1:
            del made[name]
        else:
            made[name] = forged.forged(made[name], chance)
    return session_file.pack(made)


def test_500_sessions_with_something_wrong_are_read_or_refused_in_a_sentence(data):
    chance, read, refused = random.Random(20), 0, set()
    for _ in range(500):
        bad = wrong(data, chance)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                back = session_file.unpack(bad, models=True)
            except LabError as error:
                said = str(error)
                assert said.startswith("this session file ") and said.count(". ") == 0
                refused.add(said)
                continue
        read += 1
        assert len(back.models) <= shelf.MOST and len(back.pins) <= session_file.PINS
        # what was read can be shown, and kept again
        for one in (*back.pins, *back.runs):
            summary.held(one.settings)
            summary.settled(**one.course) if "agreement" in one.course else None
        assert session_file.unpack(
            session_file.pack(session_file.parts(back)), models=True
        ).settings == back.settings  # fmt: skip
    assert read > 50 and len(refused) > 8


def test_what_is_written_of_a_run_is_json_without_nan(run):
    blank = replace(run, difference=float("nan"))
    made = json.loads(json.dumps(summary_kept.written(blank), allow_nan=False))
    same(replace(blank, pictures={}), summary_kept.read(made))
