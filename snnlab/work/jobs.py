"""Long work off the page: one worker thread, a bounded queue, progress and cancel.

There is one thread because two simulations at once are each slower than one
after the other. Whoever submits holds a `Job` and asks it how far it is; the worker
knows nothing of pages and terminals.

The work is a plain function that is given two more keyword arguments::

    def work(image, progress, cancel):
        for step in range(100):
            if cancel():
                raise Cancelled
            progress(step / 100, "simulating")
        return result

Everything here may be called from any thread.
"""

import logging
import threading
import time
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from typing import Any

from snnlab.errors import Cancelled, LabError
from snnlab.work.status import State, Status

log = logging.getLogger(__name__)
_GUESS_FROM = 0.02  # of the work; an estimate from less is only noise
_workers: "weakref.WeakSet[Worker]" = weakref.WeakSet()


def idle(timeout: float) -> bool:
    """Wait until no worker of this process has work under way; False if one still has.

    What was cancelled just now gets the time to keep what it has done.
    """
    until = time.monotonic() + timeout
    running = [worker._running for worker in list(_workers)]
    over = [job.wait(max(0.0, until - time.monotonic())) for job in running if job is not None]
    return all(over)


class Job:
    """One piece of work, made by `Worker.submit`.

    Attributes
    ----------
    owner, key : hashable
        As submitted.
    """

    def __init__(self, worker: "Worker", work: Callable[..., Any], owner: Hashable, key: Hashable):
        self.owner = owner
        self.key = key
        self._worker = worker
        self._work: Callable[..., Any] | None = work
        self._state: State = "queued"
        self._fraction = 0.0
        self._stage = "waiting"
        self._started: float | None = None
        self._ended: float | None = None
        self._result: Any = None
        self._dropped = False
        self._error: str | None = None
        self._stop = threading.Event()
        self._over = threading.Event()

    @property
    def status(self) -> Status:
        """All that is known, taken at one moment."""
        return self._worker._status(self)

    @property
    def state(self) -> State:
        """The state alone; use `status` to see several things that belong together."""
        return self.status.state

    @property
    def result(self) -> Any:
        """What the function returned; None unless the job is done.

        Raises
        ------
        LabError
            If the worker has since dropped it for newer results.
        """
        return self._worker._read(self)

    def cancel(self) -> bool:
        """Ask the job to stop; a queued one never starts.

        Returns
        -------
        bool
            False if it was over already.
        """
        return self._worker._cancel(self)

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the job is over, at most ``timeout`` seconds; True if it is."""
        return self._over.wait(timeout)


class Worker:
    """A background thread that does one job after the other.

    Parameters
    ----------
    capacity : int
        Jobs that may wait; the running one not counted.
    keep : int
        Results kept; beyond that the one read least recently is dropped, even
        if its job is still held somewhere, so that idle visitors cost no memory.
    clock : callable
        Seconds, never running backwards.
    """

    def __init__(
        self, capacity: int = 8, keep: int = 16, clock: Callable[[], float] = time.monotonic
    ):
        self._capacity = capacity
        self._keep = keep
        self._clock = clock
        self._changed = threading.Condition()
        self._queue: deque[Job] = deque()
        self._running: Job | None = None
        # weakly: a job that nobody holds any more takes its result along
        self._kept: OrderedDict[weakref.ref[Job], None] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._closed = False
        _workers.add(self)

    def submit(
        self,
        function: Callable[..., Any],
        *args: Any,
        owner: Hashable,
        key: Hashable | None = None,
        **kwargs: Any,
    ) -> Job:
        """Queue ``function(*args, **kwargs, progress=..., cancel=...)``.

        Parameters
        ----------
        function : callable
            Gets ``progress(fraction, stage)`` and ``cancel() -> bool``.
        owner : hashable
            Whose it is, such as a visitor's session.
        key : hashable, optional
            What it is for. A job of the same owner and key that still waits is
            replaced and this one takes its place in the queue: of a slider that
            is dragged only the last position is computed. None replaces nothing.

        Raises
        ------
        LabError
            If too many jobs wait already, or the worker was shut down.
        """
        job = Job(
            self,
            lambda progress, cancel: function(*args, **kwargs, progress=progress, cancel=cancel),
            owner,
            key,
        )
        with self._changed:
            if self._closed:
                raise LabError("The lab is shutting down; start it again to continue.")
            old = self._waiting(owner, key)
            if old is not None:
                self._queue[self._queue.index(old)] = job
                self._finish(old, "cancelled", stage="replaced")
            elif len(self._queue) >= self._capacity:
                raise LabError(
                    f"The lab is busy: {len(self._queue)} other runs are waiting; "
                    "try again in a minute."
                )
            else:
                self._queue.append(job)
            self._ensure_thread()
            self._changed.notify()
        return job

    def shutdown(self, timeout: float | None = 5.0) -> bool:
        """Cancel everything and end the thread; later submissions are refused.

        Returns
        -------
        bool
            False if the running job did not stop within ``timeout`` seconds.
            It does not keep the program from ending.
        """
        with self._changed:
            self._closed = True
            while self._queue:
                self._finish(self._queue.popleft(), "cancelled")
            if self._running is not None:
                self._cancel(self._running)
            self._changed.notify_all()
            thread = self._thread
        if thread is None or thread is threading.current_thread():
            return True
        thread.join(timeout)
        return not thread.is_alive()

    # --- the thread ---------------------------------------------------------------------------

    def _ensure_thread(self) -> None:
        """Start a thread if none is alive: at first, and after one was killed."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._bury()
        self._thread = threading.Thread(target=self._loop, name="snnlab-worker", daemon=True)
        self._thread.start()

    def _bury(self) -> None:
        """What a thread that died was doing has failed."""
        if self._running is not None:
            self._finish(self._running, "failed", error="The worker was stopped; run it again.")

    def _loop(self) -> None:
        try:
            while self._step():
                pass
        finally:
            # reached without shutdown only if something killed this thread
            with self._changed:
                self._thread = None
                if self._closed:
                    self._bury()
                elif self._running or self._queue:
                    self._ensure_thread()

    def _step(self) -> bool:
        # a method of its own: the loop must not hold the last job while it waits
        with self._changed:
            while not self._queue and not self._closed:
                self._changed.wait()
            if self._closed:
                return False
            job = self._queue.popleft()
            job._state, job._stage, job._started = "running", "starting", self._clock()
            self._running = job
        self._run(job)
        return True

    def _run(self, job: Job) -> None:
        def progress(fraction: float, stage: str = "") -> None:
            self._progress(job, fraction, stage)

        try:
            result = job._work(progress=progress, cancel=job._stop.is_set)
        except Cancelled:
            self._finish(job, "cancelled")
        except LabError as error:
            self._finish(job, "failed", error=str(error))
        except MemoryError:
            self._finish(
                job,
                "failed",
                error="There is not enough memory; choose a smaller image or fewer timesteps.",
            )
        except Exception as error:
            log.exception("a job failed")
            self._finish(
                job,
                "failed",
                error=f"Something went wrong in the lab ({type(error).__name__}); its log explains"
                " it. Other settings may work.",
            )
        else:
            # somebody asked for no result: they get none, in time or not
            if job._stop.is_set():
                self._finish(job, "cancelled")
            else:
                self._finish(job, "done", result=result)

    # --- jobs, all under the lock --------------------------------------------------------------

    def _waiting(self, owner: Hashable, key: Hashable | None) -> Job | None:
        if key is None:
            return None
        return next((j for j in self._queue if j.owner == owner and j.key == key), None)

    def _finish(
        self,
        job: Job,
        state: State,
        result: Any = None,
        error: str | None = None,
        stage: str | None = None,
    ) -> None:
        with self._changed:
            job._state, job._result, job._error = state, result, error
            job._stage = state if stage is None else stage
            job._work = None
            job._ended = self._clock()
            if self._running is job:
                self._running = None
            if state == "done":
                job._fraction = 1.0
                self._retain(job)
            job._over.set()

    def _retain(self, job: Job) -> None:
        for reference in [r for r in self._kept if r() is None]:
            del self._kept[reference]
        self._kept[weakref.ref(job)] = None
        while len(self._kept) > self._keep:
            oldest = self._kept.popitem(last=False)[0]()
            if oldest is not None:
                oldest._result, oldest._dropped = None, True

    def _read(self, job: Job) -> Any:
        with self._changed:
            if job._dropped:
                raise LabError("This result was dropped to make room for newer ones; run it again.")
            reference = weakref.ref(job)
            if reference in self._kept:
                self._kept.move_to_end(reference)
            return job._result

    def _cancel(self, job: Job) -> bool:
        with self._changed:
            if job._over.is_set():
                return False
            job._stop.set()
            if job._state == "queued":
                self._queue.remove(job)
                self._finish(job, "cancelled")
            else:
                job._stage = "stopping"
            return True

    def _progress(self, job: Job, fraction: float, stage: str) -> None:
        with self._changed:
            if job._state != "running":  # a helper thread of the function that outlived it
                return
            # a comparison with NaN is false, so NaN changes nothing
            if fraction > job._fraction:
                job._fraction = min(float(fraction), 1.0)
            if stage and not job._stop.is_set():
                job._stage = stage

    def _status(self, job: Job) -> Status:
        with self._changed:
            if not job._over.is_set():
                self._ensure_thread()
            position = 0
            if job._state == "queued":
                position = self._queue.index(job) + (self._running is not None)
            seconds, left = 0.0, None
            if job._started is not None:
                end = self._clock() if job._ended is None else job._ended
                seconds = end - job._started
            if job._state == "running" and job._fraction >= _GUESS_FROM:
                left = seconds * (1 - job._fraction) / job._fraction
            return Status(
                job._state, position, job._fraction, job._stage, seconds, left, job._error
            )
