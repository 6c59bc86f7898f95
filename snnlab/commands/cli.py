"""The command line: one JSON object on stdout, progress on stderr.

A mistake of the user's is one line ``snnlab: error: ...`` on stderr and exit
code 2; where nobody reads stdout any more, as behind ``| head``, the code is 141 and
nothing is said. Each command is a module of `snnlab.commands` with ``register`` and
``run``; what is heavy is imported when the command runs.
"""

import argparse
import json
import os
import select
import sys
from importlib import import_module

from snnlab import __version__
from snnlab.errors import Cancelled, LabError

COMMANDS = (
    "segment",
    "lists",
    "train",
    "finetune",
    "evaluate",
    "familiarity",
    "bench",
    "chips",
    "energy",
    "sweep",
    "volume",
    "import",
    "convert",
    "detect",
    "export",
)
_MODULES = {"import": "importing"}  # of those whose name Python has taken

CLOSED = 141  # what a shell says of a command that SIGPIPE ended: 128 + 13


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        see = f".venv/bin/python -m snnlab {self._hint()} --help"
        raise LabError(f"{message.rstrip('.')}; see {see}.")

    def _hint(self) -> str:
        return self.prog.split(" ", 1)[1] if " " in self.prog else ""


def parser(named: str = "") -> argparse.ArgumentParser:
    """The command line.

    Parameters
    ----------
    named : str
        A command: of the modules of all others, which take a second to import, none is. By
        default, and where no module has that name, they are all there.
    """
    top = _Parser(prog="snnlab", description=__doc__.split("\n")[0])
    top.add_argument("--version", action="version", version=__version__)
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    shared.add_argument("--quiet", action="store_true", help="show no progress on stderr")
    sub = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    for name in (named,) if named in COMMANDS else COMMANDS:
        import_module(f"snnlab.commands.{_MODULES.get(name, name)}").register(sub, shared)
    return top


def progress_line(fraction: float, stage: str) -> None:
    """Progress on stderr: over itself on a terminal, a line each in a log."""
    end = "\r" if sys.stderr.isatty() else "\n"
    print(f"{100 * fraction:5.1f} % {stage[:100]:<60}", end=end, file=sys.stderr, flush=True)


def main(argv: list[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    try:
        try:
            return _main(argv)
        finally:
            # here and not when Python ends, where nothing can catch it any more
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        unread = [stream for stream in (sys.stdout, sys.stderr) if _unread(stream)]
        if not unread:
            raise  # another pipe, which is no matter of whoever reads
        # both are flushed once more when Python ends
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in unread:
            os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        return CLOSED


def _unread(stream) -> bool:
    """Whether the other end of stdout or stderr is closed."""
    try:
        stream.flush()
        # what is not buffered leaves nothing to flush
        asked = select.poll()
        asked.register(stream.fileno(), 0)
        return any(told & (select.POLLERR | select.POLLHUP) for _, told in asked.poll(0))
    except BrokenPipeError:
        return True
    except (AttributeError, OSError):  # no stream, no file, or a system without poll
        return False


def _main(argv: list[str] | None) -> int:
    try:
        given = sys.argv[1:] if argv is None else argv
        arguments = parser(*given[:1]).parse_args(argv)
        answer = arguments.run(arguments)
        if arguments.json:
            print(json.dumps(answer, allow_nan=False))
        else:
            print(arguments.show(answer))
    except LabError as error:
        print(f"snnlab: error: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, Cancelled):
        print("snnlab: stopped.", file=sys.stderr)
        return 130
    return 0
