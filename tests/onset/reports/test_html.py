"""What hostile words could do to the page, and to whoever opens it."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

import pytest
from lxml import html

from onset.reports.editor import editor_log
from onset.reports.html import editor_html, sections_html
from tests.onset.reports.a_board import wrapped
from tests.onset.reports.a_day import DayLog, a_take, note

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><style>*{display:none}</style>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- ",
    "]]>",
    "&lt;b&gt;",
    "\ud800 lone",
)


class _Page(HTMLParser):
    """Elements, attributes and text as a browser's tokenizer would have them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def _read(page: bytes) -> _Page:
    parser = _Page()
    parser.feed(page.decode("utf-8"))
    parser.close()
    return parser


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words: str) -> None:
    take = a_take("42C/1", notes=(note(words),), tags=(words,), slated_as=words, status_reason=words, tc_source=words)
    plain = _read(editor_html(editor_log(DayLog([a_take("42C/1", notes=(note("x"),), tags=("x",), slated_as="x")]), 3)))
    hostile = _read(editor_html(editor_log(DayLog([take], title=words, description=words), 3, company=words)))
    shown = words.replace("\ud800", "\\ud800")
    assert hostile.text.count(shown) >= 6
    added = [element for element in hostile.elements if element not in plain.elements]
    assert added in ([], ["br"]), "only our own elements"
    assert not any(name.startswith("on") or name in ("href", "src", "srcset") for name, _ in hostile.attributes)


def test_page_needs_nothing_from_anywhere_and_may_load_nothing() -> None:
    page = editor_html(editor_log(DayLog(), 3)).decode()
    parsed = _read(page.encode())
    policy = next(value for name, value in parsed.attributes if name == "content" and value and "default-src" in value)
    style = page.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy, "the policy must admit the style that is there"
    assert not {"script", "link", "img", "iframe", "a", "form"} & set(parsed.elements)
    assert not any(name == "style" for name, _ in parsed.attributes), "the policy would drop an inline style"


def test_circled_take_is_circled_and_says_so() -> None:
    page = editor_html(editor_log(DayLog(), 3)).decode()
    assert page.count('class="circle"') == 2
    assert page.count("<b>circled</b>") == 2


def test_column_headings_repeat_on_each_printed_page() -> None:
    page = editor_html(editor_log(DayLog(), 3)).decode()
    assert page.count("<thead>") == 1
    assert "display: table-header-group" in page


def test_same_log_gives_the_same_bytes() -> None:
    assert editor_html(editor_log(DayLog(), 3)) == editor_html(editor_log(DayLog(), 3))


def test_label_is_broken_over_two_lines_in_a_narrow_column() -> None:
    """A browser may break a file's name, never `41+122A` or `10:00:00;00`; columns are as wide as on paper."""
    page = html.fromstring(sections_html(wrapped()))
    short = {each.text_content() for each in page.find_class("short")}
    assert "42" in short
    assert all(len(each) <= 12 for each in short)
    for table in page.iter("table"):
        shares = [float(col.get("width").rstrip("%")) for col in table.iter("col")]
        assert len(shares) == len(table.findall("thead/tr/th"))
        assert all(share > 4 for share in shares)
