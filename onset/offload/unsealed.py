"""What a run left in a target's history that came to its end without sealing it: the disk was full, or failed.

Used by the job before the first byte. A manifest without its chain, or an empty folder, would be taken for a history
that lost its chain, which no further run could carry on.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from onset.errors import ManifestError
from onset.mhl.append import clear_cut_off
from onset.offload.card import Card
from onset.offload.journal import JobSummary
from onset.offload.sink import Sink


def clear_unsealed(card: Card, sinks: Iterable[Sink], jobs: Iterable[JobSummary]) -> None:
    """Take away what no chain knows, of runs whose result says that they sealed nothing on a target.

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
