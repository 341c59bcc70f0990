"""Text from outside that wants to be more than text."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onset.text import safe_path, safe_text, spreadsheet_cell

anything = st.text(st.characters(exclude_categories=[]))


@given(anything, st.booleans())
def test_control_character_reaches_a_terminal(text: str, lines: bool) -> None:
    shown = safe_text(text, lines=lines)
    for char in shown:
        assert unicodedata.category(char) not in ("Cc", "Cs", "Cn", "Zl", "Zp") or (lines and char == "\n")
        assert unicodedata.bidirectional(char) not in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
    shown.encode("utf-8")
    assert safe_text(shown, lines=lines) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 42C/3", "plain 42C/3"),
        ("Ünïcode, 日本語, עברית, 👩‍🎬", "Ünïcode, 日本語, עברית, 👩‍🎬"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b31m", "\\x9b31m"),
        ("bell\x07", "bell\\x07"),
        ("rm\r\nrf", "rm\\x0d\\nrf"),
        ("invoice\u202efdp.exe", "invoice\\u202efdp.exe"),
        ("\ufeffBOM", "\\ufeffBOM"),
        ("\U0010ffff", "\\U0010ffff"),
        ("\ud800", "\\ud800"),
        ("", ""),
    ],
)
def test_text_is_changed_more_or_less_than_needed(text: str, shown: str) -> None:
    assert safe_text(text) == shown


def test_file_name_that_is_no_utf8() -> None:
    assert safe_path(b"A001_\xff\x1b.mov") == "A001_\\udcff\\x1b.mov"


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-1+cmd|x",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        '=HYPERLINK("http://x")',
        "-",
        "+",
        "-2",
        "+3.5",
    ],
)
def test_note_becomes_a_formula(formula: str) -> None:
    """OWASP's list of cells that a spreadsheet runs; a lone sign and a number are what people write."""
    out = io.StringIO()
    csv.writer(out).writerow([spreadsheet_cell(formula)])
    [[cell]] = csv.reader(io.StringIO(out.getvalue()))
    assert cell[:1] not in ("=", "@", "\t", "\r")
    if cell[:1] in ("+", "-"):
        float(cell + "0")


@given(anything)
def test_cell_starts_a_formula(text: str) -> None:
    cell = spreadsheet_cell(text)
    assert not cell.startswith(("=", "@", "\t", "\r"))
