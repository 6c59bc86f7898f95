#!/bin/sh
# Install Brian2Loihi into an environment of its own, and keep what its neuron does.
#
#     benchmarks/brian2_loihi/keep.sh [FILE]
#
# PYTHON=python3.11     the Python of the new environment
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$here/build/venv
if ! [ "$venv/installed" -nt "$here/requirements.txt" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    "$venv/bin/pip" install -q -r "$here/requirements.txt"
    touch "$venv/installed"
fi
exec "$venv/bin/python" "$here/keep.py" "${1:-$root/tests/simulation/brian2_loihi.json}"
