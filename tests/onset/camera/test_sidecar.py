"""Side-cars as cameras write them, those that say a thing twice, and hostile ones."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devices.media_av import AvMediaReader
from onset.camera.clips import CardFile, clips_on
from onset.camera.original import read_clip
from onset.camera.sidecar import Sidecar, read_sidecar
from onset.domain.camera import Source
from onset.timecode import rate

_READ = """
import sys
from pathlib import Path
from onset.camera.sidecar import read_sidecar
from onset.timecode import rate
print(read_sidecar(Path(sys.argv[1]), rate("25")).start)
"""


def test_two_starts_are_read_differently_from_run_to_run(tmp_path: Path) -> None:
    """Sets of words have another order in each run of a program, unless their seed is fixed."""
    path = tmp_path / "0001AB.XML"
    path.write_text("<Clip><Start>00:00:00:00</Start><StartTimecode>10:11:12:13</StartTimecode></Clip>")
    for seed in ("1", "2", "6"):
        command = [sys.executable, "-c", _READ, str(path)]
        run = subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == "10:11:12:13"


# As an FX3 and an FDR-AX100 write them, with other numbers in them.
SONY = """<?xml version="1.0" encoding="UTF-8"?>
<NonRealTimeMeta xmlns="urn:schemas-professionalDisc:nonRealTimeMeta:ver.2.20" lastUpdate="2026-09-30T11:57:59+10:00">
<Duration value="{frames}"/>
<LtcChangeTable tcFps="{counted}" halfStep="{half}"><LtcChange frameCount="0" value="{label}" status="increment"/>
<LtcChange frameCount="99" value="21250020" status="end"/></LtcChangeTable>
<CreationDate value="2026-09-30T11:57:59+10:00"/>
<VideoFormat><VideoRecPort port="DIRECT"/>
<VideoFrame videoCodec="AVC_3840_2160_HP@L51" captureFps="{fps}" formatFps="{fps}"/>
<VideoLayout pixel="3840" numOfVerticalLine="2160" aspectRatio="16:9"/></VideoFormat>
<Device manufacturer="Sony" modelName="ILME-FX3" serialNo="4294967295"/>
<AcquisitionRecord><Group name="CameraUnitMetadataSet"><Item name="CaptureGammaEquation" value="s-log3-cine"/>
<Item name="ISOSensitivity" value="800"/><Item name="LightingPreset" value="5600K"/></Group></AcquisitionRecord>
</NonRealTimeMeta>"""

P2 = """<?xml version="1.0" encoding="UTF-8"?>
<P2Main xmlns="urn:schemas-Professional-Plug-in:P2:ClipMetadata:v3.1"><ClipContent><ClipName>0001AB</ClipName>
<Duration>300</Duration><EditUnit>1001/30000</EditUnit><EssenceList><Video><VideoFormat>MXF</VideoFormat>
<Codec Class="100">AVC-I_1080/59.94i</Codec><FrameRate DropFrameFlag="true">59.94i</FrameRate>
<StartTimecode>01:02:00:02</StartTimecode><AspectRatio>16:9</AspectRatio></Video></EssenceList></ClipContent></P2Main>"""


def read(tmp_path: Path, text: str, name: str = "C0001M01.XML", production: str = "25") -> Sidecar | None:
    path = tmp_path / name
    path.write_text(text)
    return read_sidecar(path, rate(production))


@pytest.mark.parametrize(
    ("counted", "half", "label", "fps", "production", "start", "of", "exact"),
    [
        ("25", "false", "17305719", "25p", "25", "19:57:30:17", "25", "25"),
        ("24", "false", "23040000", "23.98p", "25", "00:00:04:23", "23.976", "24000/1001"),
        ("24", "false", "23040000", "24p", "23.976", "00:00:04:23", "24", "24"),
        ("30", "true", "40000000", "59.94p", "25", "00:00:00;00", "29.97df", "60000/1001"),
        ("30", "false", "00000000", "29.97p", "29.97df", "00:00:00:00", "29.97", "30000/1001"),
    ],
)
def test_sony_label_is_read_at_the_productions_rate_instead_of_the_clips(
    tmp_path: Path, counted: str, half: str, label: str, fps: str, production: str, start: str, of: str, exact: str
) -> None:
    text = SONY.format(frames=100, counted=counted, half=half, label=label, fps=fps)
    found = read(tmp_path, text, production=production)
    assert found is not None
    assert found.start is not None
    assert (str(found.start), found.start.rate.name, str(found.fps)) == (start, of, exact)
    assert (found.width, found.height, found.codec) == (3840, 2160, "AVC_3840_2160_HP@L51")
    assert (found.iso, found.white_balance, found.duration_frames) == ("800", "5600K", 100)


def test_p2_marks_drop_frame_beside_the_label(tmp_path: Path) -> None:
    found = read(tmp_path, P2, "0001AB.XML")
    assert found is not None
    assert (str(found.start), str(found.fps), found.codec) == ("01:02:00;02", "30000/1001", "AVC-I_1080/59.94i")


def test_subtitles_of_a_drone_say_its_exposure(tmp_path: Path) -> None:
    first = (
        "1\n00:00:00,000 --> 00:00:00,033\n<font>SrtCnt : 1\n[iso : 110] [shutter : 1/200.0] [fnum : 170] [ct : 5300]"
    )
    found = read(tmp_path, first, "DJI_0001.SRT")
    assert found is not None
    assert (found.iso, found.white_balance, found.start) == ("110", "5300", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<",
        "\0" * 100,
        "<a>" * 300 + "</a>" * 300,
        '<!DOCTYPE a [<!ENTITY b "c">]><a><StartTimecode>&b;</StartTimecode></a>',
        '<a><Duration value="' + "9" * 5000 + '"/></a>',
        '<a><LtcChangeTable tcFps="0"/><LtcChange frameCount="0" value="ffffffff"/></a>',
        '<a><VideoFrame formatFps="00p"/><VideoLayout pixel="99999999999" numOfVerticalLine="-1"/></a>',
    ],
)
def test_hostile_side_car_is_read_as_far_as_it_makes_sense(tmp_path: Path, text: str) -> None:
    found = read(tmp_path, text)
    assert found is None or (found.start is None and found.fps is None and found.width is None)


def test_a_clip_without_a_reader_has_its_length_from_the_side_car_at_its_labels_rate(tmp_path: Path) -> None:
    """119.88 pictures a second are labelled at 29.97: twice or four times as many frames as labels."""
    (tmp_path / "C0001M01.XML").write_text(
        SONY.format(frames=480, counted="30", half="true", label="40000000", fps="119.88p")
    )
    (tmp_path / "C0001.NEV").write_bytes(b"raw")
    clip = clips_on([CardFile("C0001.NEV", 3), CardFile("C0001M01.XML", 3)]).clips[0]
    found = read_clip(
        clip, tmp_path, AvMediaReader(), shown="C0001.NEV", camera="A", reel="", unit="Main", day=None,
        rate=rate("25"), source=Source.CARD,
    )  # fmt: skip
    assert (found.rate, found.duration_frames, found.fps) == ("29.97df", 120, "120000/1001")
