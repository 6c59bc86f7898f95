"""The report draws pictures in their own proportions."""

import re

from snnlab.export import report


def test_pictures_keep_their_proportions():
    template = report.TEMPLATE.read_text("utf-8")
    # the sizes as attributes alone would hold the height and stretch the width
    assert 'width="{{ width }}" height="{{ height }}"' in template
    (rule,) = re.findall(r"^img \{([^}]*)\}", template, re.M)
    assert {"width: 100%", "height: auto"} <= {part.strip() for part in rule.split(";")}
