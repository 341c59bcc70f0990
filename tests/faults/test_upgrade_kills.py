"""Killed while a log of an earlier version is brought up: it is the old one or the new one, and has all it had."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from logging_db import schema
from logging_db.logbook import LOG_NAME, open_log
from onset.logbook.as_json import Json, take_json
from onset.logbook.terms import TakeFilter
from tests.faults.injected import disturbed
from tests.faults.writers import LIBRARIES, Acknowledged, Say
from tests.logging_db.support import unwell
from tests.logging_db.test_upgrade import OLD, as_then, in_order_of_ids, version
from tests.needs import require

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]
_CALLS = "write,pwrite64,fsync,fdatasync,ftruncate,rename,link,unlink"


def bring_up(folder: Path, say: Say) -> None:
    """Open it, which brings it to this version."""
    with closing(open_log(folder / LOG_NAME, user="Maya")) as log:
        say(Acknowledged(log.arrival()))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    ("fixture", "old"),
    [
        *(("first_landed", 1), ("second_landed", 2), ("third_landed", 3)),
        *(("fourth_landed", 4), ("fifth_landed", 5), ("sixth_landed", 6)),
        ("seventh_landed", 7),
    ],
)
def test_killed_while_it_is_brought_up_it_is_old_or_new(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, library: str, fixture: str, old: int
) -> None:
    """At the first, second, third, fifth … change of a file, until one run ends by itself."""
    require("strace", "strace is not installed")
    monkeypatch.setenv("ONSET_SQLITE", library)
    then = in_order_of_ids(json.loads((OLD / f"{fixture}.list.json").read_text(encoding="utf-8")))
    seen: list[int] = []
    n, following, code = 1, 2, -9
    while code != 0:
        folder = scratch / f"{n}"
        folder.mkdir()
        path = folder / LOG_NAME
        shutil.copyfile(OLD / f"{fixture}.onset", path)
        code = disturbed(bring_up, folder, library, f"inject={_CALLS}:signal=KILL:when={n}", n).code
        assert unwell(path) == []
        seen.append(version(path))
        with closing(open_log(path, user="Maya")) as log:
            takes: Json = [take_json(take) for take in log.takes(TakeFilter(limit=None, deleted=True))]
            assert as_then(in_order_of_ids({"takes": takes}), then) == then
        assert version(path) == schema.VERSION
        shutil.rmtree(folder)
        n, following = following, n + following
    assert len(seen) > 8
    assert set(seen) == {old, schema.VERSION}
