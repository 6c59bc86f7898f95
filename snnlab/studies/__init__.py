"""Studies: many runs of the lab as one piece of work, which can be stopped and goes on.

In come images and a plan, out come tables of rows, kept by content as soon as
each is known. `sweep` varies settings, `methods` sets conversion methods side by
side, `volume` takes whole volumes. Read `sweep.running` first.
"""
