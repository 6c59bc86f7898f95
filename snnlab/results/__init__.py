"""What a run gave, and what can be read from it.

In comes a recording, with the network and the image that it is of; out come
segmentations, scores, rates, agreement with the ANN. Nothing here runs a network.
Read `segmentation` first: the one result that pages, tables and files show; then
`metrics`, how good a segmentation is.
"""
