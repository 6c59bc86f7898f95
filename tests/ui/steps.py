"""What a visitor does and reads on a page in process."""

import time


def said(page) -> str:
    """All that the page says."""
    kinds = ("markdown", "caption", "info", "warning", "error")
    return "\n".join(item.value for kind in kinds for item in getattr(page, kind))


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
