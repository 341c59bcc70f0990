"""The one gate through which text from outside reaches a screen, a report or a CSV.

File names, notes, device answers and other programs' XML may hold control characters, terminal escapes, bidi overrides
or lone surrogates (facts: a card's file name reached a terminal byte for byte and set its title). Here they become
visible. The log keeps what was typed; only what is shown passes through here.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable

# Bidirectional controls reorder what a reader sees. U+200D (joiner) stays: emoji and Indic scripts need it.
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_AFTER_A_SEMICOLON = re.compile(r"(;\s*)(?=[=+\-@])")  # which parts columns where a comma is the decimal point
_BLANKS = re.compile(r"[\t\r\n\v\f\x1c-\x1f\x85\u2028\u2029]+")  # what a program may take for a column's or line's end
# Names of devices there, whatever stands behind a dot; Linux writes them to NTFS without a word.
RESERVED_ON_WINDOWS = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
# Dashes, quotation marks and letters that do not come apart into a plain letter and its accent.
_PLAIN = str.maketrans(
    {
        "\u2013": "-", "\u2014": "-", "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2018": "'", "\u2019": "'",
        "\u00df": "ss", "\u00f8": "o", "\u00d8": "O", "\u00e6": "ae", "\u00c6": "AE", "\u0142": "l", "\u0141": "L",
    }
)  # fmt: skip


def safe_text(text: str, *, lines: bool = False) -> str:
    r"""Make `text` safe to show: one line, every control visible as an escape.

    Args:
        text: anything, from anywhere.
        lines: keep line feeds (a note in a report); everything else stays as strict.

    >>> safe_text("A\x1b]0;PWNED\x07.mov")
    'A\\x1b]0;PWNED\\x07.mov'
    >>> safe_text("take\u202egpj.exe")
    'take\\u202egpj.exe'
    >>> safe_text("two\nlines"), safe_text("two\nlines", lines=True)
    ('two\\nlines', 'two\nlines')
    """
    if text.isprintable() and text.isascii():
        return text
    return "".join(_shown(char, lines) for char in text)


def _shown(char: str, lines: bool) -> str:
    if char == "\n":
        return "\n" if lines else "\\n"
    if char == "\t":
        return "\\t"
    code = ord(char)
    if code < 0x20 or 0x7F <= code < 0xA0:
        return f"\\x{code:02x}"
    if char in _BIDI or 0xD800 <= code <= 0xDFFF or unicodedata.category(char) == "Cn":
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
    return char


def safe_path(path: str | bytes | os.PathLike[str]) -> str:
    r"""Make a file name safe to show; bytes that are not UTF-8 become visible escapes.

    >>> safe_path(b"A001\xff.mov")
    'A001\\udcff.mov'
    """
    return safe_text(os.fsdecode(path))


def spreadsheet_cell(text: str) -> str:
    """Keep a spreadsheet from reading text as a formula (the CSV flavour for people; machines get the plain one).

    >>> spreadsheet_cell("=HYPERLINK(1)"), spreadsheet_cell("-2"), spreadsheet_cell("-"), spreadsheet_cell("a; =b")
    ("'=HYPERLINK(1)", '-2', '-', "a; '=b")
    """
    shown = _AFTER_A_SEMICOLON.sub(r"\1'", safe_text(text))
    if not text.startswith(_FORMULA_STARTS):
        return shown
    digits = text[1:].replace(".", "", 1)
    if text[0] in "+-" and (not digits or digits.isdecimal()):
        return shown
    return "'" + shown


def one_field(text: str) -> str:
    r"""Text as one field of a file whose columns are told by tabs and whose rows by line ends (ALE, marker lists).

    Tabs and line ends become blanks, since such files have no quoting (a tab in a comment shifts columns).

    >>> one_field("boom\tin shot\r\nagain\x1b")
    'boom in shot again\\x1b'
    """
    return safe_text(_BLANKS.sub(" ", text)).strip()


def xml_text(text: str) -> str:
    r"""Text that any XML can hold: line ends as XML reads them back, tabs as blanks, everything else visible.

    What XML forbids (controls, lone surrogates, U+FFFE) stands as an escape, so that no note makes a file ill-formed.

    >>> xml_text("two\r\nlines\tof \x00 it ]]>")
    'two\nlines of \\x00 it ]]>'
    """
    return safe_text(text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "), lines=True)


def in_ascii(text: str) -> str:
    r"""Text without a letter that a strict reader may refuse: accents go, what is not Latin becomes `?`.

    >>> in_ascii("Žižkov \u2013 \u201cdéjà vu\u201d"), in_ascii("漢字")
    ('Zizkov - "deja vu"', '??')
    """
    plain = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return bare.encode("ascii", "replace").decode()


def file_name(parts: Iterable[str], suffix: str) -> str:
    """A file name of words from outside that no file system refuses and that leads into no other folder.

    >>> file_name(["Harbour Lights", "", "../A"], "ale")
    'Harbour_Lights_A.ale'
    """
    words = (_NOT_IN_NAMES.sub("_", part).strip("_.") for part in parts)
    return ("_".join(filter(None, words)) or "export") + f".{suffix}"
