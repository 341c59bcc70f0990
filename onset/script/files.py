"""What kind of script a file is, by what is in it, and its text. Used by `onset import script`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from onset.errors import ScriptError
from onset.script.final_draft import read_final_draft
from onset.script.fountain import read_fountain
from onset.script.screenplay import Screenplay
from onset.text import safe_path

LISTS = (".csv", ".tsv", ".tab")
LARGEST_TEXT = 4 * 1024 * 1024  # a script of 120 pages has a quarter of a million characters
_LARGEST = 48 * 1024 * 1024  # Final Draft's files may hold pictures
_LONGEST_LINE = 20_000  # characters; as much as the log holds in a paragraph
_NOTES = 100  # in a line
_DUAL = 1_000
_OTHERS = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a packed file (Word, Celtx, Fade In, Highland)"),
    (b"\xd0\xcf\x11\xe0", "an old Word or Movie Magic file"),
    (b"{\\rtf", "rich text"),
)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_HINT = "export it as Final Draft (FDX), Fountain, or a list of scenes (CSV)"


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """A file that was read; the same `digest` is the same version."""

    screenplay: Screenplay
    digest: str


def read_script(path: Path) -> ScriptFile:
    """Read a script in Final Draft's format or Fountain.

    Raises:
        ScriptError: it cannot be read, is neither, or is damaged; names the file and what to do.
    """
    name = safe_path(path.name)
    raw = read_whole(path, _LARGEST)
    for beginning, what in _OTHERS:
        if raw.startswith(beginning):
            raise ScriptError(f"{name} is {what}; {_HINT}.")
    digest = digest_of(raw)
    if _is_xml(raw):
        return ScriptFile(read_final_draft(raw, name), digest)
    if path.suffix.lower() == ".fdx":
        raise ScriptError(f"{name} is no FDX inside; save it anew in Final Draft.")
    return ScriptFile(read_fountain(_text(raw, name), name), digest)


def digest_of(raw: bytes) -> str:
    """What the log knows a file by."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def read_whole(path: Path, largest: int) -> bytes:
    """The bytes of a file that is not larger than it can be.

    Raises:
        ScriptError: it is none, cannot be read, is empty, or is larger.
    """
    name = safe_path(path.name)
    if not path.is_file():
        raise ScriptError(f"{name} is no file; name the script.")
    try:
        with path.open("rb") as file:
            raw = file.read(largest + 1)
    except OSError as error:
        raise ScriptError(f"{name} cannot be read ({error.strerror}).") from error
    if len(raw) > largest:
        raise ScriptError(f"{name} is larger than {largest >> 20} MiB, which no script is; look what it is.")
    if not raw.strip(b"\0 \t\r\n"):
        raise ScriptError(f"{name} is empty; nothing was taken from it.")
    return raw


def _is_xml(raw: bytes) -> bool:
    head = raw[:256].replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe")
    return head.removeprefix(b"\xfe\xff").lstrip().startswith(b"<")


def _text(raw: bytes, name: str) -> str:
    if len(raw) > LARGEST_TEXT:
        raise ScriptError(f"{name} is larger than {LARGEST_TEXT >> 20} MiB, which no script is; look what it is.")
    encoding = next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), None)
    if encoding is None and raw[:400].count(b"\0") > len(raw[:400]) // 3:
        encoding = "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"
    try:
        text = raw.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding is not None:
            raise ScriptError(f"{name} is cut short or no text; {_HINT}.") from None
        text = raw.decode("cp1252", errors="replace")  # what old programs on Windows write
    head = text[:4096]
    if sum(char < " " and char not in "\t\n\r\f\v" for char in head) > 4:
        raise ScriptError(f"{name} is no text; {_HINT}.")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    lines = text.split("\n")
    if max(map(len, lines)) > _LONGEST_LINE:
        raise ScriptError(f"{name} has a line of more than {_LONGEST_LINE:,} characters, which no script has.")
    # The library takes the square of their number in time (measured: 9,000 unclosed notes in a line 4 s).
    if max(line.count("[[") for line in lines) > _NOTES or sum(line.rstrip().endswith("^") for line in lines) > _DUAL:
        raise ScriptError(f"{name} has more notes in a line, or more dual dialogue, than any script; look what it is.")
    return text
