"""What earlier runs left on a target: what they began and did not seal, and what they verified and is not there.

Used by the job before the first byte.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from onset.errors import ManifestError
from onset.mhl.append import clear_cut_off
from onset.offload.card import Card
from onset.offload.journal import JobSummary, Journal
from onset.offload.place import Place
from onset.offload.seal import is_of_history
from onset.offload.sink import Sink
from onset.text import safe_path, safe_text


def clear_unsealed(card: Card, sinks: Iterable[Sink], jobs: Iterable[JobSummary]) -> None:
    """Take away what no chain knows, of runs whose result says that they sealed nothing on a target.

    The disk was full, or failed. A manifest without its chain, or an empty folder, would be taken for a history that
    lost its chain, which no further run could carry on.

    Args:
        card: the card.
        sinks: its targets, locked.
        jobs: earlier ones.
    """
    by_path = {str(sink.path): sink for sink in sinks}
    for job in jobs:
        targets = (job.result or {}).get("targets")
        for told in targets if isinstance(targets, list) else ():
            sink = by_path.get(str(told.get("path")))
            if sink is not None and told.get("manifest") is None:
                with suppress(ManifestError, OSError):  # what is wrong there is told when the target is sealed
                    clear_cut_off(sink.path, card.tree.histories, job.sheet.started_ns)


def vanished(journal: Journal, target: int, place: Place) -> str | None:
    """What to say of files that this job verified before it was cut off and that are not there any more."""
    gone = sorted(path for path in journal.verified_on(target) - place.present if not is_of_history(path))
    if not gone:
        return None
    more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
    what = f"{safe_text(gone[0])}{more} had been verified on {safe_path(place.folder)} and vanished since"
    return f"{what}; copied again, but look at that disk"
