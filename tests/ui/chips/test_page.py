"""The page Chips: its controls, its work, and what it says of both."""

import time
from dataclasses import replace

import pytest

from snnlab.chips import storage
from snnlab.errors import Cancelled, LabError
from snnlab.export import partitions as chips_tables
from snnlab.lab import chips as lab_chips
from snnlab.lab import segmenting as lab
from snnlab.ui.chips import mapped as chips
from tests import chip_mappings
from tests.ui.steps import unexplained

PAGE = "pages/chips.py"
EARLIER = "Still on the board"


def text(app):
    kinds = (app.markdown, app.caption, app.warning, app.error, app.info, app.subheader)
    return unexplained("\n".join(str(item.value) for kind in kinds for item in kind))


def control(app, key):
    kinds = (app.selectbox, app.button_group, app.number_input, app.button)
    return next(item for kind in kinds for item in kind if item.key == key)


def settled(app, until):
    for _ in range(200):
        app.run()
        if until(app):
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def asked(monkeypatch):
    """Mapping is done by hand, and remembered."""
    calls = []

    def mapping(picture, settings, tile=64, chips=None, progress=None, cancel=None):
        calls.append((tile, chips, settings))
        progress(0.5, "halfway")
        return replace(chip_mappings.mapping(), tile=(0, 0, tile, tile))

    monkeypatch.setattr(lab_chips, "mapping", mapping)
    return calls


def test_opens_with_a_mapping_and_says_what_it_is(page):
    assert not page.exception
    assert not page.error
    assert EARLIER not in text(page)
    said = text(page)
    for word in ("counted, not estimated", "not modelled", "not published"):
        assert word in said
    assert "Reset to zero" not in said  # the model loihi has no other, whatever the run's is
    run = lab.default_result().settings  # the image has a time of its own beside the board's
    assert f"the run on screen (model {run.model}, {run.timesteps} steps), not the board's" in said
    html = "".join(str(item.proto.body) for item in page.get("html"))
    for word in ("Core", "Chip", "Inter-chip spike", "Multicast"):
        assert f"<dt>{word}</dt>" in html


def test_the_board_names_its_network_and_how_much_of_the_image_it_is(page):
    (line,) = (item.value for item in page.caption if "On the board" in item.value)
    settings, run = lab_chips.chip_settings(), lab.default_result().settings
    assert "one tile of 64 × 64 pixels**, on 2 chips; the whole image is 16 of them" in line
    here, there = line.split("The run on screen is of another")
    for one, said in ((settings, here), (run, there)):
        assert chips_tables.network(one) in said
    assert [item for item in page.get("page_link") if item.proto.page == "energy"]
    # a run of the same network is not another one
    page.session_state["auto"] = False  # nor is one of the sidebar's network made at once
    page.session_state["shown"] = replace(lab.default_result(), settings=settings)
    page.run()
    assert "another network" not in next(i.value for i in page.caption if "On the board" in i.value)


def test_the_best_partition_is_chosen_and_both_are_explained(page):
    mapping = lab_chips.default_mapping()
    best = min(mapping.partitions, key=lambda name: mapping.partitions[name].interchip)
    assert control(page, "partition-left").value == best
    for name in (best, control(page, "partition-right").value):
        assert chips.explained(mapping, name) in text(page)
    for name in mapping.partitions:
        summaries = [about for _, about, _ in lab_chips.partitioners_listed()]
        assert any(about in chips.explained(mapping, name) for about in summaries)
    assert "its own" in chips.explained(mapping, "co-design")


def test_the_first_mapping_is_of_the_first_result(page):
    mapping = lab_chips.default_mapping()
    rows = page.dataframe[0].value
    assert len(rows) == len(mapping.partitions)
    assert list(rows["between chips"]) == sorted(p.interchip for p in mapping.partitions.values())
    best = min(mapping.partitions.values(), key=lambda one: one.interchip)
    assert rows["cores"].iloc[0] == len(best.chip_of)


def test_another_tile_is_mapped_and_shown(page, asked):
    control(page, "tile").set_value(96).run()
    assert settled(page, lambda app: EARLIER not in text(app))
    assert [call[:2] for call in asked] == [(96, None)]
    assert "rows 0 to 95" in text(page)
    control(page, "chips").set_value(5).run()
    assert settled(page, lambda app: EARLIER not in text(app))
    assert asked[-1][:2] == (96, 5)
    # a partitioner that is missing says why
    assert "pymetis is not installed" in text(page)


def test_the_sidebar_s_network_is_mapped_with_reset_to_zero(page, asked):
    control(page, "network").set_value("bench").run()
    assert settled(page, lambda app: EARLIER not in text(app))
    assert [call[:2] for call in asked] == [(64, None)]
    run = lab.default_result().settings
    assert asked[0][2] == run.replace(reset="zero")
    assert ("Reset to zero" in text(page)) == (run.reset == "subtraction")
    # and on the way back nothing is computed again
    control(page, "network").set_value("chip").run()
    assert EARLIER not in text(page)
    assert len(asked) == 1


def test_nothing_starts_unasked_if_so_wished(page, asked):
    page.session_state["auto"] = False
    control(page, "tile").set_value(128).run()
    page.run()
    assert asked == []
    assert "tile: 64 → 128" in text(page)
    control(page, "map").click().run()
    assert settled(page, lambda app: EARLIER not in text(app))
    assert asked[0][:2] == (128, None)


def test_a_mistake_is_said_and_the_board_stays(page, monkeypatch):
    def mapping(*args, **kwargs):
        raise LabError("this does not fit on 1 chip; choose 3 or more.")

    monkeypatch.setattr(lab_chips, "mapping", mapping)
    control(page, "chips").set_value(1).run()
    assert settled(page, lambda app: bool(app.error))
    assert page.error[0].value == "this does not fit on 1 chip; choose 3 or more."
    assert EARLIER in text(page)
    assert page.dataframe
    control(page, "chips").set_value(None).run()
    assert not page.error
    assert EARLIER not in text(page)


def test_work_can_be_cancelled(page, monkeypatch):
    def mapping(*args, progress, cancel, **kwargs):
        while not cancel():
            time.sleep(0.01)
        raise Cancelled

    monkeypatch.setattr(lab_chips, "mapping", mapping)
    control(page, "tile").set_value(96).run()
    control(page, "chips-cancel").click().run()
    assert settled(page, lambda app: any(item.key == "map" for item in app.button))
    assert EARLIER in text(page)


def test_one_board_or_two(page):
    names = list(lab_chips.default_mapping().partitions)
    control(page, "partition-right").set_value("nothing").run()
    assert not page.exception
    downloads = [item.label for item in page.get("download_button")]
    assert len(downloads) == 3
    control(page, "partition-right").set_value(names[-1]).run()
    assert not page.exception


def test_what_changed_is_said_in_words():
    result = lab.default_result()
    old = chips.Wanted(result.picture, result.settings, 64, None)
    assert chips.changes(old, old) == []
    # neither the threshold nor the source of a picture changes a spike
    same = replace(old, settings=old.settings.replace(threshold=0.3, source="isbi"))
    assert same.key == old.key
    new = replace(
        old, settings=old.settings.replace(timesteps=17, upper_hz=1000.0), tile=96, chips=7
    )
    assert chips.changes(old, new)[0].startswith("timesteps: ")
    assert chips.changes(old, new)[-2:] == ["tile: 64 → 96", "chips: fewest → 7"]
    other = replace(old, picture=replace(old.picture, sha256="0", name="mine"))
    assert chips.changes(old, other) == [f"image: {old.picture.name} → mine"]


def test_blocks_that_are_not_the_searched_ones_are_named():
    mapping = chip_mappings.mapping()
    assert chips.label(mapping, "co-design") == "co-design"
    assert chips.label(mapping, "round-robin@default") == "round-robin (default)"


def test_the_default_is_of_the_model_that_is_shipped():
    """If this fails, the model was trained again: run ``python -m tools.make_default``."""
    mapping, made_of = storage.load(lab_chips.DEFAULT)
    assert made_of == lab.model(lab_chips.MODEL).digest
    assert mapping.timesteps == lab_chips.chip_settings().timesteps
    picture = lab.sample(0)
    box = lab_chips.tile_box(picture.pixels.shape, lab_chips.TILE, 16)
    assert mapping.tile == box
    top, left, height, width = box
    shown = picture.normalised[top : top + height, left : left + width]
    assert abs(mapping.image - shown).max() < 1e-6


def test_loihi_2_is_beside_loihi_1_by_published_limits(page):
    (table,) = (one.value for one in page.table if "cores, at least" in one.value)
    assert list(table["chip"]) == ["Loihi 1", "Loihi 2"]
    found = lab_chips.generations(lab_chips.chip_settings(), 64, 64)
    assert list(table["cores, at least"]) == [f"{one.cores:,}" for one in found]
    assert list(table["neurons per core"]) == ["1,024", "8,192"]
