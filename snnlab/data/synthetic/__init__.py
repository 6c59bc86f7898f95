"""Sections to work on: synthetic EM with exact ground truth."""

from .synthetic import Sample, synthetic
from .tissue import Tissue

__all__ = ["Sample", "Tissue", "synthetic"]
