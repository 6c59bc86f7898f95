#!/bin/sh
# Print the path of a Python that the lab runs on; else one sentence that says
# what to install, and exit 2.
#
# PYTHON names the one to use. Without it the one that made .venv is kept, then
# python3.11, python3.12, python3.13 and python3 are tried, by running them: a
# version manager's shim may be on the PATH and yet have nothing behind it.

probe='
import sys
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    print("%d.%d" % sys.version_info[:2])
    sys.exit(3)
try:
    import ensurepip, venv
except ImportError:
    print("%d.%d" % sys.version_info[:2])
    sys.exit(4)
# not the python of a virtual environment: it may be the very .venv to be rebuilt
print(sys._base_executable or sys.executable)
'
install='Python 3.11, 3.12 or 3.13 with its venv module (on Debian and Ubuntu: apt-get install python3 python3-venv)'

fail() {
    echo "SNN Lab: $1." >&2
    exit 2
}

if [ -n "$PYTHON" ]; then
    said=$("$PYTHON" -c "$probe" 2>/dev/null </dev/null)
    case $? in
        0) echo "$said" ;;
        3) fail "PYTHON=$PYTHON is Python $said, which the lab does not run on: install $install and name that one" ;;
        4) fail "PYTHON=$PYTHON has no venv module: install it (on Debian and Ubuntu: apt-get install python$said-venv)" ;;
        *) fail "PYTHON=$PYTHON cannot be run: install $install and name that one" ;;
    esac
    exit 0
fi

bare=
for python in "$(dirname "$0")/../.venv/bin/python" python3.11 python3.12 python3.13 python3; do
    said=$("$python" -c "$probe" 2>/dev/null </dev/null)
    case $? in
        0) echo "$said"; exit 0 ;;
        4) bare=${bare:-$said} ;;
    esac
done
if [ -n "$bare" ]; then
    fail "Python $bare is here but has no venv module: install it (on Debian and Ubuntu: apt-get install python$bare-venv)"
fi
fail "no Python that the lab runs on was found: install $install, or name one with make's PYTHON=..."
