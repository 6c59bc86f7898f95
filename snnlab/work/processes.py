"""Worker processes on this machine, for work that one process does not share well.

TensorFlow has one pool of threads a process, and Python one lock: several
trainings are done side by side by several processes. They are a Dask cluster
as any other (`snnlab.work.parallel`), that is there for as long as the context.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator

from snnlab.work import parallel

THREADS = (
    "OMP_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


@contextlib.contextmanager
def workers(count: int) -> Iterator[str]:
    """Start worker processes that share this machine's cores.

    Parameters
    ----------
    count : int
        Processes; each does one task at a time. One that dies is started anew.

    Yields
    ------
    str
        Address of their scheduler, for `snnlab.work.parallel.run`.
    """
    from distributed import LocalCluster

    share = str(max(1, parallel.threads_here() // count))
    # whoever set a number of threads meant it
    environment = {name: os.environ.get(name, share) for name in THREADS}
    with (
        tempfile.TemporaryDirectory(prefix="snnlab-", ignore_cleanup_errors=True) as folder,
        LocalCluster(
            n_workers=count, threads_per_worker=1, processes=True, host="127.0.0.1",
            protocol="tcp", dashboard_address="127.0.0.1:0", memory_limit=0, silence_logs=50,
            local_directory=folder, death_timeout=None, env=environment,
        ) as cluster,
    ):  # fmt: skip
        yield cluster.scheduler_address
