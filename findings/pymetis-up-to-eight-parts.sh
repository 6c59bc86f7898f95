#!/usr/bin/env bash
# One would guess: Options(contig=1) gives parts in one piece for any number of parts, and Options(objtype=VOL)
# minimises the volume of communication: each vertex counts once for every other part that it has a neighbour in.
#
# What happens: it depends on the number of parts. Up to 8, part_graph chooses METIS's recursive bisection unless told
# otherwise, from 9 on the k-way method, and only the latter knows these options. Up to 8 parts, contig changes nothing, without
# a word: the answer is the same as without it, with parts in several pieces. VOL raises a RuntimeError that calls itself unknown
# (METIS's own reason goes to the terminal). With recursive=False both work.
#
# Why it matters: a spike goes to a chip once, however many of its neurons listen, so VOL is the objective for a net on
# several chips; boards of up to eight chips are the usual ones. A study that goes from 4 to 16 parts compares two
# methods without knowing it, and regions that have to hang together (blocks of a layer, domains of a mesh) do not.
#
# Source: pymetis.part_graph (recursive = nparts <= 8); METIS's manual, table of options of METIS_PartGraphRecursive and
# METIS_PartGraphKway; the missing contiguity is reported, unexplained, in https://github.com/inducer/pymetis/issues/60
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pymetis==2025.2.2 numpy==2.4.6 scipy==1.17.1

"$folder/venv/bin/python" - <<'PYTHON'
import os
from importlib.metadata import version

import numpy as np
import pymetis
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

GRAPHS, VERTICES = 20, 400


def graph(seed):
    """Neighbours within a distance on a square: connected, symmetric, no loops."""
    while True:
        points = np.random.default_rng(seed).random((VERTICES, 2))
        pairs = cKDTree(points).query_pairs(0.1, output_type="ndarray")
        both = np.concatenate([pairs, pairs[:, ::-1]])
        found = csr_array((np.ones(len(both)), both.T), shape=(VERTICES, VERTICES))
        if connected_components(found)[0] == 1:
            return found
        seed += 1000


def divide(found, parts, recursive=None, **options):
    return np.array(
        pymetis.part_graph(
            parts,
            pymetis.CSRAdjacency(found.indptr, found.indices),
            recursive=recursive,
            options=pymetis.Options(**options),
        ).vertex_part
    )


def torn(found, part):
    """Parts that are in several pieces."""
    each = (np.flatnonzero(part == one) for one in np.unique(part))
    return sum(connected_components(found[of][:, of])[0] > 1 for of in each)


def volume_is_refused(found, parts, recursive=None):
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # METIS itself writes there
    try:
        divide(found, parts, recursive, objtype=pymetis.ObjType.VOL)
    except RuntimeError as error:
        return str(error)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
    return ""


print(", ".join(f"{name} {version(name)}" for name in ("pymetis", "numpy", "scipy")))
graphs = [graph(seed) for seed in range(GRAPHS)]
print(f"{GRAPHS} connected graphs of {VERTICES} vertices; expected with contig=1: no part in several pieces")
there = True
for parts, recursive in ((8, None), (8, False), (9, None)):
    plain = [divide(one, parts, recursive) for one in graphs]
    whole = [divide(one, parts, recursive, contig=1) for one in graphs]
    pieces = [sum(torn(g, p) for g, p in zip(graphs, of)) for of in (plain, whole)]
    same = sum(np.array_equal(a, b) for a, b in zip(plain, whole))
    refused = volume_is_refused(graphs[0], parts, recursive)
    how = "" if recursive is None else ", recursive=False"
    print(
        f"seen, {parts} parts{how}: in several pieces {pieces[0]}, with contig=1 {pieces[1]}; "
        f"{same} of {GRAPHS} partitions the same; VOL: {refused or 'works'}"
    )
    if parts <= 8 and recursive is None:
        there &= same == GRAPHS and pieces[1] > 0 and bool(refused)
    else:
        there &= pieces[0] > 0 and pieces[1] == 0 and not refused
print("as described above" if there else "this has changed")
raise SystemExit(0 if there else 1)
PYTHON
