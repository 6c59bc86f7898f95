"""A hash of the code that matters, and of nothing else."""

import pytest

from snnlab.work import code_version as module


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A lab of three modules: a imports b within a function; c is apart."""
    package = tmp_path / "snnlab"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text(
        '"""A."""\ndef f():\n    from snnlab.b import g\n    return g()\n'
    )
    (package / "b.py").write_text("from snnlab import a\ndef g():\n    return 1\n")
    (package / "c.py").write_text("x = 1\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)

    def version(*names):
        for cached in (module.code_version, module._path, module._tree, module._imports):
            cached.cache_clear()
        return module.code_version(*names)

    yield package, version
    for cached in (module.code_version, module._path, module._tree, module._imports):
        cached.cache_clear()


def test_what_is_imported_counts(project):
    package, version = project
    before, apart = version("snnlab.a"), version("snnlab.c")
    assert version("snnlab.a") == before
    (package / "b.py").write_text("from snnlab import a\ndef g():\n    return 2\n")
    assert version("snnlab.a") != before
    assert version("snnlab.c") == apart


def test_words_about_the_code_do_not_count(project):
    package, version = project
    before = version("snnlab.a")
    (package / "a.py").write_text(
        '"""Something else."""\n\n\ndef f():\n    """New."""\n    # here\n'
        "    from snnlab.b import g\n\n    return g()\n"
    )
    assert version("snnlab.a") == before


def test_of_the_lab_itself():
    found = module.reached(["snnlab.studies.sweep.measuring"])
    assert {
        "snnlab.results.metrics",
        "snnlab.images.contrast",
        "snnlab.results.activity",
        "snnlab.images.tiles",
    } <= found
    assert "snnlab.lab.segmenting" not in found and not any(
        name.startswith("snnlab.ui") for name in found
    )
