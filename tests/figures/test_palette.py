"""The palette keeps its promises."""

import itertools

import numpy as np
import pytest

from snnlab.figures import palette
from snnlab.nets.architecture import unet

LAYERS = [layer.name for layer in unet()[:-1]]
PAGES = ("#ffffff", "#0e1413")

# Machado, Oliveira, Fernandes (2009), severity 1, on linear RGB
DEFICIENT = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def linear(colour):
    values = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def luminance(rgb):
    return float(rgb @ (0.2126, 0.7152, 0.0722))


def contrast(one, other):
    light, dark = sorted((luminance(linear(one)), luminance(linear(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def lab(rgb):
    """CIE L*a*b* of linear sRGB, D65."""
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = matrix @ np.clip(rgb, 0, 1) / (0.9505, 1.0, 1.089)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", LAYERS)
def test_layers_are_seen_on_both_pages(name, page):
    assert contrast(palette.layer(name), page) >= 2


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("colour", [palette.ANN, palette.SNN, palette.TRUTH, palette.NEUTRAL])
def test_curves_are_seen_on_both_pages(colour, page):
    assert contrast(colour, page) >= 2.5


@pytest.mark.parametrize("vision", DEFICIENT)
def test_what_is_compared_differs_for_every_colour_vision(vision):
    down, up = palette.layer("down2"), palette.layer("up2")
    pairs = [(palette.ANN, palette.SNN), (down, up), (palette.SNN, palette.TRUTH)]
    for one, other in pairs:
        seen = [lab(np.array(DEFICIENT[vision]) @ linear(colour)) for colour in (one, other)]
        assert np.linalg.norm(seen[0] - seen[1]) > 15, (one, other)


def test_a_coarser_layer_is_darker():
    for arm in ("down", "up"):
        shades = [luminance(linear(palette.layer(f"{arm}{level}"))) for level in range(4)]
        assert all(fine > coarse for fine, coarse in itertools.pairwise(shades))


def test_every_layer_of_the_net_has_a_colour_and_strangers_are_grey():
    assert palette.layer("stride3") == palette.layer("down3")
    assert palette.layer("encoder") == palette.layer("something") == palette.NEUTRAL
    assert palette.faded("#ff8000", 0.5) == "rgba(255, 128, 0, 0.5)"
