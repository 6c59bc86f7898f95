"""Compile the simulators' kernels now, so that no first run need: ``python -m`` this package.

What is compiled is kept in the user's cache folder; when it is there already,
this takes a second or two. Prints that folder.
"""

from snnlab.simulation import event, words
from snnlab.simulation.event import compiled
from snnlab.simulation.loihi import warm

if __name__ == "__main__":
    event.warm_up()
    words.warm_up()
    warm.warm_up()
    print(compiled.folder())
