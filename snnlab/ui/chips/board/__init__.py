"""The board: chips and their cores, two partitions beside each other, in the browser.

The server packs a mapping once (`pack`); colouring, choosing a core and playing
the timesteps need no server. The format::

    uint32 little-endian   length of the header
    header                 JSON: see `pack`; ``arrays`` lists name, kind and shape of what follows
    zlib stream            the arrays, one after the other, little-endian, row-major
"""

import zlib
from pathlib import Path

import numpy as np
import streamlit as st

from snnlab.chips.board import Layout, Mapping, Partition, away
from snnlab.figures import palette
from snnlab.ui.shared import messages

FRAMES = 200  # of a longer run, several steps make one frame
WIDE, HIGH = 16, 8  # cores of a chip as they are drawn; 128 together
_HERE = Path(__file__).parent
_KINDS = (("uint8", "<u1"), ("uint16", "<u2"), ("uint32", "<u4"))


def pack(
    mapping: Mapping,
    partitions: tuple[str, ...],
    limits: dict[str, tuple[str, int, str]],
    picture: str = "",
) -> bytes:
    """Pack one or two partitions of a mapping for the browser.

    Parameters
    ----------
    mapping : Mapping
    partitions : tuple of str
        Names of partitions, as many as there are boards.
    limits : dict of str to tuple
        For each attribute of a block that a core limits: what it is called,
        the limit, and its unit.
    picture : str
        Names the image that the tile was cut from, as the image viewer does.

    Returns
    -------
    bytes
        As the module's text says. Counts are exact; frames of a run of more
        than `FRAMES` steps are sums over the steps that the header names.
    """
    chosen = [mapping.partitions[name] for name in partitions]
    layouts = list(dict.fromkeys(partition.layout for partition in chosen))
    arrays = {"image": _grey(mapping.image)}
    for index, name in enumerate(layouts):
        layout = mapping.layouts[name]
        arrays |= {
            f"{key}{index}": value
            for key, value in _layout(layout, list(mapping.shapes), tuple(limits)).items()
        }
    for index, partition in enumerate(chosen):
        traffic = mapping.layouts[partition.layout].traffic
        arrays |= {
            f"chip{index}": partition.chip_of,
            f"between{index}": partition.chip_to_chip,
            f"away{index}": away(traffic.edges, partition),
        }
    packed = {key: _small(value) for key, value in arrays.items()}
    top, left, height, width = mapping.tile
    about = {
        "picture": picture,
        "tile": [top, left, height, width],
        "timesteps": mapping.timesteps,
        "frames": [list(span) for span in spans(mapping.timesteps)],
        "chip": [HIGH, WIDE],
        "layers": _layers(mapping),
        "limits": [[label, limit, unit] for label, limit, unit in limits.values()],
        "layouts": [{"name": name, "cores": len(mapping.layouts[name].blocks)} for name in layouts],
        "boards": [_board(partition, layouts) for partition in chosen],
        "arrays": [[key, kind, list(value.shape)] for key, (kind, value) in packed.items()],
    }
    stream = zlib.compress(b"".join(value.tobytes() for _, value in packed.values()), 1)
    return messages.headed(about) + stream


def spans(timesteps: int, most: int = FRAMES) -> list[tuple[int, int]]:
    """First and last timestep, from 1, of each frame."""
    each = -(-timesteps // most)
    return [(first + 1, min(first + each, timesteps)) for first in range(0, timesteps, each)]


def show(blob: bytes, key: str = "board") -> None:
    """Put the board on the page.

    Parameters
    ----------
    blob : bytes
        From `pack`.
    key : str
    """
    _component()(data=blob, key=key)


def markup() -> str:
    """What the component starts from."""
    return (_HERE / "board.html").read_text("utf-8")


def script() -> str:
    """The component's JavaScript: one module in the browser, whose parts share their names."""
    parts = ("data", "drawing", "meeting", "chosen", "board")
    return "\n".join((_HERE / f"{part}.js").read_text("utf-8") for part in parts)


@st.cache_resource(show_spinner=False)
def _component():
    css = (_HERE / "board.css").read_text("utf-8")
    return st.components.v2.component("snnlab_board", html=markup(), css=css, js=script())


def _layers(mapping: Mapping) -> list[dict]:
    """Name, colour and size of each layer; ``mark`` tells layers of one colour apart."""
    seen: dict[str, int] = {}
    found = []
    for name, shape in mapping.shapes.items():
        colour = palette.layer(name)
        seen[colour] = seen.get(colour, -1) + 1
        found.append({"name": name, "colour": colour, "mark": seen[colour], "shape": list(shape)})
    return found


def _board(partition: Partition, layouts: list[str]) -> dict:
    return {
        "name": partition.partitioner,
        "layout": layouts.index(partition.layout),
        "grid": [int(side) for side in partition.grid],
        "place": partition.place.tolist(),
        "interchip": int(partition.interchip),
    }


def _layout(layout: Layout, layers: list[str], used: tuple[str, ...]) -> dict[str, np.ndarray]:
    traffic = layout.traffic
    steps = [first - 1 for first, _ in spans(traffic.timesteps)]
    frames = {
        "spiked": traffic.spiked,
        "sent": traffic.sent,
        "received": traffic.received + traffic.from_host,
    }
    sends = traffic.sends.tocsr()
    return {
        "layer": np.array([layers.index(block.layer) for block in layout.blocks]),
        "box": np.array([block.start + block.stop for block in layout.blocks]),
        "used": np.array([[getattr(block, key) for key in used] for block in layout.blocks]),
        "first": sends.indptr,
        "target": sends.indices,
        "sends": sends.data,
        "fromhost": traffic.from_host.sum(1, dtype=np.int64),
        "tohost": traffic.to_host,
    } | {
        # a frame's values of all cores lie together
        key: np.add.reduceat(value.astype(np.int64), steps, axis=1).T
        for key, value in frames.items()
    }


def _small(values: np.ndarray) -> tuple[str, np.ndarray]:
    """Counts in the fewest bytes that hold them."""
    top = int(values.max(initial=0))
    for kind, code in _KINDS:
        if top <= np.iinfo(kind).max:
            return kind, np.ascontiguousarray(values, code)
    return "float64", np.ascontiguousarray(values, "<f8")  # exact up to 2^53


def _grey(values: np.ndarray) -> np.ndarray:
    low, high = np.percentile(values, (0.5, 99.5))
    return np.rint(np.clip((values - low) / max(float(high - low), 1e-6), 0, 1) * 255)
