"""What was issued, as JSON: absent is null, never left out."""

from __future__ import annotations

from onset.domain.issue import Issue
from onset.logbook.as_json import Json, iso


def issue_json(issue: Issue) -> dict[str, Json]:
    """An issued report; `position` is of every seat the newest edit that the log held then."""
    return {
        "id": issue.id,
        "report": issue.report,
        "unit": issue.unit,
        "day": issue.day,
        "scope": issue.scope or None,
        "revision": issue.revision,
        "digest": issue.digest,
        "position": dict(issue.position),
        "author": issue.author,
        "issued_at": iso(issue.wall_ns),
        "note": issue.note or None,
    }
