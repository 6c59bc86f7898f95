"""What a visitor does and reads on a page in process."""

import re
import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


def visit(page: str, **query: str) -> AppTest:
    """Another visitor, who opens a page by its address."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run().switch_page(page)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def said(page) -> str:
    """All that the page says, without what keeps Markdown from names."""
    kinds = ("markdown", "caption", "info", "warning", "error")
    text = "\n".join(item.value for kind in kinds for item in getattr(page, kind))
    return unexplained(text).replace("\\", "").replace("\u2060", "")


def unexplained(text: str) -> str:
    """As it was before its words were explained: see `snnlab.ui.shared.glossary`."""
    return re.sub(r'<span class="snn-tip".*?</span></span>|<span[^>]*>', "", text)


def labels(page) -> list[str]:
    """Of its buttons."""
    return [item.label for item in page.button]


def press(page, label: str) -> None:
    """A button."""
    next(item for item in page.button if item.label == label).click().run()


def until(page, true) -> None:
    """Look again and again until something holds."""
    end = time.monotonic() + 100
    while time.monotonic() < end:
        page.run()
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(said(page))


def field(page, start: str):
    """The field for files whose key begins so."""
    return next(item for item in page.file_uploader if str(item.key).startswith(start))


def put_on_screen(page, image: tuple[str, bytes], truth: tuple[str, bytes] | None = None) -> None:
    """Upload an image in the sidebar, and its labels; nothing is computed by itself."""
    page.session_state["auto"] = False
    page.run()
    source = next(b for b in page.get("button_group") if str(b.key).startswith("source-"))
    source.set_value("upload").run()
    field(page, "upload").upload(*image).run()
    if truth is not None:
        field(page, "labels-").upload(*truth).run()
    assert not page.exception
