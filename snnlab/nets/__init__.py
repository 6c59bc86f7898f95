"""An ANN as data, its files, and its forward pass.

A net is a graph of layers (`architecture`), 8-bit weights and a card that says
where they come from (`model`). In comes a file or a name, out comes a `model.Model`
that conversion methods read, or the ANN's probabilities (`inference`). What changes
weights is in `snnlab.training`. Read `architecture` first, then `model`.
"""
