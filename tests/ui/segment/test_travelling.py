"""The page that travels: one file, as small as was promised, that fetches nothing."""

import base64
import re
from dataclasses import replace

import numpy as np
import pytest

from snnlab.lab import segmenting as lab
from snnlab.ui.segment import travelling
from snnlab.ui.segment.viewer import packing
from tests.ui.segment.test_viewer import MODULES


@pytest.fixture(scope="module")
def result():
    return lab.default_result()


def pieces(page: bytes) -> dict[str, bytes]:
    found = re.findall(r'octet-stream" id="(\w+)">([^<]*)<', page.decode())
    return {name: base64.b64decode(text) for name, text in found}


def test_it_holds_the_pictures_and_a_window_of_spikes(result):
    page = travelling.html(result, (9, 250), scored={64: 0.9})
    assert len(page) < 5e6
    held = pieces(page)
    told, arrays = packing.opened(held["pictures"])
    usual, same = packing.opened(packing.pack(result, result.picture.called))
    assert told["id"] == usual["id"] and told["rand"] == 1 and not told["maps"]
    assert [layer["name"] for layer in told["layers"]] == [result.layers[-1].name]
    assert all(np.array_equal(arrays[name], same[name]) for name in same)
    kept, spikes = packing.opened(held["kept"])
    assert kept["rand"] == [[64, 0.9]] and kept["window"]["box"] == [0, 128, 128, 128]
    step = kept["window"]["activation"]
    assert spikes["bits"].shape[2] == len(spikes["rate"]) == len(spikes["activation"])
    assert step * spikes["activation"].max() > 0
    assert packing.header(held["told"])["boxes"][0]["left"] == 128
    # nothing is fetched: no address outside of what is inside
    text = re.sub(r'octet-stream" id="\w+">[^<]*<', "", page.decode())
    assert not re.search(r"""(?:src|href)=|url\(|https?://|\bimport\b[ (]""", text)
    assert "default-src 'none'" in text


def test_all_spikes_come_with_the_large_file(result):
    held = pieces(travelling.html(result, everywhere=True))
    kept, spikes = packing.opened(held["kept"])
    trains = result.recording[result.layers[-1].name]
    assert kept["window"]["box"] == list(result.region)
    assert np.bitwise_count(spikes["bits"]).sum() == trains.total()
    assert packing.header(held["told"])["boxes"] == []


@pytest.mark.parametrize("at", [0.0, 0.5, 0.8, 0.9])
def test_fewer_shades_keep_each_pixel_on_its_side(at):
    frames = np.arange(256, dtype=np.uint8).repeat(2).reshape(2, 256)
    coarse = travelling._coarser(frames, at)
    cut = int(at * 255)
    assert np.array_equal(coarse > cut, frames > cut)
    assert np.abs(coarse.astype(int) - frames).max() <= travelling.SHADES
    assert len(np.unique(coarse[0])) <= 34 and np.array_equal(coarse[-1], frames[-1])


def test_its_words_are_explained_on_the_page_itself(result):
    text = travelling.html(result).decode()
    words = re.findall(r"<dt>([^<]+)</dt><dd>[^<]{20,}</dd>", text)
    met = {"V_Rand", "V_Info", "Dice", "IoU", "99.9th percentile", "encoder, up0"}
    assert met <= set(words)
    assert "dashed box" in text.split("<h2>")[0]  # before anybody has clicked


def test_the_percentile_and_the_layers_that_it_explains_are_the_runs(result):
    other = replace(result, settings=result.settings.replace(percentile=99.0))
    assert "99 % of a layer" in travelling._meanings(other)["99th percentile"]
    layers = result.layers
    assert "encoder, up0" in travelling._meanings(result) and layers[-1].name == "up0"


def test_too_large_a_page_has_fewer_shades_and_says_so(result, monkeypatch):
    assert b"rounded to one of 32" not in travelling.html(result)
    monkeypatch.setattr(travelling, "LIMIT", 1_000_000)
    page = travelling.html(result)
    assert b"rounded to one of 32" in page and len(page) < 2.4e6


def test_a_name_is_no_markup(result):
    evil = replace(result, picture=replace(result.picture, name="</script><b>x", file="<b>"))
    page = travelling.html(evil).decode()
    assert "<b>x" not in page and page.count("</script>") == 4


def test_its_script_shares_no_name_with_the_viewers():
    own = (travelling.FOLDER / "travel.js").read_text("utf-8")
    names = re.compile(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", re.M)
    others = {name for path in MODULES for name in names.findall(path.read_text("utf-8"))}
    assert not set(names.findall(own)) & others
    assert not re.search(r"https?://", own)
