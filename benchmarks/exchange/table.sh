#!/bin/sh
# Make the environments of all libraries, and print the table of docs/exchange.md.
#
# LAB=python            the Python that runs the lab (default: .venv/bin/python)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
for library in norse sinabs snntorch spikingjelly spyx; do
    "$here/environment.sh" "$library" >&2
done
PYTHONPATH=$root exec "${LAB:-$root/.venv/bin/python}" "$here/table.py" "$@"
