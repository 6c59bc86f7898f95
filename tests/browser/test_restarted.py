"""The server is killed in the midst of long work, and another one started: nothing is lost."""

import re
import time

import pytest
from playwright.sync_api import expect

from snnlab.training import checkpoints
from tests.browser.conftest import Visitor, started

POINTS = 5  # of the sweep that are to be known
LONG = 720  # seconds, on a machine that may be busy: three kinds of work share it


def press(page, name):
    page.get_by_role("button", name=name, exact=True).first.click()


def until(found):
    """Wait for something on the disk."""
    ends = time.monotonic() + LONG
    while not (value := found()):
        assert time.monotonic() < ends, "it takes too long"
        time.sleep(0.05)
    return value


def train(page):
    press(page, "Try it with synthetic sections")
    press(page, "How long?")
    press(page, "Start")
    page.wait_for_url(lambda url: "training=" in url)


def tune(page):
    minutes = page.get_by_role("spinbutton", name="Minutes")
    minutes.fill("20")  # or a busy machine would have spent them before the server is killed
    minutes.press("Enter")
    press(page, "Start")
    page.wait_for_url(lambda url: "tuning=" in url)


def sweep(page):
    press(page, "Start")
    page.get_by_role("progressbar").first.wait_for()


# by page: what begins the work; the sweep last, as it takes the least time
WORK = {"/train": train, "/finetune": tune, "/sweep": sweep}
TRAININGS = {"/train": "training", "/finetune": "finetune"}  # and their folders of checkpoints


class Lab:
    """A server with long work of all kinds under way, each in a tab of its own."""

    def __init__(self, browser, folder):
        self._browser, self._folder, self.cache = browser, folder, folder / "cache"
        self.server = started(folder)
        self.visitor = Visitor(browser, self.server)
        self.pages = {}

    def begin(self) -> None:
        """Start each kind of work, and wait until something of it is on the disk."""
        for address, begin in WORK.items():
            self.pages[address] = self._open(address)
            begin(self.pages[address])
            if address in TRAININGS:
                until(lambda kind=TRAININGS[address]: self.kept(kind))
        until(lambda: self.rows() >= POINTS)

    def _open(self, address: str):
        page = self.visitor.context.new_page()
        page.goto(self.server.url + address)
        return page

    def restart(self) -> None:
        """Kill it without a word, start another one and open the same addresses there."""
        self.server.process.kill()
        self.server.process.wait()
        self.steps = {kind: self.kept(kind) for kind in TRAININGS.values()}
        self.points = self.rows()
        addresses = {
            name: re.sub(r"^http://[^/]+", "", page.url) for name, page in self.pages.items()
        }
        self.visitor.context.close()
        self.server = started(self._folder)
        self.visitor = Visitor(self._browser, self.server)
        self.pages = {name: self._open(address) for name, address in addresses.items()}

    def kept(self, kind: str) -> int:
        """Steps that the only run's checkpoints hold."""
        found = self.cache.glob(f"{kind}/**/{checkpoints.NAME}")
        return sum(checkpoints.about(path.parent)["steps"] for path in found)

    def rows(self) -> int:
        """Points of the sweep that are on the disk."""
        return len(list(self.cache.glob("results/*/*.json")))

    def close(self) -> None:
        self.visitor.context.close()
        self.server.stop()


@pytest.fixture(scope="module")
def lab(browser, chromium, tmp_path_factory):
    """A lab after its server was killed and started again."""
    one = Lab(browser, tmp_path_factory.mktemp("restarted"))
    try:
        one.begin()
        one.restart()
        yield one
    finally:
        one.close()


@pytest.mark.parametrize("address", TRAININGS)
def test_a_training_goes_on_from_its_last_checkpoint(lab, address):
    kind = TRAININGS[address]
    assert lab.steps[kind] > 0
    until(lambda: lab.kept(kind) > lab.steps[kind])
    assert len(list((lab.cache / kind).iterdir())) == 1  # and not another one from the start
    expect(lab.pages[address].get_by_role("progressbar").first).to_be_visible()


def test_a_sweep_knows_what_was_computed(lab):
    assert lab.points >= POINTS
    said = lab.pages["/sweep"].get_by_text(re.compile("are known already"))
    expect(said).to_contain_text(f" {lab.points} are known already")
