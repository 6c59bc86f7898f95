"""Objects: mitochondria in boxes, by a detector and by the spiking network made from it."""

from snnlab.ui.objects import views
from snnlab.ui.shared import bench

views.draw(bench.shown())
