"""Pages and letters as HTML: what is allowed shows, what is not stays harmless text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.letters.sanitise import PAGE_TAGS, page_html, page_problems, plain_html


class Seen(HTMLParser):
    """What a browser would meet: tags, attributes, and the text that is left."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {f"{tag}.{name}" for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_has_paragraphs_headings_lists_links_and_emphasis() -> None:
    html = page_html("# Why\n\nIt *matters* **now**.\n\n## How\n\n- one\n- two\n\n#### Fine\n\n3. three\n\n> said")
    assert html == (
        "<h2>Why</h2>\n<p>It <em>matters</em> <strong>now</strong>.</p>\n<h2>How</h2>\n"
        "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<h3>Fine</h3>\n"
        '<ol start="3">\n<li>three</li>\n</ol>\n<blockquote>\n<p>said</p>\n</blockquote>\n'
    )


@pytest.mark.parametrize(
    "address", ["https://solidarity.example/a?b=1&c=2", "mailto:team@solidarity.example", "/c/patients-not-passports"]
)
def test_a_safe_link_is_kept_and_tells_nobody_where_the_reader_came_from(address: str) -> None:
    html = page_html(f"[here]({address})")
    assert Seen(html).links == [address]
    assert 'rel="noopener noreferrer"' in html
    assert page_problems(f"[here]({address})") == []


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "java&#x09;script:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x",
        "http://insecure.example",
        "//elsewhere.example",
        "ftp://x.example",
        "https://",
        "https:///x",
        "https://[::1",
        "page",
        "#top",
    ],
)
def test_any_other_link_is_named_and_leads_nowhere(address: str) -> None:
    assert Seen(page_html(f"[here]({address})")).links == []
    assert [(p.line, p.message[:17]) for p in page_problems(f"x\ny [here]({address})")] == [(2, "a link must start")]


NO_HTML = "HTML tags such as <b> do not work on a page; write **bold** or *slanted* instead"


@pytest.mark.parametrize(
    ("markdown", "message"),
    [
        ("text\n\n<script>alert(1)</script>", NO_HTML),
        ("text\n\nan <b onclick=x>inline</b> tag", NO_HTML),
        ("text\n\n![alt](https://x.example/y.png)", "images are not allowed on a page"),
        ("text\n\n`code`", "program code is not allowed on a page"),
        ("text\n\n```\ncode\n```", "program code is not allowed on a page"),
        ("text\n\n    code", "a line that starts with four spaces would be shown as program code"),
        ("text\n\n***", "a dividing line is not allowed on a page"),
    ],
)
def test_what_a_page_cannot_hold_is_named_with_its_line(markdown: str, message: str) -> None:
    assert [(problem.line, problem.message) for problem in page_problems(markdown)] == [(3, message)]


def test_the_line_inside_a_long_paragraph_is_true() -> None:
    markdown = "## Why\n\none\ntwo  \nthree <i>x</i>\nfour"
    assert [problem.line for problem in page_problems(markdown)] == [5]


def test_raw_html_is_shown_as_the_text_it_was() -> None:
    assert page_html("<script>alert(1)</script>") == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"


dangerous = st.sampled_from(
    [
        "<script>",
        "<img src=x onerror=y>",
        "[x](javascript:y)",
        "<a href='x'>",
        "![",
        "](",
        '"',
        "<!--",
        "-->",
        "<svg/",
        "&lt;",
    ]
)
markdown = st.lists(dangerous | st.text(max_size=20), max_size=8).map("".join)


@settings(deadline=None)
@given(markdown)
def test_no_page_holds_more_than_the_allowed_tags_and_attributes(source: str) -> None:
    seen = Seen(page_html(source))
    assert seen.tags <= PAGE_TAGS
    assert seen.attributes <= {"a.href", "a.rel", "ol.start"}
    assert all(re.match(r"https://|mailto:|/(?!/)", link, re.IGNORECASE) for link in seen.links)


def test_a_letter_keeps_its_paragraphs_and_line_breaks() -> None:
    assert plain_html("Dear Cllr Sample,\n\n\nOne\ntwo") == (
        '<p dir="auto">Dear Cllr Sample,</p>\n<p dir="auto">One<br>\ntwo</p>'
    )


def test_a_letter_shows_markup_as_text() -> None:
    assert plain_html("<b>&\"'") == '<p dir="auto">&lt;b&gt;&amp;&quot;&#x27;</p>'


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://a.example/b.", ["https://a.example/b"]),
        ("(https://a.example)", ["https://a.example"]),
        ("https://a.example/x_(y).", ["https://a.example/x_(y)"]),
        ("https://a.example?b=1&c=2, and https://d.example!", ["https://a.example?b=1&c=2", "https://d.example"]),
        ('https://a.example"onclick="x', ["https://a.example"]),
        ("https://a.example<script>", ["https://a.example"]),
        ("http://localhost:8000/en/", ["http://localhost:8000/en/"]),
        ("javascript:x https:// https://... ftp://x data:x xhttps", []),
        ("https://a" + ".)" * 5000, ["https://a"]),
    ],
)
def test_bare_web_links_can_be_clicked_without_the_punctuation_around_them(text: str, links: list[str]) -> None:
    seen = Seen(plain_html(text))
    assert seen.links == links
    assert seen.text == text


@settings(deadline=None)
@given(st.lists(dangerous | st.text(max_size=20) | st.just(" https://a.example/"), max_size=8).map("".join))
def test_a_letter_as_html_says_what_it_says_as_text(text: str) -> None:
    assert_says_the_same(text)


@pytest.mark.realdata
def test_every_naughty_string_is_harmless(real_data: Path) -> None:
    for text in json.loads((real_data / "corpora" / "blns.json").read_text(encoding="utf-8")):
        assert_says_the_same(text)
        assert Seen(page_html(text)).tags <= PAGE_TAGS


def assert_says_the_same(text: str) -> None:
    seen = Seen(plain_html(text))
    assert seen.tags <= {"p", "br", "a"}
    assert seen.attributes <= {"p.dir", "a.href", "a.rel"}
    assert seen.text.replace("\n", "") == text.replace("\n", "")
