"""The page Spikes: rasters, potentials and currents, the time between spikes."""
