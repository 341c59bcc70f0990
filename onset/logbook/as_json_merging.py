"""What a merge or an exchange did, as the JSON that other programs may rely on: absent is null, never left out."""

from __future__ import annotations

from onset.logbook.as_json import Json, conflict_json
from onset.logbook.merging import Exchanged, Merged, TakenIn


def merged_json(merged: Merged) -> dict[str, Json]:
    """Counts of what was new here, and what a person has to look at."""
    return {
        **taken_json(merged.taken),
        "conflicts": [conflict_json(conflict) for conflict in merged.conflicts],
        "duplicates": [[take.id for take in group] for group in merged.duplicates],
        "odd": [take.id for take in merged.odd],
    }


def exchanged_json(done: Exchanged) -> dict[str, Json]:
    """What came from each file, and how much went into the own one."""
    files: list[Json] = [
        {"name": file.name, "by": file.by or None, "problem": file.problem or None, **taken_json(file.taken)}
        for file in done.came
    ]
    return {"file": done.file, "sent": done.sent, "came": files}


def taken_json(taken: TakenIn) -> dict[str, Json]:
    """Counts of what was new here, wrong clocks, and what was left out."""
    return {
        "edits": taken.edits,
        "changes": taken.changes,
        "takes": taken.things.get("take", 0),
        "notes": taken.things.get("note", 0),
        "seats": list(taken.seats),
        "clocks": [
            {"name": clock.name, "ahead_of": clock.ahead_of or None, "ahead_s": clock.ahead_s} for clock in taken.clocks
        ],
        "refused": [
            {
                "seat": refused.seat,
                "name": refused.name,
                "seq": refused.seq,
                "fault": str(refused.fault),
                "sentence": refused.sentence,
            }
            for refused in taken.refused
        ],
    }
