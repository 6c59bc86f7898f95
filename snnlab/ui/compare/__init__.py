"""The page Compare: a pinned run beside another."""
