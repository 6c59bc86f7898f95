"""Short lessons on the live lab."""

from snnlab.ui import bench, learn

learn.draw(bench.shown())
