"""Whether what was said of copies still stands, by what their own histories have got since.

Used by the jobs for copies of earlier ones, by the Offload screen for jobs of other productions, whose copies its log
does not know, and by `onset jobs`. What a job said was true when it ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from onset.mhl.since import found_since
from onset.offload.journal import JobSummary
from onset.offload.verdict import SAFE
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.mhl.since import Since

MOST = 50  # newest jobs of others; a machine has thousands after a year


def found_bad(manifest: str, known_bad: Mapping[str, str]) -> str | None:
    """Why a copy does not hold any more, by what its own history has got since, or by what the log knows."""
    since = found_since(manifest)
    if since.trouble:
        return "its history is not what it was"
    if since.failed:
        return f"{safe_text(since.failed[0])} was found with other bytes since"
    return f"{safe_text(since.missing[0])} is gone since" if since.missing else known_bad.get(manifest)


def manifests(found: Sequence[JobSummary], known: Collection[str]) -> frozenset[str]:
    """Of the copies whose histories are asked: those of cards that a job called safe, whoever made them.

    Args:
        found: all jobs on record, newest first.
        known: fingerprints of the cards that the log answers for.
    """
    others = [job for job in found if _verdict(job) == SAFE and job.sheet.fingerprint not in known]
    cards = {job.sheet.fingerprint for job in others[:MOST]}
    return frozenset(manifest for job in found if job.sheet.fingerprint in cards for _, manifest in copies_of(job))


def bad_since(
    job: JobSummary,
    found: Sequence[JobSummary],
    since: Mapping[str, Since | None],
    now_ns: int,
    known_bad: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """What was found of the copies that a safe verdict rests on, since it was given, by their folder.

    Args:
        job: that gave it.
        found: all jobs on record, newest first: copies of earlier ones may have counted for it.
        since: what histories say now, by the path of the manifest of a copy.
        now_ns: wall clock.
        known_bad: what a log knows against copies, by the path of their manifest; it counts for those of this job.
    """
    from onset.reconcile.bad_copies import in_words
    from onset.reconcile.card_copies import told

    bad = dict[str, str]()
    seen = set[str]()
    as_of = (job.result or {}).get("as_of_ns")
    earlier = False
    for each in found if _verdict(job) == SAFE else ():
        for folder, manifest in copies_of(each) if each.sheet.fingerprint == job.sheet.fingerprint else ():
            if folder in seen:
                continue
            seen.add(folder)
            says = since.get(manifest)
            what = in_words(says) if says is not None else None
            at_ns = what.at_ns if what is not None else None
            did_without = earlier and at_ns is not None and isinstance(as_of, int) and at_ns <= as_of
            if what is not None and not did_without:
                bad[folder] = told(what, now_ns)
            elif each is job and manifest in known_bad:
                bad[folder] = known_bad[manifest]
        earlier = earlier or each is job
    return bad


def _verdict(job: JobSummary) -> object:
    return (job.result or {}).get("verdict")


def copies_of(job: JobSummary) -> Iterator[tuple[str, str]]:
    """Folder and manifest of each whole copy that a job made."""
    targets = (job.result or {}).get("targets")
    for each in targets if isinstance(targets, list) else ():
        if not isinstance(each, dict) or each.get("failed") or each.get("lost") is not None:
            continue
        if isinstance(each.get("path"), str) and isinstance(each.get("manifest"), str):
            yield each["path"], each["manifest"]
