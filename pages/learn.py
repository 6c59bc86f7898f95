"""Short lessons on the live lab."""

from snnlab.ui.learn import lessons as learn
from snnlab.ui.shared import bench

learn.draw(bench.shown())
