"""What belongs to a visitor outlives the connection, and not the visitor."""

import logging

import pytest

from snnlab.ui.shared import visitors


class World:
    """A clock that is set, and who is connected."""

    def __init__(self):
        self.now = 0.0
        self.connected = {"anna"}
        self.keeper = visitors.Keeper(self.connected.__contains__, lambda: self.now)
        self.released = []

    def held(self, who="anna", name="job", release=None):
        return self.keeper.held(who, name, object, release or self.released.append)

    def after(self, seconds, every=5.0):
        """Time passes, and the keeper looks round as it does."""
        until = self.now + seconds
        while self.now < until:
            self.now = min(self.now + every, until)
            self.keeper.tick()


@pytest.fixture
def world():
    return World()


def test_a_visitor_who_only_sits_there_keeps_all(world):
    thing = world.held()
    world.after(10 * visitors.GRACE)
    assert world.held() is thing and world.released == []


@pytest.mark.parametrize("away", [1.0, 60.0, visitors.GRACE - 5])
def test_a_connection_that_comes_back_in_time_costs_nothing(world, away):
    thing = world.held()
    world.connected.clear()
    world.after(away)
    # nothing is drawn: Streamlit's browser side draws again only if a draw was broken off
    world.connected.add("anna")
    world.after(10 * visitors.GRACE)
    assert world.held() is thing and world.released == []


def test_coming_back_again_and_again_begins_the_grace_anew(world):
    thing = world.held()
    for _ in range(10):
        world.connected.clear()
        world.after(0.8 * visitors.GRACE)
        world.connected.add("anna")
        world.after(1.0)
    assert world.held() is thing


def test_who_draws_is_there_whatever_was_seen_last(world):
    thing = world.held()
    world.connected.clear()
    world.after(visitors.GRACE - 1)
    assert world.held() is thing  # connected between two looks
    world.after(visitors.GRACE - 1)
    assert world.released == []


def test_who_is_gone_for_good_is_let_go_once_and_nobody_else(world):
    world.connected.add("bert")
    first, second, other = world.held(), world.held(name="models"), world.held("bert")
    world.connected.remove("anna")
    world.after(visitors.GRACE + 5)
    assert world.released == [first, second]
    world.after(10 * visitors.GRACE)
    assert world.released == [first, second]
    assert world.held("bert") is other
    assert world.held() not in (first, second)


def test_never_before_the_grace_is_over(world):
    world.held()
    world.after(3.0)
    world.connected.clear()
    world.after(visitors.GRACE, every=1.0)
    assert world.released == []  # counted from the first look that finds nobody
    world.after(2.0, every=1.0)
    assert len(world.released) == 1


def test_one_that_cannot_be_let_go_does_not_hold_the_others(world, caplog):
    def broken(thing):
        raise OSError("no room")

    world.held(name="first", release=broken)
    second = world.held(name="second")
    with caplog.at_level(logging.ERROR):
        world.keeper.close()
    assert world.released == [second] and "could not be let go" in caplog.text
