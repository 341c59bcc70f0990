"""The verbs of a logbook: each is one edit in one transaction, durable when it returns. For `SqliteLogbook`."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from logging_db import production
from logging_db.edits import Names, WriteTransaction
from logging_db.reading import Questions
from logging_db.sqlite_library import Connection, errors_of
from onset.changes import Value
from onset.clock import Clock
from onset.domain.camera import Clip, LinkState
from onset.domain.card import Card
from onset.domain.claim import Claim, ClaimSource, Explanation
from onset.domain.note import Audience, Note
from onset.domain.production import Day, Seat
from onset.domain.scene import Scene, Setup
from onset.domain.sound import SoundFile
from onset.domain.take import Board, Stamp, State, Take
from onset.errors import LogError, OverwrittenError, RefusedError
from onset.logbook import board as boards
from onset.logbook import cards, clips, days, links, notes, scenes, takes, undo
from onset.logbook import claims as reports
from onset.logbook import media as originals
from onset.logbook.protocol import Event, Next, Undone, WantedLink

_TOLD = "undo told"  # the key of a draft
_MATCHER = "onset"  # who is written beside links that no person made


class Verbs(Questions):
    """Writes on one connection, one edit at a time."""

    def __init__(
        self,
        writer: Connection,
        reader: Connection,
        path: Path | None,
        *,
        seat: Seat,
        author: str,
        clock: Clock,
        read_only: str | None,
    ) -> None:
        self._write_lock = threading.RLock()
        # In memory there is one connection for both.
        super().__init__(reader, path, self._write_lock if reader is writer else threading.RLock())
        self._writer = writer
        self._seat = seat
        self._author = author
        self._clock = clock
        self._read_only = read_only
        with errors_of(path):
            self._names = Names.read(reader)

    @contextmanager
    def _edit(
        self, verb: str, wall_ns: int | None = None, author: str | None = None, *, keep: bool = True
    ) -> Iterator[WriteTransaction]:
        """A transaction that becomes one edit when the block ends, or leaves no trace when it raises.

        Args:
            verb: what was asked for, as the history names it.
            wall_ns: of the stamp that it records; now, where there is none.
            author: who writes, when it is not the seat's user.
            keep: False rolls back at the end (to learn what an edit would do).
        """
        if self._read_only is not None:
            raise LogError(self._read_only)
        now = self._clock.wall_ns() if wall_ns is None else wall_ns
        with self._write_lock, errors_of(self._path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                edit = WriteTransaction(
                    self._writer, self._seat, self._names, author=author or self._author, wall_ns=now
                )
                yield edit
                done = keep and edit.finish(verb)
                self._writer.execute("COMMIT" if done else "ROLLBACK")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def _take(self, take_id: str) -> Take:
        found = self.take(take_id)
        if found is None:
            raise RefusedError(f"There is no take with the id {take_id} in this log.")
        return found

    # -- days and board -----------------------------------------------------------------------------------------------

    def open_day(self, unit: str, number: int, date: str) -> Day:
        with self._edit("open day") as edit:
            boards.check_unit(edit, unit)
            day_id = days.open_day(edit, unit, number, date)
        return self._day(unit, day_id)

    def wrap_day(self, unit: str, stamp: Stamp) -> Day:
        with self._edit("wrap day", stamp.wall_ns) as edit:
            boards.check_unit(edit, unit)
            day_id = days.wrap_day(edit, unit, stamp)
        return self._day(unit, day_id)

    def _day(self, unit: str, day_id: str) -> Day:
        return next(day for day in self.days(unit) if day.id == day_id)

    def set_next(self, change: Next, *, unit: str = "Main") -> Board:
        with self._edit("next") as edit:
            boards.set_next(edit, unit, change)
        return self.board(unit)

    def next_setup(self, *, unit: str = "Main") -> Board:
        with self._edit("next") as edit:
            boards.advance(edit, unit)
        return self.board(unit)

    # -- takes --------------------------------------------------------------------------------------------------------

    def roll(self, stamp: Stamp, *, unit: str = "Main", change: Next | None = None, author: str | None = None) -> Take:
        with self._edit("roll", stamp.wall_ns, author) as edit:
            boards.check_unit(edit, unit)
            take_id = takes.roll(edit, stamp, unit=unit, change=change)
        return self._take(take_id)

    def action(self, take_id: str, stamp: Stamp) -> Take:
        with self._edit("action", stamp.wall_ns) as edit:
            takes.action(edit, take_id, stamp)
        return self._take(take_id)

    def cut(self, take_id: str, stamp: Stamp) -> Take:
        with self._edit("cut", stamp.wall_ns) as edit:
            takes.cut(edit, take_id, stamp)
        return self._take(take_id)

    def earlier(self, take_id: str, seconds: int) -> Take:
        with self._edit("earlier") as edit:
            takes.earlier(edit, take_id, seconds)
        return self._take(take_id)

    def interrupt(self, take_id: str, stamp: Stamp) -> Take:
        with self._edit("interrupt", stamp.wall_ns) as edit:
            takes.cut(edit, take_id, stamp, state=State.INTERRUPTED)
        return self._take(take_id)

    def add_take(
        self,
        *,
        slate: str,
        take: str | None,
        stamp: Stamp,
        unit: str = "Main",
        scene: str | None = None,
        fields: Mapping[str, Value] | None = None,
        duration_frames: int | None = None,
        day: int | None = None,
    ) -> Take:
        with self._edit("add") as edit:
            boards.check_unit(edit, unit)
            take_id = takes.add_take(
                edit,
                slate=slate,
                take=take,
                stamp=stamp,
                unit=unit,
                scene=scene,
                fields=fields or {},
                duration_frames=duration_frames,
                day=day,
            )
        return self._take(take_id)

    def set_take(
        self, take_id: str, fields: Mapping[str, Value], *, angles: Mapping[str, Mapping[str, Value]] | None = None
    ) -> Take:
        with self._edit("set") as edit:
            takes.set_take(edit, take_id, fields)
            for camera, of_camera in (angles or {}).items():
                takes.set_angle(edit, take_id, camera, of_camera)
        return self._take(take_id)

    def set_angle(self, take_id: str, camera: str, fields: Mapping[str, Value]) -> Take:
        with self._edit("set angle") as edit:
            takes.set_angle(edit, take_id, camera, fields)
        return self._take(take_id)

    def set_setup(self, slate: str, fields: Mapping[str, Value], *, scene: str | None = None) -> Setup:
        with self._edit("set setup") as edit:
            setup_id = scenes.set_setup(edit, slate, fields, scene=scene)
        return self._setup(setup_id)

    def set_camera_setup(self, slate: str, camera: str, fields: Mapping[str, Value]) -> Setup:
        with self._edit("set camera") as edit:
            setup_id = scenes.set_camera_setup(edit, slate, camera, fields)
        return self._setup(setup_id)

    def rehearsal(self, duration_ns: int, *, unit: str = "Main") -> Setup:
        with self._edit("rehearsal") as edit:
            boards.check_unit(edit, unit)
            setup_id = scenes.rehearsal(edit, duration_ns, unit=unit)
        return self._setup(setup_id)

    def _setup(self, setup_id: str) -> Setup:
        with self._reading() as connection:
            return production.setups(connection, uid=bytes.fromhex(setup_id))[0]

    def set_scene(self, number: str, fields: Mapping[str, Value], *, episode: str | None = None) -> Scene:
        with self._edit("set scene") as edit:
            scenes.set_scene(edit, number, fields, episode=episode)
        found = self.scene(number.strip(), episode=episode)
        if found is None:
            raise LogError('The scene that was just written cannot be read back; run "onset doctor".')
        return found

    def note(
        self,
        take_id: str,
        text: str,
        *,
        audience: Audience = Audience.EDITOR,
        stamp: Stamp | None = None,
        author: str | None = None,
    ) -> Note:
        with self._edit("note", author=author) as edit:
            note_id = notes.note(edit, take_id, text, audience=audience, stamp=stamp)
        return self._note(take_id, note_id)

    def mark(self, take_id: str, stamp: Stamp, text: str = "") -> Note:
        with self._edit("mark", stamp.wall_ns) as edit:
            note_id = notes.mark(edit, take_id, stamp, text)
        return self._note(take_id, note_id)

    def _note(self, take_id: str, note_id: str) -> Note:
        return next(note for note in self._take(take_id).notes if note.id == note_id)

    def rate_take(self, take_id: str, voter: str, value: str | None) -> Take:
        with self._edit("rate") as edit:
            takes.rate_take(edit, take_id, voter, value)
        return self._take(take_id)

    def tag(self, take_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Take:
        with self._edit("tag") as edit:
            takes.tag(edit, take_id, add=add, remove=remove)
        return self._take(take_id)

    def delete(self, take_id: str) -> Take:
        with self._edit("delete") as edit:
            takes.delete(edit, take_id)
        return self._take(take_id)

    def restore(self, take_id: str) -> Take:
        with self._edit("restore") as edit:
            takes.restore(edit, take_id)
        return self._take(take_id)

    def undo(self, *, wall_ns: int) -> Undone:
        told = self._told()
        try:
            with self._edit("undo", wall_ns) as edit:
                sentence, take_id = undo.undo(edit, told)
        except OverwrittenError as error:
            self.keep_draft(_TOLD, json.dumps(sorted({*told, error.seq})))  # the next undo passes over it
            raise
        return Undone(sentence=sentence, take=self._take(take_id) if take_id else None)

    def _told(self) -> frozenset[int]:
        """Own edits whose undo was refused because another seat overwrote them. Kept: a command is a process."""
        return frozenset(json.loads(self.draft(_TOLD) or "[]"))

    def redo(self, *, wall_ns: int) -> Undone:
        with self._edit("redo", wall_ns) as edit:
            sentence, take_id = undo.redo(edit)
        return Undone(sentence=sentence, take=self._take(take_id) if take_id else None)

    def undo_preview(self) -> str | None:
        if self._read_only is not None:
            return None
        try:
            with self._edit("undo", keep=False) as edit:
                return undo.undo(edit, self._told())[0]
        except OverwrittenError as error:
            return str(error)
        except RefusedError:
            return None

    # -- devices and offload ------------------------------------------------------------------------------------------

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
        self, sound_id: str, *, duration_frames: int | None, samples: int, sample_rate: int, interrupted: bool
    ) -> None:
        with self._edit("sound closed") as edit:
            clips.sound_closed(
                edit,
                sound_id,
                duration_frames=duration_frames,
                samples=samples,
                sample_rate=sample_rate,
                interrupted=interrupted,
            )

    def event(self, event: Event) -> None:
        with self._edit("event") as edit:
            clips.event(edit, event)

    def record_card(self, card: Card) -> Card:
        with self._edit("card") as edit:
            card_id = cards.record_card(edit, card)
        return self._card(card_id)

    def clear_card(self, card_id: str, *, by: str, note: str = "", cleared: bool = True) -> Card:
        with self._edit("clear card") as edit:
            cards.clear_card(edit, card_id, by=by, note=note, cleared=cleared)
        return self._card(card_id)

    def _card(self, card_id: str) -> Card:
        return next(one for one in self.cards() if one.id == card_id)

    # -- other departments ------------------------------------------------------------------------------------------

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

    # -- drafts ----------------------------------------------------------------------------------------------------

    def draft(self, key: str) -> str | None:
        with self._read_lock, errors_of(self._path):
            row = self._reader.execute(
                "SELECT text FROM draft WHERE seat = ? AND key = ?", (bytes.fromhex(self._seat.id), key)
            ).fetchone()
        return str(row[0]) if row else None

    def keep_draft(self, key: str, text: str | None) -> None:
        if self._read_only is not None:
            raise LogError(self._read_only)
        seat = bytes.fromhex(self._seat.id)
        with self._write_lock, errors_of(self._path):
            if text is None:
                self._writer.execute("DELETE FROM draft WHERE seat = ? AND key = ?", (seat, key))
            else:
                self._writer.execute(
                    "INSERT OR REPLACE INTO draft (seat, key, text) VALUES (?, ?, ?)",
                    (seat, key, text.encode("utf-8", "replace").decode()),
                )
