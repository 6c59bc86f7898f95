"""A Dask cluster on this machine that starts even where nothing is quick."""

import contextlib

# A worker is a new Python that imports what it needs: on a busy machine that takes its time.
PATIENT = {
    "distributed.comm.timeouts.connect": "120s",
    "distributed.comm.timeouts.tcp": "120s",
    "distributed.deploy.lost-worker-timeout": "120s",
}


@contextlib.contextmanager
def local_cluster(folder, workers=2):
    """Worker processes with a nanny each, as `dask worker` starts them; their files in a folder."""
    import dask
    from distributed import LocalCluster

    with (
        dask.config.set(PATIENT),
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True,
            host="127.0.0.1", protocol="tcp",
            # any free port: the usual one may be another cluster's
            dashboard_address="127.0.0.1:0", memory_limit=0, silence_logs=50,
            local_directory=str(folder), death_timeout=None,
        ) as cluster,
    ):  # fmt: skip
        yield cluster
