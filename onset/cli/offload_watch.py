"""`onset offload --watch`: notices cards that are inserted, says what each is, asks, copies, says when it is done.

Run by people in a terminal of its own. What was mounted before it started is left alone unless `--mounted` was given,
and nothing is copied without a yes, or `--yes`. While a card is copied (offload_watch_copies.py) the next is asked
about.
"""

from __future__ import annotations

import argparse
import os
import threading
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli import asking
from onset.cli.offload import (
    job_of,
    look_ahead,
    production_of,
    request_of,
    stop_asked,
)
from onset.cli.offload_card import look_before, show
from onset.cli.offload_plan import tell_plan
from onset.cli.offload_targets import asked_of
from onset.cli.offload_watch_copies import Copies
from onset.cli.offload_watch_told import Told
from onset.clock import SystemClock
from onset.errors import OffloadError, OnsetError, UsageError
from onset.offload.card import scan_card
from onset.offload.in_reader import room_on
from onset.offload.inserted import KernelMounts, MountEvents, identity, may_be_card, no_cards
from onset.offload.mounted import check_mounted
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cards.told import Look
    from onset.offload.disks import Mount
    from onset.offload.job import OffloadJob
    from onset.offload.plan import Plan

_LOOK_S = 0.5  # how soon Ctrl-C is seen
_SETTLED = 4  # looks in which nothing more came on a card that somebody writes to
_Identity = tuple[str, str, int]
_Room = tuple[int, int] | None


@dataclass(slots=True)
class Offered:
    """A card as it was offered, to see whether something came on it since.

    Attributes:
        room: what was free on it before it was listed.
        newest: what is free now, which it was in so many `looks` before.
        fingerprint: of what was offered; empty where nothing was.
    """

    room: _Room
    newest: _Room
    fingerprint: str
    looks: int = 0


def watch(args: argparse.Namespace) -> int:
    """Watch until Ctrl-C.

    Returns:
        0, or the exit code of the last copy that did not go well.

    Raises:
        UsageError: nobody can be asked, or options that do not go together.
        OnsetError: no such target, or a copy was stopped.
    """
    if args.label is not None:
        raise UsageError("--label names one card; with --watch each card is called as its volume is.")
    if not args.yes and not asking.is_terminal():
        raise UsageError("--watch asks before it copies, and there is no terminal here; give --yes to copy unasked.")
    args.targets = [path for path in (args.card, *args.targets) if path is not None]
    with stop_asked() as stop, closing(KernelMounts(SystemClock())) as events:
        return Watch(args, events, stop).run()


class Watch:
    """One watch: which mounts it has seen, which cards it offered, which wait for a target to be connected."""

    def __init__(self, args: argparse.Namespace, events: MountEvents, stop: threading.Event) -> None:
        self._args = args
        self._events = events
        self._stop = stop
        self._production = production_of(args)
        no_card = Path(os.devnull)  # only to see early that there are such targets
        asked = asked_of(args, self._production, no_card)
        self._targets = (*asked.targets, *(later.target for later in asked.then))
        self._names = [target.name or str(target.path) for target in self._targets]
        self._told = Told(args, stop)
        self._copies = Copies(self._production, self._told, stop, self._refused)
        self._seen: frozenset[_Identity] = frozenset()
        self._offered: dict[_Identity, Offered] = {}
        self._waiting: set[_Identity] = set()

    def run(self) -> int:
        if not self._args.mounted:
            self._seen = frozenset(map(identity, self._events.now()))
        self._say(
            {"event": "watching", "targets": self._names}, f"Watching for cards to copy to {self._to}; Ctrl-C ends it."
        )
        self._tell_away()
        try:
            self._watch()
        finally:
            self._told.clear()
            self._copies.join()
        return self._copies.code

    def _watch(self) -> None:
        while not self._stop.is_set():
            there = self._events.now()
            new = [mount for mount in there if identity(mount) not in self._seen]
            stayed = self._seen & frozenset(map(identity, there))
            self._waiting &= stayed
            self._offered = {each: offered for each, offered in self._offered.items() if each in stayed}
            self._seen = frozenset(map(identity, there))
            keep_away = self._no_cards()
            cards = [mount for mount in new if may_be_card(mount, keep_away)]
            if len(cards) < len(new):  # perhaps the disk that a card waits for
                cards += [mount for mount in there if identity(mount) in self._waiting]
            cards += [mount for mount in there if mount not in cards and self._was_written_to(mount)]
            for mount in cards:
                if not self._stop.is_set():
                    self._waiting.discard(identity(mount))
                    self._offer(mount)
            if not cards:
                self._told.running()
                self._events.wait(_LOOK_S)

    def _was_written_to(self, mount: Mount) -> bool:
        """Whether something came on a card since it was offered, and nothing more in the last looks."""
        offered = self._offered.get(identity(mount))
        if offered is None or self._copies.has(mount):
            return False
        room = room_on(mount)
        offered.looks = offered.looks + 1 if room == offered.newest else 0
        offered.newest = room
        return room != offered.room and offered.looks >= _SETTLED

    def _tell_away(self) -> None:
        """Say which targets cannot be copied to yet; their disks may come before the first card, so it watches on."""
        for target, name in zip(self._targets, self._names, strict=True):
            try:
                check_mounted([target])
                if not target.path.is_dir():
                    raise OffloadError(f"There is no folder {safe_path(target.path)}; connect its disk, or make it.")
            except OffloadError as error:
                self._say(
                    {"event": "away", "target": name, "because": _while_watching(error)},
                    f"WARNING: {safe_text(name)} is not there yet, and no card is copied without it. "
                    f"{_while_watching(error)}",
                )

    @property
    def _to(self) -> str:
        return ", ".join(map(safe_text, self._names))

    def _no_cards(self) -> list[Path]:
        """Folders whose disks are no cards: targets, whether asked for or not, and what the production is kept on."""
        paths = [Path(os.path.realpath(path)) for path in self._args.targets]
        if self._production is not None:
            from onset.config import load_config

            paths += no_cards(self._production, load_config(self._production))
        return paths

    def _offer(self, mount: Mount) -> None:
        """Show one card, ask, begin to copy it. A refusal is told, and the watch goes on.

        One that was offered before and was written to since is offered again, if there is anything new on it.
        """
        here, args = identity(mount), argparse.Namespace(**vars(self._args) | {"card": mount.point})
        before, room = self._offered.get(here), room_on(mount)
        offered = self._offered[here] = Offered(room, room, before.fingerprint if before is not None else "")
        job = None
        try:
            request = request_of(args, self._production)
            job = job_of(request, self._production)
            plan = look_ahead(job, self._production, "none", self._stop)
            if plan.card.fingerprint == offered.fingerprint and before is not None and before.room != room:
                return
            offered.fingerprint = plan.card.fingerprint
            look = look_before(plan.card, self._production, args.unit, self._stop)
            self._show(plan, look)
            if not self._wanted(plan, mount):
                return
            # A question may be open for hours; a system may have written no more than its own index.
            changed = room_on(mount) != room and scan_card(plan.card.root).fingerprint != plan.card.fingerprint
        except OnsetError as error:
            if self._stop.is_set():
                raise
            self._refused(mount, job, error)
            return
        if changed:
            offered.fingerprint = ""
            label = safe_text(plan.card.label)
            self._say(
                {"event": "changed", "card": mount.point},
                f"{label} was written to meanwhile and is not copied yet; it is offered again in a moment.",
            )
            return
        self._copies.begin(mount, args, request, job, plan, look)

    def _refused(self, mount: Mount, job: OffloadJob | None, error: OnsetError) -> None:
        """Say why a card is not copied; one that nobody cancelled is offered again when a disk comes."""
        if job is None or not job.stopped:
            self._waiting.add(identity(mount))
            if (offered := self._offered.get(identity(mount))) is not None:
                offered.fingerprint = ""  # not left as one that nothing came on
        why = _while_watching(error)
        self._say({"event": "refused", "card": mount.point, "error": why}, f"{safe_path(mount.point)}: {why}")

    def _wanted(self, plan: Plan, mount: Mount) -> bool:
        """Whether this card is to be copied: by `--yes`, or as a person answers."""
        label = safe_text(plan.card.label)
        if self._args.yes:
            done = (f"every copy of {label} is there already",) if plan.complete else ()
            why = "; ".join(plan.doubts or done)
            if not why:
                return True
            how = "give it a --label" if plan.doubts else "it is verified again"
            self._say(
                {"event": "skipped", "card": mount.point, "because": why},
                f"{label} was not copied: {why}. With onset offload {safe_path(mount.point)} {how}.",
            )
            return False
        asked = "".join(f"{why}. " for why in plan.doubts)
        if self._told.ask(f"{asked}Offload {label} to {self._to}?", lambda: self._is_there(mount)):
            return True
        if not self._stop.is_set():
            self._say({"event": "declined", "card": mount.point}, f"{label} was not copied.")
        return False

    def _is_there(self, mount: Mount) -> bool:
        """Whether a card is still there. What else goes while a question is open is new when it comes again."""
        there = frozenset(map(identity, self._events.now()))
        self._seen &= there
        return identity(mount) in there

    def _show(self, plan: Plan, look: Look) -> None:
        if not self._args.json:
            with self._told.aloud():
                tell_plan(plan)
                show(look)
            return
        self._say(
            {
                "event": "card",
                "card": str(plan.card.root),
                "label": plan.card.label,
                "fingerprint": plan.card.fingerprint,
                "files": len(plan.card.tree.files),
                "bytes": plan.card.tree.bytes,
                "forecast": {"eta_s": plan.eta_s, "targets": [asdict(room) for room in plan.rooms]},
                "notes": [*plan.notes, *plan.media],
                "contents": look.as_json(),
            },
            "",
        )

    def _say(self, event: dict[str, object], words: str) -> None:
        self._told.say(event, words)


def _while_watching(error: OnsetError) -> str:
    """A refusal, without "start again": a watch offers the card by itself when its targets are there."""
    return str(error).replace(" and start again", "")
