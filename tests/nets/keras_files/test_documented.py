"""What docs/import.md says can be read is what can be."""

import re
from pathlib import Path

from snnlab.nets.keras_files.activation import KNOWN as ACTIVATIONS
from snnlab.nets.keras_files.allowed import DROPPED, KIND_OF, KNOWN

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "import.md").read_text("utf-8")


def test_the_table_of_layers_is_complete():
    table = TEXT.split("## Layers")[1].split("Refused,")[0]
    named = set(re.findall(r"`([A-Z]\w+)`", table))
    assert named == set(KNOWN) | DROPPED
    for one in ACTIVATIONS:
        assert re.search(rf"\b{one}\b", table), one


def test_what_is_said_to_be_refused_is():
    part = TEXT.split("Refused,")[1].split("## What")[0]
    named = set(re.findall(r"`([A-Z]\w+)`", part))
    assert {"Lambda", "LeakyReLU", "Multiply", "LayerNormalization"} <= named <= set(KIND_OF)
