"""The report draws pictures in their own proportions."""

import re

from snnlab.export import report
from snnlab.lab import segmenting as lab
from snnlab.results import summary
from tests.results.test_segmentation import made


def test_pictures_keep_their_proportions():
    template = report.TEMPLATE.read_text("utf-8")
    # the sizes as attributes alone would hold the height and stretch the width
    assert 'width="{{ width }}" height="{{ height }}"' in template
    (rule,) = re.findall(r"^img \{([^}]*)\}", template, re.M)
    assert {"width: 100%", "height: auto"} <= {part.strip() for part in rule.split(";")}


def test_scores_are_called_by_their_names():
    shown = made()
    rows = {row["name"]: row for row in report._scores(shown)}
    assert list(rows) == list(summary.SCORES.values())
    assert rows["V_Rand, best threshold"]["snn"] == shown.snn_scores.v_rand
    assert rows["V_Rand at the threshold"]["ann"] == shown.ann_scores.v_rand_at_threshold
    text = report.html(shown, lab.model(shown.settings.model)).decode()
    assert f"V_Rand is best at {shown.ann_scores.best_threshold:g} for the ANN" in text
