"""The documentation's site is served under /docs, or said not to be built."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.applications import Starlette

from snnlab.ui.shared import docs_site, headers
from tests.ui.conftest import PAGES

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder for a site, empty."""
    monkeypatch.setattr(docs_site, "SITE", tmp_path / "site")
    docs_site.SITE.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    return docs_site.SITE


def asked(path: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and text that the server answers with, behind the lab's headers."""
    app = Starlette(routes=docs_site.routes(), middleware=headers.MIDDLEWARE)
    sent = []

    async def receive():
        await asyncio.Event().wait()  # the browser stays

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": [],
             "query_string": b"", "server": ("localhost", 80), "scheme": "http"}  # fmt: skip
    # in a thread of its own: Playwright, if it is there, has a loop in this one
    with ThreadPoolExecutor(1) as aside:
        aside.submit(asyncio.run, app(scope, receive, send)).result()
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(m.get("body", b"") for m in sent[1:]).decode()


@pytest.mark.parametrize("path", ["/docs/", "/docs/guide.html"])
def test_where_it_is_not_built_one_sentence_says_how(site, path):
    for there in (True, False):
        status, _, text = asked(path)
        assert status == 404 and "`make docs`" in text and text.count(".") == 1
        if there:
            site.rmdir()


def test_it_is_served_with_the_labs_own_headers(site):
    (site / "index.html").write_text("the lab")
    (site / "guide.html").write_text("the guide")
    for path, text in (("/docs/", "the lab"), ("/docs/guide.html", "the guide")):
        status, found, body = asked(path)
        assert (status, body) == (200, text)
        assert found["content-security-policy"] == headers.POLICY
        assert found["cache-control"] == "no-cache"


def test_its_address_without_a_slash_leads_to_it(site):
    status, found, _ = asked("/docs")
    assert status == 307 and found["location"] == "docs/"


@pytest.mark.parametrize("path", ["/docs/../secret.txt", "/docs/a/../../secret.txt", "/docs/no"])
def test_nothing_outside_is_served(site, path):
    (site / "index.html").write_text("the lab")
    status, _, text = asked(path)
    assert status == 404 and "secret" not in text


def test_words_lead_to_a_page_of_it_only_where_it_is(site):
    assert docs_site.to("methods#measured", "means") == "means"
    (site / "index.html").touch()
    assert docs_site.to("methods#measured", "means") == "[means](docs/methods.html#measured)"
    assert docs_site.to("rbf", "there") == "[there](docs/rbf.html)"


def test_every_page_that_the_lab_leads_to_is_a_document():
    """And has the heading, whose address is that of its words."""
    led = [
        found
        for path in sorted((ROOT / "snnlab").rglob("*.py"))
        for found in re.findall(r"docs_site\.to\(\s*['\"]([^'\"]+)", path.read_text("utf-8"))
    ]
    assert len(led) >= 2
    for name, _, heading in (one.partition("#") for one in led):
        text = (ROOT / "docs" / f"{name}.md").read_text("utf-8")
        heads = re.findall(r"^#+ (.+)$", text, re.M)
        assert not heading or heading in [head.lower().replace(" ", "-") for head in heads]


def test_the_foot_of_a_page_leads_to_it_only_where_it_is(site, app):
    app.run()
    app.switch_page(PAGES[0]).run()
    assert "docs/" not in app.main.caption[-1].value
    (site / "index.html").touch()
    app.run()
    assert app.main.caption[-1].value.endswith("[Documentation](docs/)")
