"""Lessons are completed as a student would, with numbers read from the visitor's own runs."""

import re

from playwright.sync_api import expect

from snnlab import lab
from snnlab.result import window_start
from snnlab.ui import learn, learn_checks
from tests.browser.test_app import PATIENCE

expect.set_options(timeout=PATIENCE)


def lesson(page, number: int):
    page.locator('[data-testid="stButtonGroup"]').get_by_text(re.compile(rf"^{number}\. ")).click()
    expect(page.get_by_role("heading", name=re.compile(rf"^{number}\. "))).to_be_visible()


def fill(page, label: str, value) -> None:
    page.get_by_role("spinbutton", name=label, exact=True).fill(str(value))


def choose(page, question: str, answer: str) -> None:
    page.get_by_role("radiogroup", name=question).get_by_text(answer, exact=True).click()


def check(page) -> None:
    page.get_by_role("button", name="Check", exact=True).click()


def right(page, done: int) -> None:
    expect(page.get_by_text("Right.", exact=True)).to_be_visible()
    expect(page.get_by_text(f"{done} of 7 lessons completed")).to_be_visible()


def test_the_first_four_lessons_can_be_completed(visitor):
    result = lab.default_result()
    here = visitor().open("/learn")
    page = here.page
    expect(page.get_by_text("0 of 7 lessons completed")).to_be_visible()

    # 1: count the spikes of the neuron that is drawn
    page.wait_for_selector(".js-plotly-plot .main-svg")
    drawn = page.locator(".js-plotly-plot .subplot.xy .points path").count()
    fill(page, "Spikes of the neuron below", drawn + 1)
    fill(page, "Its firing rate (Hz)", 1)
    check(page)
    expect(page.get_by_text("Not yet.")).to_be_visible()
    fill(page, "Spikes of the neuron below", drawn)
    fill(page, "Its firing rate (Hz)", round(drawn / (result.timesteps / 1000), 2))
    check(page)
    right(page, 1)

    # 2: rungs, and a second run of another length
    lesson(page, 2)
    read = result.timesteps - window_start(result.timesteps, result.settings)
    fill(page, "Two rungs are apart by (Hz)", round(1000 / read, 3))
    page.get_by_role("radiogroup").get_by_text("smaller", exact=True).click()
    check(page)
    expect(page.get_by_text("Now run the same settings")).to_be_visible()
    page.get_by_role("button", name=re.compile("^play_arrow Run with|^Run with")).click()
    expect(page.get_by_text(re.compile("Right|Not yet"))).to_be_visible()
    if page.get_by_text("Not yet.").count():  # what the runs say, the page has just told
        first, second = re.findall(r"([\d.]+) %", page.get_by_text("In your runs").inner_text())[:2]
        truth = learn_checks.compared(float(first), float(second))
        back = page.get_by_role("button", name="Undo")
        back.click()
        here.up_to_date()
        page.get_by_role("radiogroup").get_by_text(learn.CHANGES[truth], exact=True).click()
        check(page)
    right(page, 2)

    # 3: when it has settled, and a run that fails
    lesson(page, 3)
    while page.get_by_role("button", name="Undo").is_enabled():
        page.get_by_role("button", name="Undo").click()
        page.wait_for_timeout(1500)
    here.up_to_date()
    curve = lab.error_curve(result, points=result.timesteps)
    settled = learn_checks.settled(curve["step"], curve["agreement"])
    fill(page, "95 % for good from step (0: never)", settled)
    check(page)
    expect(page.get_by_text("Now see it fail")).to_be_visible()
    page.get_by_role("button", name=re.compile("Too few steps")).last.click()
    right(page, 3)
    page.get_by_role("button", name="Undo").click()
    here.up_to_date()

    # 4: both resets
    lesson(page, 4)
    check(page)
    expect(page.get_by_text("two runs are needed")).to_be_visible()
    page.get_by_role("button", name=re.compile("Run with reset to zero")).click()
    expect(page.get_by_text(re.compile(r"In your runs: [\d,]+ spikes"))).to_be_visible()
    here.up_to_date()
    told = page.get_by_text(re.compile(r"In your runs: [\d,]+ spikes")).inner_text()
    counts = [
        int(one.replace(",", ""))
        for one in re.findall(r"([\d,]+) spikes|, ([\d,]+) with", told)[0][:1]
    ]
    zero = int(re.search(r"subtraction, ([\d,]+)", told)[1].replace(",", ""))
    busy, quiet = (float(one) for one in re.findall(r"([−\-]?[\d.]+) %", told.replace("−", "-")))
    choose(
        page, "More spikes are sent with", "subtraction" if counts[0] >= zero else "reset to zero"
    )
    choose(
        page,
        "More of what they say is lost by",
        "busy neurons" if busy >= quiet else "quiet neurons",
    )
    check(page)
    right(page, 4)
    page.get_by_role("button", name="Undo").click()
    here.up_to_date()
