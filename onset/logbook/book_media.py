"""Files, cards, devices, and what other departments claim: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from onset.domain.camera import Clip, Link, LinkState
from onset.domain.card import Card
from onset.domain.claim import Claim, ClaimSource, Explanation
from onset.domain.sound import SoundFile
from onset.domain.take import Take
from onset.logbook.terms import Event, LookedAt, WantedLink


class MediaDepartment(Protocol):
    """Files, cards, devices, and what other departments claim."""

    def clip_opened(self, take_id: str, clip: Clip) -> str:
        """A recorder of ours writes this file for that take; linked and confirmed. Returns the clip's id."""
        ...

    def clip_closed(self, clip_id: str, *, duration_frames: int | None, dropped: int, interrupted: bool) -> None:
        """The file is complete; without a length (it cannot be read for now) only `interrupted` is written."""
        ...

    def sound_opened(self, take_id: str, sound: SoundFile) -> str: ...

    def sound_closed(
        self,
        sound_id: str,
        *,
        duration_frames: int | None,
        samples: int,
        sample_rate: int,
        interrupted: bool,
        peak_db: Sequence[float] = (),
        rms_db: Sequence[float] = (),
    ) -> None:
        """As `clip_closed`, for a sound file.

        Args:
            sound_id: of the file.
            duration_frames: at the file's rate, rounded down.
            samples: a track, exactly.
            sample_rate: in hertz.
            interrupted: the device went away before the cut.
            peak_db: of each track between roll and cut, in dBFS; empty: not measured.
            rms_db: likewise.
        """
        ...

    def clip_proxy(self, clip_id: str, path: str) -> None:
        """A joined proxy of this clip lies at `path`, relative to the production's folder.

        Raises:
            RefusedError: no such clip.
        """
        ...

    def event(self, event: Event) -> None: ...

    def alarm_raised(self, alarm: Event) -> str:
        """Something began that lasts; it stands until `alarm_cleared`. Returns the alarm's id."""
        ...

    def alarm_again(
        self, alarm_id: str, *, last_ns: int, count: int, cleared_ns: int | None = None, detail: str | None = None
    ) -> None:
        """It came back and stands again, or (with `cleared_ns`) is over already: the same row, with how often it came.

        What only happened, by `event`, may come again too: then it is over at the moment at which it came.

        Raises:
            RefusedError: no such alarm.
        """
        ...

    def alarm_cleared(
        self, alarm_id: str, *, cleared_ns: int, count: int | None = None, detail: str | None = None
    ) -> None:
        """It is over; `detail` where there is more to say of it than when it began.

        Raises:
            RefusedError: no such alarm.
        """
        ...

    def record_card(self, card: Card) -> Card:
        """Remember an offload with its copies and verdict; the same fingerprint again updates that card."""
        ...

    def copies_looked_at(self, looked: Sequence[LookedAt]) -> None:
        """What was found of copies since they were made, or that it was put right, in one edit.

        A copy that was made anew since `looked` was made, or that the log does not have, is left alone.
        """
        ...

    def clear_card(self, card_id: str, *, by: str, note: str = "", cleared: bool = True) -> Card:
        """A named person cleared the card, as its fingerprint is now, for formatting; or took that back.

        Raises:
            RefusedError: no such card, no name, or a copy that its verdict counts is known to be bad.
        """
        ...

    def bring_in(self, media: Sequence[Clip | SoundFile]) -> tuple[int, int]:
        """Remember files that are not our recorders', in one edit; those the log knows are updated, never doubled.

        Identity is (digest, name) where there is a digest, else (card, path). A readable file takes the place of the
        unreadable one of the same card label and path.

        Returns:
            How many are new, and how many were known.
        """
        ...

    def take_claims(self, source: ClaimSource, report: str, unit: str, day: int, claims: Sequence[Claim]) -> int:
        """Remember the rows of a report, in one edit; the rows of an earlier import of that report give way.

        Returns:
            How many rows are new or were changed.
        """
        ...

    def write_links(self, unit: str, day: int, wanted: Sequence[WantedLink], *, seen: int) -> int | None:
        """Make the matcher's links of a day what it wants, in one edit, writing differences only.

        Links of our own recorders, and those a person decided, are left as they are. Files of the day that are not
        wanted any more lose the matcher's links.

        Args:
            unit: whose day.
            day: its number.
            wanted: all links the matcher wants for that day.
            seen: `arrival()` as it was before the matcher read the day.

        Returns:
            How many links changed; None when the log has moved on since `seen` in what a match depends on, and nothing
            was written.
        """
        ...

    def decide_link(self, take_id: str, media_id: str, state: LinkState, *, reason: str = "") -> Take:
        """A person's word on a take and a file: confirmed or refused; stands whatever the matcher finds later.

        `proposed` takes the person's word back.

        Raises:
            RefusedError: no such take or file; or a file of our own recorders is refused.
        """
        ...

    def explain(self, key: str, text: str, *, unit: str, day: int) -> Explanation:
        """A difference is explained by this person; an empty text takes the explanation back."""
        ...

    def media(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Clip | SoundFile]:
        """Files of a day that are not our recorders', linked or not, in order of name; None: of all days."""
        ...

    def links(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Link]:
        """All links of the takes of a day, refused ones too; None: of all days."""
        ...

    def claims(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Claim]:
        """Rows of reports, in order of report and row."""
        ...

    def explanations(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Explanation]: ...

    def cards(self) -> Sequence[Card]: ...

    def events(self, *, take_id: str | None = None, limit: int = 100) -> Sequence[Event]:
        """What happened to devices, newest first: in the order in which it came to this log."""
        ...

    def alarms(self) -> Sequence[Event]:
        """Alarms that last and are not over, oldest first, however long ago they began."""
        ...
