"""Whole volumes through the spiking network: chunk by chunk, on threads or a cluster."""
