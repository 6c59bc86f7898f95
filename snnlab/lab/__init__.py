"""The front doors: what pages and commands call, one module a subject.

In come an image and settings (frozen dataclasses), out come results that are
ready to be drawn. A front door looks things up by name (model, method,
simulator), runs them in the right order, remembers results by content, and
hands progress and cancel down. It knows no screen. Read `segmenting` first.
"""
