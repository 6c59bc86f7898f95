"""Three classes in the viewer: over the image, forming over the steps, told of a pixel."""

import numpy as np
from playwright.sync_api import expect

from tests.browser.test_viewer import EM, PATIENCE, far, marks, settled

ANN, SNN = 1, 2  # pictures
expect.set_options(timeout=PATIENCE)


def blue(seen) -> float:
    """Share of the picture that has the colour of membrane."""
    return float(np.mean(seen[..., 2].astype(int) - seen[..., 0] > 40))


def test_classes_form_over_the_image_and_go_with_their_model(visitor):
    here = visitor().open("/segment?model=organelles")
    here.pictures()
    page = here.page
    expect(page.get_by_text("Membrane, cell, mitochondria")).to_be_visible()
    settled(here)
    chosen = page.locator("figcaption select")
    assert [chosen.nth(at).input_value() for at in (ANN, SNN)] == ["annClasses", "classes"]
    legend = page.locator(".panes .legend").nth(SNN)
    assert legend.inner_text().split() == ["membrane", "cell", "mitochondria"]
    ann, end = here.seen(ANN), here.seen(SNN)
    assert 0.08 < blue(end) < 0.4 and abs(blue(ann) - blue(end)) < 0.05
    # the image is seen through what is cell
    assert np.corrcoef(here.seen(EM)[..., 0].ravel(), end[..., 0].ravel())[0, 1] > 0.5
    page.locator(".scrub").fill("2")
    settled(here)
    assert far(here.seen(SNN), end) > 3 and far(here.seen(ANN), ann) == 0
    marks(here, SNN).hover()
    expect(page.locator(".values")).to_contain_text("ANN: ")
    # another model has none of these layers, and its own pictures
    page.goto(f"{here.server.url}/segment?model=generalist")
    expect(page.get_by_text("Membrane, cell, mitochondria")).to_have_count(0)
    here.pictures()
    settled(here)
    assert [chosen.nth(at).input_value() for at in (ANN, SNN)] == ["ann", "snn"]
    assert "classes" not in page.locator("figcaption select").first.locator("option").evaluate_all(
        "all => all.map(one => one.value)"
    )
