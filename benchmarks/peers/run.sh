#!/bin/sh
# Install the libraries, compare, print Markdown tables.
#
#     benchmarks/peers/run.sh [VENV] [arguments of compare.py]
#
# VENV is made if it is not there (default: benchmarks/peers/build/venv).
# LAB=python            the Python that runs the lab (default: .venv/bin/python)
# PYTHON=python3.11     the Python of the new environment
# TORCH="--index-url https://download.pytorch.org/whl/cpu"
#                       more for the installation of torch, which elsewhere than
#                       on that index comes with CUDA
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
venv=$here/build/venv
case "${1-}" in
    "" | -*) ;;
    *) venv=$1; shift ;;
esac
if ! [ "$venv/installed" -nt "$here/requirements.txt" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    # shellcheck disable=SC2086  # several words are several arguments
    "$venv/bin/pip" install -q ${TORCH-} "$(grep '^torch==' "$here/requirements.txt")"
    "$venv/bin/pip" install -q --no-deps -r "$here/requirements.txt"
    touch "$venv/installed"
fi
PYTHONPATH=$root exec "${LAB:-$root/.venv/bin/python}" "$here/compare.py" --peers "$venv/bin/python" "$@"
