"""Runs a plan: stage by stage over all steps, tile by tile on a few threads."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from snnlab.simulation.event.bands import Turn, bands, rows, turns
from snnlab.simulation.event.job import Job, Output
from snnlab.simulation.event.layout import State, Trace
from snnlab.simulation.event.plan import Driven, Outer, Plan, Stage
from snnlab.simulation.event.prepare import Prepared, prepare
from snnlab.work.crew import crew, default_threads

PART = 2**21  # neurons whose constant input is made at a time


@dataclass
class Memory:
    """What a stage remembers from one run to the next."""

    voltage: np.ndarray
    filtered: np.ndarray
    extra: np.ndarray
    clock: int


@dataclass(frozen=True)
class Watch:
    """Neurons of a stage (ascending) to follow, and their traces, ``(steps, n)``.

    Leaky neurons have a refractory time, ``rest`` (s); of others nothing is put there.
    """

    neurons: np.ndarray
    current: np.ndarray
    voltage: np.ndarray
    rest: np.ndarray


class Engine:
    """A plan, ready to run.

    Parameters
    ----------
    plan : Plan
    dt : float
        Seconds a step.
    dtype : {"float32", "float64"}
        Of currents and potentials.
    threads : int, optional
        All cores that this process may use, if not given.
    """

    def __init__(self, plan: Plan, dt: float, dtype="float32", threads: int | None = None):
        self.plan, self.dt, self.dtype = plan, dt, np.dtype(dtype)
        self.threads = threads or default_threads()
        self.prepared = [
            stage
            if isinstance(stage, Driven) or isinstance(stage.bias, Outer)
            else self._prepare(stage)
            for stage in plan.stages
        ]

    def _prepare(self, stage: Stage) -> Prepared:
        return prepare(stage, self.plan.stages, self.dt, self.dtype, self.threads)

    def run(
        self,
        steps: int,
        progress: Callable[[float, str], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        memory: dict[int, Memory] | None = None,
        watches: dict[int, Watch] | None = None,
        drive: Callable | None = None,
        keep: set | None = None,
        passing: Callable[[int, int, int, Output], None] | None = None,
    ) -> list[Output]:
        """Run all stages.

        Where not all output is kept, a large network is run in bands of rows (`bands`).

        Parameters
        ----------
        steps : int
        progress : callable, optional
            Called with the fraction done and the stage's label.
        cancel : callable, optional
            Asked every 20 ms; True stops.
        memory : dict of int to Memory, optional
            By stage. Where to start from, and in the end where the run ended;
            filled with new entries where it has none. Without it the run
            starts at the beginning and leaves nothing.
        watches : dict of int to Watch, optional
            By stage.
        drive : callable, optional
            ``drive(node, steps)`` gives the values of a node that computes
            them from the time, ``(steps, size)``.
        keep : set, optional
            Targets whose output is wanted; that of others is dropped once all
            that it feeds has run. All are kept if not given.
        passing : callable, optional
            ``passing(stage, first, last, output)`` once rows ``first <= y < last`` of a stage have
            run, before anything of them is dropped.

        Raises
        ------
        Cancelled
        """
        stages, after = self.plan.stages, {}
        kept = {n for n, stage in enumerate(stages) if keep is None or stage.target in keep}
        plain = memory is None and not watches
        number_of_bands = bands(self.prepared, steps, kept) if plain else 1
        outputs = [Output() for _ in stages]
        jobs: dict[int, Job] = {}
        done, total = 0, sum(stage.neurons for stage in stages)
        flag = np.zeros(1, np.uint8)
        for turn in turns(self.prepared, number_of_bands, kept):
            number, item = turn.stage, self.prepared[turn.stage]
            stage, height = stages[number], rows(item)
            if turn.drop:
                outputs[number].drop(turn.first, turn.last, height)
                continue
            if turn.first == 0 and not isinstance(stage, Driven):
                dropped = number_of_bands > 1 and number not in kept
                outputs[number] = Output(stage, steps, self.dtype, dropped)
            if isinstance(item, Prepared):
                if turn.first == 0:
                    state, after[number] = self._states(item, memory, number, steps)
                    watched = bool(watches) and number in watches
                    # whole numbers keep the spikes, not the potentials, of double precision
                    whole = memory is None and not watched
                    job = Job(self, item, outputs[number], outputs, steps, state, flag, whole)
                    if watched:
                        job.trace = Trace(*vars(watches[number]).values())
                    jobs[number] = job
                jobs[number].run(crew(self.threads), cancel, turn.first, turn.last)
                if stage.behaviour.rates is not None:
                    stage.behaviour.rates(outputs[number].values)
                if turn.last == height:
                    del jobs[number]  # and with it its hold on what it read
            elif isinstance(item, Driven):
                outputs[number].values = drive(item.target, steps)
            else:
                self._in_parts(turn, outputs[number], steps, flag, cancel)
            if passing is not None and not isinstance(stage, Driven):
                passing(number, turn.first, turn.last, outputs[number])
            done += stage.neurons * (turn.last - turn.first) // height
            if progress is not None:
                progress(done / max(total, 1), str(stage.target.label or stage.target))
        if memory is not None:
            memory.update(after)
        return outputs

    def _in_parts(self, turn: Turn, output: Output, steps: int, flag, cancel) -> None:
        """Run rows of a stage whose constant input is made as it goes."""
        stage = self.plan.stages[turn.stage]
        row = stage.neurons // stage.shape[0]
        for first in range(turn.first, turn.last, max(1, PART // row)):
            last = min(first + max(1, PART // row), turn.last)
            item = self._prepare(stage.part(first, last))
            made = Output(item.stage, steps)
            state = self._states(item, None, turn.stage, steps)[0]
            job = Job(self, item, made, [], steps, state, flag, whole=True)
            job.run(crew(self.threads), cancel, 0, last - first)
            output.flat[:, first * row : last * row] = made.flat

    def _states(self, item: Prepared, memory, number, steps) -> tuple[State, Memory | None]:
        nothing = np.zeros(0)
        initial = item.stage.behaviour.voltage
        voltage_in = nothing if np.ndim(initial) == 0 else initial.astype(float)
        voltage = float(initial if np.ndim(initial) == 0 else 0)
        kept = [np.resize(one, item.stage.neurons) for one in item.stage.behaviour.kept]
        extra_in = np.concatenate([nothing, *kept])
        if memory is None:
            return State(voltage, voltage_in, *[nothing] * 3, extra_in, nothing, 0), None
        filtered_in, clock = nothing, 0
        if number in memory:
            before = memory[number]
            voltage_in, filtered_in = before.voltage, before.filtered
            extra_in, clock = before.extra, before.clock
        spiking = not item.stage.behaviour.graded
        behind = any(group is not None for group in item.filters)
        after = Memory(
            np.zeros(item.stage.neurons if spiking else 0),
            np.zeros(item.stage.neurons * len(item.filters) if behind else 0),
            np.zeros(item.stage.neurons * item.special.slots),
            clock + steps,
        )
        state = State(
            voltage,
            voltage_in,
            after.voltage,
            filtered_in,
            after.filtered,
            extra_in,
            after.extra,
            clock,
        )
        return state, after
