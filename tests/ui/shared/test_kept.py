"""What a browser keeps: what it is told, fetches, and hands in again."""

import asyncio
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from starlette.applications import Starlette

from snnlab.lab.session_file import Session
from snnlab.lab.stack import Stack
from snnlab.lab.stack_file import Held
from snnlab.results.stacked import Section
from snnlab.settings import Settings
from snnlab.ui.shared import kept
from snnlab.ui.shared.kept import post as posts
from tests import small_models
from tests.ui.steps import said

APP = Starlette(routes=posts.ROUTES)


@pytest.fixture
def post():
    one = posts.opened()
    yield one
    one.close()


def asked(path, method="GET", pieces=(b"",)):
    """Status and body of an answer."""
    given = [
        {"type": "http.request", "body": body, "more_body": place + 1 < len(pieces)}
        for place, body in enumerate(pieces)
    ]
    sent = []

    async def receive():
        return given.pop(0) if given else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": f"/{path}", "query_string": b"",
             "headers": [], "root_path": ""}  # fmt: skip
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, APP(scope, receive, send)).result()
    start = next(message for message in sent if message["type"] == "http.response.start")
    assert (b"cache-control", b"no-store") in start["headers"]
    return start["status"], b"".join(m.get("body", b"") for m in sent[1:])


SESSION = Session(Settings(), {"upload": ("a.png", b"pixels")}, learned=("spike",))


def test_parts_are_listed_by_content_and_fetched(post):
    post.offer(SESSION, 1, 1)
    status, body = asked(post.address + "parts.json")
    listed = json.loads(body)
    assert status == 200 and (listed["serial"], listed["heavy"]) == (0, 0)
    assert list(listed["parts"]) == ["session.json", "images/0.png"]
    for digest, size in listed["parts"].values():
        status, part = asked(f"{post.address}{digest}.bin")
        assert status == 200 and len(part) == size
        assert hashlib.sha256(part).hexdigest() == digest
    # what did not change keeps its name
    post.offer(replace(SESSION, settings=Settings(timesteps=9)), 2, 1)
    later = json.loads(asked(post.address + "parts.json")[1])
    assert (later["serial"], later["heavy"]) == (1, 0)
    assert later["parts"]["images/0.png"] == listed["parts"]["images/0.png"]
    assert later["parts"]["session.json"] != listed["parts"]["session.json"]


def test_a_stack_that_is_too_large_is_left_out_and_the_rest_kept(post, monkeypatch):
    grey, cells = np.zeros((32, 32), np.uint8), np.zeros((32, 32), np.uint16)
    both = dict.fromkeys(("ann", "snn"))
    made = Stack("a", Settings())
    made.sections[0] = Section(0, grey, dict.fromkeys(both, grey), dict.fromkeys(both, cells),
                               {}, 1.0, 0, 0.0)  # fmt: skip
    post.offer(replace(SESSION, stack=Held("0" * 64, made, range(1))), 1, 1)
    listed = json.loads(post.listed())
    assert listed["left"] == "" and "stack/0.npz" in listed["parts"]
    # its bytes are made when they are fetched, and not held
    digest, size = listed["parts"]["stack/0.npz"]
    assert not any(isinstance(made, bytes) for _, made in post._made.values())
    status, part = asked(f"{post.address}{digest}.bin")
    assert status == 200 and len(part) == size and hashlib.sha256(part).hexdigest() == digest
    assert json.loads(post.listed())["parts"]["stack/0.npz"] == [digest, size]
    size = sum(size for _, size in listed["parts"].values())
    monkeypatch.setattr(posts, "MOST", size - 1)
    listed = json.loads(post.listed())
    assert listed["left"] == "stack" and list(listed["parts"]) == ["session.json", "images/0.png"]
    assert listed["left"] in kept.TROUBLE


def test_a_model_is_packed_once(post, monkeypatch):
    model = replace(small_models.model(3), name="mine-0a1b2c", card={})
    packed = []
    real = posts.session_file.model_file.pack
    monkeypatch.setattr(
        posts.session_file.model_file, "pack", lambda one: packed.append(one) or real(one)
    )
    for mark in (1, 2, 3):
        post.offer(replace(SESSION, models=(model,)), mark, 1)
        post.listed()
    assert packed == [model]


def test_only_who_knows_the_address_gets_anything(post):
    post.offer(SESSION, 1, 1)
    assert len(post.token) >= 22
    assert asked("_kept/nobody/parts.json")[0] == 404
    assert asked(post.address + "0" * 64 + ".bin")[0] == 404
    address = post.address
    post.close()
    assert asked(address + "parts.json")[0] == 404
    assert asked(address + "session.json", "PUT", (b"{}",))[0] == 404


def test_what_is_handed_in_waits_for_the_next_draw_once(post):
    assert asked(post.address + "session.json", "PUT", (b"{", b"}"))[0] == 204
    assert asked(post.address + "images/0.tif", "PUT", (b"II",))[0] == 204
    for name in ("../../x", "x.txt", "images/9.tif", "models/0.pkl"):
        assert asked(post.address + name, "PUT", (b"II",))[0] == 403
    assert post.taken() == {"session.json": b"{}", "images/0.tif": b"II"}
    assert not post.open and post.waiting == 0
    assert asked(post.address + "session.json", "PUT", (b"{}",))[0] == 413
    assert post.taken() == {}


def test_no_more_is_taken_in_than_there_is_room_for(post, monkeypatch):
    monkeypatch.setattr(posts, "MOST", 1000)
    assert asked(post.address + "images/0.tif", "PUT", (bytes(600),))[0] == 204
    assert asked(post.address + "images/1.tif", "PUT", (bytes(300), bytes(300)))[0] == 413
    assert post.waiting == 600
    other = posts.opened()
    monkeypatch.setattr(posts, "ALL", 1000)
    assert asked(other.address + "images/0.tif", "PUT", (bytes(600),))[0] == 413
    assert asked(other.address + "images/0.tif", "PUT", (bytes(300),))[0] == 204
    other.close()


@pytest.mark.parametrize("said", ["no", " No ", "0", "off"])
def test_a_server_may_forbid_it(said, monkeypatch):
    assert kept.may()
    monkeypatch.setenv("SNNLAB_KEEP", said)
    assert not kept.may()


def test_the_script_keeps_what_the_page_says():
    text = kept._script()
    assert f"const AGE = {kept.DAYS} * 24 * 3600e3" in text
    assert f"const MOST = {kept.MEGABYTES} * 2 ** 20" in text
    assert posts.MOST == kept.MEGABYTES << 20


def test_the_sentence_of_the_page_is_true_of_the_session(app, monkeypatch):
    app.run()
    learn = app.switch_page("pages/learn.py").run()
    assert any("kept in this browser for 30 days" in one.value for one in learn.caption)
    monkeypatch.setenv("SNNLAB_KEEP", "no")
    learn.run()
    assert any("until this page is closed or reloaded" in one.value for one in learn.caption)


def test_right_after_a_reload_no_page_says_that_there_is_nothing(app, monkeypatch):
    app.query_params["source"] = "upload"
    app.run()
    wrong = ("Choose a PNG", "only a single image", "Synthetic** sections")
    for page in ("segment", "stack", "train", "finetune"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception and kept.BACK in said(app), page
        assert not any(one in said(app) for one in wrong), page
        assert "Train on" not in [one.label for one in app.get("button_group")]
        assert "Images or stacks" not in [one.label for one in app.file_uploader], page
    # it does not wait for ever for a browser that never answers
    monkeypatch.setattr(kept, "PATIENCE", 0.0)
    app.run()
    assert kept.BACK not in said(app)
    assert "Train on" in [one.label for one in app.get("button_group")]
    app.switch_page("pages/stack.py").run()
    assert "only a single image" in said(app)


def test_nothing_is_waited_for_where_nothing_was_given(app):
    app.query_params["steps"] = "20"
    app.run()
    app.switch_page("pages/stack.py").run()
    assert kept.BACK not in said(app) and "only a single image" in said(app)
