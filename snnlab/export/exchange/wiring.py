"""What feeds what in a converted network, through one linear operator each."""

from collections import defaultdict
from dataclasses import dataclass

import nengo
import numpy as np

from snnlab.errors import LabError
from snnlab.simulation.event.operators import Convolve, Operator, join, of_connection
from snnlab.simulation.gates import MaxPoolGate
from snnlab.simulation.network import Population, SpikingNetwork
from snnlab.simulation.neurons import IntegrateAndFire

GATES = (
    "average it instead (--pool average, for an imported net), or choose a model without"
    " max-pooling"
)
INSTEAD = "choose the method rate-scaling, data-normalisation, ecc or qcfs"


@dataclass(frozen=True)
class Way:
    """A way into a population.

    Attributes
    ----------
    source : str or None
        The population that spikes at its other end; None for the image.
    operators : tuple of Operator
        One after the other; none if what arrives is what was sent.
    """

    source: str | None
    operators: tuple[Operator, ...]

    def whole(self) -> Operator | None:
        """All of them as one; None if there are none.

        Raises
        ------
        LabError
            If that would be too large.
        """
        made = None
        for one in self.operators:
            made = one if made is None else join(made, one)
            if made is None:
                raise LabError(
                    f"what comes from {self.source or 'the image'} is too large as one matrix;"
                    " make the net or its image smaller."
                )
        return made


def chained(before: tuple[Operator, ...], then: Operator) -> tuple[Operator, ...]:
    """Operators and one more: convolutions stay apart, anything else is joined if it can be."""
    if not before:
        return (then,)
    last = before[-1]
    apart = isinstance(last, Convolve) and isinstance(then, Convolve)
    if apart and last.shape_out == then.shape_in:
        return (*before, then)
    both = join(last, then)
    return (*before, then) if both is None else (*before[:-1], both)


@dataclass(frozen=True)
class Wired:
    """A population and all that feeds it.

    Attributes
    ----------
    population : Population
    neurons : IntegrateAndFire
    ways : tuple of Way
    bias : numpy.ndarray
        ``(neurons,)``, in thresholds a second.
    initial : float
        Potential to begin with, in thresholds.
    """

    population: Population
    neurons: IntegrateAndFire
    ways: tuple[Way, ...]
    bias: np.ndarray
    initial: float


def wired(network: SpikingNetwork) -> list[Wired]:
    """Every population, in order.

    Raises
    ------
    LabError
        If there is something that NIR has no word for; the sentence names it.
    """
    incoming = defaultdict(list)
    for connection in network.network.all_connections:
        incoming[_owner(connection.post_obj)].append(connection)
    names = {population.ensemble: population.name for population in network.populations}
    found = []
    for population in network.populations:
        neurons = _neurons(population)
        ways = tuple(_ways(population.ensemble, incoming, names, network.image))
        if not ways:
            raise LabError(f"nothing comes into {population.name}; export a net without it.")
        bias = _values(population.ensemble.bias, population.ensemble.n_neurons)
        voltage = (neurons.initial_state or {}).get("voltage", neurons.state["voltage"])
        initial = np.unique(_values(voltage, population.ensemble.n_neurons))
        if initial.size != 1:
            raise LabError(
                f"the neurons of {population.name} start from different potentials, which is not"
                f" exported; {INSTEAD}."
            )
        found.append(Wired(population, neurons, ways, bias, float(initial[0])))
    return found


def _neurons(population: Population) -> IntegrateAndFire:
    neurons = population.ensemble.neuron_type
    if isinstance(neurons, MaxPoolGate):
        raise LabError(
            f"the population {population.name} is of {type(neurons).__name__} neurons, which pass"
            f" on a maximum, and NIR has no word for that; {GATES}."
        )
    if type(neurons) is not IntegrateAndFire:
        raise LabError(
            f"the population {population.name} is of {type(neurons).__name__} neurons, for which"
            f" NIR has no word; {INSTEAD}."
        )
    return neurons


def _owner(end):
    return end.ensemble if isinstance(end, nengo.ensemble.Neurons) else end


def _values(given, neurons: int) -> np.ndarray:
    """A parameter that is not random, for each neuron."""
    given = given.sample(neurons) if isinstance(given, nengo.dists.Distribution) else given
    return np.broadcast_to(np.asarray(given, float), neurons)


def _ways(target, incoming, names, image):
    """All ways to a target, back through nodes that pass on."""
    for connection in incoming[target]:
        source = _owner(connection.pre_obj)
        if connection.synapse is not None:
            raise LabError(
                "the network has a low-pass filter on its connections, which readers of NIR step"
                " in different ways; export it without one (--synapse 0)."
            )
        last = of_connection(connection, _random)
        if source in names:
            yield Way(names[source], (last,))
        elif source is image and not callable(image.output):
            yield Way(None, (last,))
        elif isinstance(source, nengo.Node) and source.output is None:
            for way in _ways(source, incoming, names, image):
                yield Way(way.source, chained(way.operators, last))
        else:
            raise LabError(
                f"{getattr(source, 'label', None) or source} is neither the image nor neurons, and"
                f" NIR has no word for it; {INSTEAD}, with a constant image."
            )


def _random(thing):
    raise LabError(f"{thing} is drawn at random, and what is exported is not; give it values.")
