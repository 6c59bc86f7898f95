"""The page Train: a net from scratch on a visitor's own sections."""
