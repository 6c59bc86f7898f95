"""A second without network costs a visitor nothing: the same tab, its connection back by itself."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from benchmarks import replayed
from snnlab.nets import files as model_file
from snnlab.ui.shared import reconnected
from tests import small_models
from tests.browser.conftest import Visitor
from tests.browser.dropping import Proxy
from tools.turning import turn_to

PATIENCE = 240_000  # ms; what an earlier visitor left under way goes on for two minutes
BACK = '[data-testid="stApp"][data-test-connection-state="CONNECTED"]'


@pytest.fixture
def cut(browser, server):
    """A visitor whose way to the server can be cut."""
    with Proxy(server.port) as proxy:
        one = Visitor(browser, proxy)
        one.proxy = proxy
        one.context.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        yield one
        one.context.close()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).first.click()


def run(page):
    press(page, re.compile(r"^Run \("))


def trials(page):
    page.get_by_role("button", name="Run all models").scroll_into_view_if_needed()
    press(page, "Run all models")


def tile(page):
    page.get_by_text("What is mapped, and how", exact=True).click()
    page.get_by_role("radio", name="128", exact=True).click()


# by page: the address, what begins the work, and what says that it is done
WORK = {
    "Segment": ("/?steps=1000&sim=nengo", run, "no end in sight"),
    "Tune": ("/finetune", lambda page: press(page, "Start"), "no end in sight"),
    "Sweep": ("/sweep", lambda page: press(page, "Start"), "All are known already"),
    "Methods": ("/methods", lambda page: press(page, "Compare"), "no end in sight"),
    "Chips": ("/chips", tile, "no end in sight"),
    "Energy": ("/energy", trials, "The lowest energy within half a point"),
}


def share(page) -> int:
    """How much of the work is done, in per cent; all, if there is none any more."""
    bar = page.get_by_role("progressbar").first
    return int(bar.get_attribute("aria-valuenow")) if bar.count() else 100


@pytest.mark.parametrize("kind", WORK)
def test_work_goes_on(cut, kind):
    address, begin, done = WORK[kind]
    page = cut.open(address).page
    cut.quiet()
    begin(page)
    bar = page.get_by_role("progressbar").first
    expect(bar).to_be_visible()
    before = share(page)
    assert cut.proxy.drop(1.0) > 0
    page.wait_for_selector(BACK)
    over = page.get_by_text(done)
    expect(bar.or_(over).first).to_be_visible()
    page.wait_for_timeout(1500)  # time enough to notice that it was cancelled
    expect(bar.or_(over).first).to_be_visible()
    assert over.count() or share(page) >= before
    if not over.count():
        press(page, "Cancel")
        # a tab that is closed before the server has heard of it leaves work for two minutes more
        expect(bar).to_have_count(0)


def test_own_models_stay_and_the_one_in_use_is_the_same(cut):
    page = cut.open("/finetune").quiet().page
    page.get_by_text("Your models").click()
    cut.give(
        "tune-load",
        {
            "name": "own.npz",
            "mimeType": "application/zip",
            "buffer": model_file.pack(small_models.model(6)),
        },
    )
    own = page.locator(".st-key-tune-own")
    own.get_by_role("button", name="Use it in the lab").click()
    shown = page.locator(".st-key-status")
    expect(shown).to_contain_text(re.compile("model own-[0-9a-f]{6} · "))
    name = re.search("own-[0-9a-f]{6}", shown.inner_text())[0]
    assert cut.proxy.drop(1.0) > 0
    page.wait_for_selector(BACK)
    turn_to(page, "Rates")
    page.get_by_text("All layers against the ANN").wait_for()
    expect(shown).to_contain_text(f"model {name} · ")
    turn_to(page, "Tune")
    expect(own).to_contain_text(name)


def test_a_training_goes_on_and_its_address_opens_it_in_another_tab(cut):
    page = cut.open("/train").quiet().page
    press(page, "Try it with synthetic sections")
    press(page, "How long?")
    # while it is measured, or just after: a quick machine is done between two looks
    timed = page.get_by_text("timing stage").or_(page.get_by_text("measured on this data"))
    expect(timed.first).to_be_visible()
    assert cut.proxy.drop(1.0) > 0
    press(page, "Start")
    under_way = re.compile("stage 1, step ([1-9][0-9]*)")
    expect(page.get_by_text(under_way)).to_be_visible()
    address = page.url
    assert cut.proxy.drop(1.0) > 0
    page.wait_for_selector(BACK)
    before = int(under_way.search(page.get_by_text(under_way).inner_text())[1])
    # the tab is closed, and another one opened by the address: it is the same training
    page.close()
    page = cut.context.new_page()
    page.goto(address)
    said = page.get_by_text(under_way)
    expect(said).to_be_visible()
    assert int(under_way.search(said.inner_text())[1]) >= before
    press(page, "Cancel")
    expect(page.get_by_role("button", name="How long?")).to_be_visible()
    page.wait_for_url(lambda url: "training=" not in url)


def test_no_piece_of_a_page_comes_back_before_the_page(fresh_server):
    """Streamlit sends the rest of a run that was cut short; a browser's page ends at that."""
    with ThreadPoolExecutor(1) as aside:  # this thread's loop is the browser's
        heard = aside.submit(lambda: asyncio.run(_heard_after_a_cut(fresh_server.url)))
        assert heard.result() == []


async def _heard_after_a_cut(url) -> list[str]:
    heard = []

    class Visitor(replayed.Visitor):
        async def _take(self, message):
            heard.append(message.WhichOneof("type"))
            await super()._take(message)

    visitor = Visitor(url)
    await visitor.open()
    for _ in range(5):
        before = len(heard)
        await visitor._send(visitor._rerun())
        # in the middle of what is drawn
        await visitor.until(lambda: heard[before:].count("delta") > 4, 60, "pieces of the page")  # noqa: B023
        visitor._socket.transport.abort()
        await visitor.leave()
        heard.clear()
        await visitor._connect()  # and asks for nothing: the server sees to it that it is drawn
        await visitor.until(lambda: "script_finished" in heard, 60, "a whole page")
        pieces = [
            kind for kind in heard[: heard.index("new_session")] if kind in reconnected.PIECES
        ]
        if pieces:
            return pieces
        assert "delta" in heard
    await visitor.leave()
    return []
