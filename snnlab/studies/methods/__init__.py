"""Conversion methods side by side: who takes part, what is measured of each, how it is kept."""
