"""The report draws pictures in their own proportions."""

import re

from snnlab.export import report
from tests.test_result import made


def test_pictures_keep_their_proportions():
    template = report.TEMPLATE.read_text("utf-8")
    # the sizes as attributes alone would hold the height and stretch the width
    assert 'width="{{ width }}" height="{{ height }}"' in template
    (rule,) = re.findall(r"^img \{([^}]*)\}", template, re.M)
    assert {"width: 100%", "height: auto"} <= {part.strip() for part in rule.split(";")}


def test_scores_are_called_by_their_names():
    names = {row["name"] for row in report._scores(made())}
    assert {"pixel accuracy", "V_Rand", "V_Info at threshold"} <= names
