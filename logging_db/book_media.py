"""Files, cards and other departments: the verbs of `onset.logbook.book_media` on SQLite, each one edit."""

from __future__ import annotations

from collections.abc import Sequence

from logging_db.writing import Verbs
from onset.domain.camera import Clip, LinkState
from onset.domain.card import Card
from onset.domain.claim import Claim, ClaimSource, Explanation
from onset.domain.sound import SoundFile
from onset.domain.take import Take
from onset.logbook import cards, clips, links
from onset.logbook import claims as reports
from onset.logbook import media as originals
from onset.logbook.terms import Event, LookedAt, WantedLink

_MATCHER = "onset"  # who is written beside links that no person made, and beside what disks say of copies


class MediaVerbs(Verbs):
    """See `onset.logbook.book_media.MediaDepartment`."""

    def clip_opened(self, take_id: str, clip: Clip) -> str:
        with self._edit("clip opened") as edit:
            return clips.clip_opened(edit, take_id, clip)

    def clip_closed(self, clip_id: str, *, duration_frames: int | None, dropped: int, interrupted: bool) -> None:
        with self._edit("clip closed") as edit:
            clips.clip_closed(edit, clip_id, duration_frames=duration_frames, dropped=dropped, interrupted=interrupted)

    def sound_opened(self, take_id: str, sound: SoundFile) -> str:
        with self._edit("sound opened") as edit:
            return clips.sound_opened(edit, take_id, sound)

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
        with self._edit("sound closed") as edit:
            clips.sound_closed(
                edit,
                sound_id,
                duration_frames=duration_frames,
                samples=samples,
                sample_rate=sample_rate,
                interrupted=interrupted,
                peak_db=peak_db,
                rms_db=rms_db,
            )

    def clip_proxy(self, clip_id: str, path: str) -> None:
        with self._edit("clip proxy") as edit:
            clips.clip_proxy(edit, clip_id, path)

    def event(self, event: Event) -> None:
        with self._edit("event") as edit:
            clips.event(edit, event)

    def alarm_raised(self, alarm: Event) -> str:
        with self._edit("alarm raised") as edit:
            return clips.alarm_raised(edit, alarm)

    def alarm_again(
        self, alarm_id: str, *, last_ns: int, count: int, cleared_ns: int | None = None, detail: str | None = None
    ) -> None:
        with self._edit("alarm again") as edit:
            clips.alarm_again(edit, alarm_id, last_ns=last_ns, count=count, cleared_ns=cleared_ns, detail=detail)

    def alarm_cleared(
        self, alarm_id: str, *, cleared_ns: int, count: int | None = None, detail: str | None = None
    ) -> None:
        with self._edit("alarm cleared") as edit:
            clips.alarm_cleared(edit, alarm_id, cleared_ns=cleared_ns, count=count, detail=detail)

    def record_card(self, card: Card) -> Card:
        with self._edit("card") as edit:
            card_id = cards.record_card(edit, card)
        return self._card(card_id)

    def copies_looked_at(self, looked: Sequence[LookedAt]) -> None:
        with self._edit("copies looked at", author=_MATCHER) as edit:
            cards.copies_looked_at(edit, looked)

    def clear_card(self, card_id: str, *, by: str, note: str = "", cleared: bool = True) -> Card:
        with self._edit("clear card") as edit:
            cards.clear_card(edit, card_id, by=by, note=note, cleared=cleared)
        return self._card(card_id)

    def _card(self, card_id: str) -> Card:
        return next(one for one in self.cards() if one.id == card_id)

    def bring_in(self, media: Sequence[Clip | SoundFile]) -> tuple[int, int]:
        with self._edit("bring in") as edit:
            return originals.bring_in(edit, media)

    def take_claims(self, source: ClaimSource, report: str, unit: str, day: int, claims: Sequence[Claim]) -> int:
        with self._edit("claims") as edit:
            return reports.take_claims(edit, source, report, unit, day, claims)

    def write_links(self, unit: str, day: int, wanted: Sequence[WantedLink], *, seen: int) -> int | None:
        with self._edit("match", author=_MATCHER) as edit:
            return links.write_links(edit, unit, day, wanted, seen=seen)

    def decide_link(self, take_id: str, media_id: str, state: LinkState, *, reason: str = "") -> Take:
        with self._edit("link") as edit:
            links.decide_link(edit, take_id, media_id, state, reason=reason)
        return self._take(take_id)

    def explain(self, key: str, text: str, *, unit: str, day: int) -> Explanation:
        with self._edit("explain") as edit:
            identity = reports.explain(edit, key, text, unit=unit, day=day)
            wall_ns = edit.wall_ns
        for one in self.explanations(unit=unit, day=day):
            if one.id == identity:
                return one
        return Explanation(id=identity, key=key, unit=unit, day=day, text="", author=self._author, wall_ns=wall_ns)
