"""SNN Lab: watch a U-Net and the spiking network made from it segment an EM image."""

from snnlab import compat  # noqa: F401  first: it sets what TensorFlow reads at import

__version__ = "0.2.0"
