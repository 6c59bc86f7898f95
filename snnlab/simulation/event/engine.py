"""Runs a plan: stage by stage over all steps, tile by tile on a few threads."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from snnlab.simulation.event.job import Job, Output
from snnlab.simulation.event.layout import State, Trace
from snnlab.simulation.event.plan import Driven, Plan
from snnlab.simulation.event.prepare import Prepared, prepare
from snnlab.work.crew import crew, default_threads


@dataclass
class Memory:
    """What a stage remembers from one run to the next."""

    voltage: np.ndarray
    filtered: np.ndarray
    extra: np.ndarray
    clock: int


@dataclass(frozen=True)
class Watch:
    """Neurons of a stage (ascending) to follow, and their traces, ``(steps, n)``."""

    neurons: np.ndarray
    current: np.ndarray
    voltage: np.ndarray


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
            if isinstance(stage, Driven)
            else prepare(stage, plan.stages, dt, self.dtype, self.threads)
            for stage in plan.stages
        ]

    def run(
        self,
        steps: int,
        progress: Callable[[float, str], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        memory: dict[int, Memory] | None = None,
        watches: dict[int, Watch] | None = None,
        drive: Callable | None = None,
        keep: set | None = None,
    ) -> list[Output]:
        """Run all stages.

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

        Raises
        ------
        Cancelled
        """
        outputs, after = [], {}
        last = self._last_uses()
        done, total = 0, sum(stage.neurons for stage in self.plan.stages)
        flag = np.zeros(1, np.uint8)
        for number, (item, stage) in enumerate(zip(self.prepared, self.plan.stages, strict=True)):
            if isinstance(item, Driven):
                outputs.append(Output(values=drive(item.target, steps)))
            else:
                state, after[number] = self._states(item, memory, number, steps)
                watched = bool(watches) and number in watches
                # whole numbers keep the spikes, not the potentials, of double precision
                whole = memory is None and not watched
                job = Job(self, item, outputs, steps, state, flag, whole)
                if watched:
                    job.trace = Trace(*vars(watches[number]).values())
                outputs.append(job.run(crew(self.threads), cancel))
            if keep is not None:
                for place, output in enumerate(outputs):
                    if last[place] <= number and self.plan.stages[place].target not in keep:
                        output.words = output.values = None
            done += stage.neurons
            if progress is not None:
                progress(done / max(total, 1), str(stage.target.label or stage.target))
        if memory is not None:
            memory.update(after)
        return outputs

    def _last_uses(self) -> list[int]:
        last = list(range(len(self.plan.stages)))
        for number, item in enumerate(self.prepared):
            if isinstance(item, Prepared):
                for link in item.stage.links:
                    last[link.source] = number
        return last

    def _states(self, item: Prepared, memory, number, steps) -> tuple[State, Memory | None]:
        nothing = np.zeros(0)
        initial = item.stage.behaviour.voltage
        voltage_in = nothing if np.ndim(initial) == 0 else initial.astype(float)
        voltage = float(initial if np.ndim(initial) == 0 else 0)
        if memory is None:
            return State(voltage, voltage_in, *[nothing] * 5, 0), None
        filtered_in, extra_in, clock = nothing, nothing, 0
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
