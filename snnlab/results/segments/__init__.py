"""Segments of a mask: numbered, grown until they nearly touch, held against the true ones.

A mask of cells comes in; numbered segments and the counts that scores are made of go
out. All of it takes time in proportion to the pixels, whatever the mask looks like: a few
specks in a large image, noise, a checkerboard. It is compiled, runs without Python's lock
and asks after every few milliseconds' work whether it is to stop (`pieces`). Loading
compiled code takes a moment, so `snnlab.results.metrics`, which is where to begin,
imports these modules when it is first asked for a score.
"""
