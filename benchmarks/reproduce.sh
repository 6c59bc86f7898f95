#!/bin/sh
# Make every number of README and docs anew, and print those that moved: benchmarks/reproduce.py.
#
#     benchmarks/reproduce.sh --data FOLDER [--epfl FOLDER] [--list] [--fast] [--only STEP,...]
#
# The steps, what they make and how much may move: benchmarks/reproduce.toml.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
PYTHONPATH=$root exec "$root/.venv/bin/python" -u -m benchmarks.reproduce "$@"
