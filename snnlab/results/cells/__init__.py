"""Cells as things that can be counted: instances from a probability, measured and judged.

A probability of cell comes in; a picture of numbers goes out, one number a cell (`finding`), and
what is read from it: a table (`measuring`), splits and merges against labels (`errors`). Begin
with `finding`.
"""
