"""Scores of an image that was resampled are those of the file's own pixels and labels."""

import io

import numpy as np
import pytest
from PIL import Image

from snnlab.images import pictures
from snnlab.lab import methods, sweeping, together, viewing
from snnlab.lab import segmenting as lab
from snnlab.nets.model import SCORES
from snnlab.results import approach, judging, metrics

GREY = np.asarray(Image.open(pictures.SAMPLES / f"{pictures.samples()[0]}.png"))[:96, :128]


def png(values: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(values).save(out, "PNG")
    return out.getvalue()


def mesh() -> np.ndarray:
    """Membranes of one pixel around squares of 15."""
    labels = np.full(GREY.shape, 255, np.uint8)
    labels[::16], labels[:, ::16] = 0, 0
    return labels


def picture(nm: float, labels: np.ndarray, **more):
    return pictures.upload(png(GREY), "em.png", 0, png(labels), "truth.png", nm=nm, **more)


def test_membranes_that_resampling_would_lose_still_count():
    found = picture(1.5, mesh())
    assert found.pixels.shape == (36, 48) and found.labels.mean() > 0.95  # most are gone
    all_cell = np.ones(found.pixels.shape, np.float32)
    truth = mesh() > 0
    assert judging.accuracy(found, all_cell, 0.5) == pytest.approx(truth.mean())
    scores = metrics.together([judging.marks(found, all_cell, 0.5)])
    assert scores.pixel_accuracy == pytest.approx(truth.mean())
    # one segment against 48 squares
    assert scores.v_rand < 0.1 and judging.v_rand(found, all_cell, 0.5) < 0.1


def test_what_is_scored_is_what_is_downloaded():
    found = picture(8.0, mesh())
    probability = np.random.default_rng(0).random(found.pixels.shape).astype(np.float32)
    written = found.in_file(probability)
    expected = metrics.marks(written, mesh() > 0, 0.4)
    assert judging.marks(found, probability, 0.4) == expected
    assert judging.accuracy(found, probability, 0.4) == np.mean((written >= 0.4) == (mesh() > 0))


def test_without_resampling_it_is_the_map_itself():
    found = picture(4.0, mesh())
    probability = np.random.default_rng(0).random(found.pixels.shape).astype(np.float32)
    assert found.judged(probability) is probability
    assert judging.marks(found, probability, 0.4) == metrics.marks(probability, mesh() > 0, 0.4)


def test_what_the_labels_leave_out_is_left_out_in_the_files_pixels():
    labels = mesh()
    labels[:48] = 128  # not tissue, in masks of this lab
    found = picture(8.0, labels)
    cells, left_out = found.judged_by
    assert left_out.shape == GREY.shape
    np.testing.assert_array_equal(left_out, labels == 128)
    np.testing.assert_array_equal(cells[48:], labels[48:] > 0)


def test_a_part_is_scored_in_its_own_pixels():
    found = picture(8.0, mesh()).cut((slice(0, 64), slice(0, 64)))
    labels, left_out = found.judged_by
    assert labels.shape == (64, 64) and left_out is None
    assert found.judged(found.pixels) is found.pixels


def test_all_who_score_say_the_same(monkeypatch, tmp_path):
    """The page, its curve, several together, sweeps and methods: each would be easy to forget."""
    monkeypatch.setenv("SNNLAB_CACHE", str(tmp_path))
    found, settings = picture(8.0, mesh()), lab.defaults("regularised").replace(timesteps=8)
    result = lab.segment(found, settings)
    ann = metrics.score(found.in_file(result.ann), mesh() > 0, settings.ann_at)
    snn = metrics.score(found.in_file(result.snn()), mesh() > 0, settings.threshold)
    assert (result.ann_scores, result.snn_scores) == (ann, snn)
    curve = approach.error_curve(result)
    assert curve["pixel_accuracy"][-1] == pytest.approx(snn.pixel_accuracy, abs=1e-3)
    assert viewing.segments_score(result, 8) == snn.v_rand_at_threshold
    marks = together.ann(lab.model("regularised"), [found], settings.ann_at)
    assert metrics.together(marks) == ann
    outcome = sweeping.run(sweeping.Grid(settings, (99.9,), (settings.upper_hz,), (8,)), (found,))
    assert {name: outcome.rows[0][name] for name in SCORES} == {
        name: getattr(snn, name) for name in SCORES
    }
    (contender,) = [
        one for one in methods.entrants("regularised") if one.settings.method == "rate-scaling"
    ][:1]
    (compared,) = methods.compare([contender], found)
    cell = next(one for one in compared.cells if one.timesteps == 8)
    alone = lab.segment(found, contender.settings.replace(timesteps=8)).snn_scores
    assert cell.scores["v_rand"] == pytest.approx(alone.v_rand)
    assert cell.scores["pixel_accuracy"] == pytest.approx(alone.pixel_accuracy)
