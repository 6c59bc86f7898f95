"""One spiking network whose energy on Loihi 2 is public: PilotNet, run by Intel.

What a synaptic event or an update of a neuron takes on Loihi 2 has not been published. Intel's
notebook of PilotNet, a convolutional net of leaky integrate-and-fire neurons with 16 steps per
frame, prints what the chip took. How many spikes and events there were it does not print, so all
that is dynamic can only be shared among the neurons' updates. *Dynamic* is above *static*, what the
chip takes with the work done; nothing came in or went out meanwhile: one frame was repeated.

References
----------
github.com/lava-nc/lava-dl at 12f0402, tutorials/lava/lib/dl/netx/pilotnet_snn/benchmark.ipynb.
"""

INTEL = "Intel (2022), lava-dl at 12f0402, tutorials: PilotNet LIF, measured on Loihi 2"

# populations on the chip, the input's neurons first: width, height and channels
SHAPES = (
    (200, 66, 3), (99, 32, 24), (49, 15, 36), (24, 7, 48), (22, 4, 64), (20, 2, 64),
    (1, 1, 100), (1, 1, 50), (1, 1, 10), (1, 1, 1),
)  # fmt: skip
NEURONS = sum(width * height * channels for width, height, channels in SHAPES)
STEPS = 16  # a frame
CORES = 74  # that Intel's compiler took
RATE = 342.29  # frames a second
TOTAL, STATIC = 0.826347, 0.352063  # W
DYNAMIC_JOULES = (TOTAL - STATIC) / RATE  # a frame
UPDATE_PJ = DYNAMIC_JOULES / (NEURONS * STEPS) * 1e12
