"""Files that say what no file can: they come in without it, and hold up none of the others."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from logging_db.logbook import create_log
from onset.cli.main import main
from tests.cli.test_import import sounds, wave
from tests.onset.sound.test_wave import chunk


def test_one_file_that_says_impossible_things_holds_up_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The name of a track is longer than the log takes of any word."""
    folder = tmp_path / "Nomads"
    folder.mkdir()
    create_log(folder, title="Nomads", rate="25", slating="none")
    (folder / "config.toml").write_text('[production]\ntitle = "Nomads"\nrate = "25"\nslating = "none"\n')
    mixer = tmp_path / "MIXER"
    bad = wave(mixer / "T1.WAV")
    wave(mixer / "T2.WAV", 37_000.0)
    head = bad.read_bytes()[:4096]
    track = b"<TRACK_LIST><TRACK><INTERLEAVE_INDEX>1</INTERLEAVE_INDEX><NAME>" + b"x" * 30_000
    words = head[head.index(b"<BWFXML>") : head.index(b"</BWFXML>")] + track + b"</NAME></TRACK></TRACK_LIST></BWFXML>"
    sound = b"data" + struct.pack("<I", 16) + bytes(16)
    bad.write_bytes(head[: head.index(b"iXML")] + chunk(b"iXML", words) + sound)
    assert main(["-p", str(folder), "import", "sound", str(mixer)]) == 0
    assert capsys.readouterr().err == ""
    assert [(one.name, bool(one.tc_in)) for one in sounds(folder)] == [("T1.WAV", False), ("T2.WAV", True)]
