"""The documentation as a site: it builds, no link breaks, and it reads as the files do."""

import html
import json
import os
import re
import shutil
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tools import docs_site

if not os.environ.get("CI"):
    pytest.importorskip("mkdocs", reason="what builds the site is not installed here: make docs")

ROOT = Path(__file__).resolve().parent.parent
BLOCKS = {"h1", "h2", "h3", "h4", "ul", "ol", "li", "table", "tr", "td", "th", "pre", "blockquote"}
INLINE = {"img", "em", "strong"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The whole site, built; warnings, such as of a link that leads nowhere, fail it."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    assert docs_site.build(folder, strict=True) == 0
    return folder


class Tags(HTMLParser):
    """Counts the tags that make up a page's text, and collects what it fetches."""

    def __init__(self, text: str):
        super().__init__()
        self.found, self.fetched = Counter(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in BLOCKS | INLINE:
            self.found[tag] += 1
        if tag in ("script", "img", "iframe", "source") and given.get("src"):
            self.fetched.append(given["src"])
        if tag == "link" and given.get("rel") in ("stylesheet", "icon", "preconnect", "preload"):
            self.fetched.append(given["href"])


def documents() -> dict[str, Path]:
    """Address in the site and file of every document that is read on GitHub too."""
    from tools import docs_pages

    outside = {page: ROOT / place for place, page in docs_pages.PAGES.items() if "." in place}
    inside = {path.name: path for path in (ROOT / "docs").glob("*.md")}
    return {name.removesuffix(".md") + ".html": path for name, path in (outside | inside).items()}


def test_every_page_reads_as_its_file_does_elsewhere(site):
    """The same lists, tables and code by this renderer and by one of CommonMark, as on GitHub."""
    parser = MarkdownIt("commonmark").enable("table")
    differ = {}
    for address, path in documents().items():
        whole = (site / address).read_text("utf-8")
        text = re.search(r"<article[^>]*>(.*?)</article>", whole, re.S)
        there, here = Tags(text[1]).found, Tags(parser.render(path.read_text("utf-8"))).found
        if there != here:
            differ[address] = {tag: (here[tag], there[tag]) for tag in here | there
                               if here[tag] != there[tag]}  # fmt: skip
    assert len(documents()) > 15 and differ == {}


def test_nothing_is_fetched_from_elsewhere(site):
    pages = sorted(site.rglob("*.html"))
    fetched = {one for page in pages for one in Tags(page.read_text("utf-8")).fetched}
    assert len(pages) > 20 and fetched
    assert [one for one in fetched if re.match(r"(\w+:)?//", one)] == []
    for style in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import\s*)[\"']?(https?:)?//", style.read_text("utf-8"))


def test_the_search_knows_the_guides_words(site):
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    found = [one["location"] for one in index["docs"] if "V_Rand" in one["text"]]
    assert any(one.startswith("guide.html") for one in found)


def test_it_can_be_heard_and_steered_by_keys(site):
    page = (site / "methods.html").read_text("utf-8")
    (search,) = re.findall(r"<div class=\"md-search\"[^>]*>", page)
    assert 'role="dialog"' in search and "aria-label=" in search
    assert '<script src="files/lab.js">' in page and (site / "files" / "lab.js").exists()


def test_the_gallery_leads_to_the_lab_that_serves_it(site):
    page = (site / "gallery.html").read_text("utf-8")
    assert 'href="../?steps=16"' in page and 'href="http://localhost' not in page


def test_files_that_documents_link_to_are_pages(site):
    page = (site / "files" / "findings" / "nirtorch-skips.sh.html").read_text("utf-8")
    assert "#!/usr/bin/env bash" in html.unescape(re.sub("<[^>]+>", "", page))
    linking = (site / "exchange.html").read_text("utf-8")
    assert 'href="files/findings/nirtorch-skips.sh.html"' in linking


def test_a_link_that_leads_nowhere_fails(site, tmp_path, monkeypatch):
    """Of a small copy, since the real documents have none."""
    for name in ("tools", "docs"):
        (tmp_path / name).mkdir()
    for name in (
        "tools/docs_pages.py",
        "tools/docs_site.css",
        "tools/docs_site.js",
        "tools/docs_mark.svg",
    ):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "static", tmp_path / "static")
    settings = (ROOT / "mkdocs.yml").read_text("utf-8").split("nav:\n  - ")
    (tmp_path / "mkdocs.yml").write_text(f"{settings[0]}theme:{settings[1].split('theme:')[1]}")
    page = tmp_path / "docs" / "page.md"
    monkeypatch.setattr(docs_site, "ROOT", tmp_path)
    page.write_text("# Page\n\n[here](#page)\n")
    assert docs_site.build(tmp_path / "site", strict=True) == 0
    for target in ("nowhere.md", "#nowhere", "../tools/nowhere.py"):
        page.write_text(f"# Page\n\n[there]({target})\n")
        assert docs_site.build(tmp_path / "site", strict=True) != 0, target
