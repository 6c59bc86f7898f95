"""Labelled sections to train and to judge on: ISBI 2012, a visitor's own, synthetic ones.

In comes a folder, files or a seed, out come images and labels of one meaning (1 =
cell, 0 = membrane) with their split into what is trained on and what is not. Read
`drawn` first, the form in which a training takes them, then `isbi` and `own`.
"""
