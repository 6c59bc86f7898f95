"""What feeds a layer, as Keras 2 and as Keras 3 write it."""

from snnlab.nets.keras_files.limits import LAYERS, refused

SAVE = "save the model again"
End = tuple[str, int]  # a layer's name, and which of its calls is meant
_PLAIN = (None, False)  # of what else a call is given: masks, and that it is not training


def calls_of(item: dict, name: str) -> list[list[End]]:
    """What each call of a layer is given.

    Raises
    ------
    LabError
    """
    nodes = item.get("inbound_nodes")
    if not isinstance(nodes, list) or not 1 <= len(nodes) <= LAYERS:
        raise refused(name, "is fed by nothing", SAVE)
    return [_third(node, name) if isinstance(node, dict) else _second(node, name) for node in nodes]


def _third(node: dict, name: str) -> list[End]:
    """A call of Keras 3."""
    args, more = node.get("args"), node.get("kwargs")
    if not isinstance(args, list) or not isinstance(more, dict):
        raise refused(name, "is fed in an unknown way", SAVE)
    if any(value not in _PLAIN for value in more.values()):
        raise refused(name, "is called with further settings", "call it with its input alone")
    found = []
    waiting = list(args)
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, list) and len(one) <= LAYERS:
            waiting[:0] = one
            continue
        if not isinstance(one, dict) or one.get("class_name") != "__keras_tensor__":
            raise refused(name, "is given something that is no layer's output", "feed it by layers")
        config = one.get("config")
        found.append(_end(config.get("keras_history") if isinstance(config, dict) else None, name))
    if not 1 <= len(found) <= LAYERS:
        raise refused(name, "is fed by nothing", SAVE)
    return found


def _second(node, name: str) -> list[End]:
    """A call of Keras 2."""
    if not isinstance(node, list) or not 1 <= len(node) <= LAYERS:
        raise refused(name, "is fed in an unknown way", SAVE)
    found = []
    for one in node:
        if not isinstance(one, list) or len(one) not in (3, 4):
            raise refused(name, "is fed in an unknown way", SAVE)
        more = one[3] if len(one) == 4 else {}
        if not isinstance(more, dict) or any(value not in _PLAIN for value in more.values()):
            raise refused(name, "is called with further settings", "call it with its input alone")
        found.append(_end(one[:3], name))
    return found


def _end(history, name: str) -> End:
    if (
        not isinstance(history, list)
        or len(history) != 3
        or not isinstance(history[0], str)
        or type(history[1]) is not int
        or not 0 <= history[1] <= LAYERS
        or history[2] != 0
    ):
        raise refused(name, "is fed in an unknown way", SAVE)
    return history[0], history[1]


def ends_of(value, name: str) -> list[End]:
    """The inputs or outputs of a model: one end, or a list of them."""
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        value = [value]
    if not isinstance(value, list) or not 1 <= len(value) <= LAYERS:
        raise refused(name, "does not say where it begins and ends", SAVE)
    return [_end(one, name) for one in value]
