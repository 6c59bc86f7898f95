"""Two runs side by side."""

from snnlab.ui.compare import views as compare

compare.draw()
