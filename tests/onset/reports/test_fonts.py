"""What may go wrong with words of the world on paper: letters apart, words backwards, boxes, another file each time."""

from __future__ import annotations

import random
import re
import subprocess
import unicodedata
import zlib
from pathlib import Path

import pytest
from reportlab.pdfbase.ttfonts import TTFont

from onset.errors import ReportError
from onset.reports import fonts, sheet
from onset.reports.editor import editor_log
from onset.reports.fonts import typefaces
from onset.reports.pdf import editor_pdf
from onset.reports.shaping import in_visual_order, is_backwards
from tests.needs import require
from tests.onset.reports.a_day import DayLog, a_take, note

FACES = Path(fonts.__file__).parent / "fonts"
NOTES = (
    "السلام عليكم، لقطة رقم 12 (جيدة)",
    "take 2: שלום עולם, end",
    "水上のシーン、とても良い。한국어 메모입니다.",
    "Good 🎬👍🏽 ❤️ 👩‍🚒",
)


def printed(*notes: str) -> bytes:
    return editor_pdf(
        editor_log(DayLog([a_take(f"42C/{n}", notes=(note(words),)) for n, words in enumerate(notes)]), 3)
    )


def glyphs(text: str) -> list[int]:
    """Of a line from left to right, by the numbers of DejaVu."""
    regular, _ = typefaces()
    runs = regular.runs(text, backwards=is_backwards(text))
    own = TTFont("Check", str(FACES / "DejaVuSansCondensed.ttf")).face.charToGlyph
    return [own[ord(char)] for run in runs for char in run.text]


def visual(text: str, *, backwards: bool) -> str:
    """A line as it is seen, letters only."""
    stretches = in_visual_order(text, backwards=backwards)
    return "".join("".join(reversed(each.text)) if each.backwards else each.text for each in stretches)


def test_arabic_letters_join_as_in_the_charts_of_unicode() -> None:
    """Salam: seen begins, lam and alef are one, meem stands alone; the chart of FE70 has the joined forms."""
    own = TTFont("Check", str(FACES / "DejaVuSansCondensed.ttf")).face.charToGlyph
    seen_initial, lam_alef_final, meem_isolated = own[0xFEB3], own[0xFEFC], own[0x0645]
    assert glyphs("سلام") == [meem_isolated, lam_alef_final, seen_initial]


def test_letters_that_a_writer_kept_apart_do_not_join() -> None:
    """Persian mi-khaham: U+200C keeps the prefix in its final form and is itself not seen."""
    own = TTFont("Check", str(FACES / "DejaVuSansCondensed.ttf")).face.charToGlyph
    found = glyphs("می\u200cخ")
    assert found == [own[0x062E], own[0xFBFD], own[0xFEE3]]  # kheh alone, Farsi yeh final, meem initial


@pytest.mark.parametrize(
    ("said", "backwards", "seen"),
    [  # UAX #9, 3.4, with Hebrew letters for the capitals of its examples
        ("car means גדה.", False, "car means הדג."),
        ("גדה means car.", True, ".means car הדג"),
        ("he said “גד means גדה.”", False, "he said “דג means הדג.”"),
        ("בשנת 2026, סוף", True, "ףוס ,2026 תנשב"),
        ("no such letters 12:30", False, "no such letters 12:30"),
        ("", False, ""),
    ],
)
def test_words_stand_in_the_order_of_the_bidirectional_algorithm(said: str, backwards: bool, seen: str) -> None:
    assert visual(said, backwards=backwards) == seen


def test_brackets_of_a_backward_stretch_are_mirrored() -> None:
    own = TTFont("Check", str(FACES / "DejaVuSansCondensed.ttf")).face.charToGlyph
    found = glyphs("(טוב)")
    assert (found[0], found[-1]) == (own[ord("(")], own[ord(")")])


def test_paragraph_from_right_to_left_stands_at_the_right() -> None:
    setter = sheet.Setter(400.0)
    assert [line.backwards for line in setter.lines("שלום take 3", 200.0, setter.regular)] == [True]
    assert [line.backwards for line in setter.lines("take 3 שלום", 200.0, setter.regular)] == [False]


def test_mark_stands_on_its_letter() -> None:
    regular, _ = typefaces()
    (plain,) = regular.runs("q")
    (marked,) = regular.runs("q\u0303")
    assert marked.width == pytest.approx(plain.width, abs=1)


def test_emoji_of_several_characters_is_one_picture() -> None:
    regular, _ = typefaces()
    for sequence in ("👩\u200d🚒", "👍🏽", "👨\u200d👩\u200d👧"):
        (run,) = regular.runs(sequence)
        assert (run.face, len(run.text), run.said) == ("OnsetEmoji", 1, sequence)
    assert [run.face for run in regular.runs("❤\ufe0f")] == ["OnsetEmoji"]
    assert [run.face for run in regular.runs("⚠")] == ["Onset"]


@pytest.mark.parametrize("text", ["水重拍", "とても", "カメラ", "한국어", "。、「」"])
def test_han_kana_and_hangul_have_a_face(text: str) -> None:
    for face in typefaces():
        assert [(run.face, run.text) for run in face.runs(text)] == [("OnsetHan", text)]


def test_character_that_no_font_has_is_named_wherever_it_stands() -> None:
    regular, _ = typefaces()
    assert "".join(run.text for run in regular.runs("a\U00016a00b")) == "a[U+16A00]b"
    assert regular.width("\U00016a00") == regular.width("[U+16A00]")
    backwards = regular.runs("שלום \U00016a00 ש", backwards=True)
    assert "[U+16A00]" in "".join(run.text for run in backwards)
    assert regular.runs("\U00100003")[0].text == "[U+100003]"  # where glyphs without a character are kept


def test_stop_does_not_begin_a_line() -> None:
    regular, _ = typefaces()
    for width in range(3000, 9000, 500):
        lines = list(regular.wrap("演员忘词了。重拍一次、好。" * 3, width))
        assert "".join(lines) == "演员忘词了。重拍一次、好。" * 3
        assert not any(line[:1] in ("。", "、") for line in lines)


@pytest.mark.parametrize("seed", range(4))
def test_no_line_of_any_script_is_wider_than_its_column(seed: int) -> None:
    dice = random.Random(seed)
    alphabet = "abc  (1:2) שלוםمرحبا\u064e\u200d\u200c水カ한🎬👍🏽❤\ufe0f\u0301\U00016a00"
    text = "".join(dice.choice(alphabet) for _ in range(400))
    regular, _ = typefaces()
    for backwards in (False, True):
        for line in regular.wrap(text, 12_000):
            assert sum(run.width for run in regular.runs(line, backwards=backwards)) <= 12_000 * 1.05


def test_long_word_of_joined_letters_is_cut_and_nothing_lost() -> None:
    regular, _ = typefaces()
    lines = list(regular.wrap("م" * 3000, 20_000))
    assert "".join(lines) == "م" * 3000
    assert len(lines) < 200


def test_paper_of_all_scripts_is_the_same_whatever_was_printed_before() -> None:
    first = printed(*NOTES)
    printed("مُحَمَّد", "👨\u200d👩\u200d👧", "雨")
    assert printed(*NOTES) == first
    assert len(first) < 60_000  # only the glyphs that are used


def test_readers_are_told_characters_in_utf_16(tmp_path: Path) -> None:
    streams = re.findall(rb"\nstream\r?\n(.*?)endstream", printed(*NOTES), re.DOTALL)
    tables = [text.partition(b"beginbfchar")[2] for text in map(_unpacked, streams)]
    said = [code for table in tables for code in re.findall(rb"> <([0-9A-Fa-f]+)>$", table, re.MULTILINE)]
    assert len(said) > 100
    assert {len(code) % 4 for code in said} == {0}


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return b""


def test_faces_are_opened_when_a_character_asks_for_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "_FOLDER", tmp_path)
    fonts._han.cache_clear()
    regular, _ = typefaces()
    try:
        assert regular.runs("plain")[0].text == "plain"
        with pytest.raises(ReportError, match=r"^The fonts of onset in .* are missing or damaged;"):
            fonts._han()
    finally:
        fonts._han.cache_clear()


@pytest.mark.real
def test_another_program_reads_every_script(tmp_path: Path) -> None:
    require("pdftotext", "poppler-utils is not installed")
    path = tmp_path / "log.pdf"
    path.write_bytes(printed(*NOTES))
    read = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True, text=True).stdout
    words = unicodedata.normalize("NFKC", read)  # it leaves ligatures as they are
    for word in ("السلام", "عليكم", "لقطة", "שלום עולם", "水上のシーン、とても良い。", "한국어", "🎬👍🏽", "👩‍🚒"):
        assert word in words
