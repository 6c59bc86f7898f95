"""A detector of mitochondria, after RetinaNet: boxes and scores from anchors on a pyramid.

In come a plan of the layers, weights of 8 bits and an image's size, out comes a
`snnlab.nets.graph.net.Graph` like any other, whose answer is a score and four offsets for each
anchor. `plan` says which layers there are, `anchors` where the boxes sit that they correct, `boxes`
what is left of them (overlap, suppression), `model` keeps the weights. Read `plan` first.

References
----------
Lin T.-Y. et al. (2017), arXiv:1708.02002 (RetinaNet, focal loss); arXiv:1612.03144 (pyramid).
"""
