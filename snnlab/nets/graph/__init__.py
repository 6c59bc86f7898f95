"""A net as a graph of typed layers, of which the lab's U-Net is a case.

In come layers with their weights (`weighted`, `shaping`, `pointwise`), out comes a `net.Graph`
whose shapes are checked when it is made. `forward` computes it, `rewriting` brings it into the form
that spikes can take, `unet` says the lab's own models in it. Keras files become graphs in
`snnlab.nets.keras_files`. Read `net` first.
"""
