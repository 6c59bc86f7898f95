"""Two runs side by side: what is shown adds up."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from snnlab.ui.shared import blocks

VALUES = st.floats(0, 1)


@given(VALUES, VALUES)
def test_a_difference_is_that_of_the_values_shown(a, b):
    shown = blocks.apart(a, b, 4)
    assert Decimal(shown.replace("−", "-")) == Decimal(f"{b:.4f}") - Decimal(f"{a:.4f}")
    assert shown == "0" or shown[0] in "+−"
