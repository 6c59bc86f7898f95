"""TIFF: pages, Fiji's hyperstacks, OME-TIFF, pyramids. `reader` first; numbering is in `axes`."""
