"""An import of stills is killed in the middle: repeated, it is as if nothing had happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, create_log, open_log
from tests.onset.stills.pictures import jpeg, put

pytestmark = pytest.mark.faults

STILLS = 60


@pytest.mark.parametrize("kept", [1, 10, 25])
def test_killed_import_leaves_whole_files_and_the_next_one_ends_it(tmp_path: Path, kept: int) -> None:
    production, card = tmp_path / "Harbour", tmp_path / "DCIM"
    production.mkdir()
    create_log(production, title="Harbour Lights", rate="25")
    for n in range(STILLS):
        put(card, f"IMG_{n:04}.JPG", jpeg(f"2026:05:29 12:00:{n:02}", size=(1200, 900)))
    command = [sys.executable, "-m", "onset", "-p", str(production), "import", "stills", str(card), "--json"]
    place = production / "media/stills"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        while program.poll() is None and (not place.is_dir() or len(os.listdir(place)) < kept):
            pass  # as close to the file as it can be
        program.kill()
        program.communicate()
    assert program.returncode == -signal.SIGKILL, "it was done before it could be killed"
    for path in place.iterdir():
        if not path.name.endswith(".onset-part"):
            assert path.read_bytes() == (card / path.name).read_bytes()
    done = subprocess.run(command, capture_output=True, check=True)
    answer = json.loads(done.stdout)
    assert (answer["new"] + answer["known"], answer["problems"]) == (STILLS, [])
    assert {path.name for path in place.iterdir()} == {path.name for path in card.iterdir()}
    log = open_log(production / LOG_NAME)
    assert sorted(still.name for still in log.stills()) == sorted(path.name for path in card.iterdir())
    log.close()
