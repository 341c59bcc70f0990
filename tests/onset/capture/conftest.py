"""The set that the session's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from onset.capture.bus import run_folder
from tests.onset.capture.pretend import OnSet, an_onset


@pytest.fixture
def on_set(tmp_path: Path) -> Iterator[OnSet]:
    made = an_onset(tmp_path, run_folder("session test"))
    made.session.open()
    yield made
    made.session.close()
    made.box.close()
    assert all(line.ended for line in made.lines), "a worker was left behind"
