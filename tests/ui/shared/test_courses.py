"""A training that several tabs look at ends when nobody is left who does."""

import gc
import time

import pytest

from snnlab.errors import Cancelled
from snnlab.ui.shared.courses import Desk
from snnlab.work.jobs import Worker

TOKEN, OTHER = "a" * 22, "b" * 22


def until_told(progress, cancel):
    while not cancel():
        time.sleep(0.005)
    raise Cancelled


@pytest.fixture
def worker():
    made = Worker()
    yield made
    made.shutdown()


@pytest.fixture
def first(worker):
    desk = Desk()
    desk.begin(TOKEN, worker.submit(until_told, owner="anna"), ["seen"])
    return desk


def test_who_has_the_address_sees_the_same_training(first):
    second = Desk()
    assert second.join(OTHER) is None and second.job is None
    course = second.join(TOKEN)
    assert second.job is first.job and course.seen == ["seen"]


def test_a_closed_tab_ends_it_only_if_nobody_else_looks(first):
    job, second = first.job, Desk()
    second.join(TOKEN)
    first.leave()
    assert first.job is None and not job.wait(0.1)
    second.leave()
    assert job.wait(5) and job.state == "cancelled"


def test_the_same_tab_looking_twice_is_one(first):
    job = first.job
    assert first.join(TOKEN).job is job
    first.leave()
    assert job.wait(5)


def test_pause_and_cancel_are_for_all_who_look(first):
    second = Desk()
    second.join(TOKEN)
    second.clear()
    assert first.job.wait(5)
    first.done()
    assert first.job is None


def test_what_is_over_is_not_joined_and_not_held(first):
    first.job.cancel()
    first.job.wait(5)
    assert Desk().join(TOKEN) is None
    first.done()
    gc.collect()
    assert Desk().join(TOKEN) is None


def test_one_without_an_id_is_its_visitor_s_alone(worker):
    desk = Desk()
    desk.begin(None, worker.submit(until_told, owner="anna"), None)
    job = desk.job
    desk.leave()
    assert job.wait(5) and desk.job is None
