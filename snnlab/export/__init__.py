"""What a visitor takes away: pictures, spikes, tables, and a report that stands alone.

Everything is made in memory from a `snnlab.results.segmentation.Segmentation`; nothing is
written to disk here.
"""
