"""Keras's files as graphs: ``.keras`` (Keras 3 and tf-keras) and ``.h5``, read without Keras.

A stranger's file may hold anything, and Keras would run some of it. Here nothing is run: the
description is JSON that is held against a list of what is known (`allowed`), the weights are
numbers whose shapes follow from it. In comes a path, out come a
`snnlab.nets.graph.net.Graph` (`reading`), and Keras's own net of the same layers, to
compare with (`rebuilt`). Read `reading` first, then `description`.
"""
