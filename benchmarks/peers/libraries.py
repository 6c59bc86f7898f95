"""The same U-Net of integrate-and-fire neurons in plain PyTorch and four libraries.

The neuron, in every one: ``v <- v + x``; where ``v`` reaches 1 it spikes, once
at most, and ``v <- v - 1``; ``v`` is 0.5 at first and has no lower bound.
Weights and biases come in units of the threshold, one timestep being the unit
of time.

Two ways to go through time. *By steps*: the whole net, one timestep after the
other. *By layers*: a stretch of timesteps at once, as the batch of the
convolutions (SpikingJelly calls it multi-step; sinabs is made for it), which
only the neurons walk through step by step.

Everything is upside down and back to front: with even sides and stride 2
TensorFlow pads below and to the right, PyTorch above and to the left, so in a
turned image its own padding is the right one and no copy is needed.
"""

import json
import os
from importlib.metadata import version as installed

import numpy as np
import torch
from torch import nn

# runs before the timed ones, and steps in a third of one; a compiled net meets the end of
# a run, too, only in the second
TRIALS, CHUNK = 4, 1


def version(simulator: str) -> str:
    """Of the library that ran."""
    return installed(simulator.split("+")[0])


class Plain(nn.Module):
    """PyTorch alone: in place, three passes over the potentials, nothing allocated."""

    def begin(self):
        self.v = None

    def forward(self, x):
        if self.v is None:
            self.v = torch.full_like(x[0], 0.5)
        for current in x:
            self.v.add_(current)
            torch.ge(self.v, 1, out=current)  # the current's place is the spikes' now
            self.v.sub_(current)
        return x


class SnnTorch(nn.Module):
    """``Leaky`` that does not leak; it subtracts at the start of the next step."""

    def __init__(self):
        super().__init__()
        import snntorch

        self.neuron = snntorch.Leaky(beta=1.0, reset_mechanism="subtract")

    def begin(self):
        self.v = None

    def forward(self, x):
        if self.v is None:
            self.v = torch.full_like(x[:1], 0.5)
        spikes, self.v = self.neuron(x, self.v)
        return spikes


class SpikingJelly(nn.Module):
    """``IFNode`` with a soft reset, in single-step or multi-step mode."""

    def __init__(self, mode):
        super().__init__()
        from spikingjelly.activation_based import neuron

        self.mode = mode
        self.neuron = neuron.IFNode(v_threshold=1.0, v_reset=None, step_mode=mode)

    def begin(self):
        self.neuron.reset()
        self.neuron.v = 0.5

    def forward(self, x):
        if self.mode == "s":
            return self.neuron(x)
        return self.neuron(x.unsqueeze(1)).squeeze(1)


class Sinabs(nn.Module):
    """``IAF``, one spike per step at most; takes ``(batch, time, ...)``."""

    def __init__(self):
        super().__init__()
        from sinabs.activation import MembraneSubtract, SingleSpike
        from sinabs.layers import IAF

        self.neuron = IAF(1.0, spike_fn=SingleSpike, reset_fn=MembraneSubtract())

    def begin(self):
        self.fresh = True

    def forward(self, x):
        if self.fresh:
            self.neuron.v_mem = torch.full_like(x[:1], 0.5)
            self.fresh = False
        return self.neuron(x.unsqueeze(0)).squeeze(0)


def norse_step(x, state, p, dt):
    """``norse.torch.functional.iaf_feed_forward_step`` with the library's other reset.

    Its own step always resets to a value; `reset_subtract` is what its box
    neurons, which leak, are given for a reset by subtraction.
    """
    from norse.torch.functional.iaf import IAFFeedForwardState
    from norse.torch.functional.reset import reset_subtract
    from norse.torch.functional.threshold import threshold

    v = state.v + x
    z = threshold(v - p.v_th, p.method, p.alpha)
    return z, IAFFeedForwardState(reset_subtract(z, v, p.v_reset, p.v_th))


class Norse(nn.Module):
    """A norse cell of `norse_step`."""

    def __init__(self):
        super().__init__()
        from norse.torch.functional.iaf import IAFFeedForwardState, IAFParameters
        from norse.torch.module.snn import SNNCell

        self.neuron = SNNCell(
            norse_step, lambda x: IAFFeedForwardState(torch.full_like(x, 0.5)), IAFParameters()
        )

    def begin(self):
        self.state = None

    def forward(self, x):
        spikes, self.state = self.neuron(x, self.state)
        return spikes


class Unet(nn.Module):
    """The convolutions, with a library's neurons after each."""

    def __init__(self, layers, arrays, neuron):
        super().__init__()
        self.layers = layers[1:-1]  # the first layer's input is constant, the last is a readout
        self.convolutions, self.neurons = nn.ModuleDict(), nn.ModuleDict()
        channels = {layer["name"]: layer["channels"] for layer in layers}
        for layer in layers[:-1]:
            name = layer["name"]
            kernel, bias = arrays[f"{name}/kernel"], arrays[f"{name}/bias"]
            if layer["kind"] == "up":
                self.convolutions[name] = Up(layer, kernel, bias, channels[layer["inputs"][0]])
            else:
                self.convolutions[name] = _convolution(layer, kernel, bias)
            self.neurons[name] = neuron()
        self.first = layers[0]["name"]

    def begin(self):
        for neuron in self.neurons.values():
            neuron.begin()

    def forward(self, current):
        outputs = {self.first: self.neurons[self.first](current)}
        for layer in self.layers:
            name, inputs = layer["name"], [outputs[key] for key in layer["inputs"]]
            convolution = self.convolutions[name]
            # some libraries' spikes are single precision, whatever the potentials are
            inputs = [x.to(self.dtype) for x in inputs]
            if layer["kind"] == "up":
                current = convolution(*inputs)
            else:
                current = convolution(torch.cat(inputs, dim=1) if len(inputs) > 1 else inputs[0])
            outputs[name] = self.neurons[name](current)
        return outputs[self.layers[-1]["name"]]

    @property
    def dtype(self):
        return self.convolutions[self.first].weight.dtype


class Up(nn.Module):
    """A transposed convolution of what comes from below, and one of the skip, added."""

    def __init__(self, layer, kernel, bias, below):
        super().__init__()
        size, stride, narrow = layer["kernel"], layer["stride"], kernel.shape[3]
        turned = kernel[::-1, ::-1]
        self.skip = nn.Conv2d(kernel.shape[2] - below, narrow, size, padding=size // 2)
        self.skip.weight.data = torch.from_numpy(turned[:, :, below:].transpose(3, 2, 0, 1).copy())
        self.skip.bias.data = torch.from_numpy(bias)
        # of the rows that the kernel reaches TensorFlow drops the last; turned, the first
        self.below = nn.ConvTranspose2d(
            below, narrow, size, stride, size // 2, stride - 1, bias=False
        )
        self.below.weight.data = torch.from_numpy(turned[:, :, :below].transpose(2, 3, 0, 1).copy())

    def forward(self, below, *skips):
        return self.below(below) + self.skip(torch.cat(skips, dim=1) if skips[1:] else skips[0])


def _convolution(layer, kernel, bias):
    size, stride, (wide, narrow) = layer["kernel"], layer["stride"], kernel.shape[2:]
    turned = kernel[::-1, ::-1]
    if layer["kind"] == "conv":
        made = nn.Conv2d(wide, narrow, size, stride, padding=size // 2)
        weight = turned.transpose(3, 2, 0, 1)
    else:
        made = nn.ConvTranspose2d(wide, narrow, size, stride)
        weight = turned.transpose(2, 3, 0, 1)
    made.weight.data = torch.from_numpy(weight.copy())
    made.bias.data = torch.from_numpy(bias)
    return made


NEURONS = {
    "torch": lambda forms: Plain(),
    "snntorch": lambda forms: SnnTorch(),
    "spikingjelly": lambda forms: SpikingJelly("m" if _stretch(forms) > 1 else "s"),
    "sinabs": lambda forms: Sinabs(),
    "norse": lambda forms: Norse(),
}


def _stretch(forms):
    """Timesteps at once: ``by8`` is eight."""
    return next((int(form[2:]) for form in forms if form.startswith("by")), 1)


def prepare(simulator: str, threads: int):
    """Give back ``begin(folder, name)``, which gives back ``run(timesteps)``.

    A simulator's name is the library's, with ``+last`` for channels last,
    ``+by8`` for eight timesteps at once, ``+compiled`` for ``torch.compile``,
    ``+double`` for double precision.
    """
    torch.set_num_threads(threads)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    library, *forms = simulator.split("+")
    stretch = _stretch(forms)
    dtype = torch.float64 if "double" in forms else torch.float32
    order = torch.channels_last if "last" in forms else torch.contiguous_format

    def begin(folder, name):
        with np.load(folder / f"network-{name}.npz") as stored:
            arrays = dict(stored)
        layers = json.loads(str(arrays["layers"]))
        net = Unet(layers, arrays, lambda: NEURONS[library](forms)).eval()
        net = net.to(dtype).to(memory_format=order)
        step = torch.compile(net) if "compiled" in forms else net
        image = np.ascontiguousarray(arrays["image"][::-1, ::-1])

        @torch.inference_mode()
        def run(timesteps):
            net.begin()
            pixels = torch.from_numpy(image)[None, None].to(dtype)
            constant = net.convolutions[net.first](pixels)
            constant, total = constant.to(memory_format=order), None
            for first in range(0, timesteps, stretch):
                steps = min(stretch, timesteps - first)
                current = constant.expand(steps, -1, -1, -1).contiguous(memory_format=order)
                if steps == 1:  # a neuron may write into what it is given
                    current = current.clone()
                spikes = step(current)
                spikes = spikes.sum(0, keepdim=True) if steps > 1 else spikes
                total = spikes.clone() if total is None else total.add_(spikes)
            counts = total[0].permute(1, 2, 0).numpy()[::-1, ::-1]
            return np.rint(counts).astype(np.uint16), None

        return run

    return begin
