"""Histories of days that hypothesis makes up, judged by the ASC MHL reference tool and by xxhsum."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings

from onset.clock import ManualClock
from onset.mhl.hashes import HashFormat
from onset.mhl.history import load_history
from onset.mhl.paths import in_folder
from tests.needs import require
from tests.onset.mhl.days import ACTS, Act, Day
from tests.onset.mhl.samples import assert_valid

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]
TOOL = Path(sys.executable).with_name("ascmhl-debug")
NOON = 1_800_000_000_000_000_000


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


def reference_judges(day: Day) -> None:
    """The reference tool says of every history what we know of it: 11 where a file is damaged, 21 where one is new."""
    for scope in day.scopes():
        root = day.root / scope
        below = [each for each, old, _ in day.renames if in_folder(old, scope)]
        if any(each != scope for each in below) or len(below) > 1:
            continue  # it follows one rename, and none in a nested history
        inside = {path for path in day.contents if not scope or path.startswith(f"{scope}/")}
        # Of files in a nested history it does not know what a history above had on record before.
        wrong = inside & day.damaged & day.on_record(scope)
        expected = 11 if wrong else 21 if inside - day.on_record(scope) else 0
        verified = run(TOOL, "verify", root)
        assert verified.returncode == expected, (scope, verified.stdout, verified.stderr)
    if day.scopes():
        assert_valid(day.root)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(ACTS)
@example([Act("write", 0, 0), Act("write", 4, 1), Act("create", 1, 1), Act("create", 0, 2), Act("damage", 1, 0)])
def test_reference_tool_refuses_a_history(acts: list[Act]) -> None:
    require(TOOL.exists(), "the ASC MHL reference tool (ascmhl) is not installed")
    require("xxhsum")
    with tempfile.TemporaryDirectory() as folder:
        day = Day(Path(folder) / "Day & night", ManualClock(wall_ns=NOON))
        day.root.mkdir()
        for act in acts:
            day.do(act)
        reference_judges(day)
        for path in day.damaged:
            (day.root / path).write_bytes(day.contents[path])
        for scope in day.scopes():
            for path, known in load_history(day.root / scope).known.items():
                for form, kind in ((HashFormat.XXH64, "-H1"), (HashFormat.XXH128, "-H2")):
                    if form in known.digests:
                        said = run("xxhsum", kind, day.root / scope / path).stdout
                        assert said.lstrip("\\").split()[0] == known.digests[form]
