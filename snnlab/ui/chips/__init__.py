"""The page Chips: the board, what is mapped, comparisons of partitioners."""
