"""Turn a finished offload into edits on a log.

Used by `onset offload` inside a production, on a `Logbook` it is given; outside of one an offload works alone.
"""

from __future__ import annotations

from onset.domain.card import Card, Copy
from onset.logbook.protocol import Logbook
from onset.offload.outcome import Outcome


def card_of(outcome: Outcome) -> Card:
    """The card as the log remembers it; targets without a single verified file are no copies."""
    copies = tuple(
        Copy(
            path=target.path,
            verified=target.verified,
            failed=target.failed,
            read_back=target.read_back.value,
            manifest=target.manifest,
            disk=target.disk or "+".join(sorted(target.disks)) or None,
        )
        for target in outcome.targets
        if target.read_back is not None
    )
    return Card(
        id="",
        label=outcome.label,
        fingerprint=outcome.fingerprint,
        files=outcome.files,
        size=outcome.bytes,
        verdict=outcome.verdict,
        reasons=outcome.reasons,
        wall_ns=outcome.as_of_ns,
        copies=copies,
    )


def record_outcome(logbook: Logbook, outcome: Outcome) -> Card:
    """Write card, copies and verdict into the log; the same card again updates what is there.

    Raises:
        LogError: the log could not take it; the copies stand nevertheless.
    """
    return logbook.record_card(card_of(outcome))
