#!/bin/sh
# Install NeuroBench into an environment of its own, and hold the lab's metrics against it.
#
#     benchmarks/neurobench/compare.sh [--keep]
#
# LAB=python            the Python that runs the lab (default: .venv/bin/python)
# PYTHON=python3.11     the Python of the new environment
# TORCH="--index-url https://download.pytorch.org/whl/cpu"
#                       more for the installation of torch, which elsewhere than
#                       on that index comes with CUDA
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
wanted=$here/requirements.txt
venv=$here/build/venv
if ! [ "$venv/installed" -nt "$wanted" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    # shellcheck disable=SC2086  # several words are several arguments
    "$venv/bin/pip" install -q ${TORCH-} "$(grep '^torch==' "$wanted")" "$(grep '^numpy==' "$wanted")"
    # without what it asks for and this does not use: data sets and sound
    "$venv/bin/pip" install -q --no-deps -r "$wanted"
    touch "$venv/installed"
fi
cd "$root"
exec "${LAB:-$root/.venv/bin/python}" -m benchmarks.neurobench.compare "$venv/bin/python" "$@"
