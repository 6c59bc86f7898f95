"""Every lesson is completed as a student would, with numbers read from the visitor's own runs."""

import re

from playwright.sync_api import expect

from snnlab.lab import segmenting as lab
from snnlab.results import approach, summary
from snnlab.results.segmentation import window_start
from snnlab.ui.learn import (
    asked,
)
from snnlab.ui.learn import (
    checks as learn_checks,
)
from snnlab.ui.learn import (
    setups as learn_setups,
)
from tests.browser.test_app import PATIENCE

expect.set_options(timeout=PATIENCE)
NUMBER = r"[−-]?[\d.,]+"
DEVICES = {
    "gpu": "GPU, one image at a time",
    "chip": "Loihi 1, Davies 2018",
    "ann": "45 nm, ANN, 8-bit arithmetic",
    "snn": "45 nm, SNN, 8-bit arithmetic",
}
RESETS = {"subtraction": "reset by subtraction", "zero": "reset to zero"}


class Student:
    """A visitor on the page Learn, and the settings that are asked for."""

    def __init__(self, here, result):
        self.page, self.result = here.page, result
        self.settings = result.settings
        self.done = 0

    def lesson(self, number: int):
        pills = self.page.locator('[data-testid="stButtonGroup"]')
        pills.get_by_text(re.compile(rf"^{number}\. ")).click()
        expect(self.page.get_by_role("heading", name=re.compile(rf"^{number}\. "))).to_be_visible()

    def fill(self, label: str, value):
        self.page.get_by_role("spinbutton", name=label, exact=True).fill(str(value))

    def choose(self, question: str, answer: str):
        group = self.page.get_by_role("radiogroup", name=question)
        group.get_by_text(answer, exact=True).click()

    def check(self):
        self.page.get_by_role("button", name="Check", exact=True).click()

    def wrong(self, hint: str):
        """What is said of a wrong answer: where to look."""
        self.told(f"Not yet.*{hint}")

    def run_of(self, **changes):
        """The same run as the lab's, to know what is to be read on its pages."""
        found = lab.segment(self.result.picture, self.result.settings.replace(**changes))
        return summary.of(found)

    def next_run(self, lesson: str):
        return learn_setups.next_run(lesson, [summary.of(self.result)])

    def press(self, name):
        self.page.get_by_role("button", name=name).last.click()

    def told(self, pattern: str) -> str:
        found = self.page.get_by_test_id("stAlertContainer").filter(has_text=re.compile(pattern))
        expect(found.first).to_be_visible()
        return found.first.inner_text()

    def right(self):
        self.done += 1
        self.told("Right")
        expect(self.page.get_by_text(f"{self.done} of 8 lessons completed")).to_be_visible()

    def shown(self, **changes):
        """Wait for the run of these settings to be on screen."""
        self.settings = self.settings.replace(**changes)
        now = self.settings
        status = self.page.locator(".st-key-status")
        for words in (
            f"model {now.model} ·",
            f"· {now.timesteps} timesteps ·",
            f"· {now.lower_hz:g}–{now.upper_hz:g} Hz at",
            RESETS[now.reset],
        ):
            expect(status).to_contain_text(words)

    def back(self):
        """Undo everything, as far as the run that the lab opened with."""
        undo = self.page.get_by_role("button", name="Undo")
        while undo.is_enabled():
            before = self.page.url
            undo.click()
            expect(self.page).not_to_have_url(before)
            self.page.wait_for_timeout(300)  # the button follows the address
        self.settings = self.result.settings
        self.shown()

    def cells(self, row: str) -> list[str]:
        """What the table of this lesson says in a row."""
        found = self.page.get_by_role("row").filter(has_text=re.compile(f"^{row}"))
        expect(found.first).to_be_visible()
        return found.first.locator("td").all_inner_texts()[1:]


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", ""))


def picture(student):
    """The size is written below the first figure, and the net is drawn."""
    page = student.page
    written = page.get_by_text(re.compile(r"\d+ × \d+ pixels, each 4 nm wide"))
    wide = int(re.search(r"(\d+) × ", written.inner_text())[1])
    page.wait_for_selector(".st-key-learn-net .main-svg")
    levels = page.locator(".st-key-learn-net .ytick").count() - 1
    student.fill("Width of the picture (µm)", 1)
    student.fill("How many times is it halved?", levels)
    student.choose("If a membrane has a gap", asked.GAPS["one"])
    student.check()
    student.wrong("Multiply the pixels")
    student.fill("Width of the picture (µm)", wide * 4 / 1000)
    student.check()


def spike(student):
    """Count the marks of the neuron that is drawn."""
    page, result = student.page, student.result
    page.wait_for_selector(".st-key-learn-neuron .main-svg")
    drawn = page.locator(".st-key-learn-neuron .subplot.xy .points path").count()
    student.fill("Spikes of this neuron", drawn + 1)
    student.fill("Its firing rate (Hz)", 1)
    student.check()
    student.told("Not yet")
    student.fill("Spikes of this neuron", drawn)
    student.fill("Its firing rate (Hz)", round(drawn / (result.timesteps / 1000), 2))
    student.check()


def rates(student):
    """The distance of two rungs, and a second run of another length."""
    result = student.result
    read = result.timesteps - window_start(result.timesteps, result.settings)
    student.fill("Distance between two rungs (Hz)", round(1000 / read, 3))
    student.choose("With more timesteps, the error", "about the same")
    student.check()
    student.told("Now run the same settings")
    _, more = student.next_run("rates")
    student.press(f"Run with {more.timesteps} timesteps")
    student.shown(timesteps=more.timesteps)
    runs = student.run_of(), student.run_of(timesteps=more.timesteps)
    change = learn_checks.compared(*(run.layers[-1].error for run in runs))
    if change != "same":
        student.wrong("For the error")
    student.back()
    student.choose("With more timesteps, the error", asked.CHANGES[change])
    student.fill("Distance between two rungs (Hz)", round(1000 / read, 3))
    student.check()
    student.told("In your runs")


def few(student):
    """A run that fails, and then when the one before has settled."""
    result = student.result
    text, failing = student.next_run("few")
    student.press(text)
    student.shown(timesteps=failing.timesteps)
    curve = approach.error_curve(result, points=result.timesteps)
    _, by = learn_checks.settled(curve["step"], curve["agreement"])
    student.fill("From which step on do they agree on at least 95 %?", by)
    student.check()


def reset(student):
    """Both resets: who sends more, and whose rates suffer."""
    student.choose("More spikes are sent with", learn_setups.RESETS["zero"])
    student.choose("Which neurons lose more", asked.WHO["quiet"])
    student.check()
    student.told("you need two runs")
    student.press("Run with reset to zero")
    student.shown(reset="zero")
    runs = {"subtraction": student.run_of(), "zero": student.run_of(reset="zero")}
    more = max(runs, key=lambda name: runs[name].spikes)
    lost = learn_checks.losses(learn_checks.Pair(*runs.values()))
    answer = more, max(lost, key=lost.get)
    if answer != ("zero", "quiet"):
        student.wrong("Look at the row" if more != "zero" else "two lower rows")
    student.choose("More spikes are sent with", learn_setups.RESETS[answer[0]])
    student.choose("Which neurons lose more", asked.WHO[answer[1]])
    student.check()


def bounds(student):
    """Half the rates; the spikes of both runs are in the table."""
    student.press("Run at half the rates")
    now = student.settings
    student.shown(lower_hz=round(now.lower_hz / 2, 1), upper_hz=round(now.upper_hz / 2, 1))
    expect(
        student.page.get_by_text("Your two runs on Compare: Pin 1 and the run on screen")
    ).to_be_visible()
    fewer, more = map(number, student.cells("Spikes"))
    low, high = (number(text.split()[0]) for text in student.cells("SNN = ANN"))
    points = low - high
    student.fill("How many times fewer spikes?", round(more / fewer, 3))
    change = "fell" if points < -1 else "rose" if points > 1 else "same"
    student.choose("The agreement with the ANN", asked.AGREEMENT[change])
    student.check()


def chips(student):
    """The table of partitioners."""
    student.fill("How many times fewer deliveries between chips than round-robin?", 2)
    student.fill("Share of its deliveries that leave their chip (%)", 50)
    student.check()
    student.wrong("Divide between chips")
    across, within = map(number, student.cells("co-design"))
    dealt, _ = map(number, student.cells("round-robin"))
    student.fill(
        "How many times fewer deliveries between chips than round-robin?", round(dealt / across, 2)
    )
    student.fill(
        "Share of its deliveries that leave their chip (%)",
        round(100 * across / (across + within), 2),
    )
    student.check()


def energy(student):
    """What is written at the dots."""
    student.fill("How many times as much energy does the GPU need?", 1)
    student.check()
    student.told("Answer every question first")
    student.choose("In 45 nm arithmetic, less energy is needed by", asked.WINNERS["snn"])
    student.check()
    student.told("Divide the joules")
    joules = {
        name: in_joules(student.page.locator("text", has_text=re.compile(f"^{title}: ")).first)
        for name, title in DEVICES.items()
    }
    student.fill(
        "How many times as much energy does the GPU need?", round(joules["gpu"] / joules["chip"], 3)
    )
    winner = min(("snn", "ann"), key=joules.get)
    student.choose("In 45 nm arithmetic, less energy is needed by", asked.WINNERS[winner])
    student.check()


def in_joules(label) -> float:
    value, unit = label.text_content().split(": ")[1].split()
    return float(value) * {"J": 1, "mJ": 1e-3, "µJ": 1e-6, "nJ": 1e-9}[unit]


def test_every_lesson_can_be_completed(visitor):
    student = Student(visitor().open("/learn"), lab.default_result())
    student.shown()
    lessons = (picture, spike, rates, few, reset, bounds, chips, energy)
    for place, complete in enumerate(lessons):
        student.lesson(place)
        complete(student)
        student.right()
        student.back()


def test_the_next_lesson_is_read_from_its_beginning_on_a_phone(visitor):
    """The button is at the end of a lesson that is longer than the screen."""
    here = visitor(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = here.open("/learn?lesson=1").page
    student = Student(here, lab.default_result())
    expect(page.get_by_role("heading", name=re.compile(r"^1\. "))).to_be_visible()
    spike(student)
    page.get_by_role("button", name="Next: 2.").tap()
    heading = page.get_by_role("heading", name=re.compile(r"^2\. "))
    expect(heading).to_be_in_viewport()
    # a word is explained where it is met
    word = page.locator(".snn-term").filter(has_text=re.compile("^activation")).first
    word.tap()
    expect(word.get_by_role("tooltip")).to_be_visible()
    page.keyboard.press("Escape")
    expect(word.locator(".snn-tip")).to_be_hidden()
