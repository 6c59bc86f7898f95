"""Numbers of the documents that moved are told, and only those; steps go on where they were."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import reproduce, reproduce_readers
from benchmarks.reproduce_tables import (
    Tolerance,
    Wanted,
    compare,
    numbers,
    pick,
    tables,
)
from snnlab.commands import evaluate_table

ROOT = Path(__file__).parents[1]
OLD = """Some text, 17 %.

| model | T | accuracy / V_Rand | seconds | verdict |
|---|---:|---|---:|---|
| `a` | 4 | 0.9000 / 0.8000 | 1.0 | **3.2** |
|  | 8 | 0.9100 / 0.8100 | 2.0 | 1.1 |
| b | 4 | never near: 0.5 | 1,234 | |

| other | x |
|---|---|
| b | 1 |
"""
WANTED = Wanted(
    "docs/x.md", "| model | T |", Tolerance(0.0005), {"seconds": Tolerance(0.5, True)}, 2
)


def told(new: str, wanted: Wanted = WANTED) -> list[str]:
    return list(compare(wanted, pick(OLD, wanted.head), pick(new, wanted.head)))


def test_tables_are_found_by_their_heads_with_their_lines():
    first, second = tables(OLD)
    assert first.head[:2] == ("model", "T") and first.lines == (5, 6, 7)
    assert second.rows == (("b", "1"),)
    assert pick(OLD, "| other |") == second and pick(OLD, "| model | T |", 1) is None


def test_nothing_is_told_of_what_holds():
    assert told(OLD) == []
    within = OLD.replace("0.9000", "0.9004").replace("| 2.0 |", "| 2.9 |").replace("1,234", "1,300")
    assert told(within) == []


@pytest.mark.parametrize(
    "was, now, says",
    [
        ("0.8100", "0.8110", "docs/x.md:6: a, 8, accuracy / V_Rand: 0.811, was 0.81"),
        ("| 2.0 |", "| 3.1 |", "docs/x.md:6: a, 8, seconds: 3.1, was 2 (tolerance 50 %)"),
        ("1,234", "4,321", "docs/x.md:7: b, 4, seconds: 4321, was 1234"),
        ("**3.2**", "3.2", "docs/x.md:5: a, 4, verdict: reads “3.2”, not “**3.2**”"),
        ("never near: 0.5", "0.9 / 0.8", "reads “0.9 / 0.8”, not “never near: 0.5”"),
        ("| b | 4 |", "| c | 4 |", "docs/x.md:7: b, 4: this row was not made"),
        ("| b | 4 |", "| c | 4 |", "docs/x.md: new row c, 4: accuracy / V_Rand never near: 0.5"),
        ("| verdict |", "| other |", "docs/x.md: column “verdict” was not made"),
        ("| verdict |", "| other |", "docs/x.md: new column “other”"),
    ],
)
def test_what_moved_is_told_with_its_place(was, now, says):
    found = told(OLD.replace(was, now))
    assert any(says in line for line in found), found


def test_rows_may_change_their_order_and_a_part_has_more():
    lines = OLD.splitlines()
    more = [*lines[:6], "| c | 4 | 0.1 / 0.1 | 1 | |", lines[6]]
    moved = "\n".join([*lines[:4], lines[6], lines[4], lines[5]])
    assert told(moved) == []
    assert len(told("\n".join(more))) == 1
    part = Wanted("docs/x.md", "| model | T |", Tolerance(0), keys=2, part=True)
    assert told("\n".join(more), part) == []


def test_numbers_of_a_cell():
    assert numbers("0.9 / 1,234 and −3e-04 %") == ([0.9, 1234, -0.0003], "# / # and # %")
    assert numbers("ISBI2012, 45 nm") == ([45], "ISBI2012, # nm")
    with pytest.raises(ValueError, match="20 %"):
        Tolerance.of("20")


# ---- steps -----------------------------------------------------------------------------

LIST = """
depends = ["code/*.py", "!code/no.py"]
[[step]]
name = "count"
run = "cat {data}/value.txt; echo run >> %s"
minutes = 1
tolerance = 0.5
[[step.table]]
doc = "doc.md"
head = "| n |"
[[step.says]]
doc = "doc.md"
find = 'some (\\d+) things'
printed = 'things: ([\\d.]+)'
"""


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setattr(reproduce, "ROOT", tmp_path)
    (tmp_path / "code").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "code/a.py").write_text("1")
    (tmp_path / "code/no.py").write_text("1")
    (tmp_path / "doc.md").write_text("some 7 things\n\n| n | value |\n|---|---|\n| a | 3 |\n")
    (step,) = reproduce.listed(LIST % (tmp_path / "runs.txt"))

    def run(printed: str | None = None, again: bool = False):
        if printed is not None:
            (tmp_path / "data/value.txt").write_text(printed)
        folders = {"data": tmp_path / "data", "epfl": None}
        # what a default argument bound before the folder was another
        monkeypatch.setattr(reproduce.key, "__defaults__", (tmp_path,))
        monkeypatch.setattr(reproduce.moved, "__defaults__", (tmp_path,))
        return reproduce.perform(step, folders, tmp_path / "out", again)

    run.count = lambda: len((tmp_path / "runs.txt").read_text().splitlines())
    run.root, run.step = tmp_path, step
    return run


HOLDS = "things: 7.2\n| n | value |\n|---|---|\n| a | 3.5 |\n"


def test_a_step_is_run_once_for_the_same_code_and_data(made):
    assert made(HOLDS) == reproduce.Outcome("made")
    assert made() == reproduce.Outcome("kept") and made.count() == 1
    assert made(again=True).state == "made" and made.count() == 2
    (made.root / "code/no.py").write_text("2")  # does not count
    assert made().state == "kept"
    (made.root / "code/a.py").write_text("2")
    assert made().state == "made" and made.count() == 3
    assert made(HOLDS.replace("3.5", "3.4")).state == "made"


def test_the_documents_are_compared_again_though_the_step_is_kept(made):
    made(HOLDS)
    doc = made.root / "doc.md"
    doc.write_text(doc.read_text().replace("| a | 3 |", "| a | 5 |"))
    found = made()
    assert found.state == "kept"
    assert found.moved == ("doc.md:5: a, value: 3.5, was 5 (tolerance 0.5)",)


def test_sentences_are_compared_with_the_digits_that_they_have(made):
    found = made(HOLDS.replace("7.2", "8.4"))
    assert found.moved == ("doc.md:1: “some 7 things”: 8, was 7 (tolerance 0.5)",)
    found = made(HOLDS.replace("things", "thinks"))
    assert "nothing like" in found.moved[0]


def test_a_failure_is_said_and_is_not_kept(made):
    assert made(HOLDS).state == "made"
    (made.root / "data/value.txt").unlink()
    (made.root / "data/other.txt").write_text("")
    step = reproduce.Step("count", "cat {data}/value.txt", 1)
    folders = {"data": made.root / "data", "epfl": None}
    found = reproduce.perform(step, folders, made.root / "out", False)
    assert found.state == "failed" and "errors.txt" in found.why
    assert made(HOLDS).state == "made"


def test_without_its_data_a_step_is_left_out(made):
    found = reproduce.perform(made.step, {"data": None, "epfl": None}, made.root / "out", False)
    assert found == reproduce.Outcome("left out", "it needs --data")


# ---- the list itself ---------------------------------------------------------------------

STEPS = reproduce.listed(reproduce.LISTED.read_text("utf-8"))


@pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
def test_each_step_names_what_is_there(step):
    for wanted, *_ in step.tables:
        table = pick((ROOT / wanted.doc).read_text("utf-8"), wanted.head, wanted.nth)
        assert table is not None, wanted.head
        heads = set(table.head)
        assert set(wanted.columns) <= heads
        if isinstance(wanted.keys, tuple):
            assert set(wanted.keys) <= heads
        assert len(compare_with_itself(wanted, table)) == 0
    for one in step.says:
        assert re.search(one.find, (ROOT / one.doc).read_text("utf-8")), one.find
        re.compile(one.printed)
    assert step.tables or step.says or step.why
    for script in re.findall(r"benchmarks/[\w/]+\.(?:py|sh)", step.run):
        assert (ROOT / script).exists()


def compare_with_itself(wanted, table):
    return list(compare(wanted, table, table))


def test_each_table_with_numbers_is_made_by_a_step():
    """Or it says of itself what it is: what is read as what, equations, licences."""
    words = {"README.md": 1, "docs/architecture.md": 2, "docs/chips.md": 4, "docs/event.md": 2,
             "docs/formats.md": 3, "docs/methods.md": 2, "docs/guide.md": 2, "docs/scores.md": 1,
             "docs/benchmarks.md": 2, "docs/import.md": 2, "docs/exchange.md": 2,
             "docs/class.md": 1, "docs/neurobench.md": 1}  # fmt: skip
    made = {(wanted.doc, pick((ROOT / wanted.doc).read_text(), wanted.head, wanted.nth).lines[0])
            for step in STEPS for wanted, *_ in step.tables}  # fmt: skip
    for doc in ("README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))):
        every = [table.lines[0] for table in tables((ROOT / doc).read_text("utf-8"))]
        left = [line for line in every if (doc, line) not in made]
        assert len(left) <= words.get(doc, 0), (doc, left)


def test_the_list_is_told_and_a_wrong_name_refused():
    command = [sys.executable, "-m", "benchmarks.reproduce"]
    done = subprocess.run([*command, "--list", "--only", "scale"], cwd=ROOT, text=True,
                          capture_output=True)  # fmt: skip
    assert (
        done.returncode == 0 and "docs/guide.md: | tissue | model | nm per pixel |" in done.stdout
    )
    done = subprocess.run([*command, "--only", "scales"], cwd=ROOT, text=True, capture_output=True)
    assert done.returncode == 2 and "there is no step 'scales'" in done.stderr


# ---- readers -------------------------------------------------------------------------------


def test_lines_of_methods_become_the_documents_table():
    printed = (
        "ANN 92.54 0.9437 (at 0.9; 0.8353 at 0.5)\n"
        "ecc 4 83.38 0.7060 (at 0.5; 0.6 at 0.5) 3.1\n"
        "ecc@closed-form 4 86.59 0.6680 (at 0.5; 0.6 at 0.5) 3.1\n"
        "qcfs there is no model of this name\n"
        "ecc 8 87.31 0.6661 (at 0.5; 0.6 at 0.5) 4.0\n"
    )
    table = pick(reproduce_readers.methods_named(printed), "| steps |")
    assert table.head == ("steps", "ecc, run in time", "ecc, closed form")
    assert table.rows == (("4", "83.38 / 0.706", "86.59 / 0.668"), ("8", "87.31 / 0.666", ""))


def test_the_readmes_scores_are_those_of_evaluate():
    """Made of docs/scores.md's table, which evaluate prints, they are all found, and hold."""
    (step,) = [step for step in STEPS if step.name == "evaluate"]
    printed = (ROOT / "docs/scores.md").read_text("utf-8")
    assert list(reproduce.moved(step, printed, ROOT)) == []
    line = next(one for one in printed.splitlines() if one.startswith("| relu | ANN 8 bit |"))
    cell = line.split("|")[6]  # V_Rand
    was = f"{float(cell):.10g}"
    new = line.replace(cell, " 0.1234 ", 1)
    found = list(reproduce.moved(step, printed.replace(line, new), ROOT))
    assert [one.split(":")[0] for one in found] == ["docs/scores.md", "README.md"]
    assert all(f"0.1234, was {was}" in one for one in found)


def test_other_readers():
    printed = "| simulator | version | seconds | ms per step |\n|---|---|---|---|\n"
    rows = "| event | 1 | 0.333 | 5 |\n| torch+last | 2 | 1.788 | 28 |\n"
    text = "\n".join([printed + rows, printed + rows.replace("0.333", "0.172")])
    table = pick(reproduce_readers.readme_speed(text), "| simulator |")
    assert table.rows[0] == ("event (this lab)", "0.333 s", "0.172 s", "")
    assert table.rows[1][:2] == ("PyTorch, dense", "1.79 s")
    printed = (
        "| labels | in which order | a | b |\n|---|---|---|---|\n"
        "| ISBI 2012 | as they are | 0 of 24 | 0 of 5 |\n"
        "| EPFL | as they are | 1 of 41 | 0 of 9 |\n"
    )
    table = pick(reproduce_readers.noticed(printed), "| labels |")
    assert table.rows == (("as they are (false alarms)", "0 of 24", "0 of 5", "1 of 41", "0 of 9"),)
    printed = "method told\ndata-normalisation 0.0811 0.0574 0.012 0.0412 0.077 0.008 0.0801\n"
    table = pick(reproduce_readers.errors(printed), "| method |")
    assert table.rows[0][:3] == ("data-normalisation", "8.1 %", "0.057")
    assert table.rows[0][3:] == ("0.012", "0.041", "0.077", "0.008", "0.080")


def test_the_shares_in_bounds_are_found_in_what_evaluate_says():
    (step,) = [step for step in STEPS if step.name == "ranges"]
    shares = {"regularised": (0.979, 0.956, 0.9916, 0.973), "loihi": (0.930, 0.893, 0.982, 0.953),
              "phantom": (0.937, 0.912, 0.992, 0.972)}  # fmt: skip
    printed = "\n\n".join(
        evaluate_table._in_range(
            {
                "model": name,
                "lower_hz": 75.0,
                "upper_hz": 150.0,
                "percentile": 99.9,
                "share": {"section": spikes, "all": spikes_of_tile, "up0": 0.3},
                "neurons": 7,
                "windows": 8,
                "window_ms": 200,
                "by_activation": {"section": section, "all": tile},
            }
        )
        for name, (spikes, spikes_of_tile, section, tile) in shares.items()
    )
    assert list(reproduce.moved(step, printed, ROOT)) == []
    found = list(reproduce.moved(step, printed.replace("95.30", "94.30"), ROOT))
    assert len(found) == 1 and "94.3, was 95.3" in found[0]
