"""What a job said of its copies is told after one of them was found bad."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from onset.cli.main import main
from onset.clock import SystemClock
from onset.mhl.check import verify_history
from onset.mhl.since import found_since
from onset.offload.journal import JobSummary, find_jobs, jobs_folder
from onset.offload.stands import bad_since, copies_of, manifests
from tests.onset.mhl.samples import read_plainly
from tests.onset.offload.cards import job_for, make_targets, offload


def safe(state: Path) -> list[JobSummary]:
    """The jobs on record, newest first, as if their copies were on disks of their own."""
    for job in find_jobs(state):
        result = json.loads((job.folder / "result.json").read_text())
        (job.folder / "result.json").write_text(json.dumps(result | {"verdict": "safe", "reasons": []}))
    return find_jobs(state)


def spoil(copy: Path) -> None:
    """A byte flips, and somebody verifies it."""
    clip = copy / "CLIPS" / "A001C001.mov"
    clip.write_bytes(bytes(clip.stat().st_size))
    verify_history(copy, read_plainly, SystemClock(), append=True)


def told(jobs: list[JobSummary]) -> list[list[str]]:
    since = {manifest: found_since(manifest) for manifest in manifests(jobs, ())}
    return [sorted(bad_since(job, jobs, since, 0)) for job in jobs]


def test_verdict_stands_although_a_copy_of_an_earlier_job_counted_for_it(
    card: Path, targets: list[Path], state: Path
) -> None:
    offload(card, targets[:1], state)
    offload(card, targets[1:], state)
    first = str(targets[0] / "A001")
    assert told(safe(state)) == [[], []]
    spoil(targets[0] / "A001")
    later = find_jobs(state)[0].folder / "result.json"
    result = json.loads(later.read_text())
    for seconds, bad in ((-10, [first]), (10, [])):  # it ended before that was found, or after, and did without it
        later.write_text(json.dumps(result | {"as_of_ns": result["as_of_ns"] + seconds * 1_000_000_000}))
        assert told(find_jobs(state)) == [bad, [first]]


@pytest.mark.parametrize("how_many", [1, 2])
def test_job_is_safe_again_after_a_later_one_that_was_not(
    how_many: int, card: Path, targets: list[Path], state: Path
) -> None:
    """It read the copy back and ended not safe, or found it bad itself."""
    offload(card, targets, state)
    safe(state)
    if how_many == 1:
        offload(card, targets[:1], state)
    spoil(targets[0] / "A001")
    if how_many == 2:
        offload(card, targets, state)
    assert told(find_jobs(state)) == [[], [str(targets[0] / "A001")]]


def test_copy_found_bad_is_offered_as_complete(card: Path, targets: list[Path], state: Path) -> None:
    offload(card, targets, state)
    (job,) = safe(state)
    assert len(list(copies_of(job))) == 2
    plan = job_for(card, targets, state).plan()
    assert (plan.complete, "(safe)" in plan.notes[0]) == (True, True)
    spoil(targets[1] / "A001")
    plan = job_for(card, targets, state).plan()
    assert (plan.complete, "(not safe any more)" in plan.notes[0]) == (False, True)


def test_list_of_jobs_calls_a_bad_copy_safe(card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = jobs_folder(os.environ)
    (tmp_path / "more").mkdir()
    targets = make_targets(tmp_path / "more")
    offload(card, targets, state)
    safe(state)
    for bad, word in ((False, "finished copies safe /"), (True, "finished copies not safe, one found bad /")):
        if bad:
            spoil(targets[0] / "A001")
        assert main(["jobs"]) == 0
        assert word in " ".join(capsys.readouterr().out.split())
    assert main(["jobs", "--json"]) == 0
    (job,) = json.loads(capsys.readouterr().out)["jobs"]
    assert (job["verdict"], list(job["found_bad"])) == ("not safe", [str(targets[0] / "A001")])


def test_what_a_log_knows_of_a_copy_is_not_asked(card: Path, targets: list[Path], state: Path) -> None:
    """Its disk is away: nothing but the log tells."""
    offload(card, targets, state)
    (job,) = safe(state)
    (folder, manifest), _ = copies_of(job)
    known = {manifest: "1 file failed when it was verified"}
    assert bad_since(job, [job], {}, 0, known) == {folder: known[manifest]}
    wanted = job_for(card, targets, state)
    wanted._request = replace(wanted._request, known_bad=lambda: known)
    assert (wanted.plan().complete, "(not safe any more)" in wanted.plan().notes[0]) == (False, True)
