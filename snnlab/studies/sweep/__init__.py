"""Sweeps: many settings on the same sections, kept by content, and what they teach."""
