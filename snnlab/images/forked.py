"""What a library may crash over is tried in a copy of this process first, where that is cheap.

libhdf5 ends the process on some damaged files. Files of strangers are read elsewhere
(`snnlab.images.apart`), which takes a third of a second to begin; one that somebody names on the
command line is tried in a fork, which takes some milliseconds and sees the same file.
"""

import contextlib
import faulthandler
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable

from snnlab.images.limits import damaged

SECONDS = 300  # that it may take


def tried(work: Callable[[], object], name: str) -> None:
    """Do something in a fork; what it gives or raises there is dropped.

    Nothing is done elsewhere than on Linux, nor where there are other threads, whose locks a fork
    would inherit.

    Parameters
    ----------
    work : callable
    name : str
        Of the file, for the error.

    Raises
    ------
    LabError
        If the copy died over it.
    """
    alone = threading.active_count() == 1 and "tensorflow" not in sys.modules
    # elsewhere there are no forks, or the system's libraries may not survive one
    if not (alone and sys.platform == "linux"):
        return
    import resource  # which Windows has not

    with warnings.catch_warnings():
        # Python counts the idle threads of BLAS too, which the copy has no use for
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            faulthandler.disable()
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(SECONDS)
            work()
        os._exit(0)  # without what is to be done at the end of the process itself
    try:
        _, status = os.waitpid(child, 0)
    except BaseException:  # Ctrl-C
        with contextlib.suppress(OSError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        raise
    if os.WIFSIGNALED(status):
        raise damaged(name)
