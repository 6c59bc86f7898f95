"""Many pieces of work at once, through Dask: threads here, or the workers of a cluster.

The caller hands over plain functions and hears of each result as it arrives,
so that it can keep it: whatever stops a run, what has arrived is not lost.
Without an address the pieces run on threads of this process; with the address
of a Dask scheduler on its workers, which a killed worker's pieces move between.

    run([Task(measure, (image, settings))], arrived, scheduler="tcp://head:8786")

A function is given two more keyword arguments, ``progress(fraction, stage)``
and ``cancel() -> bool``, and has to be importable on the workers.
"""

import contextlib
import os
import queue
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from snnlab.errors import Cancelled, LabError
from snnlab.work.private import Private
from snnlab.work.scheduler import absent, check

POLL_SECONDS = 0.2
CONNECT_SECONDS = 20  # also how long a first worker is waited for; a busy machine answers late
TELL_SECONDS = 1.0  # between two words of a task on a cluster about how far it is
WINDOW = 4  # pieces handed out for each thread of a cluster: so many wait there, the rest here


@dataclass(frozen=True)
class Task:
    """One piece of work.

    Attributes
    ----------
    function : callable
        ``function(*arguments, progress=..., cancel=...)``; of a module.
    arguments : tuple
        What it is given; sent to the worker if that is elsewhere.
    """

    function: Callable[..., Any]
    arguments: tuple


@dataclass
class _Live:
    """What the pieces of one call of `run` share while they are in this process."""

    cancel: Callable[[], bool]
    report: Callable[[int, float, str], None]


@dataclass
class _Tally:
    """How far all pieces are together."""

    count: int
    progress: Callable[[float, str], None]
    parts: dict[int, float] = field(default_factory=dict)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def report(self, index: int, fraction: float, stage: str) -> None:
        with self.guard:
            self.parts[index] = max(fraction, self.parts.get(index, 0.0))
            share = sum(self.parts.values()) / self.count
        self.progress(min(share, 1.0), stage)


_live: dict[str, _Live] = {}  # by call, in the process that called
_stopped: set[str] = set()  # calls that workers elsewhere were told to leave


def threads_here() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(
    tasks: Sequence[Task],
    arrived: Callable[[int, Any], None],
    scheduler: str | Private | None = None,
    threads: int | None = None,
    progress: Callable[[float, str], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    alike: Callable[[], str] | None = None,
) -> None:
    """Do all tasks.

    Parameters
    ----------
    tasks : sequence of Task
    arrived : callable
        ``arrived(index, result)``, in the calling thread, in the order of completion.
    scheduler : str or Private, optional
        Address of a Dask scheduler, as ``tcp://host:8786``; or one of this process's own.
    threads : int, optional
        Tasks at a time without a scheduler; as many as there are cores if not given.
    progress : callable, optional
        ``progress(fraction, stage)``.
    cancel : callable, optional
        Returns True to stop.
    alike : callable, optional
        What it returns here and on every worker must be the same, or the
        workers have other code and are refused.

    Raises
    ------
    Cancelled
    LabError
        If there is no scheduler at that address, it has no workers or other
        code, or a task killed its workers time and again; also what a task raised.
    """
    if not tasks:
        return
    tally = _Tally(len(tasks), progress or (lambda fraction, stage: None))
    token = uuid.uuid4().hex
    cancel = cancel or (lambda: False)
    if scheduler:
        _on_cluster(tasks, arrived, scheduler, token, tally, cancel, alike)
    else:
        _on_threads(tasks, arrived, threads or threads_here(), token, tally, cancel)


def _call(token: str, index: int, task: Task) -> Any:
    """Run one task, wherever it has come to."""
    live = _live.get(token)
    if live is None:
        return task.function(
            *task.arguments,
            progress=_teller(token, index),
            cancel=lambda: token in _stopped,
        )
    if live.cancel():
        raise Cancelled
    return task.function(
        *task.arguments,
        progress=lambda fraction, stage="": live.report(index, fraction, stage),
        cancel=live.cancel,
    )


def _teller(token: str, index: int) -> Callable[..., None]:
    """What tells the caller from a worker how far a task is; not each time that it is asked."""
    from distributed import get_worker

    worker, last = get_worker(), [0.0]

    def tell(fraction: float, stage: str = "") -> None:
        now = time.monotonic()
        if now - last[0] >= TELL_SECONDS:
            last[0] = now
            worker.log_event(token, {"index": index, "fraction": float(fraction), "stage": stage})

    return tell


# ---- threads of this process ----------------------------------------------------------------


def _on_threads(tasks, arrived, threads, token, tally, cancel) -> None:
    import dask
    from dask.callbacks import Callback

    stop = threading.Event()
    _live[token] = _Live(lambda: stop.is_set() or cancel(), tally.report)
    place = {f"{token}-{index}": index for index in range(len(tasks))}

    def done(key, result, graph, state, worker) -> None:
        index = place.get(key if isinstance(key, str) else key[0])
        if index is not None:
            tally.report(index, 1.0, "")
            arrived(index, result)

    work = [
        dask.delayed(_call, pure=False, traverse=False)(
            token, index, task, dask_key_name=f"{token}-{index}"
        )
        for index, task in enumerate(tasks)
    ]
    try:
        with Callback(posttask=done):
            dask.compute(*work, scheduler="threads", num_workers=threads, optimize_graph=False)
    finally:
        # the other threads' tasks are left: they ask before each step
        stop.set()
        _live.pop(token, None)


# ---- workers of a cluster -------------------------------------------------------------------


def _on_cluster(tasks, arrived, scheduler, token, tally, cancel, alike) -> None:
    from distributed.scheduler import KilledWorker

    client = connect(scheduler)
    try:
        _check_workers(client, scheduler, alike)
        finished: queue.Queue = queue.Queue()
        waiting = deque(enumerate(tasks))
        # a task may carry an image: those that nobody can start yet stay here
        room = WINDOW * max(sum(client.nthreads().values()), 1)
        out: dict[Any, int] = {}
        client.subscribe_topic(token, lambda event: _told(event, tally))
        while waiting or out:
            if cancel():
                raise Cancelled
            while waiting and len(out) < room:
                index, task = waiting.popleft()
                future = client.submit(
                    _call, token, index, task, key=f"{token}-{index}", pure=False
                )
                out[future] = index
                future.add_done_callback(finished.put)
            try:
                future = finished.get(timeout=POLL_SECONDS)
            except queue.Empty:
                continue
            try:
                result = future.result()
            except KilledWorker as error:
                raise LabError(
                    "a piece of work brought down several workers; give the workers more memory."
                ) from error
            index = out.pop(future)
            tally.report(index, 1.0, f"{len(client.nthreads())} workers")
            arrived(index, result)
    except BaseException:
        _leave(client, token)
        raise
    finally:
        client.close()


def _told(event: tuple, tally: _Tally) -> None:
    """A worker's word, in the client's own thread."""
    said = event[1]
    tally.report(said["index"], said["fraction"], said["stage"])


def connect(scheduler: str | Private):
    """A client of a Dask scheduler.

    Raises
    ------
    LabError
    """
    from distributed import Client

    options = {}
    if isinstance(scheduler, Private):
        options["security"] = scheduler.security
    else:
        check(scheduler)
    try:
        return Client(str(scheduler), timeout=CONNECT_SECONDS, set_as_default=False, **options)
    except (OSError, ValueError) as error:
        raise absent(str(scheduler), "it takes no clients") from error


def _check_workers(client, scheduler: str | Private, alike) -> None:
    """Refuse a cluster without workers, or with other code than here."""
    try:
        client.wait_for_workers(1, CONNECT_SECONDS)
    except TimeoutError as error:
        raise LabError(
            f"the Dask scheduler at {scheduler} has no workers; start some with `dask worker`."
        ) from error
    if alike is None:
        return
    try:
        there = client.run(alike, on_error="return")
    except Exception as error:  # what a worker without the lab sends may not be readable here
        there = {scheduler: error}
    said = set()
    for answer in there.values():
        if isinstance(answer, OSError):
            continue  # gone in this moment; its nanny starts another
        if isinstance(answer, Exception):
            raise LabError(
                f"the workers of {scheduler} cannot import the lab; start them in its folder as"
                " PYTHONPATH=. .venv/bin/python -m dask worker."
            ) from answer
        said.add(answer)
    if said - {alike()}:
        raise LabError(
            f"the workers of {scheduler} run another version of the lab than this one; bring both"
            " to the same."
        )


def _leave(client, token: str) -> None:
    """Tell the workers that nobody waits for these tasks any more."""
    with contextlib.suppress(Exception):
        client.run(_stop, token)


def _stop(token: str) -> None:
    _stopped.add(token)
