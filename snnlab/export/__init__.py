"""What a visitor takes away: pictures, spikes, tables, and a report that stands alone.

In comes a `snnlab.results.segmentation.Segmentation` (in `partitions`, a
`snnlab.chips.board.Mapping`), out come bytes: everything is made in memory, and nothing
is written to disk here. Read `tables` first, then `report`, which puts all the rest into
one file.
"""
