"""What the site of the documentation has from outside ``docs/``; MkDocs calls this as a hook.

The Markdown files are read on GitHub too, so their links are those of the repository. Here they
are led to the site's pages: README and other documents are pages of it, and any other file that
a page links to is shown on a page of its own.
"""

import posixpath
import re
from pathlib import Path

from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[1]
# place in the repository -> page of the site; what is in docs/ keeps its name
PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "findings/README.md": "findings.md",
    "benchmarks/peers/README.md": "peers.md",
    "LICENSE": "licence.md",
}
LAB = "http://localhost:8501/"
FILES = {
    "files/lab.css": "tools/docs_site.css",
    "files/lab.js": "tools/docs_site.js",
    "files/mark.svg": "tools/docs_mark.svg",
    "files/inter.woff2": "static/fonts/inter.woff2",
    "files/inter-italic.woff2": "static/fonts/inter-italic.woff2",
}
_LINK = re.compile(r"(?<=\]\()(?!\w+:|#|/)([^)\s#]+)(?=[)#\s])")
_origins = {page: place for place, page in PAGES.items()}


def _place(page: str) -> str:
    """Where in the repository a page of the site comes from."""
    return _origins.get(page, f"docs/{page}")


def _targets(place: str, text: str) -> list[str]:
    """Places in the repository that a document links to."""
    folder = posixpath.dirname(place)
    return [posixpath.normpath(posixpath.join(folder, found)) for found in _LINK.findall(text)]


def on_files(files, config):
    """Add the pages and files from outside ``docs/``."""
    for page, place in _origins.items():
        if not (ROOT / place).exists():
            continue  # MkDocs says so of a page that its navigation names
        if place == "LICENSE":
            made = File.generated(config, page, content=_shown("Licence", place))
        else:
            made = File.generated(config, page, abs_src_path=str(ROOT / place))
        files.append(made)
    for target, place in FILES.items():
        files.append(File.generated(config, target, abs_src_path=str(ROOT / place)))
    linked = set()
    for page in files.documentation_pages():
        linked.update(_targets(_place(page.src_uri), page.content_string))
    for place in sorted(linked - set(PAGES)):
        if not place.startswith("docs/") and (ROOT / place).is_file():
            page = f"files/{place}.md"
            _origins[page] = place
            files.append(File.generated(config, page, content=_shown(place, place)))
    return files


def _shown(title: str, place: str) -> str:
    """A page with the text of a file."""
    kind = {".sh": "bash", ".toml": "toml", ".py": "python"}.get(Path(place).suffix, "text")
    text = (ROOT / place).read_text("utf-8")
    return f"# {title}\n\n~~~~~~{kind}\n{text}\n~~~~~~\n"


def on_page_markdown(markdown, page, **_):
    """Lead the repository's links to the pages of the site."""
    here = page.file.src_uri
    place = _place(here)
    pages = {place: page for page, place in _origins.items()}

    def led(found):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(place), found[1]))
        there = pages.get(target, target.removeprefix("docs/"))
        return posixpath.relpath(there, posixpath.dirname(here) or ".")

    return markdown if here.startswith("files/") else _LINK.sub(led, markdown)


def on_page_content(html, page, **_):
    """Lead addresses of the lab as `make run` opens it to the lab that serves the site."""
    return html.replace(f'href="{LAB}', f'href="{"../" * (page.url.count("/") + 1)}')


def on_post_page(output, **_):
    """Name the search for those who hear the page."""
    search = 'data-md-component="search" role="dialog"'
    return output.replace(search, f'{search} aria-label="Search"')


def on_post_template(output_content, template_name, **_):
    """Leave out what only a site with an address of its own can use."""
    return "" if template_name in ("404.html", "sitemap.xml") else output_content
