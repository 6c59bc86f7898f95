"""Models scored on several sections together: anybody's stack, thresholds, the rate bounds."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import tifffile

from snnlab.commands import cli, evaluate_choose, evaluate_models, evaluate_table
from snnlab.data.synthetic import synthetic
from snnlab.lab import segmenting as lab
from snnlab.nets import model as models
from snnlab.results.metrics import OFFICIAL
from snnlab.training import choosing, ranging, recipes, scoring, spike_ranging
from snnlab.training.regulariser import RateRange
from tests import small_models
from tests.results.test_together import TIES, f_score

BOUNDS = {"percentile": 90.0, "lower_hz": 20.0, "upper_hz": 120.0}
KEYS = {
    "model", "network", "timesteps", "sections", "pixel_accuracy", "v_rand", "v_info",
    "threshold", "v_rand_shown", "v_rand_at_half", "pixel_accuracy_at_half",
}  # fmt: skip


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """Three sections, the last of which is blank."""
    folder = tmp_path_factory.mktemp("stack")
    made = [synthetic(96, seed) for seed in (3, 4, 5)]
    grey = np.stack([np.rint(one.image * 255).astype(np.uint8) for one in made])
    labels = np.stack([one.labels.astype(np.uint8) * 255 for one in made])
    grey[2] = 0
    for name, array in (("em.tif", grey), ("labels.tif", labels)):
        tifffile.imwrite(folder / name, array, photometric="minisblack")
    return folder / "em.tif", folder / "labels.tif"


def test_a_stack_is_scored_at_one_threshold(stack, capsys):
    image, labels = map(str, stack)
    code = cli.main(
        ["evaluate", "--images", image, "--labels", labels, "--models", "phantom",
         "--timesteps", "12", "--json"]
    )  # fmt: skip
    told = capsys.readouterr()
    answer = json.loads(told.out)
    assert code == 0 and answer["sections"] == [0, 1]
    assert "Not scored" in told.err and "section 2" in told.err
    ann, snn = answer["rows"]
    assert (ann["network"], ann["timesteps"]) == ("ann", None)
    assert (snn["network"], snn["timesteps"]) == ("snn", 12)
    own = lab.defaults("phantom").replace(timesteps=12)
    shown = [
        lab.segment(lab.upload(stack[0], "em.tif", index, stack[1], "labels.tif"), own)
        for index in (0, 1)
    ]
    for row, at, said in (
        (ann, own.ann_at, [one.ann for one in shown]),
        (snn, own.threshold, [one.snn() for one in shown]),
    ):
        assert set(row) >= KEYS and row["sections"] == 2 and row["threshold"] == at
        truth = [one.picture.labels for one in shown]
        # recomputed from the formula, with scikit-image
        curves = np.array(
            [[f_score(p > th, t) for th in OFFICIAL] for p, t in zip(said, truth, strict=True)]
        )
        assert row["v_rand"] == pytest.approx(curves.mean(0).max(), abs=TIES)
        here = np.mean([f_score(p > at, t) for p, t in zip(said, truth, strict=True)])
        assert row["v_rand_shown"] == pytest.approx(here, abs=TIES)
        right = np.mean([(p > at) == t for p, t in zip(said, truth, strict=True)])
        assert row["pixel_accuracy"] == pytest.approx(right)
        half = np.mean([(p > 0.5) == t for p, t in zip(said, truth, strict=True)])
        assert row["pixel_accuracy_at_half"] == pytest.approx(half)
        assert row["v_rand_at_half"] == pytest.approx(curves[:, 5].mean(), abs=TIES)
    text = evaluate_table.show(answer)
    assert "| phantom | ANN 8 bit |" in text and "| phantom | SNN |" in text
    assert f"| {own.ann_at:g} |" in text and "V_Rand at 0.5" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--images", "em.tif"], "--images needs --labels"),
        (["--labels", "labels.tif"], "--labels goes with --images"),
        (["--models", "nobody"], "nobody"),
        (["--models", ","], "--models takes names"),
        (["--ways", "--timesteps", "8"], "leave --timesteps out"),
        ([], "no sections are named"),
    ],
)
def test_what_cannot_be_scored_is_one_sentence(words, said, monkeypatch, capsys):
    monkeypatch.delenv("SNNLAB_DATA", raising=False)
    assert cli.main(["evaluate", *words]) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 1 and said in told[0]


def test_thresholds_are_chosen_into_the_cards(monkeypatch, tmp_path):
    shipped = models.load("phantom")
    models.save(shipped, tmp_path)
    made = [synthetic(96, seed) for seed in (6, 7)]
    images = np.stack([recipes.normalise(one.image) for one in made])
    labels = np.stack([one.labels for one in made])
    monkeypatch.setattr(recipes, "held_out", lambda seeds=None: (images, labels))
    monkeypatch.setattr(evaluate_choose.models, "ASSETS", tmp_path)
    (told,) = evaluate_choose.choose(["phantom"], None, lambda share, stage: None)
    card = json.loads((tmp_path / "phantom.json").read_text())
    assert card["thresholds"] == {k: v for k, v in told.items() if k != "model"}
    # it has seen synthetic sections alone: it chooses on such, and says so
    assert told["chosen_on"] == "synthetic, seeds 900..903" and not told["seen_in_training"]
    own = lab.defaults("phantom")
    ann, snn = scoring.marks(shipped, images, labels, own, (own.timesteps,))
    for name, found in (("ann", ann), ("snn", snn[own.timesteps])):
        mean = np.mean([one.v_rand for one in found], axis=0)
        assert told[name] == {"threshold": OFFICIAL[int(mean.argmax())], "v_rand": mean.max()}
    read = lab.Settings(**(card["settings"] | {"model": "phantom"}))
    assert (read.threshold, read.ann_at) == (told["snn"]["threshold"], told["ann"]["threshold"])
    # nothing else of the card or of the weights has changed
    kept = models.load("phantom", tmp_path)
    assert kept.digest == shipped.digest
    assert {k: v for k, v in kept.card.items() if k not in ("settings", "thresholds")} == {
        k: v for k, v in shipped.card.items() if k not in ("settings", "thresholds")
    }
    assert "ANN" in evaluate_table.show({"chosen": [told]})


def test_a_choice_on_sections_that_were_trained_on_says_so():
    on = recipes.blocks("isbi")[0]
    assert choosing.seen("ISBI 2012 sections 0..17", on)
    assert not choosing.seen("ISBI 2012 sections 0..14", on)
    assert not choosing.seen("160 synthetic sections, seeds 1000..1159", on)


def test_neurons_are_held_against_the_range_in_the_card_by_their_spikes(monkeypatch):
    made = small_models.model()
    known = {
        "bound": models.with_card(made, range=BOUNDS),
        "free": models.with_card(made, range=None),
        "without a card": made,
    }
    monkeypatch.setattr(lab, "model", known.get)
    images = np.stack([small_models.image(64, seed=seed) for seed in (2, 3)])
    pictures = [SimpleNamespace(normalised=image) for image in images]
    nothing = lambda share, stage: None  # noqa: E731
    (found,) = evaluate_models.ranges("bound", pictures, nothing)
    counted = spike_ranging.kept(known["bound"], images, RateRange(**BOUNDS))
    assert (found["share"], found["windows"]) == (counted.share, 2)
    assert found["by_activation"] == ranging.kept(known["bound"], images, RateRange(**BOUNDS))
    assert evaluate_models.ranges("free", pictures, nothing) == []
    assert evaluate_models.ranges("without a card", pictures, nothing) == []
    text = evaluate_table.show({"rows": [], "float32": [], "in_range": [found]})
    assert f"{100 * found['share']['section']:.2f} % of the neurons" in text
    assert "20..120 Hz" in text and f"2 windows of {spike_ranging.WINDOW} ms" in text
    assert f"of {counted.neurons} neurons" in text
