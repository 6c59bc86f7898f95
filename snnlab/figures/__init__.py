"""Plotly figures: data in, figure out. Nothing is computed here but where things are drawn.

Read `style` first, what all figures have in common, then `palette`.
"""
