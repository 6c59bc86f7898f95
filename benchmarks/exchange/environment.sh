#!/bin/sh
# Make the environment of one library that reads NIR, and print its Python.
#
#     benchmarks/exchange/environment.sh norse|sinabs|snntorch|spikingjelly|spyx
#
# Each has one of its own, benchmarks/exchange/build/LIBRARY: they do not agree on a version of nir.
#
# PYTHON=python3.11     the Python of the new environment
# TORCH="--index-url https://download.pytorch.org/whl/cpu"
#                       more for the installation of torch, which elsewhere than
#                       on that index comes with CUDA
set -eu
here=$(cd "$(dirname "$0")" && pwd)
wanted=$here/${1-}.txt
if [ "$#" != 1 ] || ! [ -f "$wanted" ]; then
    echo "name one of: norse sinabs snntorch spikingjelly spyx" >&2
    exit 2
fi
venv=$here/build/$1
if ! [ "$venv/installed" -nt "$wanted" ]; then
    "${PYTHON:-python3}" -m venv "$venv"
    # shellcheck disable=SC2046,SC2086  # several words are several arguments
    "$venv/bin/pip" install -q ${TORCH-} $(grep -E '^(torch|numpy)==' "$wanted")
    # without what they ask for and this does not use: torchvision, drivers of chips
    "$venv/bin/pip" install -q --no-deps -r "$wanted"
    touch "$venv/installed"
fi
echo "$venv/bin/python"
