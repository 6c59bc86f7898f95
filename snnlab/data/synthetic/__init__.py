"""Sections to work on: synthetic EM with exact ground truth."""

from snnlab.data.synthetic.section import Sample, synthetic
from snnlab.data.synthetic.tissue import MOUSE, Tissue

__all__ = ["MOUSE", "Sample", "Tissue", "synthetic"]
