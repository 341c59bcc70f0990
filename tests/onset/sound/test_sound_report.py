"""Sound reports as programs write them, and as they arrive broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.errors import ReportError
from onset.sound.report import ReadReport, read_sound_report
from onset.timecode import rate

DATA = Path(__file__).parents[2] / "data" / "sound"
WAVE_AGENT = DATA / "wavinfo_WaveAgentSoundReport.csv"


def read(path: Path, at: str = "24", columns: dict[str, str] | None = None) -> ReadReport:
    return read_sound_report(path, unit="Main", day=1, device="MIX", rate=rate(at), columns=columns)


def test_a_wave_agent_report_with_bare_carriage_returns() -> None:
    """Nine files stand in it; the times are those that the recorder's own program lists."""
    found = read(WAVE_AGENT)
    assert len(found.claims) == 9
    assert not found.doubts
    third = next(claim for claim in found.claims if claim.clip == "A101_3.WAV")
    assert (third.slate, third.take, third.roll) == ("A101", "03", "18Y12M31")
    assert (third.tc_in, third.rate) == ("12:40:14:00", "23.976")
    georgie = next(claim for claim in found.claims if claim.clip.startswith("Sr001-2C-01"))
    assert (georgie.tc_in, georgie.rate, georgie.note) == ("13:37:30:07", "25", "Tail Slate Cloth noise")
    assert georgie.duration_frames == 7 * 25


def test_the_head_of_a_recorders_report_counts_for_its_rows(tmp_path: Path) -> None:
    """Rows of the Overview as the 664's manual lists them: two cells a row, month first in the date."""
    words = ("Project:,Harbour", "Date:,05/29/26", "Comments:,a", "Roll:,26Y05M29", "Frame Rate:,29.97 DF")
    rows = ("File Name,Scene,Take,Length,Start TC,Frame Rate", "42CT1.WAV,42C,1,00:01:00,10:01:00:02,", ",,,,,")
    path = tmp_path / "report.csv"
    path.write_text("\n".join(("SOUND REPORT", *words, "", *rows)))
    found = read(path)
    (claim,) = found.claims
    assert (claim.roll, claim.tc_in, claim.rate, claim.duration_frames) == (
        "26Y05M29", "10:01:00;02", "29.97df", 1798,
    )  # fmt: skip
    assert (found.dates, found.doubts) == (("2026-05-29",), ())


def test_an_empty_column_of_circles_says_nothing() -> None:
    assert {claim.circled for claim in read(WAVE_AGENT).claims} == {None}


@pytest.mark.parametrize(
    ("encoding", "separator", "ends"),
    [("utf-8", ",", "\r\n"), ("utf-16", "\t", "\r\n"), ("utf-8-sig", ";", "\n"), ("utf-16-le", ",", "\r")],
)
def test_encodings_separators_and_line_ends(tmp_path: Path, encoding: str, separator: str, ends: str) -> None:
    lines = [
        "Roll:;x",
        "File Name;Scene;Take;Start TC;Circled;Notes",
        "T1.WAV;42C;3;10:00:00:12;Y;Küche",
        "T2.WAV;42C;4;;;",
    ]
    path = tmp_path / "report.csv"
    path.write_bytes(ends.join(line.replace(";", separator) for line in lines).encode(encoding))
    first, second = read(path).claims
    assert (first.slate, first.take, first.tc_in, first.circled, first.note) == (
        "42C",
        "3",
        "10:00:00:12",
        True,
        "Küche",
    )
    assert (second.circled, second.tc_in) == (False, None)


def test_drop_frame_labels_written_with_colons(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("File Name,Scene,Take,Start TC,Frame Rate\nT1.WAV,1,1,10:01:00:02,29.97 DF\n")
    assert read(path).claims[0].tc_in == "10:01:00;02"


def test_a_label_that_its_rate_never_shows_is_a_doubt_and_not_a_time(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("File Name,Scene,Take,Start TC,Frame Rate\nT1.WAV,1,1,10:01:00:29,24\n")
    found = read(path)
    assert found.claims[0].tc_in is None
    assert found.doubts == ('row 1: start "10:01:00:29" is not a timecode at 24',)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\0\0\0\0", "is empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(32)) * 20, "is a picture"),
        (b"\x1b" * 400, "is no table"),
        (b"hello\nworld\n", "has no row of headings"),
        (b"File Name,Scene,Take,Start TC\n", "not one row"),
        (b"File Name,Scene,Take,Start TC\n,,,\n ,,,\n", "not one row"),
        (b"File Name,Scene,Take,Notes,Start TC\n,,,nothing here,\n", "names no take and no file"),
        (b"\xff\xfeF\x00i\x00l", "cut short"),
    ],
)
def test_a_file_that_yields_nothing_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(content)
    with pytest.raises(ReportError, match=said) as refused:
        read(path)
    assert str(refused.value).count("\n") == 0


def test_escape_characters_in_notes_do_not_cost_the_report(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    rows = "".join(f'T{n}.WAV,1,{n},"\x1b[1mwind,\x1b[0m again"\n' for n in range(1, 21))
    path.write_text(f"File Name,Scene,Take,Notes\n{rows}")
    assert [claim.clip for claim in read(path).claims] == [f"T{n}.WAV" for n in range(1, 21)]


def test_a_folder_or_a_missing_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone.csv"):
        with pytest.raises(ReportError, match="cannot be read"):
            read(path)


def test_columns_that_a_person_names_come_first(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("Datei,Szene,Klappe,Take\nT1.WAV,42C,3,9\n")
    with pytest.raises(ReportError, match="--map"):
        read(path)
    found = read(path, columns={"file": "Datei", "slate": "Szene", "take": "Klappe"})
    assert (found.claims[0].clip, found.claims[0].slate, found.claims[0].take) == ("T1.WAV", "42C", "3")
    with pytest.raises(ReportError, match=r'no column "Rolle"|has no row of headings'):
        read(path, columns={"roll": "Rolle", "file": "Datei"})
    with pytest.raises(ReportError, match='no field "colour"'):
        read(path, columns={"colour": "Datei"})


def test_hostile_words_come_through_as_words(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text('File Name,Scene,Take,Notes,Start TC\n=1+1.WAV,42C,3,"\x1b[31m a, ""b""\nc",01:00:00:00\n')
    claim = read(path).claims[0]
    assert claim.clip == "=1+1.WAV"
    assert claim.note == '\x1b[31m a, "b"\nc'  # kept as it came; made safe where it is shown


def test_a_file_of_empty_lines_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(b"File,Take\nT1.WAV,1\n" + b"\n" * 300_000)
    with pytest.raises(ReportError, match="more than 200,000 lines"):
        read(path)
