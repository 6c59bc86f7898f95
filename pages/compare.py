"""Two runs side by side."""

from snnlab.ui import compare

compare.draw()
