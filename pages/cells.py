"""Cells: counted, coloured, measured, and held against the labels."""

from snnlab.ui.cells import views
from snnlab.ui.shared import bench

views.draw(bench.shown())
