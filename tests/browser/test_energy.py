"""The page Energy as a visitor meets it."""

from playwright.sync_api import expect

expect.set_options(timeout=240_000)  # a run on a busy machine


def opened(visitor, address="/energy", **context):
    here = visitor(**context).open(address)
    here.page.wait_for_selector(".js-plotly-plot .main-svg")
    return here


def headline(here):
    return here.page.get_by_text("ANN on GPU").first


def test_a_slider_moves_the_figures_at_once_and_the_run_can_be_had(visitor):
    here = opened(visitor)
    before = headline(here).inner_text()
    expect(here.page.get_by_text("Measured:").first).to_be_visible()
    here.slide("If it had this many timesteps", "ArrowLeft")
    expect(here.page.get_by_text("from the run on screen").first).to_be_visible()
    expect(headline(here)).not_to_have_text(before)
    here.page.get_by_role("button", name="Back to the run").click()
    expect(headline(here)).to_have_text(before)
    here.slide("If it had this many timesteps", "ArrowLeft")
    expect(headline(here)).not_to_have_text(before)
    foreseen = headline(here).inner_text()
    here.page.get_by_role("button", name="Run it").click()
    expect(here.page.get_by_text("Measured:").first).to_be_visible()
    here.up_to_date()
    # what was foreseen from the run's beginning is what the shorter run gives
    assert foreseen.split("(range")[0] == headline(here).inner_text().split("(range")[0]


def test_a_job_can_be_started_and_cancelled(visitor):
    # of an image that no other test has tried: what is known already is not offered again
    here = opened(visitor, "/energy?section=1&steps=8")
    expect(here.page.locator(".st-key-status")).to_contain_text("512 × 512 px")
    here.up_to_date()  # the run itself could be cancelled too
    here.quiet()
    here.page.get_by_role("button", name="Run all models").click()
    here.page.locator(".st-key-cancel-trials button").click()
    expect(here.page.get_by_role("button", name="Run all models")).to_be_visible()


def test_this_machine_is_measured(visitor):
    here = opened(visitor, "/energy?model=regularised&v0=0")
    here.up_to_date()
    # from a potential of 0 no neuron spikes in one step, which once ended the page above the button
    here.slide("If it had this many timesteps", "Home")
    here.page.get_by_role("button", name="Run it").click()
    expect(here.page.get_by_text("No neuron spiked").first).to_be_visible()
    expect(here.page.get_by_text("Measured:").first).to_be_visible()
    here.up_to_date()
    here.page.get_by_role("button", name="Measure here").click()
    expect(here.page.get_by_text("ANN, 8-bit arithmetic").first).to_be_visible()
    expect(here.page.get_by_text("Median of several runs").first).to_be_visible()


def test_a_phone_shows_all_of_it(visitor):
    here = opened(visitor, viewport={"width": 390, "height": 844})
    expect(here.page.get_by_role("heading", name="Where spikes stop winning")).to_be_visible()
    wide = here.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
