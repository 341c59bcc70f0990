"""ALEs as they come: what another program reads in them, and what the files say twice."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest

from onset.camera.ale import is_ale
from onset.camera.report import ReadReport, read_ale_report, read_camera_report
from onset.domain.claim import ClaimSource
from onset.errors import ReportError
from onset.timecode import Timecode, rate

DATA = Path(__file__).parents[2] / "data" / "editorial"
HEAD = "Heading\nFIELD_DELIM\tTABS\nVIDEO_FORMAT\t1080\nFPS\t{fps}\n\nColumn\n"
TITLES = "Name\tTracks\tStart\tEnd\tTape\tScene\tTake\tCircled\tComments"
ROW = "A005C010_190501_R1AB\tV\t10:00:00:00\t10:00:04:03\tA005R1AB\t42C\t3\tyes\tgood"


def read(path: Path, text: str | bytes = b"", *, at: str = "24", **columns: str) -> ReadReport:
    if text:
        path = path / "list.ale"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_ale_report(path, unit="Main", day=2, camera="", rate=rate(at), columns=columns)


@pytest.mark.parametrize(("name", "at"), [("otio-ale_sample.ale", 24), ("otio-ale_sample_cdl.ale", 23.976)])
def test_another_program_reads_the_same_clips(name: str, at: float) -> None:
    """Of each clip its start, length and rate; `Length` says one of them again, in frames."""
    timeline = otio.adapters.read_from_file(str(DATA / name))  # kept: its clips live no longer than it does
    theirs = [(one.name, one.source_range, one.metadata["ALE"]) for one in timeline]
    found = read(DATA / name, at="25")
    assert not found.doubts
    assert len(theirs) == len(found.claims) == 4
    for claim, (called, there, columns) in zip(found.claims, theirs, strict=True):
        own = rate(claim.rate)
        assert claim.tc_in is not None
        assert Timecode.parse(claim.tc_in, own).frames == there.start_time.value
        assert claim.duration_frames == there.duration.value == int(columns.get("Length", there.duration.value))
        assert round(float(own.fps), 3) == at == pytest.approx(there.start_time.rate, abs=0.01)
        assert claim.clip.startswith((called, "output"))


def test_what_the_columns_of_a_red_list_mean() -> None:
    """`Tape` is the whole clip, and UNC a path on another machine."""
    first = read(DATA / "otio-ale_sample_cdl.ale").claims[0]
    assert (first.clip, first.roll, first.device) == ("A005_C010_0501J0_001.R3D", "A005", "A")
    assert (first.tc_in, first.rate, first.source) == ("17:49:33:01", "23.976", ClaimSource.CAMERA)
    assert set(read(DATA / "otio-ale_sample_cdl.ale").dates) == {"2019-05-01"}


@pytest.mark.parametrize(
    "text",
    [
        HEAD.format(fps=24) + TITLES + "\n\nData\n" + ROW + "\n",
        (HEAD.format(fps=24) + TITLES + "\n\nData\n" + ROW + "\n").replace("\n", "\r\n"),
        (HEAD.format(fps=24) + TITLES + "\n\nData\n" + ROW + "\n").replace("\n", "\r"),
        (HEAD.format(fps=24) + TITLES + "\nData\n" + ROW).replace("\n\n", "\n"),
        b"\xef\xbb\xbf" + (HEAD.format(fps=24) + TITLES + "\nData\n" + ROW).encode(),
        (HEAD.format(fps=24) + TITLES + "\nData\n" + ROW).encode("utf-16"),
        HEAD.format(fps=24) + TITLES + "\t\n\nData\n" + ROW + "\t\n",
        "\n\nHEADING\nFPS\t24.00\nCOLUMN\n" + TITLES + "\nDATA\n" + ROW,
        "Column\n" + TITLES + "\nData\n" + ROW,
    ],
)
def test_line_ends_encodings_and_parts_that_are_missing(tmp_path: Path, text: str | bytes) -> None:
    (claim,) = read(tmp_path, text).claims
    assert is_ale(tmp_path / "list.ale")
    assert (claim.clip, claim.roll, claim.device) == ("A005C010_190501_R1AB", "A005R1AB", "A")
    assert (claim.slate, claim.take, claim.circled, claim.note) == ("42C", "3", True, "good")
    assert (claim.tc_in, claim.duration_frames, claim.rate) == ("10:00:00:00", 99, "24")


@pytest.mark.parametrize(
    ("fps", "start", "end", "expected"),
    [
        ("23.98", "10:00:00:00", "10:00:01:00", ("23.976", "10:00:00:00", 24)),
        ("23.976", "10:00:00:00", "11:00:00:00", ("23.976", "10:00:00:00", 86_400)),
        ("29.97", "10:00:59;29", "10:01:00;02", ("29.97df", "10:00:59;29", 1)),
        ("29.97", "10:00:59:29", "10:01:00:02", ("29.97", "10:00:59:29", 3)),
        ("29.97 DF", "10:00:59:29", "10:01:00:02", ("29.97df", "10:00:59;29", 1)),
        ("25", "23:59:59:24", "00:00:01:00", ("25", "23:59:59:24", 26)),
        ("24000/1001", "10:00:00:00", "10:00:01:00", ("23.976", "10:00:00:00", 24)),
        ("59.94", "10:00:00:59", "10:00:01:00", ("59.94", "10:00:00:59", 1)),
    ],
)
def test_rates_as_they_are_called_and_labels_past_midnight(
    tmp_path: Path, fps: str, start: str, end: str, expected: tuple[str, str, int]
) -> None:
    row = ROW.replace("10:00:00:00", start).replace("10:00:04:03", end)
    (claim,) = read(tmp_path, HEAD.format(fps=fps) + TITLES + "\nData\n" + row + "\n").claims
    assert (claim.rate, claim.tc_in, claim.duration_frames) == expected


def test_a_rate_that_nobody_knows_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD.format(fps="variable") + TITLES + "\nData\n" + ROW + "\n", at="25")
    assert found.claims[0].rate == "25"
    assert any('FPS "variable" is no rate' in doubt for doubt in found.doubts)


def test_sound_has_no_v_in_its_tracks(tmp_path: Path) -> None:
    rows = (
        "Name\tTracks\tStart\tEnd\tSoundroll\tSource File\tScene\tTake\n",
        "27-7_T01\tA1A2\t10:00:00:00\t10:00:01:00\tSR01\t\t27/7\t1\n",
        "27-7_T02\t1,2,3,4\t10:00:00:00\t10:00:01:00\tSR01\tT02.WAV\t27/7\t2PK\n",
        "27/7-3\tVA1A2\t10:00:00:00\t10:00:01:00\tSR01\tA120_C001.mov\t27/7\t3\n",
    )
    found = read(tmp_path, HEAD.format(fps=24) + rows[0] + "Data\n" + "".join(rows[1:])).claims
    assert [(one.source, one.clip, one.roll, one.take) for one in found] == [
        (ClaimSource.SOUND, "27-7_T01", "SR01", "1"),
        (ClaimSource.SOUND, "T02.WAV", "SR01", "2PK"),
        (ClaimSource.CAMERA, "A120_C001.mov", "", "3"),
    ]


def test_a_name_that_only_tells_the_take_is_no_clip(tmp_path: Path) -> None:
    text = (
        HEAD.format(fps=24) + TITLES + "\nData\n" + ROW.replace("A005C010_190501_R1AB", "42C-3").replace("A005R1AB", "")
    )
    (claim,) = read(tmp_path, text).claims
    assert (claim.clip, claim.slate, claim.take) == ("", "42C", "3")


def test_a_column_of_ones_own_is_said(tmp_path: Path) -> None:
    text = HEAD.format(fps=24) + TITLES.replace("Circled", "Directors Pick") + "\nData\n" + ROW + "\n"
    assert read(tmp_path, text).claims[0].circled is None
    assert read(tmp_path, text, circled="directors pick").claims[0].circled is True
    with pytest.raises(ReportError, match='no column "Pick"'):
        read(tmp_path, text, circled="Pick")


def test_short_rows_are_read_and_a_tab_in_a_note_is_told(tmp_path: Path) -> None:
    rows = [ROW, "A005C011_190501_R1AB\tV\t10:01:00:00", ROW + "\tand a tab"]
    found = read(tmp_path, HEAD.format(fps=24) + TITLES + "\nData\n" + "\n".join(rows) + "\n")
    assert [one.clip[:8] for one in found.claims] == ["A005C010", "A005C011", "A005C010"]
    assert [doubt[:6] for doubt in found.doubts] == ["row 3:"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD.format(fps=24), "breaks off in its heading|no ALE"),
        (HEAD.format(fps=24) + TITLES, "not one clip under Data"),
        (HEAD.format(fps=24) + TITLES + "\nData\n\t\t\t\n", "not one clip"),
        (HEAD.format(fps=24) + TITLES + "\nData\n" + ROW + "\nA005C011_190501_R1AB\tV\t10:0", "breaks off in its last"),
        ("Heading\nFIELD_DELIM\tCOMMAS\nColumn\nName\nData\nx\n", "by COMMAS"),
        (HEAD.format(fps=24) + "Lens\tStop\nData\n35\t2\n", r"found: Lens, Stop"),
        ("Slate,Take\n42C,1\n", "no ALE"),
        (HEAD.format(fps=24) + "Scene\tTake\nData\n42C\t\n", "names no take and no clip"),
    ],
)
def test_what_is_no_ale_or_not_all_of_it(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ReportError, match=said) as refused:
        read(tmp_path, text)
    assert str(refused.value).count("\n") == 0


def test_a_list_of_a_dailies_program(tmp_path: Path) -> None:
    """Names of columns as Silverstack's lists have them; `FPS` is the sensor's, and sound stands among the clips."""
    path = tmp_path / "clips.csv"
    text = (
        '"Name";"Reel";"TC Start";"TC End";"Scene";"Shot";"Take";"FPS";"Camera";"Circled";"Comment";"MD5"\n'
        '"A005C010_190501_R1AB";"A005";"10:00:00:00";"10:00:04:03";"42";"C";"3";"48.000";"ALEXA 35";"1";"a; b";"0f"\n'
        '"B005C002_190501_R1AB";"B005";"10:00:00:00";"10:00:04:03";"42";"42C";"4";"24";"B";"0";"";"0f"\n'
        '"T01.WAV";"SR01";"10:00:00:00";"10:00:04:00";"42";"C";"3";"";"";"";"";"0f"\n'
    )
    for encoding, separator in (("utf-16", ";"), ("utf-8-sig", ","), ("utf-8", "\t")):
        path.write_bytes(text.replace('";"', f'"{separator}"').encode(encoding))
        found = read_camera_report(path, unit="Main", day=1, camera="", rate=rate("24"))
        assert not found.doubts
        assert [(one.slate, one.take, one.roll, one.device, one.circled) for one in found.claims] == [
            ("42C", "3", "A005", "A", True),
            ("42C", "4", "B005", "B", False),
            ("42C", "3", "SR01", "", False),
        ]
        assert [(one.tc_in, one.rate, one.duration_frames) for one in found.claims] == [
            ("10:00:00:00", "24", 99), ("10:00:00:00", "24", 99), ("10:00:00:00", "24", 96),
        ]  # fmt: skip
        assert [one.source for one in found.claims] == [ClaimSource.CAMERA, ClaimSource.CAMERA, ClaimSource.SOUND]
        assert found.claims[0].note == "a; b"


def test_scene_and_a_running_number_of_europe(tmp_path: Path) -> None:
    path = tmp_path / "clips.csv"
    path.write_text("Scene,Shot,Take,Clip\n42,117,2,A001C001\n")
    assert read_camera_report(path, unit="Main", day=1, camera="", rate=rate("25")).claims[0].slate == "117"
