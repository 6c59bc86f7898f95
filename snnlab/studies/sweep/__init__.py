"""Sweeps: many settings on the same sections, kept by content, and what they teach.

Read `grid` first, then `running`; `measuring.version` decides which code a kept result
depends on.
"""
