"""The event-driven simulator with the interface of ``nengo.Simulator``."""

import time
import warnings
from collections.abc import Mapping

import nengo
import numpy as np
from nengo.exceptions import ReadonlyError, SimulatorClosed, ValidationError
from nengo.utils.progress import Progress, ProgressTracker

from snnlab.simulation.event.built import built
from snnlab.simulation.event.driven import Drivers
from snnlab.simulation.event.engine import Engine, Watch
from snnlab.simulation.event.errors import Unsupported
from snnlab.simulation.event.plan import Driven
from snnlab.simulation.event.probing import Piece, Seen, needed, views, watched
from snnlab.simulation.event.reading import read
from snnlab.simulation.recording import Recording


class Simulator:
    """Simulate a feed-forward network of neurons by its spikes.

    A drop-in for ``nengo.Simulator`` for networks whose connections run
    between neurons (``ensemble.neurons``), nodes and ensembles, without loops:

    * transforms: none, scalar, diagonal, Dense, Sparse, Convolution and
      ConvolutionTranspose, with slices of either end; synapses: none, Lowpass;
    * neurons: LIF, SpikingRectifiedLinear, RectifiedLinear, LIFRate, Sigmoid,
      Tanh, the lab's IntegrateAndFire and LeakyIntegrateAndFire, NengoLoihi's
      LoihiSpikingRectifiedLinear;
    * nodes: constant, passing on their input, or depending on time alone;
    * probes of nodes, of decoded values, and of neurons' output, voltage and input.

    Spikes are those of Nengo's simulator, up to the order in which weights are
    summed, in double precision, and by `settle` in single precision too.
    Layers are run one after the other over all steps of a call, so ask for
    many steps at once: single steps are correct, but slow. A run in several
    calls is the run in one call in double precision; in single precision each
    call starts from rounded potentials, so single spikes may move a step.

    Parameters
    ----------
    network : nengo.Network
    dt : float
        Length of a step (s).
    seed : int, optional
        For processes of nodes without a seed; the network's seed + 1 if not given.
    model : None
        For compatibility: a built model cannot be run.
    progress_bar : bool or nengo.utils.progress.ProgressBar
    optimize : bool
        For compatibility; has no effect.
    dtype : {"float32", "float64"}
        Of currents and potentials; the second is half as fast.
    threads : int, optional
        All cores that this process may use, if not given.
    cancel : callable, optional
        Asked some fifty times a second; True stops the run, which then has
        not happened.

    Attributes
    ----------
    data : Mapping
        By probe: what it saw, float64 ``(samples, size)``. By ensemble or
        connection: its parameters, as Nengo's builder samples them.

    Raises
    ------
    Unsupported
        If the network has a part that this simulator cannot run.
    """

    def __init__(
        self,
        network,
        dt=0.001,
        seed=None,
        model=None,
        progress_bar=False,
        optimize=True,
        dtype="float32",
        threads=None,
        cancel=None,
    ):
        self.closed = True  # until all went well
        if model is not None or network is None:
            raise Unsupported("the event-driven simulator runs a network, not a built model.")
        self.progress_bar, self.cancel = progress_bar, cancel
        self.network = network
        self._plan = read(network, float(dt))
        self._engine = Engine(self._plan, float(dt), dtype, threads)
        self._seen = Seen(self._plan, views(network, self._plan), float(dt))
        self._watched = watched(self._seen.views)
        self._needed = needed(self._plan, self._seen.views)
        if seed is None:
            unseeded = network.seed is None
            seed = int(np.random.default_rng().integers(2**31)) if unseeded else network.seed + 1
        self.data = _Data(self._seen)
        self.closed = False
        self.reset(seed)

    def __del__(self):
        if not getattr(self, "closed", True):
            warnings.warn(
                f"Simulator {self} was deallocated while open; close it, or use it in a with"
                " statement.",
                ResourceWarning,
                stacklevel=2,
            )

    def __enter__(self):
        self._check_open()
        return self

    def __exit__(self, kind, value, trace):
        self.close()

    @property
    def dt(self) -> float:
        """Length of a step (s)."""
        return self._seen.dt

    @dt.setter
    def dt(self, _):
        raise ReadonlyError(attr="dt", obj=self)

    @property
    def n_steps(self) -> int:
        """Steps run so far."""
        return self._seen.steps

    @property
    def time(self) -> float:
        """Time (s) that the simulation has reached."""
        return self.n_steps * self.dt

    def reset(self, seed: int | None = None) -> None:
        """Back to the first step."""
        self._check_open()
        if seed is not None:
            self.seed = seed
        nodes = [stage.target for stage in self._plan.stages if isinstance(stage, Driven)]
        self._drivers = Drivers(nodes, self.dt, self.seed)
        self._memory = {}
        self._seconds = 0.0
        self._seen.forget()

    def clear_probes(self) -> None:
        """Forget what the probes saw so far; the recording keeps all."""
        self._seen.cleared = self.n_steps

    def close(self) -> None:
        """Free what only running needs; the data stay."""
        self.closed = True
        self._memory = self._engine = None

    def step(self) -> None:
        """Run one step."""
        self.run_steps(1, progress_bar=False)

    def run(self, time_in_seconds: float, progress_bar=None) -> None:
        """Run for a time (s), rounded to whole steps."""
        if time_in_seconds < 0:
            raise ValidationError(
                f"Must be positive (got {time_in_seconds:g})", attr="time_in_seconds"
            )
        steps = int(np.round(float(time_in_seconds) / self.dt))
        if steps == 0:
            warnings.warn(
                f"{time_in_seconds} results in running for 0 timesteps. Simulator still at time "
                f"{self.time}.",
                stacklevel=2,
            )
        else:
            self.run_steps(steps, progress_bar)

    def run_steps(self, steps: int, progress_bar=None) -> None:
        """Run a number of steps.

        Raises
        ------
        snnlab.errors.Cancelled
            If ``cancel`` said so; the simulator is then where it was before.
        """
        self._check_open()
        if steps < 1:
            return
        bar = self.progress_bar if progress_bar is None else progress_bar
        begun = time.perf_counter()
        with ProgressTracker(
            bar, Progress("Simulating", "Simulation", max(1, len(self._plan.stages)))
        ) as tracker:
            self._advance(steps, lambda fraction, stage: tracker.total_progress.step())
        self._seconds += time.perf_counter() - begun

    def _advance(self, steps, progress):
        watches = {}
        for stage, neurons in self._watched.items():
            dtype = self._engine.prepared[stage].dtype
            traces = [np.zeros((steps, len(neurons)), dtype) for _ in range(3)]
            watches[stage] = Watch(neurons, *traces)
        outputs = self._engine.run(
            steps,
            progress=progress,
            cancel=self.cancel,
            memory=self._memory,
            watches=watches,
            drive=self._drivers,
        )
        self._drivers.advance(steps)
        kept = {stage: outputs[stage] for stage in self._needed}
        self._seen.pieces.append(Piece(steps, kept, watches))

    def trange(self, dt: float | None = None, sample_every: float | None = None) -> np.ndarray:
        """Times (s) at which a probe samples; the first step is at ``dt``."""
        if dt is not None:
            if sample_every is not None:
                raise ValidationError(
                    "Cannot specify both `dt` and `sample_every`. Use `sample_every` only.",
                    attr="dt",
                    obj=self,
                )
            warnings.warn(
                "`dt` is deprecated. Use `sample_every` instead.", DeprecationWarning, stacklevel=2
            )
            sample_every = dt
        return self.dt * self._seen.sampled(sample_every)

    @property
    def recording(self) -> Recording:
        """Spikes of all spiking populations since the start, by label."""
        return self._seen.recording(self._seconds)

    def _check_open(self):
        if self.closed:
            raise SimulatorClosed("The simulator is closed.")


class _Data(Mapping):
    """Probe data and built parameters, computed when asked for."""

    def __init__(self, seen: Seen):
        self._seen = seen
        self._kept = {}

    def __getitem__(self, key):
        if not isinstance(key, nengo.Probe):
            if self._seen.plan.params is not None:
                return self._seen.plan.params[key]
            return built(key, self._seen.plan.seed)
        state = self._seen.starts, self._seen.cleared, self._seen.steps
        if key not in self._kept or self._kept[key][0] != state:
            data = self._seen.data(key)
            data.setflags(write=False)
            self._kept[key] = state, data
        return self._kept[key][1]

    def __iter__(self):
        return iter(self._seen.views)

    def __len__(self):
        return len(self._seen.views)
