"""The page Train as a visitor meets it."""

from playwright.sync_api import expect

PATIENCE = 120_000  # ms; on a machine that may be busy


def test_own_files_are_read_and_what_is_doubtful_is_said(visitor, tmp_path):
    import numpy as np
    from PIL import Image

    from snnlab.data.synthetic import synthetic

    made = synthetic(256, 3)
    Image.fromarray(np.rint(255 * made.image).astype(np.uint8)).save(tmp_path / "em.png")
    Image.fromarray(made.labels.astype(np.uint8) * 255).save(tmp_path / "truth.png")
    here = visitor()
    here.context.set_default_timeout(PATIENCE)
    here.open("/train")
    here.give("training-images", tmp_path / "em.png")
    here.give("training-labels", tmp_path / "truth.png")
    text = here.page.get_by_text("em.png with truth.png")
    expect(text).to_be_visible(timeout=PATIENCE)
    expect(here.page.get_by_text("0.05 million labelled pixels are not many")).to_be_visible()
    expect(here.page.get_by_role("button", name="How long?")).to_be_enabled()
    # other labels, of another polarity: noticed at once
    here.page.get_by_text("cell", exact=True).click()
    expect(here.page.get_by_text("check what black in the labels").first).to_be_visible(
        timeout=PATIENCE
    )
    # where that is too little, the page Tune takes over with the same sections
    here.page.get_by_text("membrane", exact=True).first.click()
    here.quiet()
    here.page.get_by_role("button", name="Fine-tune a trained model on these").click()
    expect(here.page.get_by_text("on your own images: about")).to_be_visible(timeout=PATIENCE)
