"""The same net converted by sinabs (``from_model``) and by the lab: firing rates, layer by layer.

    PYTHONPATH=. .venv/bin/python benchmarks/peers/conversion.py export FOLDER --model relu
    PEERS/bin/python benchmarks/peers/conversion.py sinabs FOLDER
    PYTHONPATH=. .venv/bin/python benchmarks/peers/conversion.py compare FOLDER

PEERS is the environment of ``run.sh``. ``export`` writes what `data-normalisation` makes of a
model (weights and biases in thresholds per step, of its Nengo objects) and the spike counts of the
lab's run; ``sinabs`` builds the ANN in PyTorch, ReLUs and all, of the normalised weights, hands it
to ``sinabs.from_torch.from_model`` and runs what comes back; ``compare`` prints how far the rates
are apart. Both start from a potential of 0, reset by subtraction and have no lower bound.
"""

import argparse
import json
from pathlib import Path

import numpy as np


def export(options):
    import nengo
    from nengo.dists import get_samples

    from snnlab import conversion
    from snnlab.data import synthetic as datasets
    from snnlab.images.contrast import normalise
    from snnlab.lab import segmenting as lab
    from snnlab.settings import Settings
    from snnlab.simulation.event import run

    image = normalise(datasets.synthetic(options.size, 0).image)
    settings = Settings(method="data-normalisation", initial=0.0, timesteps=options.timesteps)
    network = conversion.method("data-normalisation").convert(
        lab.model(options.model), image, settings
    )
    by_end = {population.ensemble.neurons: population for population in network.populations}
    arrays, layers = {"image": image}, []
    for population in network.populations:
        name = population.name
        arrays[f"{name}/bias"] = (
            get_samples(population.ensemble.bias, population.ensemble.n_neurons)[
                : population.shape[2]
            ]
            * 0.001
        )
        fed = []
        for connection in network.network.all_connections:
            if connection.post_obj == population.ensemble.neurons:
                source = by_end.get(connection.pre_obj)
                sent = source.ensemble.neuron_type.amplitude / 0.001 if source else 1.0
                kernel = np.asarray(connection.transform.init, float) * sent * 0.001
                arrays[f"{name}/{len(fed)}"] = kernel
                transposed = not isinstance(connection.transform, nengo.Convolution)
                fed.append(
                    [
                        source.name if source else "image",
                        transposed,
                        connection.transform.strides[0],
                    ]
                )
        layers.append([name, fed])
    recording = run(network, options.timesteps)
    for trains in recording.populations:
        arrays[f"{trains.name}/counts"] = trains.counts()
    arrays["layers"] = np.array(json.dumps(layers))
    arrays["timesteps"] = np.array(options.timesteps)
    options.folder.mkdir(parents=True, exist_ok=True)
    np.savez(options.folder / "lab.npz", **arrays)


def sinabs(options):
    import torch
    from sinabs.activation import SingleSpike
    from sinabs.from_torch import from_model
    from torch import nn
    from torch.nn import functional

    stored = dict(np.load(options.folder / "lab.npz"))
    layers, timesteps = json.loads(str(stored["layers"])), int(stored["timesteps"])

    class Net(nn.Module):
        """The U-Net with ReLUs; all weights in one place, by name."""

        def __init__(self):
            super().__init__()
            self.relus = nn.ModuleDict({name: nn.ReLU() for name, _ in layers})
            self.weights = nn.ParameterDict()
            for name, fed in layers:
                bias = torch.tensor(stored[f"{name}/bias"], dtype=torch.float32)
                self.weights[f"{name}-bias"] = nn.Parameter(bias)
                for index, (_, transposed, _) in enumerate(fed):
                    order = (2, 3, 0, 1) if transposed else (3, 2, 0, 1)
                    kernel = stored[f"{name}/{index}"].transpose(order).astype(np.float32)
                    self.weights[f"{name}-{index}"] = nn.Parameter(torch.tensor(kernel))

        def forward(self, image):
            out = {"image": image}
            for name, fed in layers:
                total = self.weights[f"{name}-bias"][None, :, None, None]
                for index, (source, transposed, stride) in enumerate(fed):
                    kernel = self.weights[f"{name}-{index}"]
                    total = total + _convolve(out[source], kernel, transposed, stride, functional)
                out[name] = self.relus[name](total)
            return out[layers[-1][0]]

    with torch.no_grad():
        spiking = from_model(
            Net().eval(),
            spike_fn=SingleSpike,
            min_v_mem=None,
            num_timesteps=timesteps,
        ).spiking_model
        counts = {}
        for name, module in spiking.relus.items():
            module.register_forward_hook(
                lambda _module, _in, out, name=name: counts.__setitem__(
                    name, out.sum(0).permute(1, 2, 0).numpy()
                )
            )
        image = torch.tensor(stored["image"])[None, None].repeat(timesteps, 1, 1, 1)
        spiking(image)
    np.savez(options.folder / "sinabs.npz", **counts)


def _convolve(x, kernel, transposed, stride, functional):
    """With padding as TensorFlow places it."""
    size = kernel.shape[-1]
    if transposed:
        height, width = (side * stride for side in x.shape[-2:])
        before = max(size - stride, 0) // 2
        grown = functional.conv_transpose2d(x, kernel, stride=stride)
        return grown[..., before : before + height, before : before + width]
    pads = []
    for side in (x.shape[-1], x.shape[-2]):
        total = max((-(-side // stride) - 1) * stride + size - side, 0)
        pads += [total // 2, total - total // 2]
    return functional.conv2d(functional.pad(x, pads), kernel, stride=stride)


def compare(options):
    ours = dict(np.load(options.folder / "lab.npz"))
    theirs = dict(np.load(options.folder / "sinabs.npz"))
    rows = []
    for name in theirs:
        one, other = ours[f"{name}/counts"].astype(float), theirs[name]
        rows.append(
            {
                "layer": name,
                "spikes": int(one.sum()),
                "spikes_sinabs": int(other.sum()),
                "neurons_with_other_counts": float((one != other).mean()),
                "mean_difference_hz": float(np.abs(one - other).mean() / ours["timesteps"] * 1000),
            }
        )
    print(json.dumps({"timesteps": int(ours["timesteps"]), "layers": rows}, indent=2))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", choices=("export", "sinabs", "compare"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="relu")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--timesteps", type=int, default=64)
    options = parser.parse_args()
    {"export": export, "sinabs": sinabs, "compare": compare}[options.part](options)


if __name__ == "__main__":
    main()
