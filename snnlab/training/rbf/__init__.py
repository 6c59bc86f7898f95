"""Training an RBF network: labelled pixels in, centres, mixture and readout out, in seconds.

`pixels` draws labelled pixels and their features, `centres` finds where the units sit (k-means),
`descent` trains the mixture of the two kernels together with the readout by gradient descent, and
`making` does all of it, rounds to 8 bits and writes the card. Read `making` first.
"""
