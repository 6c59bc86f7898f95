"""Sections to work on: synthetic EM with exact ground truth."""

from snnlab.data.synthetic.section import Sample, synthetic
from snnlab.data.synthetic.tissue import Tissue

__all__ = ["Sample", "Tissue", "synthetic"]
