"""Worker processes on this machine, for work that one process does not share well.

TensorFlow has one pool of threads a process, and Python one lock: several
trainings are done side by side by several processes. They are a Dask cluster
as any other (`snnlab.work.parallel`), that is there for as long as the context.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator

from snnlab.errors import LabError
from snnlab.work import parallel, private
from snnlab.work.private import Private

THREADS = (
    "OMP_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


# no pages over HTTP: what they show, all users of this machine could read
QUIET = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []}
# a worker is a new Python that imports what it needs: on a busy machine that takes its time
PATIENT = {
    "distributed.comm.timeouts.connect": "120s",
    "distributed.comm.timeouts.tcp": "120s",
    "distributed.deploy.lost-worker-timeout": "120s",
}


@contextlib.contextmanager
def workers(count: int) -> Iterator[Private]:
    """Start worker processes that share this machine's cores.

    They talk over TLS on 127.0.0.1, with a certificate of their own, and show no dashboard.

    Parameters
    ----------
    count : int
        Processes; each does one task at a time. One that dies is started anew.

    Yields
    ------
    Private
        Their scheduler, for `snnlab.work.parallel.run`.

    Raises
    ------
    LabError
        If they cannot be started.
    """
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(
                tempfile.TemporaryDirectory(prefix="snnlab-", ignore_cleanup_errors=True)
            )
            cluster = stack.enter_context(_started(count, folder))
        except (OSError, RuntimeError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower().rstrip(".")
            raise LabError(
                f"no worker processes can be started ({reason}); make room for temporary files, or"
                " name another folder for them in TMPDIR."
            ) from error
        yield Private(cluster.scheduler_address, cluster.security)


def _started(count: int, folder: str):
    import dask
    from distributed import LocalCluster

    share = str(max(1, parallel.threads_here() // count))
    # whoever set a number of threads meant it
    environment = {name: os.environ.get(name, share) for name in THREADS}
    with dask.config.set(QUIET | PATIENT):
        cluster = LocalCluster(
            n_workers=count, threads_per_worker=1, processes=True, host="127.0.0.1",
            protocol="tls", security=private.security(), dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False}, memory_limit=0, silence_logs=50,
            local_directory=folder, death_timeout=None, env=environment,
        )  # fmt: skip
    # it listens all the same, with nothing to show
    cluster.loop.add_callback(cluster.scheduler.http_server.stop)
    return cluster
