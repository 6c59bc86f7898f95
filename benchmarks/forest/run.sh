#!/bin/sh
# Install scikit-learn into an environment of its own, and run benchmarks/rbf.py with it.
#
#     benchmarks/forest/run.sh [arguments of rbf.py]
#
# VENV=folder           the environment (default: benchmarks/forest/build/venv)
# LAB=python            the Python that runs the lab (default: .venv/bin/python)
# PYTHON=python3.11     the Python of the new environment
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=${VENV:-$here/build/venv}
if ! [ -e "$venv/installed" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install -q -r "$here/requirements.txt"
    touch "$venv/installed"
fi
cd "$root"
exec "${LAB:-$root/.venv/bin/python}" -m benchmarks.rbf --forest "$venv/bin/python" "$@"
