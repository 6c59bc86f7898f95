"""Columns of the tables that the emulator's kernels take."""

GROUP = 64  # steps a word
# columns of the table of stages
(
    WIDTH,
    CHANNELS,
    HALO,  # columns that an event may reach beyond a strip, on either side
    PITCH,  # from the sums of one step to those of the next
    WORDS,  # first word
    NEURONS,
    FIRST,  # first bias and threshold
    INPUTS,  # first input, and behind the last
    INPUTS_END,
    STRIPS,  # first strip, and behind the last
    STRIPS_END,
    DECAY,
    LOWEST,
    HIGHEST,
    BOUNDED,  # 1 if nothing can overflow, nor a potential reach the highest without a spike
) = range(15)

# columns of the table of inputs
(
    SOURCE,  # the source's first word
    SIZE,  # and its neurons
    DEPTH,
    SPAN,  # columns of the source
    WEIGHTS,
    LEVEL,  # weights a kernel row
    VARIANT,  # weights a variant
    COLUMNS,
    ROWS,
    CLASSES,
    CLASS,
    RING,
    SLOT,
    EVENTS,
    CAPACITY,
) = range(15)
