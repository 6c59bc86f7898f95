"""The page Energy: joules by device, where spikes stop winning, and what was assumed."""
