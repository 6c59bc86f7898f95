"""Compile what both networks run on, so that no first run need: ``python -m`` this package.

What is compiled is kept in the user's cache folder; when it is there already,
this takes a second or two. Prints the files that it is kept in.
"""

from snnlab.nets import forward
from snnlab.simulation import event, words
from snnlab.simulation.loihi import warm
from snnlab.work import machine_code

if __name__ == "__main__":
    forward.warm_up()
    event.warm_up()
    words.warm_up()
    warm.warm_up()
    print(*machine_code.used(), sep="\n")
