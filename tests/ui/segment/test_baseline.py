"""The baseline on the page Segment: offered, trained, shown."""

from snnlab.ui.segment import baseline
from tests.ui.steps import labels, press, said, until

PAGE = "pages/segment.py"


def test_it_is_trained_here_and_shown_with_its_mixture(page):
    assert "Train it here" in labels(page)
    press(page, "Train it here")
    until(page, lambda: "Lower half only" in said(page))
    assert not page.exception
    (table,) = [one.value for one in page.table if "RBF" in one.value.columns]
    assert list(table.columns) == ["", "RBF", "ANN", "SNN"] and len(table) == len(baseline.SHOWN)
    shares = table["RBF"].astype(float)
    assert ((shares > 0.5) & (shares <= 1)).all()
    assert "of the output's spread comes from the Euclidean kernel" in said(page)
    assert "Train it here" not in labels(page)
