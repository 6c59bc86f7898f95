"""Where a visitor looks into a large image: the part that holds a place, in a fifth of a second."""

from dataclasses import replace

from snnlab.errors import LabError
from snnlab.lab import parts
from snnlab.lab import segmenting as lab
from snnlab.results.segmentation import Segmentation


def holds(result: Segmentation, place: tuple[int, int]) -> bool:
    """Whether a pixel lies in the part that is looked into."""
    top, left, height, width = result.region
    return top <= place[0] < top + height and left <= place[1] < left + width


def at(result: Segmentation, place: tuple[int, int]) -> Segmentation:
    """The same run, looked into around a pixel.

    Parameters
    ----------
    result : Segmentation
        Of a large image, whose parts can be looked into ``anywhere``.
    place : tuple of int
        Row and column.

    Returns
    -------
    Segmentation
        With the spikes of that part, equal to those of the run of the whole image. What the
        ANN computes there is not ``sampled``; see `with_ann`.

    Raises
    ------
    LabError
        If there is no such pixel, or no other part of this run can be looked into.
    """
    height, width = result.image.shape
    if not result.anywhere:
        raise LabError("only one part of this run can be looked into.")
    if not (0 <= place[0] < height and 0 <= place[1] < width):
        raise LabError(f"this image has rows 0 to {height - 1} and columns 0 to {width - 1}.")
    unet = lab.model(result.settings.model)
    region = parts.region_at(result.image.shape, unet, result.settings, place)
    recording = parts.of(unet, result, region).part(unet, region)
    return replace(result, recording=recording, region=region, sampled={})


def with_ann(result: Segmentation) -> Segmentation:
    """The same, with what the ANN computes for some of the recorded neurons."""
    if result.sampled:
        return result
    unet = lab.model(result.settings.model)
    return replace(result, sampled=parts.sampled(unet, result.image, result.region))
