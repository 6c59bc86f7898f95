#!/usr/bin/env bash
# One would guess: a NIfTI file in micrometres (xyzt_units 3, as light and electron microscopy need) has one pixel size, and
# GetSpacing, get_zooms and the affine give its number; the unit is beside it and stays with the image.
#
# What happens: nibabel gives the number in the file, 5, and the unit if it is asked. SimpleITK gives 0.005: it turns spacing and
# origin into millimetres and nowhere says so, but leaves the header's unit (micrometres) in the metadata. So the pair that one
# reads there, 0.005 and micrometres, is wrong by 1000. The usual way back in nibabel, Nifti1Image(data, affine), keeps 5 and drops the
# unit, and SimpleITK takes the result for 5 millimetres. Written to NRRD, 0.005 has no unit at all.
#
# Why it matters: the usual tools for volumes, both without a warning, and each step by itself looks right. Lengths are wrong by
# 1000 and volumes by 10^9, in either direction, after one round trip; and who resamples to "5" gets a volume 1000 times finer or coarser.
# Take the unit along: Nifti1Image(data, affine, header), or convert before.
#
# Source: https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h (xyzt_units); ITK's itkNiftiImageIO.cxx (its
# spacingscale); nibabel/nifti1.py (get_xyzt_units).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    nibabel==5.4.2 SimpleITK==2.5.7 pynrrd==1.1.3 numpy==2.4.6

"$folder/venv/bin/python" -W ignore - "$folder" <<'PYTHON'
import sys
from importlib.metadata import version

import nibabel
import nrrd
import numpy as np
import SimpleITK

FOLDER = sys.argv[1]
SIZE = (5.0, 5.0, 40.0)  # micrometres along x, y, z


def by_nibabel(path):
    header = nibabel.load(path).header
    return tuple(round(float(size), 6) for size in header.get_zooms()), header.get_xyzt_units()[0]


def by_itk(path):
    image = SimpleITK.ReadImage(path)
    return tuple(round(size, 6) for size in image.GetSpacing()), int(image.GetMetaData("xyzt_units")) & 7


first, second, third = (f"{FOLDER}/{name}" for name in ("first.nii", "second.nii", "third.nrrd"))
values = np.arange(4 * 5 * 6, dtype=np.uint8).reshape(4, 5, 6)
image = nibabel.Nifti1Image(values, np.diag((*SIZE, 1.0)))
image.header.set_xyzt_units("micron")
nibabel.save(image, first)

print(", ".join(f"{name} {version(name)}" for name in ("nibabel", "SimpleITK", "pynrrd", "numpy")))
print(f"written: {SIZE} micrometres; expected from both: these numbers, and the unit 3 (micrometres)")
seen = by_nibabel(first), by_itk(first)
print(f"nibabel reads {seen[0]}; SimpleITK reads spacing {seen[1][0]} and xyzt_units {seen[1][1]}")
there = seen == ((SIZE, "micron"), ((0.005, 0.005, 0.04), 3))

read = nibabel.load(first)
nibabel.save(nibabel.Nifti1Image(np.asarray(read.dataobj), read.affine), second)
seen = by_nibabel(second), by_itk(second)
print(f"through Nifti1Image(data, affine): nibabel reads {seen[0]}; SimpleITK, in millimetres, {seen[1][0]}")
there &= seen == ((SIZE, "unknown"), (SIZE, 0))

SimpleITK.WriteImage(SimpleITK.ReadImage(first), third)
header = nrrd.read_header(third)
sizes = tuple(np.round(np.linalg.norm(header["space directions"], axis=1), 6).tolist())
print(f"through SimpleITK to NRRD: {sizes}, space units {header.get('space units')}")
there &= sizes == (0.005, 0.005, 0.04) and "space units" not in header
print("as described above" if there else "this has changed")
raise SystemExit(0 if there else 1)
PYTHON
