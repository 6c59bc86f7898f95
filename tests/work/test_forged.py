"""A few of the files of `benchmarks.forged`, which reads 2,000 at each boundary."""

import pytest

from benchmarks import forged


@pytest.mark.parametrize(
    ("name", "count", "left_out"),
    [("models", 60, ()), ("checkpoints", 60, ()), ("stores", 70, ())],
)
def test_a_forged_file_is_refused_in_a_sentence_or_used(name, count, left_out):
    told = forged.trial(name, count, 1, left_out)
    assert told.startswith(f"{count} files") and "0 failures" in told
