"""The page Segment: the linked viewer, which other pages show in small (`pointing`)."""
