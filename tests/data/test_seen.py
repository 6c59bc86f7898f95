"""What a model was trained on is told from its card, by content."""

import pytest

from snnlab.data import own as owndata
from snnlab.data import seen
from snnlab.images import pictures
from snnlab.nets import files as model_file
from snnlab.work.stored import Damaged
from tests.data.test_own import pair, sections


def shown(data: bytes, section: int = 0, **more):
    return pictures.upload(data, "another-name.tif", section, **more).in_the_file


@pytest.mark.parametrize("count", [1, 6])
def test_a_picture_is_known_again_whatever_it_is_called_and_however_it_is_shown(count):
    files = pair(*sections(count, (256, 160)))
    own = owndata.read([files])
    card = model_file.card_of({seen.OWN: seen.on_card(own.seen), "settings": {}})
    found = [
        seen.shares(card, "upload", shown(files[0].data, index, **more))[0]
        for index in range(count)
        for more in ({}, {"negative": True}, {"nm": 8.0})
    ]
    # of few sections the lowest rows are held out, of more the last sections
    share = len(own.train[0][0]) / 256 if count == 1 else 1.0
    wanted = [share] * len(own.train) + [0.0] * (count - len(own.train))
    assert found == pytest.approx([one for one in wanted for _ in range(3)], abs=1e-3)
    assert len(own.train) < count or share < 0.8
    other = pair(*sections(1, (256, 160), first=50))[0]
    assert seen.shares(card, "upload", shown(other.data)) == (0.0, 0.0)


def test_what_a_model_began_with_goes_on_its_card_too():
    files = pair(*sections(1, (256, 160)))
    first = {seen.OWN: seen.on_card(owndata.read([files]).seen), "data": "own data: 1 section"}
    first["data_before"] = "ISBI 2012 sections 0..14"
    tuned = model_file.card_of({"data": "synthetic", "settings": {}} | seen.inherited(first))
    own, before = seen.shares(tuned, "upload", shown(files[0].data))
    assert own == 0 and 0.7 < before < 0.8
    assert seen.shares(tuned, "isbi", "file  3") == (0.0, 1.0)
    assert seen.shares(tuned, "isbi", "file  18") == (0.0, 0.0)
    again = seen.inherited(tuned)
    assert again["data_before"] == "ISBI 2012 sections 0..14; own data: 1 section; synthetic"
    assert seen.inherited({}) == {}


def test_sections_in_a_row_are_one_entry():
    mark = seen.mark("abc")
    told = seen.on_card(seen.Section(mark, n) for n in (3, 0, 1, 2, 7))
    assert told == [{"image": mark, "share": 1.0, "sections": [[0, 3], [7, 7]]}]
    assert seen.fits(told)


@pytest.mark.parametrize(
    "wrong",
    ["x", [1], [{}], [{"image": "x", "share": 1, "sections": []}],
     [{"image": "0" * 64, "share": 2, "sections": []}],
     [{"image": "0" * 64, "share": 1, "sections": [[0]]}],
     [{"image": "0" * 64, "share": 1, "sections": [["a", "b"]]}]],
)  # fmt: skip
def test_a_card_that_is_forged_is_refused(wrong):
    with pytest.raises(Damaged, match="sections are none"):
        model_file.card_of({seen.OWN: wrong, "settings": {}})
