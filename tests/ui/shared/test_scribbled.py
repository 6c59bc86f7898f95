"""What was painted is kept with the session, and what is handed in is checked."""

import json

import pytest

from snnlab.errors import LabError
from snnlab.lab import session_file
from snnlab.ui.shared import scribbled
from tests.ui.segment.test_painted import BOTH, kept, paint
from tests.ui.shared.test_session import offered, take_up  # noqa: F401 (fixtures)
from tests.ui.test_pages import still


def test_scribbles_come_back_with_the_session(app, offered, take_up):  # noqa: F811
    paint(still(app).run(), BOTH)
    (now,) = offered
    made = session_file.unpack(session_file.pack(session_file.parts(now)), models=False)
    other = take_up(type(app)(app._script_path, default_timeout=60), made)
    assert kept(other) == BOTH
    # a session without any takes their place
    other = take_up(other, session_file.Session(now.settings))
    assert kept(other) == []


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"nothing",
        b"{}",
        b"[1]",
        json.dumps([{"image": "a", "used": "yes", "sections": {}}]).encode(),
        json.dumps([{"image": "a", "used": None, "sections": {"x": []}}]).encode(),
        json.dumps([{"image": "a", "used": None, "sections": {"0": [[0, 5, [1]]]}}]).encode(),
        json.dumps([{"image": 7, "used": None, "sections": {}}]).encode(),
        json.dumps([{"image": "a", "used": None, "sections": {}}] * 13).encode(),
        b"[" * 100_000,
    ],
    ids=lambda data: data[:40].decode(),
)
def test_damaged_scribbles_are_one_sentence(damaged):
    with pytest.raises(LabError, match="it is left out") as caught:
        scribbled.take_up(damaged)
    assert str(caught.value).count("\n") == 0
