"""What a setting of a layer may be: each a function that gives the value, or raises ValueError."""

import math

from snnlab.nets.keras_files.limits import CHANNELS, SIDE, TAPS

NO_LIST = "is not what Keras writes"


def whole(least: int, most: int):
    """A whole number."""

    def check(value):
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"is no whole number from {least} to {most}")
        return value

    return check


def pair(least: int, most: int):
    """Two whole numbers, or one for both."""
    one = whole(least, most)

    def check(value):
        if isinstance(value, list):
            if len(value) != 2:
                raise ValueError("is not of two numbers")
            return one(value[0]), one(value[1])
        return one(value), one(value)

    return check


count, taps, stride = whole(1, CHANNELS), pair(1, TAPS), pair(1, TAPS)


def number(value) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e30:
        raise ValueError("is no number")
    return float(value)


def numbers(value) -> list[float] | float:
    """A number, or a list of them, perhaps within lists of one entry, or as an array of NumPy."""
    if isinstance(value, dict) and value.get("class_name") == "__numpy__":
        value = value["config"]["value"] if isinstance(value.get("config"), dict) else None
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if isinstance(value, list):
        if not 0 < len(value) <= CHANNELS:
            raise ValueError("is no list of numbers")
        return [number(one) for one in value]
    return number(value)


def flag(value) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise ValueError("is not true or false")
    return value


def off(value) -> bool:
    """False, or nothing."""
    if value not in (None, False):
        raise ValueError("is switched on, which is not read")
    return False


def choice(*known: str):
    """One of some words."""

    def check(value):
        if value not in known or not isinstance(value, str):
            raise ValueError(f"is not one of {', '.join(known)}")
        return value

    return check


def channels_last(value) -> str:
    """The order of axes that TensorFlow has."""
    if value not in (None, "channels_last"):
        raise ValueError("is not channels_last")
    return "channels_last"


def last_axis(value) -> int:
    """The channels' axis; which is one of a map if it is 3."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if type(value) is not int or value not in (-1, 1, 3):
        raise ValueError("is not the last axis")
    return value


def borders(value) -> tuple[tuple[int, int], tuple[int, int]]:
    """Rows before and behind, columns before and behind."""
    one = whole(0, SIDE)
    if not isinstance(value, list):
        return (one(value),) * 2, (one(value),) * 2
    if len(value) != 2:
        raise ValueError("is not of two pairs")
    rows, columns = (
        (one(side[0]), one(side[1]))
        if isinstance(side, list) and len(side) == 2
        else (one(side),) * 2
        for side in value
    )
    return rows, columns


def target(value) -> tuple[int, ...]:
    """A shape, of which one entry may be -1."""
    if not isinstance(value, list) or not 1 <= len(value) <= 4:
        raise ValueError("is no shape of one to four axes")
    sizes = tuple(whole(-1, 1 << 28)(one) for one in value)
    if 0 in sizes or sizes.count(-1) > 1 or math.prod(sizes) > 1 << 28:
        raise ValueError("is no shape")
    return sizes


def maybe(check):
    """What the function accepts, or nothing."""
    return lambda value: None if value is None else check(value)


def activation(value) -> str | dict:
    """The name of an activation, however it is written; of a layer in its place its description."""
    if value is None:
        return "linear"
    if isinstance(value, dict):
        own = ">" in str(value.get("registered_name"))
        if value.get("class_name") == "function" and not own:
            value = value.get("config")
        elif isinstance(value.get("config"), dict):
            return value
    if not isinstance(value, str):
        raise ValueError(NO_LIST)
    return value
