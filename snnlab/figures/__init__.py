"""Plotly figures: data in, figure out. Nothing is computed here but where ink goes.

Read `style` first, what all figures have in common, then `palette`.
"""
