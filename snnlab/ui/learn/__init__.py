"""The page Learn: short lessons on the live lab."""
