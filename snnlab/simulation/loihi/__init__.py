"""Loihi, exactly and fast: the spikes of NengoLoihi's emulator, at the cost of its events.

NengoLoihi builds the network: cuts it into cores and rounds weights,
thresholds and biases to what a core holds. What runs here is that built
model, read back core by core, in the same integer arithmetic. `running` is
where to begin; `core` and `limits`, what a core holds, import nothing heavy.
"""
