"""What a segmentation costs in joules: counts, published constants, and where spikes win.

In come a recording and a net, out come joules an image, by device, as a band with its
assumptions. `work` counts what the two networks do for an image, `constants` and
`devices` hold what others have published of the energy of each such thing, `estimate`
multiplies the two, and `breakeven` says at how many spikes the SNN stops winning.
`machine` is about the machine that this runs on. Read `work` first, then `estimate`.
"""
