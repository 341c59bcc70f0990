"""Where a production and its recordings lie: whether both are still there, and recordings without a log entry.

Used by session.py about once a second: nobody announces it, and everything depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from onset.capture.alarms import AlarmList
from onset.capture.aside import Begin
from onset.capture.recorded import BACK, MISSING, MediaFolder, Recorded
from onset.capture.signals import SERVICE
from onset.clock import Clock
from onset.logbook.terms import Event
from onset.text import safe_path, safe_text

ORPHAN = "recording without a log entry"


class Place:
    """The production's folder and its media folder.

    Attributes:
        gone_ns: monotonic stamp since when the production's folder is not there any more; None: it is.
    """

    def __init__(
        self,
        media: Path,
        in_place: Callable[[], bool],
        clock: Clock,
        alarms: AlarmList,
        tell: Callable[[str], None],
        begin: Begin,
    ) -> None:
        """Nothing is looked at before `look`.

        Args:
            media: absolute folder of recordings.
            in_place: whether the production's folder is still the one that the service was started for.
            clock: monotonic.
            alarms: hears of what is wrong.
            tell: shows a sentence to the person who runs the service.
            begin: where a disk is asked that may not answer.
        """
        self.gone_ns: int | None = None
        self._media = media
        self._folder = MediaFolder(media, begin)
        self._in_place = in_place
        self._clock = clock
        self._alarms = alarms
        self._tell = tell

    def look(self, recorded: Recorded | None, rolling: Iterable[str], wait_s: float = 0.0) -> None:
        """See whether both are there.

        Args:
            recorded: what the log says was recorded; None before it was read.
            rolling: labels of the takes that roll.
            wait_s: how long the media folder is waited for.
        """
        if self.gone_ns is not None:
            return
        if not self._in_place():
            self.gone_ns = self._clock.monotonic_ns()
            self._tell(
                "The production's folder was deleted, moved or replaced; the service finishes its files and ends once "
                "nothing rolls."
            )
            for label in rolling:
                self._tell(f"{safe_text(label)} still rolls, and is recorded until the log says that it was cut.")
            return  # and no media folder is made in its place
        now_ns = self._clock.monotonic_ns()
        changed = None if recorded is None else self._folder.look(recorded, now_ns, wait_s)
        if changed is None:
            return
        what, detail = changed
        if what == MISSING:
            self._alarms.stands(SERVICE, what, detail, now_ns, None)
        elif what == BACK:
            self._tell(detail)
            self._alarms.clear(SERVICE, {MISSING}, now_ns, detail)
        else:
            self._alarms.happened(SERVICE, what, detail, now_ns, None, rings=True)

    def tell_of_orphans(self, names: Sequence[str], events: Callable[[], Iterable[Event]]) -> None:
        """Log, once for good, each recording whose opening never reached the log: nobody would look for it.

        Args:
            names: below the media folder.
            events: all that the log has; asked only where there is such a recording.
        """
        if not names:
            return
        logged = {event.detail for event in events() if event.what == ORPHAN}
        for name in names:
            detail = f"Recording without a log entry: {safe_path(self._media / name)}."
            if detail in logged:
                self._tell(detail)
            else:
                self._alarms.note(SERVICE, ORPHAN, detail, self._clock.monotonic_ns())
