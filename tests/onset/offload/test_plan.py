"""What is said before the first byte: room and time, and what is known of the card already."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from onset.clock import ManualClock, SystemClock
from onset.errors import OffloadError
from onset.mhl import tree
from onset.mhl.tree import Ignores, Tree
from onset.offload import card as card_of_the_job
from onset.offload import journal
from onset.offload.card import read_write, scan_card
from onset.offload.disks import Mount
from onset.offload.job import OffloadJob, Request
from onset.offload.journal import find_jobs
from onset.offload.place import Place, Target
from onset.offload.plan import Plan, make_plan, rooms_of, spell_moment, spell_room
from onset.offload.verdict import Copied
from tests.onset.offload.cards import contents, job_for, make_card, offload

MB, GB = 10**6, 10**9
NOON = 1_772_712_000 * GB


def plan_of(card: Path, targets: list[Path], state: Path) -> Plan:
    return job_for(card, targets, state).plan()


def free(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    told = SimpleNamespace(f_frsize=4096, f_bavail=count // 4096, f_files=0, f_favail=0)
    monkeypatch.setattr(os, "statvfs", lambda path: told)


def test_targets_of_one_disk_are_told_its_room_twice(
    tmp_path: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """20 MB on two folders of a disk with 130 MB free: 90 left, which is two more cards on both."""
    card = make_card(tmp_path / "B001", clips=1, clip_bytes=20_000_000)
    free(130_000_000, monkeypatch)
    rooms = plan_of(card, targets, state).rooms
    assert [room.path for room in rooms] == [str(target / "B001") for target in targets]
    assert [room.more_cards for room in rooms] == [2, 2]
    assert all(20_000_000 < room.needed < 22_000_000 for room in rooms)
    assert rooms[0].free_after == rooms[0].free - rooms[0].needed - rooms[1].needed
    alone = plan_of(card, targets[:1], state).rooms[0]
    assert alone.more_cards == 5
    assert spell_room(alone).endswith("T1: 130.0 MB free, 108.9 MB afterwards, full in 5 more cards like this one")
    assert spell_room(replace(alone, name="SHUTTLE", more_cards=1)).endswith(", full in 1 more card like this one")
    assert spell_room(replace(alone, more_cards=0)).endswith(", no room for another card like this one")
    assert spell_room(replace(alone, more_cards=500)).endswith("afterwards")


def test_time_is_made_up(card: Path, targets: list[Path], state: Path) -> None:
    """Whole copies to that very target count, the newest three, with the same second read; no moments, no crumbs."""
    assert plan_of(card, targets, state).eta_s is None
    offload(card, targets[:1], state)
    (job,) = find_jobs(state)
    assert job.result is not None

    def past(number: int, seconds: float, **changed: object) -> None:
        place = state / f"job{number}"
        place.mkdir()
        (place / "job.json").write_text(json.dumps({**asdict(job.sheet), "id": place.name, "started_ns": number}))
        result = {**(job.result or {}), "seconds": seconds, "bytes": MB * 100, **changed}
        (place / "result.json").write_text(json.dumps(result))

    for path in sorted(job.folder.iterdir()):
        path.unlink()
    other = make_card(targets[0].parent / "B001", clips=1, clip_bytes=100_000, small=0)
    size = scan_card(other).tree.bytes
    for number, seconds in enumerate((900.0, 4.0, 2.0, 1.0), 1):
        past(number, seconds)
    past(5, 77.0, source_check="none")
    past(6, 77.0, bytes=0)
    past(7, 77.0, targets=[{**job.result["targets"][0], "recognised": 3}])  # type: ignore[index]
    past(8, 77.0, targets=[{**job.result["targets"][0], "failed": 1}])  # type: ignore[index]
    past(9, 77.0, targets=[{**job.result["targets"][0], "lost": "pulled"}])  # type: ignore[index]
    past(10, "soon")  # type: ignore[arg-type]
    past(11, 0.02, bytes=4000)
    past(12, 0.9)
    past(13, 2.0, bytes=4000)
    assert plan_of(other, targets[:1], state).eta_s == pytest.approx(size / (50 * MB))
    both = plan_of(other, targets, state)
    assert [room.eta_s is None for room in both.rooms] == [False, True]
    assert both.eta_s is None
    past(14, 20.0, bytes=20 * MB)
    past(15, 20.0, bytes=20 * MB)
    assert plan_of(other, targets[:1], state).eta_s == pytest.approx(size / (100 * MB)), "most bytes went so fast"


def test_card_is_listed_twice_before_its_first_byte(
    tmp_path: Path, card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a slow reader a listing takes seconds, and of jobs to other disks there may be thousands."""
    offload(card, targets[:1], state)
    other = make_card(tmp_path / "B001", clips=1)
    done: list[str] = []
    read = journal.read_document

    def list_tree(top: Path, ignores: Ignores, *, manifests: bool = False) -> Tree:
        done.append(top.name)
        return tree.list_tree(top, ignores, manifests=manifests)

    def read_document(path: Path) -> Mapping[str, object] | None:
        done.append(path.name)
        return read(path)

    monkeypatch.setattr(card_of_the_job, "list_tree", list_tree)
    monkeypatch.setattr(journal, "read_document", read_document)
    plan_of(other, targets[1:], state)
    assert done.count("B001") == 1
    assert "result.json" not in done


def test_what_lies_there_is_counted_as_a_copy(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onset.offload.plan._TELLS_S", 0.0)
    monkeypatch.setattr("onset.offload.plan._TELLS_BYTES", 1)
    outcome = offload(card, targets[:1], state)
    again = plan_of(card, targets[:1], state)
    assert again.rooms[0].needed == 0
    assert again.rooms[0].more_cards > 0
    speed = outcome.bytes / round(outcome.seconds, 3)
    assert again.eta_s == pytest.approx(outcome.bytes / 2 / speed)
    assert rooms_of(outcome.as_json()) == list(outcome.forecast)
    assert rooms_of({}) == []


def test_same_card_is_copied_again_unasked(card: Path, targets: list[Path], state: Path) -> None:
    offload(card, targets[:1], state)
    (said,) = plan_of(card, targets[:1], state).notes
    assert said.startswith("offloaded already, 20")
    assert f"to {targets[0] / 'A001'} (not safe); this run adds no copy" in said
    (said,) = plan_of(card, targets, state).notes
    assert said.endswith(f"this run adds {targets[1] / 'A001'}")
    outcome = offload(card, targets, state)
    assert said in outcome.warnings
    assert contents(targets[1] / "A001") == contents(card)


def test_copy_that_was_deleted_is_told_as_one_that_is_there(card: Path, targets: list[Path], state: Path) -> None:
    offload(card, targets, state)
    (targets[0] / "A001" / "CLIPS" / "A001C002.mov").unlink()
    shutil.rmtree(targets[1] / "A001")
    (said,) = plan_of(card, targets, state).notes
    first, second = (target / "A001" for target in targets)
    assert f"; CLIPS/A001C002.mov is gone from {first} and is copied again; the copy {second} is gone and is" in said
    assert "adds no copy" not in said
    (targets[0] / "A001" / "INDEX").unlink()
    (said,) = plan_of(card, targets[:1], state).notes
    assert said.endswith(f"; 2 of 8 files are gone from {first} and are copied again")
    assert offload(card, targets, state).exit_code == 0
    (said,) = plan_of(card, targets, state).notes
    assert said.endswith("; this run adds no copy, it verifies these again")
    (said,) = plan_of(card, targets[:1], state).notes
    assert said.endswith(f"; this run adds no copy, it verifies {first} again"), "the other one is not looked into"


def test_copy_that_never_was_is_called_gone(card: Path, targets: list[Path], state: Path) -> None:
    """A target that was full at its first file."""
    offload(card, targets, state)
    told = find_jobs(state)[0].folder / "result.json"
    result = json.loads(told.read_text())
    result["targets"][1]["verified"] = 0
    told.write_text(json.dumps(result))
    shutil.rmtree(targets[1] / "A001")
    (said,) = plan_of(card, targets, state).notes
    first, second = (target / "A001" for target in targets)
    assert f"to {first} (not safe); this run adds {second}" in said


def test_card_that_came_back_is_taken_for_another(card: Path, targets: list[Path], state: Path) -> None:
    """More clips, and an index that the camera wrote anew; then what is there cannot be carried on, and both stay."""
    offload(card, targets, state)
    (card / "CLIPS" / "A001C009.mov").write_bytes(b"one more clip")
    plan = plan_of(card, targets, state)
    (said,) = plan.notes
    assert "came back with 1 more file; what was said of it then (not safe) holds no more" in said
    assert plan.other_card is None
    assert [place.folder.name for place in plan.places] == ["A001", "A001"]
    (card / "INDEX").write_bytes(b"9 clips")
    plan = plan_of(card, targets, state)
    assert any("came back with 1 more file, INDEX changed" in note for note in plan.notes)
    beside = f"{targets[0] / 'A001'} holds it as it was; nothing is ever written over, so this card goes whole to"
    assert f"{beside} {targets[0] / 'A001_2'}" in plan.notes
    assert not any("another card" in note for note in plan.notes)
    assert plan.other_card is None
    assert [place.folder.name for place in plan.places] == ["A001_2", "A001_2"]


def test_file_in_other_capitals_makes_another_card(card: Path, targets: list[Path], state: Path) -> None:
    """FAT read by another system. A target of one case takes both names for one file: both stay as they are."""
    offload(card, targets[:1], state)
    clip = card / "CLIPS" / "A001C002.mov"
    clip.rename(clip.with_name("a001c002.MOV"))
    plan = plan_of(card, targets[:1], state)
    assert plan.doubts == ()
    assert any(
        "came back with CLIPS/A001C002.mov spelled CLIPS/a001c002.MOV; what was said" in note for note in plan.notes
    )
    offload(card, targets[:1], state)
    assert contents(targets[0] / "A001_2") == contents(card)
    assert (targets[0] / "A001" / "CLIPS" / "A001C002.mov").exists()
    for path in list(card.rglob("*.*")):
        path.rename(path.with_name(path.name.swapcase()))
    shutil.rmtree(targets[0] / "A001_2")
    shutil.rmtree(state / next(job.folder for job in find_jobs(state)))
    (said,) = [note for note in plan_of(card, targets[:1], state).notes if "spelled" in note]
    assert " and 5 more; what" in said


def test_other_card_of_that_name_is_not_told(tmp_path: Path, card: Path, targets: list[Path], state: Path) -> None:
    first = offload(card, targets, state)
    other = make_card(tmp_path / "second" / "A001", seed=2)
    for path in other.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    plan = plan_of(other, targets[:1], state)
    assert plan.other_card is not None
    for part in (first.fingerprint[:8], plan.card.fingerprint[:8], "is the name of another card", "T1/A001_2"):
        assert part in plan.other_card
    fresh = tmp_path / "T3"
    fresh.mkdir()
    plan = plan_of(other, [fresh], state)  # nothing of that name lies there: worth a word, no question
    assert plan.other_card is None
    assert any("another card was called A001 (offloaded 20" in note for note in plan.notes)
    clock = ManualClock(wall_ns=first.started_ns + 15 * 86_400 * GB)
    assert job_for(other, [fresh], state, clock=clock).plan().notes == ()


def test_card_of_another_laptop_has_no_fingerprint(
    tmp_path: Path, card: Path, targets: list[Path], state: Path
) -> None:
    """Only the history on the target tells which card it was, once the job's record is old or elsewhere."""
    first = offload(card, targets, state)
    other = make_card(tmp_path / "second" / "A001", seed=2)
    for path in other.rglob("*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    later = ManualClock(wall_ns=first.started_ns + 15 * 86_400 * GB)
    for plan in (plan_of(other, targets, tmp_path / "theirs"), job_for(other, targets, state, clock=later).plan()):
        both = f"(fingerprint {first.fingerprint[:8]}; this one is {plan.card.fingerprint[:8]})"
        assert plan.other_card is not None
        assert plan.other_card.startswith(f"A001 is the name of another card there {both}; this one goes to ")


def test_card_is_written_to_by_others_unsaid(tmp_path: Path, card: Path) -> None:
    found = scan_card(card)
    mount = Mount(str(card), "exfat", "/dev/sdb1", False, 1)
    assert read_write(replace(found, mount=None)) is None
    assert read_write(replace(found, mount=replace(mount, read_only=True))) is None
    assert read_write(replace(found, mount=replace(mount, point=str(tmp_path)))) is None
    told = read_write(replace(found, mount=mount))
    assert told is not None
    assert f'"sudo mount -o remount,ro {card}"' in told
    place = Place(Target(tmp_path, "A001"), tmp_path / "A001", frozenset())
    assert make_plan(replace(found, mount=mount), [place], [], "reread", NOON).notes == (told,)


def test_two_targets_of_one_disk_are_told_after_the_copy(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the verdict will count them; where each counts, nothing is said."""
    found = plan_of(card, targets, state).media
    assert any("lies on the card's own disk" in each for each in found)
    device = iter(range(1, 99))

    def elsewhere(path: str, disks: frozenset[str], disk: str | None, on_card: bool, number: int) -> Copied:
        name = "sdx" if one_disk else f"sd{next(device)}"
        return Copied(path, frozenset({name}), disk, on_card=False, device=next(device))

    monkeypatch.setattr("onset.offload.plan.Copied", elsewhere)
    one_disk = True
    assert [each.partition(" ")[2] for each in plan_of(card, targets, state).media] == [
        "shares its disk with another target; together they count once"
    ]
    one_disk = False
    assert plan_of(card, targets, state).media == ()


def test_moment_is_told_in_utc() -> None:
    assert spell_moment(NOON) == "2026-03-05 12:00"


def test_refused_job_is_planned(card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free(1000, monkeypatch)
    with pytest.raises(OffloadError, match="needed"):
        plan_of(card, targets, state)


def test_card_under_another_name_is_copied_twice_unasked(card: Path, targets: list[Path], state: Path) -> None:
    """A volume was renamed: one card, two folders, and nobody would know."""
    offload(card, targets[:1], state)
    card = card.rename(card.with_name("A015"))
    plan = plan_of(card, targets[:1], state)
    assert plan.renamed is not None
    assert plan.renamed.startswith("This card was offloaded as A001, 20")
    assert plan.renamed.endswith(f", to {targets[0] / 'A001'} (not safe); now it is called A015")
    (said,) = plan.notes
    assert said.startswith("offloaded already as A001, 20")
    assert said.endswith(f"; now it is called A015; this run adds {targets[0] / 'A015'}")
    assert plan.doubts == (plan.renamed,)
    offload(card, targets[:1], state)  # somebody said yes
    assert plan_of(card, targets, state).renamed is None


def test_slip_in_a_label_is_not_told(card: Path, targets: list[Path], state: Path) -> None:
    """The copies lie where they would go, so nothing is copied twice: a word is enough."""
    offload(card, targets[:1], state)
    job = OffloadJob(Request(card, (Target(targets[0], "A001"),), label="A010"), SystemClock(), state)
    plan = job.plan()
    assert plan.renamed is None
    assert "offloaded already as A001" in plan.notes[0]
    assert plan.notes[0].endswith("; now it is called A010; this run adds no copy, it verifies these again")


def test_card_came_back_with_more_under_another_name(card: Path, targets: list[Path], state: Path) -> None:
    offload(card, targets[:1], state)
    back = card.rename(card.with_name("A015"))
    (back / "CLIPS" / "A001C009.mov").write_bytes(b"one more clip")
    renamed = plan_of(back, targets[:1], state).renamed
    assert renamed is not None
    assert renamed.endswith(
        f"to {targets[0] / 'A001'} (not safe) and came back with 1 more file; now it is called A015"
    )
    clip = back / "CLIPS" / "A001C001.mov"
    clip.write_bytes(clip.read_bytes())  # the same bytes with a date of its own: another card that began alike
    assert plan_of(back, targets[:1], state).renamed is None


def test_cards_of_empty_files_are_taken_for_one(tmp_path: Path, targets: list[Path], state: Path) -> None:
    for name in ("A001", "A015"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "INDEX").touch()
        os.utime(tmp_path / name / "INDEX", (1, 1))
    offload(tmp_path / "A001", targets[:1], state)
    (tmp_path / "A015" / "A015C001.mov").write_bytes(b"a clip")
    assert plan_of(tmp_path / "A015", targets[:1], state).renamed is None


def test_copy_that_was_cut_off_under_another_name(card: Path, targets: list[Path], state: Path) -> None:
    offload(card, targets[:1], state)
    (job,) = find_jobs(state)
    (job.folder / "result.json").unlink()
    back = card.rename(card.with_name("A015"))
    plan = plan_of(back, targets[:1], state)
    assert plan.renamed is not None
    assert plan.renamed.startswith("A copy of this card as A001 was begun, 20")
    assert plan.renamed.endswith(", and did not end; now it is called A015")
    assert plan.renamed in plan.notes
