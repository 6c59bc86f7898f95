"""Products of bytes by three libraries: a layer over all steps, neurons included.

Each library has ``layer(parts, steps, shape)``, which gives back ``run(sources, spikes)``:
bytes, ``(steps, neurons)``, from the sources' spikes to the layer's.
"""

import ctypes
import os

import numpy as np
from dense8_parts import at, compiled, phases

# of currents at once; a larger budget means fewer calls, a smaller one fewer trips to memory
BUDGET = int(os.environ.get("DENSE8_BYTES", 4 << 20))
BAND = 128 << 10  # of currents of a band of rows, which stay in a core's own cache


class OneDnn:
    """Products by oneDNN, a band of rows in one thread over all steps.

    Currents and potentials of a band stay in the core's own cache: only spikes go to memory, and
    threads wait for each other once a layer.
    """

    def __init__(self, threads):
        self.library = compiled(True)

    def layer(self, parts, steps, shape):
        height, width, channels = shape
        rows = max(1, height // 4)
        while rows % 4 == 0 and 4 * rows * width * channels > BAND:
            rows //= 2
        if height % rows:
            raise RuntimeError(f"{height} rows can't be cut into bands of {rows}")
        made = {False: None, True: None}
        for part in parts:
            levels = phases(part.levels) if part.up else part.levels
            half = 2 if part.up else 1
            bias = part.bias
            bias = bias if bias is None or not part.up else np.tile(bias, 4)
            out, wide, size, _ = levels.shape
            one = self.library.source_new(
                *(rows // half, width // half, wide, out, size, 1 if part.up else part.stride),
                *(at(levels), ctypes.c_float(part.scale), at(bias)),
            )
            if not one:
                raise RuntimeError("oneDNN has no such product")
            made[part.up] = ctypes.c_void_p(one)
        sizes = (steps, *map(ctypes.c_long, shape))

        def run(sources, spikes):
            of = dict(zip((part.up for part in parts), map(at, sources), strict=True))
            self.library.layer_run(
                *(*sizes, made[False], of[False], made[True], of.get(True), at(spikes))
            )

        return run


class Torch:
    """PyTorch's quantised convolutions, which call the oneDNN that came with it."""

    def __init__(self, threads):
        import torch

        torch.set_num_threads(threads)
        self.torch, self.library = torch, compiled(False)

    def layer(self, parts, steps, shape):
        torch, ops = self.torch, self.torch.ops.onednn
        neurons, last = int(np.prod(shape)), torch.channels_last
        together = _together(steps, neurons)
        v, made = np.empty(neurons, np.float32), []
        for part in parts:
            levels = phases(part.levels) if part.up else part.levels
            out, stride = len(levels), 1 if part.up else part.stride
            scales, zeros = torch.full((out,), part.scale), torch.zeros(out, dtype=torch.int32)
            bias = part.bias
            bias = None if bias is None else torch.from_numpy(np.tile(bias, out // len(bias)))
            size = [together, levels.shape[1], *part.side]
            packed = ops.qconv_prepack(
                *(torch.from_numpy(levels), scales, 1.0, 0, [stride] * 2, [1, 1], [1, 1], 1, size)
            )
            made.append((part.up, packed, scales, zeros, bias, stride, size))

        def run(sources, spikes):
            v.fill(0.5)
            for first in range(0, steps, together):
                of = slice(first, first + together)
                some([source[of] for source in sources], spikes[of])

        def some(sources, spikes):
            current = None
            for (up, packed, scales, zeros, bias, stride, size), source in zip(
                made, sources, strict=True
            ):
                source = torch.from_numpy(source).view(size[0], *size[2:], size[1])
                source = source.permute(0, 3, 1, 2)  # channels last in memory
                common = (source, 1.0, 0, packed, scales, zeros)
                geometry = (bias, [stride] * 2, [1, 1], [1, 1], 1, 1.0, 0, torch.float32)
                if current is None:
                    current = ops.qconv2d_pointwise(*common, *geometry, "none", [], "")
                    current = self._shuffled(current) if up else current
                else:
                    current = ops.qconv2d_pointwise.binary(
                        *(*common, current, *geometry, 1.0, 0, "sum", 1.0, "none", [], "")
                    )
            assert current.is_contiguous(memory_format=last)
            where = ctypes.c_void_p(current.data_ptr())
            self.library.fire(together, ctypes.c_long(neurons), where, at(v), at(spikes))

        return run

    def _shuffled(self, current):
        """``(steps, 2 * 2 * out, height + 1, width + 1)`` to ``(steps, out, 2 h, 2 w)``."""
        steps, out, (tall, wide) = current.shape[0], current.shape[1] // 4, current.shape[2:]
        current = current.permute(0, 2, 3, 1).view(steps, tall, wide, 2, 2, out)[:, 1:, 1:]
        current = current.permute(0, 1, 3, 2, 4, 5)
        return current.reshape(steps, 2 * tall - 2, 2 * wide - 2, out).permute(0, 3, 1, 2)


class OnnxRuntime:
    """ONNX Runtime's `ConvInteger`: sums of levels in int32, channels before rows."""

    planes = True  # the order of a layer's neurons: channels first

    def __init__(self, threads, double=False):
        import onnxruntime

        self.library, self.runtime = compiled(False), onnxruntime
        self.dtype = np.float64 if double else np.float32
        self.options = onnxruntime.SessionOptions()
        self.options.intra_op_num_threads, self.options.inter_op_num_threads = threads, 1
        self.options.add_session_config_entry("session.intra_op.allow_spinning", "0")

    def layer(self, parts, steps, shape):
        height, width, channels = shape
        neurons = int(np.prod(shape))
        together = _together(steps, neurons)
        sessions, sums = [], []
        for part in parts:
            sums.append(np.empty((together, channels, height, width), np.int32))
            sessions.append(self._session(part, together))
        bias = next(part.exact_bias for part in parts if part.bias is not None)
        v = np.empty(neurons, self.dtype)
        fire = self.library.fire_sums_double if v.itemsize == 8 else self.library.fire_sums
        scales = [ctypes.c_double(part.scale) for part in parts] + [ctypes.c_double(0)]
        shapes = [(together, part.levels.shape[1], *part.side) for part in parts]
        size = (ctypes.c_long(channels), ctypes.c_long(height * width))

        def run(sources, spikes):
            v.fill(0.5)
            for first in range(0, steps, together):
                of = slice(first, first + together)
                for session, source, like, total in zip(
                    sessions, sources, shapes, sums, strict=True
                ):
                    binding = session.io_binding()
                    value = self.runtime.OrtValue.ortvalue_from_numpy(source[of].reshape(like))
                    binding.bind_ortvalue_input("x", value)
                    binding.bind_output("y", "cpu", 0, np.int32, total.shape, total.ctypes.data)
                    session.run_with_iobinding(binding)
                other = at(sums[1]) if parts[1:] else at(None)
                fire(
                    *(together, *size, at(sums[0]), scales[0], other, scales[1], at(bias)),
                    *(at(v), at(spikes[of])),
                )

        return run

    def _session(self, part, together):
        """One product as a model; a transposed one is two by two phases, brought into place."""
        from onnx import TensorProto as Type
        from onnx import helper, numpy_helper

        levels = phases(part.levels) if part.up else part.levels
        high, wide = part.side
        pads = [0, 0, 1, 1] if part.up else [1, 1, 1, 1]
        stride = 1 if part.up else part.stride
        node, constants = helper.make_node, {"w": levels}
        nodes = [
            node("ConvInteger", ["x", "w"], ["y" if not part.up else "p"], pads=pads,
                 strides=[stride] * 2, kernel_shape=list(levels.shape[2:]))
        ]  # fmt: skip
        if part.up:
            out = len(levels) // 4
            constants["apart"] = np.array([together, 2, 2, out, high, wide])
            constants["whole"] = np.array([together, out, 2 * high, 2 * wide])
            nodes += [
                node("Reshape", ["p", "apart"], ["q"]),
                node("Transpose", ["q"], ["r"], perm=[0, 3, 4, 1, 5, 2]),
                node("Reshape", ["r", "whole"], ["y"]),
            ]
        given = helper.make_tensor_value_info(
            "x", Type.UINT8, [together, levels.shape[1], high, wide]
        )
        graph = helper.make_graph(
            nodes, "product", [given], [helper.make_tensor_value_info("y", Type.INT32, None)],
            [numpy_helper.from_array(array, key) for key, array in constants.items()],
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return self.runtime.InferenceSession(
            model.SerializeToString(), self.options, providers=["CPUExecutionProvider"]
        )


def _together(steps: int, neurons: int) -> int:
    """Steps at once: those whose currents stay within `BUDGET`."""
    while steps % 2 == 0 and 4 * steps * neurons > BUDGET:
        steps //= 2
    return steps


LIBRARIES = {"onednn": OneDnn, "torch": Torch, "onnxruntime": OnnxRuntime}
