"""What is said of an image that a model does not know."""

from dataclasses import replace

from snnlab.images.pictures import sample
from snnlab.nets.familiarity import told
from snnlab.results import familiar


def test_the_likeliest_comes_first():
    known = sample(0)
    said = familiar.told(told(1.2), known)
    assert said.startswith("Unusual (1.20): ") and said.endswith(
        "What to try: fine-tune the model on a labelled part of it."
    )
    turned = replace(known, pixels=1 - known.pixels, nm=None)
    said = familiar.told(told(2), turned).split("What to try: ")[1].split("; then ")
    assert [part.split()[0] for part in said] == ["invert", "give", "fine-tune"]
    on_page = familiar.told(told(2), turned, familiar.ON_PAGE)
    # by the names that they have there; and what may harm is said to
    for name in ("*Swap dark and light*", "*Brush*", "*Tune*", "helps some tissue, and harms"):
        assert name in on_page
    sized = familiar.told(told(2), known, familiar.ON_PAGE)
    assert "Swap" not in sized and "size of its pixels" not in sized and "*Brush*" in sized
    assert "What to try" not in familiar.told(told(0.4), turned)


def test_on_the_command_line():
    assert familiar.on_json(None) == {"word": "not known", "value": None}
    assert familiar.on_json(told(0.5)) == {"word": "familiar", "value": 0.5}
