"""Jobs that were stopped and that nobody means to go on with: off the lists, by a person's word.

Used by `onset jobs dismiss` and the Offload screen. Nothing is deleted: what was verified stays on the targets, and the
same offload still goes on with the job, which then stands in the lists again.
"""

from __future__ import annotations

from onset.errors import OffloadError
from onset.offload.journal import JobSummary, read_document
from onset.offload.wishes import put_document
from onset.text import safe_text

_FILE = "dismissed.json"


def dismiss(job: JobSummary) -> str:
    """Take a stopped job off the lists.

    Returns:
        One sentence: what that means.

    Raises:
        OffloadError: it runs, it is finished, or its record cannot be written.
    """
    label = safe_text(job.sheet.label)
    if job.running:
        raise OffloadError(f"{label} runs; cancel it first.")
    if job.finished:
        raise OffloadError(f"{label} is finished; only jobs that were stopped are dismissed.")
    put_document(job.folder / _FILE, {"pid": job.sheet.pid})
    return f"{label} is off the list; what was copied stays, and the same onset offload goes on with it."


def is_dismissed(job: JobSummary) -> bool:
    """Whether somebody dismissed a stopped job. One that was gone on with since has another process on record."""
    if job.running or job.finished:
        return False
    said = read_document(job.folder / _FILE)
    return said is not None and said.get("pid") == job.sheet.pid
