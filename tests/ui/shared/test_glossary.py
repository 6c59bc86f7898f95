import re

import pytest
from streamlit.testing.v1 import AppTest

from snnlab.ui.learn.texts import LESSONS
from snnlab.ui.shared import glossary
from snnlab.ui.shared.glossary import TERMS, explained

MARK = '<span class="snn-term"'
# what teachers and students stumbled over
ASKED = ("channel", "percentile", "V_Rand", "MAC", "annealing", "axon", "compartment", "45 nm",
         "down2", "encoder")  # fmt: skip


@pytest.mark.parametrize("word", ASKED)
def test_words_that_a_newcomer_does_not_know(word):
    text = explained(f"Look at the {word} here")
    assert text.count(MARK) == 1 and f">{word}<span" in text
    assert text.startswith("Look at the ") and text.endswith(" here")


def test_only_the_first_mention():
    met = set()
    first = explained("A channel, and other channels.", met)
    assert first.count(MARK) == 1 and first.endswith("other channels.")
    assert met == {"channel"} and MARK not in explained("One more channel", met)


def test_everyday_words_are_explained_in_lessons_alone():
    assert MARK not in explained("Each layer has neurons")
    assert MARK in explained("Each layer has neurons", basic=True)


@pytest.mark.parametrize(
    "text", [":material/channel: x", "`channel`", "[the channel](x)", "per-channel", "MACRO",
             "subchannel", "$channel$"],
)  # fmt: skip
def test_what_is_no_word_stays(text):
    assert explained(text) == text


def test_markdown_around_it_stays():
    text = explained("**V_Rand** and *axons*")
    assert text.startswith(f"**{MARK}") and text.endswith("</span>*")
    assert re.sub(r"<span class=\"snn-tip.*?</span></span>|<[^>]*>", "", text) == (
        "**V_Rand** and *axons*"
    )


def test_meanings_are_sentences_that_markdown_leaves_alone():
    names = [term.name for term in TERMS]
    assert len(set(names)) == len(names)
    for term in TERMS:
        assert term.meaning.endswith((".", ").")) and not re.search(r"[*`$<>\[\]]", term.meaning)
        found = explained(f"x {term.name} x", basic=True)
        if term.name not in ("nm", "layer name"):
            assert f"{term.meaning[:12]}" in found.replace("&#x27;", "'"), term.name


def test_every_lesson_explains_its_words():
    for lesson in LESSONS:
        met = set()
        for text in (*(part.text for part in lesson.parts), lesson.idea, lesson.task):
            explained(text, met, basic=True)
        assert len(met) >= 3, lesson.key


def test_on_the_page_a_word_is_reached_by_keys():
    def page():
        from snnlab.ui.shared import glossary

        glossary.mount()
        glossary.write("A channel")

    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert 'tabindex="0"' in app.markdown[0].value and app.markdown[0].allow_html
    assert "Escape" in glossary._SCRIPT
