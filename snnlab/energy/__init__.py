"""What a segmentation costs in joules: counts, published constants, and where spikes win.

In come a recording and a net, out come joules an image, by device, as a band with its
assumptions. `work` counts what the two networks do for an image; `constants` says what a
constant and a device are; `conventional` (devices that run the ANN) and `neuromorphic`
(those that run the SNN) hold what others have published, and `devices` lists them;
`estimate` multiplies, and `breakeven` says at how many spikes the SNN stops winning.
`machine` is about the machine that this runs on. Read `constants` first, then `estimate`.
"""
