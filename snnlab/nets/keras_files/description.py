"""A model's description, flattened: which layer is called with what, models within models too.

Both ways of Keras to say what feeds a layer are read: lists of ``[name, call, output, settings]``
(Keras 2), and calls whose arguments are ``__keras_tensor__`` (Keras 3).
"""

from dataclasses import dataclass, field

from snnlab.errors import LabError
from snnlab.images.limits import fit
from snnlab.nets.graph.net import IMAGE
from snnlab.nets.keras_files.calls import SAVE, calls_of, ends_of
from snnlab.nets.keras_files.checking import AGAIN, kind_of, settings_of
from snnlab.nets.keras_files.limits import LAYERS, NESTED, refused
from snnlab.nets.keras_files.naming import Place, numbered

MODELS = ("Functional", "Model", "Sequential")


@dataclass(frozen=True)
class Described:
    """A layer as its file describes it.

    Attributes
    ----------
    place : Place
        Where its weights are.
    kind : str
        Its class in Keras.
    settings : dict
        Checked.
    """

    place: Place
    kind: str
    settings: dict


@dataclass(frozen=True)
class Call:
    """A layer that is given something.

    Attributes
    ----------
    name : str
        Of what comes out.
    layer : Described
        The same object in two calls, if the layer is shared.
    inputs : tuple of str
        Names of other calls, or ``"image"``.
    """

    name: str
    layer: Described
    inputs: tuple[str, ...]


@dataclass
class Description:
    """All calls of a model, in an order in which they can be made.

    Attributes
    ----------
    name : str
    image_shape : tuple
        ``(height, width, channels)``; None for a size that is open.
    calls : list of Call
    input_name : str
        The layer that takes the image.
    """

    name: str
    image_shape: tuple = ()
    calls: list[Call] = field(default_factory=list)
    input_name: str = ""


def described(config) -> Description:
    """Read a description.

    Raises
    ------
    LabError
        If it has what is not known; the sentence names the layer.
    """
    if not isinstance(config, dict) or config.get("class_name") not in MODELS:
        kind = config.get("class_name") if isinstance(config, dict) else None
        raise LabError(
            f"the model is a {fit(kind) or 'thing'} of its own class, which is code; build it with"
            " keras.Sequential or keras.Model(inputs, outputs) and save it again."
        )
    reader = _Reader()
    last = reader.model(config, Place(), None, 0)
    made = reader.made
    about = config.get("config")
    made.name = fit(_text(about.get("name"))) if isinstance(about, dict) else ""
    made.name = made.name or "net"
    if not made.calls or last == IMAGE:
        raise LabError("the model has no layers; save one that has been built.")
    # behind it there may be what nothing depends on
    made.calls.sort(key=lambda call: call.name == last)
    return made


def _text(value) -> str:
    return value if isinstance(value, str) else ""


class _Reader:
    def __init__(self):
        self.made = Description("")
        self.layers = 0
        self.names = {IMAGE}
        self.known: dict[tuple[str, ...], Described] = {}

    def model(self, item: dict, place: Place, given: str | None, deep: int) -> str:
        """Make the calls of a model that is given something; returns the name of what it gives.

        ``given`` is None for the model itself, whose input is the image.
        """
        name = place.said or "the model"
        config = item.get("config")
        if isinstance(config, list):  # a Sequential of the first Keras 2
            config = {"layers": config}
        if deep > NESTED or not isinstance(config, dict):
            raise refused(name, "is a model too deep within models", "save a flatter one")
        items = config.get("layers")
        if not isinstance(items, list) or not all(isinstance(one, dict) for one in items):
            raise refused(name, "is a model without layers", "save one that has been built")
        self.layers += max(len(items), 1)
        if self.layers > LAYERS:
            raise refused(name, f"brings more than {LAYERS} layers", "save a smaller net")
        places = numbered(place, items)
        if item.get("class_name") == "Sequential":
            return self._sequence(items, places, given, deep)
        return self._functional(config, items, places, given, deep)

    def _sequence(self, items, places, given, deep) -> str:
        now = given
        for item, place in zip(items, places, strict=True):
            if item.get("class_name") == "InputLayer":
                if now is None:
                    now = self._input(item, place)
                continue
            if now is None:
                now = self._unsaid_input(item, place)
            now = self._call(item, place, (now,), deep)
        if now is None:
            raise LabError("the model has no layers; save one that has been built.")
        return now

    def _functional(self, config, items, places, given, deep) -> str:
        name = places[0].up.said if places else ""
        inputs = ends_of(config.get("input_layers"), name or "the model")
        outputs = ends_of(config.get("output_layers"), name or "the model")
        if len(inputs) != 1 or len(outputs) != 1:
            raise LabError(
                f"the model {name} has {len(inputs)} inputs and {len(outputs)} outputs; save one"
                " that takes one image and gives one answer."
            )
        waiting, found = [], {}
        for item, place in zip(items, places, strict=True):
            if item.get("class_name") == "InputLayer":
                if place.name != inputs[0][0]:
                    raise refused(place.said, "is a further input", "save a net with one input")
                found[place.name, 0] = given or self._input(item, place)
                continue
            for number, feeds in enumerate(calls_of(item, place.said)):
                waiting.append((item, place, number, feeds))
        if len(waiting) > LAYERS:
            raise refused(
                name or "the model", f"has more than {LAYERS} calls", "save a smaller net"
            )
        least = _first_calls([*(feeds for *_, feeds in waiting), outputs])
        while waiting:
            ready, rest = [], []
            for entry in waiting:
                fed = [(name, at - least.get(name, 0)) for name, at in entry[3]]
                (ready if all(one in found for one in fed) else rest).append(entry)
                if ready and ready[-1] is entry:
                    item, place, number, _ = entry
                    given_now = tuple(found[one] for one in fed)
                    found[place.name, number] = self._call(item, place, given_now, deep)
            if not ready:
                raise refused(rest[0][1].said, "is fed by what is not there", SAVE)
            waiting = rest
        ((name, at),) = outputs
        if (name, at - least.get(name, 0)) not in found:
            raise refused(name, "is the output, but is not there", SAVE)
        return found[name, at - least.get(name, 0)]

    def _call(self, item: dict, place: Place, given: tuple[str, ...], deep: int) -> str:
        if item.get("class_name") in MODELS:
            registered = item.get("registered_name")
            if isinstance(registered, str) and ">" in registered:
                raise refused(place.said, "is a model of somebody's own class", AGAIN)
            if len(given) != 1:
                raise refused(place.said, f"is a model given {len(given)} inputs", "give it one")
            return self.model(item, place, given[0], deep + 1)
        layer = self.known.get(place.path)
        if layer is None:
            kind = kind_of(item, place.said)
            layer = Described(place, kind, settings_of(item, kind, place.said))
            self.known[place.path] = layer
        elif len(self.made.calls) > LAYERS:
            raise refused(place.said, f"is one of more than {LAYERS} calls", "save a smaller net")
        name, again = place.said, 1
        while name in self.names:
            again += 1
            name = f"{place.said}:{again}"
        self.names.add(name)
        self.made.calls.append(Call(name, layer, given))
        return name

    def _input(self, item: dict, place: Place) -> str:
        config = item.get("config")
        config = config if isinstance(config, dict) else {}
        self._takes(config.get("batch_shape", config.get("batch_input_shape")), place.said)
        return IMAGE

    def _unsaid_input(self, item: dict, place: Place) -> str:
        """Of a Sequential of Keras 2 whose first layer says what it takes."""
        config = item.get("config")
        config = config if isinstance(config, dict) else {}
        self._takes(config.get("batch_input_shape"), place.said)
        return IMAGE

    def _takes(self, shape, name: str) -> None:
        if not isinstance(shape, list) or not all(
            side is None or (type(side) is int and side > 0) for side in shape
        ):
            raise refused(name, "does not say what shape it takes", "save a model that is built")
        if len(shape) != 4 or shape[3] is None:
            raise refused(
                name,
                f"takes {len(shape) - 1} axes, and not rows, columns and channels",
                "save a net that takes images",
            )
        self.made.image_shape, self.made.input_name = tuple(shape[1:]), name


def _first_calls(feeds) -> dict[str, int]:
    """Number of each layer's first call: Keras counts a model's own making as one, or does not."""
    least: dict[str, int] = {}
    for name, at in (one for ends in feeds for one in ends):
        least[name] = min(at, least.get(name, at))
    return least
