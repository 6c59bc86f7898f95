"""The worker, with real threads; every wait is for an event and has an end."""

import ctypes
import gc
import logging
import threading
import time
import weakref

import pytest

from snnlab.errors import Cancelled, LabError
from snnlab.work import jobs
from snnlab.work.jobs import Worker

SOON = 20.0  # seconds; only a broken worker ever waits so long


class Work:
    """A function that reports that it started, waits to be let go, and obeys cancel."""

    def __init__(self, result="result", steps=()):
        self.result, self.steps = result, steps
        self.started, self.go = threading.Event(), threading.Event()
        self.progress = None
        self.calls = 0

    def __call__(self, progress, cancel):
        self.calls += 1
        self.progress = progress
        for step in self.steps:
            progress(*step)
        self.started.set()
        end = time.monotonic() + SOON
        while not self.go.wait(0.002):
            if cancel():
                raise Cancelled
            assert time.monotonic() < end, "nobody let this work go"
        return self.result


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def worker():
    worker = Worker(capacity=3, keep=2)
    yield worker
    assert worker.shutdown(SOON)


def quick(value, progress, cancel):
    return value


def busy(worker):
    """The worker occupied, so that what follows queues."""
    work = Work()
    job = worker.submit(work, owner="somebody else")
    assert work.started.wait(SOON)
    return work, job


def test_a_job_runs_with_its_arguments_and_is_done(worker):
    def work(a, b, *, c, progress, cancel):
        return a, b, c, cancel(), threading.current_thread() is threading.main_thread()

    job = worker.submit(work, 1, 2, c=3, owner="me")
    assert job.wait(SOON)
    assert job.result == (1, 2, 3, False, False)
    status = job.status
    assert (status.state, status.fraction, status.position, status.error) == ("done", 1, 0, None)
    assert status.over


def test_progress_stage_and_time_left():
    clock = Clock()
    worker = Worker(clock=clock)
    work = Work(steps=[(0.001, "loading")])
    clock.now = 100.0
    job = worker.submit(work, owner="me")
    assert work.started.wait(SOON)
    assert (job.status.state, job.status.stage) == ("running", "loading")
    assert job.status.seconds_left is None  # too early to tell
    clock.now = 103.0
    work.progress(0.25, "simulating")
    assert job.status.fraction == 0.25
    assert job.status.stage == "simulating"
    assert job.status.seconds == 3
    assert job.status.seconds_left == 9  # a quarter took 3 s
    work.progress(0.2, "scoring")  # a bar never goes back
    assert (job.status.fraction, job.status.stage) == (0.25, "scoring")
    work.progress(float("nan"))
    assert (job.status.fraction, job.status.stage) == (0.25, "scoring")
    work.progress(7.0)
    assert job.status.fraction == 1
    assert job.status.seconds_left == 0
    work.go.set()
    assert job.wait(SOON)
    clock.now = 1000.0
    assert job.status.seconds == 3  # the time it took, not the time since
    assert job.status.seconds_left is None
    work.progress(0.5, "too late")
    assert (job.status.fraction, job.status.stage) == (1, "done")
    assert worker.shutdown(SOON)


def test_one_at_a_time_in_order(worker):
    first, running = busy(worker)
    order = []

    def note(name, progress, cancel):
        order.append((name, running.state))

    jobs = [worker.submit(note, name, owner=name) for name in "abc"]
    assert [job.status.position for job in jobs] == [1, 2, 3]
    assert {job.state for job in jobs} == {"queued"}
    assert running.status.position == 0
    assert jobs[0].status.seconds_left is None
    first.go.set()
    assert all(job.wait(SOON) for job in jobs)
    assert order == [("a", "done"), ("b", "done"), ("c", "done")]


def test_a_full_queue_says_so_and_recovers(worker):
    first, _ = busy(worker)
    jobs = [worker.submit(quick, n, owner=n) for n in range(3)]
    with pytest.raises(LabError, match="lab is busy: 3"):
        worker.submit(quick, 3, owner=3)
    jobs[1].cancel()
    again = worker.submit(quick, 4, owner=4)
    first.go.set()
    assert again.wait(SOON)
    assert again.result == 4


def test_cancel_while_queued(worker):
    first, _ = busy(worker)
    never, after = Work(), Work()
    job, last = worker.submit(never, owner="me"), worker.submit(after, owner="me")
    assert last.status.position == 2
    assert job.cancel()
    assert job.state == "cancelled"
    assert job.wait(0)
    assert last.status.position == 1
    after.go.set()
    first.go.set()
    assert last.wait(SOON)
    assert never.calls == 0
    assert job.result is None


def test_cancel_while_running(worker):
    work, job = busy(worker)
    assert job.cancel()
    assert job.wait(SOON)
    assert (job.state, job.result, job.status.error) == ("cancelled", None, None)
    assert not job.cancel()  # over already


def test_between_cancel_and_the_end_it_says_that_it_stops(worker):
    started, asked, reported, go = (threading.Event() for _ in range(4))

    def work(progress, cancel):
        started.set()
        assert asked.wait(SOON)
        progress(0.9, "still busy")
        reported.set()
        go.wait(SOON)
        return "finished after all"

    job = worker.submit(work, owner="me")
    assert started.wait(SOON)
    job.cancel()
    asked.set()
    assert reported.wait(SOON)
    assert (job.state, job.status.stage) == ("running", "stopping")
    go.set()
    assert job.wait(SOON)
    # asked to stop is asked to stop: no result appears behind the visitor's back
    assert (job.state, job.result) == ("cancelled", None)


def test_cancel_when_done_changes_nothing(worker):
    job = worker.submit(quick, 1, owner="me")
    assert job.wait(SOON)
    assert not job.cancel()
    assert (job.state, job.result) == ("done", 1)


def test_a_dragged_slider_computes_its_last_position(worker):
    first, _ = busy(worker)
    other = worker.submit(quick, "other", owner="you", key="segment")
    dragged = [worker.submit(Work(0), owner="me", key="segment")]
    after = worker.submit(quick, "after", owner="me", key="sweep")
    dragged += [worker.submit(Work(n), owner="me", key="segment") for n in range(1, 20)]
    assert [job.state for job in dragged] == ["cancelled"] * 19 + ["queued"]
    # in the place of the first, and nobody else's is touched
    assert [job.status.position for job in (other, dragged[-1], after)] == [1, 2, 3]
    first.go.set()
    assert other.wait(SOON)
    last = dragged[-1]
    assert not last.wait(0)
    last.cancel()
    assert after.wait(SOON)
    assert all(job.wait(0) and job.result is None for job in dragged)


def test_replacing_works_in_a_full_queue(worker):
    first, _ = busy(worker)
    for owner in range(3):
        old = worker.submit(quick, "old", owner=owner, key="k")
    new = worker.submit(quick, "new", owner=2, key="k")
    assert (old.state, old.status.stage) == ("cancelled", "replaced")
    first.go.set()
    assert new.wait(SOON)
    assert new.result == "new"


def test_without_a_key_nothing_is_replaced(worker):
    first, _ = busy(worker)
    jobs = [worker.submit(quick, n, owner="me") for n in range(3)]
    first.go.set()
    assert all(job.wait(SOON) for job in jobs)
    assert [job.state for job in jobs] == ["done"] * 3


def test_a_running_job_is_not_replaced(worker):
    work = Work("old")
    old = worker.submit(work, owner="me", key="k")
    assert work.started.wait(SOON)
    new = worker.submit(quick, "new", owner="me", key="k")
    assert (old.state, new.status.position) == ("running", 1)
    work.go.set()
    assert new.wait(SOON)
    assert (old.result, new.result) == ("old", "new")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (LabError("Choose another image."), "Choose another image."),
        (MemoryError(), "memory"),
        (ValueError("a secret path"), "ValueError"),
        (AssertionError(), "AssertionError"),
    ],
)
def test_a_failing_job_says_why_and_the_worker_goes_on(worker, caplog, error, says):
    def work(progress, cancel):
        progress(0.5, "half")
        raise error

    with caplog.at_level(logging.CRITICAL, logger="snnlab.work.jobs"):
        job = worker.submit(work, owner="me")
        assert job.wait(SOON)
    status = job.status
    assert (status.state, status.fraction, job.result) == ("failed", 0.5, None)
    assert says in status.error
    assert "secret" not in status.error
    assert status.error.endswith(".")
    following = worker.submit(quick, "fine", owner="me")
    assert following.wait(SOON)
    assert following.result == "fine"


def test_our_mistakes_are_logged_and_the_users_are_not(worker, caplog):
    def ours(progress, cancel):
        raise ValueError("a detail for the log")

    def theirs(progress, cancel):
        raise LabError("Choose another image.")

    with caplog.at_level(logging.DEBUG, logger="snnlab.work.jobs"):
        for work in (ours, theirs):
            assert worker.submit(work, owner="me").wait(SOON)
    assert "a detail for the log" in caplog.text
    assert "Choose another image" not in caplog.text


dies = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@dies
def test_a_thread_that_ends_is_replaced(worker):
    started, go = threading.Event(), threading.Event()
    threads = []

    def deadly(progress, cancel):
        threads.append(threading.current_thread())
        started.set()
        go.wait(SOON)
        raise SystemExit  # ends a thread without a word

    def whose(progress, cancel):
        threads.append(threading.current_thread())

    job, waiting = worker.submit(deadly, owner="me"), worker.submit(whose, owner="me")
    assert started.wait(SOON)
    go.set()
    # nobody asks or submits: the waiting one must start by itself
    assert waiting.wait(SOON)
    assert job.state == "failed"
    assert "run it again" in job.status.error
    assert threads[0] is not threads[1]
    threads[0].join(SOON)
    assert not threads[0].is_alive()


@dies
def test_a_thread_killed_while_it_waits_is_replaced(worker):
    found = []
    job = worker.submit(
        lambda progress, cancel: found.append(threading.current_thread()), owner="me"
    )
    assert job.wait(SOON)
    (thread,) = found
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
    )
    # the exception is raised when the thread next runs Python: this wakes it
    jobs = []
    end = time.monotonic() + SOON
    while thread.is_alive():
        jobs.append(worker.submit(quick, len(jobs), owner="me"))
        jobs[-1].wait(0.05)
        assert time.monotonic() < end
    last = worker.submit(quick, "alive", owner="me")
    assert last.wait(SOON)
    assert last.result == "alive"
    assert all(job.wait(SOON) for job in jobs)


def test_results_are_kept_up_to_a_bound_the_least_recently_read_goes(worker):
    jobs = [worker.submit(quick, n, owner="me") for n in range(2)]
    assert all(job.wait(SOON) for job in jobs)
    assert jobs[0].result == 0  # now 1 is the one read longest ago
    third = worker.submit(quick, 2, owner="me")
    assert third.wait(SOON)
    assert (jobs[0].result, third.result) == (0, 2)
    assert jobs[1].state == "done"
    with pytest.raises(LabError, match="run it again"):
        _ = jobs[1].result


def test_cancelled_and_failed_jobs_push_no_result_out(worker):
    kept = worker.submit(quick, "kept", owner="me")
    for _ in range(5):
        job = worker.submit(Work(), owner="me")
        job.cancel()
        assert job.wait(SOON)
    assert kept.wait(SOON)
    assert kept.result == "kept"


class Big:
    pass


def test_dropped_results_and_arguments_are_freed(worker):
    argument = Big()
    gone = [weakref.ref(argument)]

    def work(given, progress, cancel):
        result = Big()
        gone.append(weakref.ref(result))
        return result

    jobs = [worker.submit(work, argument, owner="me")]
    assert jobs[0].wait(SOON)
    del argument
    for n in range(2):  # push it out
        jobs.append(worker.submit(quick, n, owner="me"))
        assert jobs[-1].wait(SOON)
    gc.collect()
    assert [reference() for reference in gone] == [None, None]


def test_the_result_of_a_job_nobody_holds_is_freed(worker):
    gone = []

    def work(progress, cancel):
        result = Big()
        gone.append(weakref.ref(result))
        return result

    job = worker.submit(work, owner="me")
    assert job.wait(SOON)
    barrier = worker.submit(quick, 0, owner="me")  # the worker has let go of the job too
    assert barrier.wait(SOON)
    del job
    gc.collect()
    assert gone[0]() is None


def test_shutdown_cancels_everything_and_refuses_more():
    worker = Worker()
    work, running = busy(worker)
    never = Work()
    queued = worker.submit(never, owner="me")
    assert worker.shutdown(SOON)
    assert (running.state, queued.state, never.calls) == ("cancelled", "cancelled", 0)
    with pytest.raises(LabError, match="shutting down"):
        worker.submit(quick, 1, owner="me")
    assert worker.shutdown(SOON)  # twice does no harm


def test_shutdown_does_not_wait_for_ever_for_work_that_will_not_stop():
    worker = Worker()
    started, go = threading.Event(), threading.Event()

    def deaf(progress, cancel):
        started.set()
        go.wait(SOON)

    job = worker.submit(deaf, owner="me")
    assert started.wait(SOON)
    assert not worker.shutdown(0.01)
    assert job.status.stage == "stopping"
    go.set()
    assert worker.shutdown(SOON)
    assert job.state == "cancelled"


def test_shutdown_before_anything_was_submitted():
    assert Worker().shutdown(SOON)


def test_a_job_may_submit_and_cancel(worker):
    inner = []

    def work(progress, cancel):
        inner.append(worker.submit(quick, "inner", owner="me"))
        inner.append(worker.submit(quick, "none", owner="me"))
        inner[1].cancel()

    job = worker.submit(work, owner="me")
    assert job.wait(SOON)
    assert inner[0].wait(SOON)
    assert (inner[0].result, inner[1].state) == ("inner", "cancelled")


def test_many_visitors_at_once():
    # 8 threads submit, watch, cancel and read; no job may be lost or mixed up
    worker = Worker(capacity=4, keep=64)
    problems, counts, lock = [], {"done": 0, "cancelled": 0, "busy": 0}, threading.Lock()

    def visitor(me):
        for n in range(30):
            try:
                job = worker.submit(quick, (me, n), owner=me, key="k" if n % 3 else None)
            except LabError:
                with lock:
                    counts["busy"] += 1
                continue
            if n % 5 == 0:
                job.cancel()
            status = job.status
            if not 0 <= status.position <= 5:
                problems.append(status)
            if not job.wait(SOON):
                problems.append((me, n, "lost"))
                return
            state = job.state
            if state == "done" and job.result != (me, n):
                problems.append((me, n, job.result))
            with lock:
                counts[state] += 1

    threads = [threading.Thread(target=visitor, args=(me,)) for me in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON)
    assert not problems
    assert sum(counts.values()) == 8 * 30
    assert counts["done"] > 0
    assert worker.shutdown(SOON)


def test_what_is_under_way_is_waited_for_but_not_for_ever():
    worker, work = Worker(), Work()
    job = worker.submit(work, owner="a")
    assert work.started.wait(SOON)
    begun = time.monotonic()
    assert not jobs.idle(0.1) and time.monotonic() - begun < SOON / 2
    job.cancel()
    assert jobs.idle(SOON) and job.state == "cancelled"
    worker.shutdown()
