"""A name that tries everything, and where it stands on a page."""

import re
from collections.abc import Iterator

# Markdown, directives, mathematics, HTML, code, a picture, an address, an arrow; each after ``zq``
EVIL = "zq*b*zq:red[x]zq$x$zq<zqx>zq`c`zq![i](x)zqwww.evil.org"
ACTIVE = re.compile(r"zq[*:$<`!]|zqwww\.", re.IGNORECASE)  # to Markdown, as nothing is before it
HTML = re.compile(r"zq<", re.IGNORECASE)
SPOILT = re.compile(r"zq\\", re.IGNORECASE)  # what is no Markdown, and shows backslashes

# what the browser shows as it is
LITERAL = {
    "Selectbox.options", "Selectbox.raw_value", "MultiSelect.options", "MultiSelect.raw_values",
    "ButtonGroup.raw_values", "TextInput.default", "TextInput.value", "TextInput.placeholder",
    "Code.code_text", "PlotlyChart.alt", "Table.alt", "Dataframe.alt", "Dataframe.columns",
    "BidiComponent.json", "FileUploader.type", "Image.alt",
}  # fmt: skip
LABELLED_HTML = {"PlotlyChart.spec", "Html.body"}
UNSEEN = re.compile(r"(\.id|_id|\.url|\.form_id|\.page_script_hash|_content|_path|\.config)$")


def strings(message, place: str = "") -> Iterator[tuple[str, str]]:
    """All texts of a message, and where in it they are."""
    for field, value in message.ListFields():
        here = f"{place}.{field.name}"
        single = isinstance(value, str | bytes | bool | int | float) or hasattr(value, "ListFields")
        found = [value] if single else getattr(value, "values", lambda value=value: value)()
        for one in found:
            if isinstance(one, str):
                yield here, one
            elif hasattr(one, "ListFields"):
                yield from strings(one, here)


def told(app) -> Iterator[tuple[str, str]]:
    """All that a page shows: of which kind, and the text."""
    for node in app._tree:
        message = getattr(node, "proto", None)
        if message is not None:
            yield from strings(message, type(message).__name__)
    for table in app.table:
        for values in (table.value.columns, *table.value.to_numpy()):
            yield from (("Table.cell", str(value)) for value in values)


def wrong(app) -> tuple[int, list[str]]:
    """How often the name stands on a page, and each time that it is taken for more than that."""
    count, found = 0, []
    for place, text in told(app):
        if "zq" not in text.lower() or UNSEEN.search(place):
            continue
        count += 1
        bad = SPOILT if place in LITERAL else HTML if place in LABELLED_HTML else ACTIVE
        if bad.search(text):
            found.append(f"{place}: {text[:300]}")
    return count, found
