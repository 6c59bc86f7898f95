"""The commands of ``python -m snnlab``, one a module."""
