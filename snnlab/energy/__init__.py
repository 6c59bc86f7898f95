"""What a segmentation costs in joules: counts, published constants, and where spikes win.

`work` counts what the two networks do for an image, `constants` and `devices`
hold what others have published of the energy of each such thing, `estimate`
multiplies the two, and `breakeven` says at how many spikes the SNN stops
winning. `measured` is about the machine that this runs on.
"""
