"""The report draws pictures in their own proportions."""

import io
import re
import shlex
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import tifffile

from snnlab.energy import neurobench
from snnlab.export import complexity, report
from snnlab.figures import agreement
from snnlab.lab import segmenting as lab
from snnlab.results import summary
from tests.results.test_segmentation import made


def test_pictures_keep_their_proportions():
    template = report.TEMPLATE.read_text("utf-8")
    # the sizes as attributes alone would hold the height and stretch the width
    assert 'width="{{ width }}" height="{{ height }}"' in template
    (rule,) = re.findall(r"^img \{([^}]*)\}", template, re.M)
    assert {"width: 100%", "height: auto"} <= {part.strip() for part in rule.split(";")}


def test_scores_are_called_by_their_names():
    shown = made()
    rows = {row["name"]: row for row in report._scores(shown)}
    assert list(rows) == list(summary.SCORES.values())
    assert rows["V_Rand, best threshold"]["snn"] == shown.snn_scores.v_rand
    assert rows["V_Rand at the threshold"]["ann"] == shown.ann_scores.v_rand_at_threshold
    text = report.html(shown, lab.model(shown.settings.model)).decode()
    assert f"V_Rand is best at {shown.ann_scores.best_threshold:g} for the ANN" in text


def test_a_section_without_tissue_is_said_to_be_none():
    stack = np.random.default_rng(0).integers(60, 200, (2, 96, 96)).astype(np.uint8)
    stack[1] = 0
    file = io.BytesIO()
    tifffile.imwrite(file, stack, photometric="minisblack")
    picture = lab.upload(file.getvalue(), "missing.tif", 1)
    shown = lab.segment(picture, lab.defaults("regularised").replace(timesteps=2))
    text = report.html(shown, lab.model(shown.settings.model)).decode()
    text = re.sub("<script.*?</script>", "", text, flags=re.DOTALL)
    assert "Section 1 is blank" in text and "agree on" not in text
    assert not re.search(r"\bnan\b", text, re.IGNORECASE)


class Read(HTMLParser):
    """Elements, texts and addresses of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.texts, self.addresses = Counter(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.addresses += [value for name, value in attrs if name in ("href", "src")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.texts.append(data)


def parsed(text: bytes) -> Read:
    read = Read()
    read.feed(text.decode())
    return read


def test_names_of_others_are_texts_in_the_report():
    """Of files, sections, channels, cards: no element, attribute or command comes of them."""
    evil = 'zq"\'><zqx onerror="alert(1)">zq</script></title><!--zq`zq`;touch zq;$(zq)&lt;\nzq'
    shown = made()
    part = report.Part(evil, [evil], [[evil]], evil)
    usual = report.html(shown, lab.model(shown.settings.model), 4.0, [replace(part, title="x")])
    picture = replace(
        shown.picture, name=evil, file=evil, labels_file=evil, options=("--channel", evil)
    )
    settings = shown.settings.replace(source="upload")
    unet = lab.model(shown.settings.model)
    unet = replace(unet, card=unet.card | dict.fromkeys(("not", "summary"), evil))
    shown = replace(shown, picture=picture, settings=settings)
    read, before = parsed(report.html(shown, unet, 4.0, [part])), parsed(usual)
    assert "zqx" not in read.tags and read.tags == before.tags
    assert sum("zq" in text for text in read.texts) >= 7
    assert all(address.startswith("data:") for address in read.addresses)
    (command,) = [text for text in read.texts if "snnlab segment" in text]
    words = shlex.split(command)
    assert words.count(evil) >= 3 and not {"touch", ";touch", "zq;"} & set(words)


def test_labels_of_figures_are_escaped_in_their_script():
    evil = "zq</script><zqx>zq<b>"
    figure = agreement.layers([evil, "up0"], [0.1, 0.2])
    text = figure.to_html(full_html=False, include_plotlyjs=False)
    read = parsed(text.encode())
    assert read.tags["script"] == parsed(text.replace("zq", "").encode()).tags["script"]
    assert "zqx" not in read.tags and "b" not in read.tags


def test_neurobenchs_counts_are_in_the_report():
    result = made()
    unet = lab.model(result.settings.model)
    text = report.html(result, unet).decode()
    for name, value, _ in complexity.rows(neurobench.metrics(result, unet)):
        assert f'<td>{name}</td><td class="n">{value}</td>' in text
