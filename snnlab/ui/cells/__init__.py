"""The page Cells: both networks' cells counted, coloured, measured; `views` draws it."""
