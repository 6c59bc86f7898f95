"""From the bytes of a file to a `pictures.Picture`: pixels, labels, what is known of them.

A file is recognised by its first bytes and held against `limits` before a pixel is
decoded; one module reads one family of formats. Then come what networks need:
`contrast`, `resampling` to the pixel size that they learned, `tiles`. Read
`pictures` first, then `reading`.
"""
