"""Histories of days that hypothesis makes up, judged by the ASC MHL reference tool and by xxhsum."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings

from onset.clock import ManualClock
from onset.mhl.check import verify_history, verify_manifest
from onset.mhl.create import Order, create
from onset.mhl.flatten import COLLECTION, flatten
from onset.mhl.hashes import HashFormat
from onset.mhl.paths import in_folder
from tests.needs import require
from tests.onset.mhl.days import ACTS, Act, Day
from tests.onset.mhl.samples import CHAIN_XSD, assert_valid, read_plainly
from tests.onset.offload.cards import contents
from tests.onset.offload.days import offloaded

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]
TOOL = Path(sys.executable).with_name("ascmhl-debug")
NOON = 1_800_000_000_000_000_000


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


def reference_judges(day: Day) -> None:
    """The reference tool says of every history what we know of it: 11 damaged, 21 new, 10 missing."""
    for scope in day.scopes():
        root = day.root / scope
        below = [each for each, old, _ in day.renames if in_folder(old, scope)]
        if any(each != scope for each in below) or len(below) > 1:
            continue  # it follows one rename, and none in a nested history
        inside = {path for path in day.contents if not scope or path.startswith(f"{scope}/")}
        if any(in_folder(path, old, itself=True) for path in inside for _, old, _ in day.renames):
            continue  # a new file under a name that another one had: it takes it for that
        # Of files in a nested history it does not know what a history above had on record before.
        wrong = inside & day.damaged & day.on_record(scope)
        new, gone = inside - day.on_record(scope), day.gone & day.on_record(scope)
        missing = 10 if inside - gone else 20  # where nothing is left it speaks of a single file
        expected = 11 if wrong else 21 if new else missing if gone else 0
        verified = run(TOOL, "verify", root)
        assert verified.returncode == expected, (scope, verified.stdout, verified.stderr)
    if day.scopes():
        assert_valid(day.root)


def lived(folder: str, acts: Iterable[Act]) -> Day:
    day = Day(Path(folder) / "Day & night", ManualClock(wall_ns=NOON))
    day.root.mkdir()
    for act in acts:
        day.do(act)
    return day


def judge(acts: Iterable[Act]) -> None:
    """Other programs judge the histories of a day, and those of its offloaded copy."""
    with tempfile.TemporaryDirectory() as folder:
        day = lived(folder, acts)
        assume(contents(day.root))  # nothing on it: it is no card
        copied = offloaded(day, Path(folder))
        for each in (day, copied):
            reference_judges(each)
            for path in each.damaged | each.gone:
                (each.root / path).write_bytes(each.contents[path])
            xxhsum_judges(each)


def xxhsum_judges(day: Day) -> None:
    """It says of each file, which holds what it should, what is on record."""
    for scope in day.scopes():
        for path, known in day.known(scope).items():
            for form, kind in ((HashFormat.XXH64, "-H1"), (HashFormat.XXH128, "-H2")):
                if form in known.digests:
                    said = run("xxhsum", kind, day.root / path).stdout
                    assert said.lstrip("\\").split()[0] == known.digests[form]


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(ACTS)
@example([Act("write", 0, 0), Act("write", 4, 1), Act("create", 1, 1), Act("create", 0, 2), Act("damage", 1, 0)])
def test_reference_tool_refuses_a_history(acts: list[Act]) -> None:
    require(TOOL.exists(), "the ASC MHL reference tool (ascmhl) is not installed")
    require("xxhsum")
    judge(acts)


def test_what_the_reference_tool_writes_is_judged_otherwise(tmp_path: Path) -> None:
    """Nested, of several formats, single files, renamed, failed, flattened: verified and carried on by us."""
    tool = TOOL.with_name("ascmhl")
    require(tool.exists(), "the ASC MHL reference tool (ascmhl) is not installed")
    clock = ManualClock(wall_ns=NOON)
    day = tmp_path / "Day & night"
    for path in ("A001/Clips/a b.mov", "A001/Clips/sub/q&a <1>", "A001/új.txt", "notes.txt"):
        (day / path).parent.mkdir(parents=True, exist_ok=True)
        (day / path).write_bytes(path.encode())

    def written(*arguments: str | Path, code: int = 0) -> None:
        done = run(tool, *arguments)
        assert done.returncode == code, done.stdout + done.stderr

    def judged(root: Path, verified: int, code: int = 0) -> None:
        done = verify_history(root, read_plainly, clock, append=False)
        assert (done.verified, done.exit_code) == (verified, code), done.troubles

    written("create", "-h", "md5", day / "A001")
    judged(day / "A001", 3)
    written("create", "-h", "md5", "-h", "c4", day)
    judged(day, 4)
    (day / "late.txt").write_bytes(b"late")
    written("create", "-h", "xxh128", "-sf", day / "late.txt", day)
    judged(day, 5)
    (day / "A001" / "Clips").rename(day / "A001" / "Camera")
    (day / "A001" / "új.txt").rename(day / "A001" / "renamed.txt")
    written("create", "-h", "md5", "-dr", day / "A001")
    judged(day / "A001", 3)
    judged(day, 5)
    clock.advance(10)
    assert create(day, Order(), read_plainly, clock).exit_code == 0
    assert_valid(day)
    written("create", "-h", "md5", day / "A001")
    (day / "notes.txt").write_bytes(b"other")
    written("create", "-h", "xxh3", day, code=11)
    judged(day, 4, code=11)
    (day / "notes.txt").write_bytes(b"notes.txt")
    judged(day, 5)
    written("flatten", day, tmp_path / "post")
    (listed,) = (tmp_path / "post").rglob("packinglist_*.mhl")
    done = verify_manifest(listed, read_plainly, clock, root=day)
    assert done.failed == 0


def test_packing_list_is_refused_by_the_reference_tool(tmp_path: Path) -> None:
    require(TOOL.exists(), "the ASC MHL reference tool (ascmhl) is not installed")
    clock = ManualClock(wall_ns=NOON)
    day = tmp_path / "Day"
    for path in ("A001/a.mov", "A001/b c.txt", "notes.txt"):
        (day / path).parent.mkdir(parents=True, exist_ok=True)
        (day / path).write_bytes(path.encode())
    for top, form in ((day / "A001", HashFormat.MD5), (day, HashFormat.XXH128)):
        assert create(top, Order((form,)), read_plainly, clock).exit_code == 0
        clock.advance(1)
    listed = flatten(day, tmp_path / "post", clock).manifest
    checked = run(TOOL, "xsd-schema-check", "-df", "-xsd", CHAIN_XSD, listed.parent / COLLECTION)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    verified = run(TOOL, "verify", "-pl", listed, day)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    (day / "A001" / "a.mov").write_bytes(b"A001/A.mov")
    assert run(TOOL, "verify", "-pl", listed, day).returncode == 11
