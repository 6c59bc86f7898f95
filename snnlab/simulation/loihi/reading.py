"""From the blocks that NengoLoihi built to arrays, checked entry by entry.

A block's synapses are lists: for each input axon which row of weights, and
where its targets begin. They came from a convolution that was cut into cores,
and every core rounded its weights on its own. `read` finds the integer kernel
of every core again, and refuses unless it accounts for every synapse of every
axon: what runs is what was built, not what should have been.

Cores that cover the same pixels with different channels are joined into one
kernel; pixels whose cores agree share it, so a layer mostly has one.
"""

from dataclasses import dataclass, replace

import numpy as np

from snnlab.errors import LabError
from snnlab.simulation.event.operators import Convolve
from snnlab.simulation.loihi.network import ChipLayer

UNIT = 64  # a weight is a multiple of this: Loihi shifts it left by six bits


@dataclass(frozen=True)
class BuiltLink:
    """One connection as the chip has it.

    Attributes
    ----------
    source : str
    geometry : Convolve
        With a kernel of zeros: where each tap goes.
    kernels : numpy.ndarray
        int16 ``(variants, rows, columns, in, out)``: weights in units of `UNIT`.
    """

    source: str
    geometry: Convolve
    kernels: np.ndarray


@dataclass(frozen=True)
class BuiltLayer:
    """One population as the chip has it.

    Attributes
    ----------
    name : str
    shape : tuple of int
        ``(height, width, channels)``.
    links : tuple of BuiltLink
        Empty for a population of the host.
    block : tuple of int
        Neurons a core, ``(height, width, channels)``.
    variants : numpy.ndarray
        int64 ``(rows of blocks, columns of blocks)``: which kernel those pixels use.
    bias, threshold : numpy.ndarray
        int32 ``(neurons,)``.
    decay : int
        ``u <- sign(u) floor(|u| decay / 4096)`` in every step.
    lowest, highest : int
        Bounds of the potential.
    cores : numpy.ndarray
        int64 ``(cores, 4)``: compartments, input axons, output axons and
        synaptic bits in use; cores in row-major order.
    """

    name: str
    shape: tuple[int, int, int]
    links: tuple[BuiltLink, ...] = ()
    block: tuple[int, int, int] = (0, 0, 0)
    variants: np.ndarray | None = None
    bias: np.ndarray | None = None
    threshold: np.ndarray | None = None
    decay: int = 0
    lowest: int = 0
    highest: int = 0
    cores: np.ndarray | None = None

    @property
    def neurons(self) -> int:
        """Number of neurons."""
        return int(np.prod(self.shape))


def read(model, layers: tuple[ChipLayer, ...], ensembles: dict) -> tuple[BuiltLayer, ...]:
    """Read a built and discretised model.

    Parameters
    ----------
    model : nengo_loihi.builder.Model
    layers : tuple of ChipLayer
    ensembles : dict of str to nengo.Ensemble
        As `snnlab.simulation.loihi.network.assemble` made them.

    Raises
    ------
    LabError
        If a block holds anything that the emulator does not run.
    """
    blocks = {
        layer.name: _as_list(model.objs[ensembles[layer.name].neurons]["in"])
        for layer in layers
        if layer.on_chip
    }
    members = {block: np.asarray(list(ids)) for block, ids in model.block_comp_map.items()}
    owners = _owners(model, blocks, members)
    built = []
    for layer in layers:
        if not layer.on_chip:
            built.append(BuiltLayer(layer.name, layer.shape))
            continue
        mine = blocks[layer.name]
        size = [len(np.unique(part)) for part in np.unravel_index(members[mine[0]], layer.shape)]
        # every block lies in a grid, so the first tells the shape of all but the last
        grid = [-(-whole // part) for whole, part in zip(layer.shape, size, strict=True)]
        if len(mine) != np.prod(grid):
            raise LabError(f"the blocks of layer {layer.name} do not form a grid.")
        found = BuiltLayer(
            layer.name, layer.shape, (), tuple(size), **_compartments(layer, mine, members)
        )
        built.append(_with_kernels(found, layer, mine, members, owners, grid))
    return tuple(built)


def _as_list(blocks) -> list:
    return list(blocks) if isinstance(blocks, list) else [blocks]


def _owners(model, blocks, members) -> dict:
    """For each synapse, its source and which source neuron is each axon's each atom."""
    sources = [
        (name, members[block], block.axons) for name, mine in blocks.items() for block in mine
    ]
    for spikes in model.inputs:
        # the label of the connection, "source to target", and what NengoLoihi adds
        sources.append((spikes.label.split(" to ")[0], np.arange(spikes.n_neurons), spikes.axons))
    owners = {}
    for name, neurons, axons in sources:
        for axon in axons:
            synapse = axon.target
            atoms = synapse.weights[0].shape[0]
            source, owner = owners.setdefault(
                synapse, (name, np.full((synapse.n_axons, atoms), -1))
            )
            places = np.arange(len(neurons))
            to, atom = np.asarray(axon.map_axon(places)), np.asarray(axon.map_atoms(places))
            used = to >= 0
            if source != name or (owner[to[used], atom[used]] >= 0).any():
                raise LabError("two connections share their synapses on the chip.")
            owner[to[used], atom[used]] = neurons[used]
    return owners


def _compartments(layer, blocks, members) -> dict:
    """Neuron parameters, in the order of the layer's neurons."""
    bias, threshold = (np.zeros(len(layer.bias), np.int32) for _ in range(2))
    shared, cores = set(), []
    for block in blocks:
        part = block.compartment
        bias[members[block]], threshold[members[block]] = part.bias, part.vth
        if part.bias.dtype != np.int32 or part.vth.dtype != np.int32:
            raise LabError("the model is not discretised; build it for target 'sim'.")
        if part.enable_noise.any() or part.decay_v.any() or (part.refract_delay != 1).any():
            raise LabError(
                "the Loihi emulator runs rectified linear neurons without noise; "
                "use the simulator nengo-loihi for others."
            )
        shared |= {(int(d), int(part.vmin), int(part.vmax)) for d in np.unique(part.decay_u)}
        cores.append([used for used, _ in block.utilization().values()])
    if len(shared) != 1:
        raise LabError(f"the neurons of layer {layer.name} decay differently.")
    decay, lowest, highest = shared.pop()
    return {
        "bias": bias,
        "threshold": threshold,
        "decay": 4096 - 1 - decay,
        "lowest": lowest,
        "highest": highest,
        "cores": np.array(cores),
    }


def _with_kernels(built, layer, blocks, members, owners, grid) -> BuiltLayer:
    """Recover the kernels of all links, for each place in the grid, and join equal ones."""
    kernels = [[] for _ in layer.links]  # by link: of each variant, kernel and what is known
    variants = np.zeros(grid[:2], np.int64)
    pieces = np.array(blocks, dtype=object).reshape(grid)
    names = [link.source for link in layer.links]
    for place in np.ndindex(*grid[:2]):
        here = [
            tuple(np.zeros(link.operator.kernel.shape, kind) for kind in (np.int32, bool))
            for link in layer.links
        ]
        for block in pieces[place]:
            entries = [0] * len(layer.links)
            for synapse in block.synapses:
                if synapse.learning:
                    raise LabError("the Loihi emulator does not learn.")
                source, owner = owners[synapse]
                number = names.index(source)
                entries[number] += _recover(
                    synapse, owner, members[block], layer.links[number].operator, here[number]
                )
            for link, count in zip(layer.links, entries, strict=True):
                if count != _expected(link.operator, members[block]):
                    raise LabError(f"a core of layer {layer.name} lacks synapses.")
        variants[place] = join(kernels, here)
    links = tuple(
        BuiltLink(
            link.source,
            replace(link.operator, kernel=np.zeros_like(link.operator.kernel)),
            np.array([kernel for kernel, _ in found]).astype(np.int16),
        )
        for link, found in zip(layer.links, kernels, strict=True)
    )
    return replace(built, links=links, variants=variants)


def join(kernels, here) -> int:
    """Number of the variant that some cores' kernels are: one that agrees, or a new one.

    Parameters
    ----------
    kernels : list of list
        By link, of each variant so far: integer kernel, and which of it is known; extended.
    here : list of tuple
        The same of the cores in question, by link.
    """
    for number in range(len(kernels[0])):
        if all(
            (found[number][0] == kernel)[found[number][1] & known].all()
            for found, (kernel, known) in zip(kernels, here, strict=True)
        ):
            for found, (kernel, known) in zip(kernels, here, strict=True):
                found[number][0][known] = kernel[known]
                found[number][1][known] = True
            return number
    for found, pair in zip(kernels, here, strict=True):
        found.append(pair)
    return len(kernels[0]) - 1


def _recover(synapse, owner, members, operator, here) -> int:
    """Enter one core's synapses into a kernel; returns how many (pixel, neuron) pairs they are."""
    kernel, known = here
    depth = operator.shape_in[2]
    pixel = owner[:, 0] // depth
    whole = (owner == pixel[:, None] * depth + np.arange(depth)).all() and (owner >= 0).all()
    if not whole or len(np.unique(pixel)) != len(pixel):
        raise LabError("an axon of the chip does not carry one pixel.")
    used = np.array([synapse.axon_compartment_base(axon) is not None for axon in range(len(pixel))])
    rows = np.array([synapse.axon_weight_idx(axon) for axon in range(len(pixel))])
    bases = np.array([synapse.axon_compartment_base(axon) or 0 for axon in range(len(pixel))])
    count = 0
    for row in np.unique(rows[used]):
        axons = np.flatnonzero(used & (rows == row))
        weights, indices = synapse.weights[row], synapse.indices[row]
        if (indices != indices[0]).any() or (weights % UNIT).any():
            raise LabError("the weights on the chip have an unknown form.")
        into = members[bases[axons][:, None] + indices[0]]
        y, x, out = np.unravel_index(into, operator.shape_out)
        from_y, from_x = np.divmod(pixel[axons][:, None], operator.shape_in[1])
        taps = np.stack([_tap(operator, 0, y, from_y), _tap(operator, 1, x, from_x), out], axis=1)
        # rows of weights that happen to be equal are stored once, whatever taps they are
        for down, along, channel in np.unique(taps, axis=0):
            inside = (down >= 0) & (along >= 0)
            inside &= (down < kernel.shape[0]) & (along < kernel.shape[1])
            # only the rim of zeros that moves a kernel into place may lie outside
            if weights[:, ~inside].any():
                raise LabError("a synapse of the chip is not where the convolution has one.")
            at = down[inside], along[inside], slice(None), channel[inside]
            values = (weights[:, inside] // UNIT).T
            if ((kernel[at] != values) & known[at]).any():
                raise LabError("a core has two weights for one tap.")
            kernel[at], known[at] = values, True
        inside = (taps[:, 0] >= 0) & (taps[:, 1] >= 0)
        inside &= (taps[:, 0] < kernel.shape[0]) & (taps[:, 1] < kernel.shape[1])
        count += int(inside.sum())
    return count


def _tap(operator: Convolve, axis: int, into, come):
    """The kernel index that joins an output and a source position."""
    pad, stride = operator.pads[axis], operator.strides[axis]
    if operator.transposed:
        return into - come * stride + pad
    return come - into * stride + pad


def _expected(operator: Convolve, members) -> int:
    """Pairs of source pixel and neuron that a convolution joins, for some neurons."""
    y, x, _ = np.unravel_index(members, operator.shape_out)
    reached = [np.zeros(size, np.int64) for size in operator.shape_out[:2]]
    for axis in range(2):
        for tap in range(operator.kernel.shape[axis]):
            np.add.at(reached[axis], operator.meet(axis, tap)[0], 1)
    return int((reached[0][y] * reached[1][x]).sum())
